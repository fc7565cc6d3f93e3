# SPDX-License-Identifier: MIT
"""The agents, each a program run to its end in a home of its own and a clean environment."""

import importlib.util
import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

PATIENCE = 300
KEY = "test"


@dataclass
class Ended:
    """What an agent left: its exit status, its words."""

    status: int
    out: str
    err: str

    @property
    def said(self) -> str:
        return self.out.strip()


def bundled(package: str, *path: str) -> Path:
    """A program that a wheel carries."""
    spec = importlib.util.find_spec(package)
    return Path(spec.submodule_search_locations[0]).joinpath(*path)


def run(command: list, home: Path, env: dict[str, str], words: str) -> Ended:
    """Runs an agent with nothing of ours around it; what it was told stands in its argument."""
    home.mkdir(exist_ok=True)
    work = home / "work"
    work.mkdir(exist_ok=True)
    clean = {"PATH": os.defpath, "HOME": str(home), "LANG": "C.UTF-8", "NO_PROXY": "*", "no_proxy": "*",
             "TERM": "dumb", **env}
    done = subprocess.run([*command, words], env=clean, cwd=work, stdin=subprocess.DEVNULL, capture_output=True,
                          text=True, timeout=PATIENCE, check=False)
    return Ended(done.returncode, done.stdout, done.stderr)


class Claude:
    """Claude Code, headless. It speaks Messages."""

    dialect, tool, model = "anthropic", "Bash", "claude-opus-5"

    def __init__(self, root: str, home: Path):
        self.root, self.home = root, home

    def ask(self, words: str, **env: str) -> Ended:
        command = [bundled("claude_agent_sdk", "_bundled", "claude"), "--model", self.model,
                   "--allowed-tools", "Bash", "-p"]
        return run(command, self.home, {
            "ANTHROPIC_BASE_URL": self.root, "ANTHROPIC_AUTH_TOKEN": KEY, "DISABLE_AUTOUPDATER": "1",
            "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1", **env}, words)

    @staticmethod
    def arguments(command: str) -> str:
        return json.dumps({"command": command, "description": "probe"})


CODEX_SETTINGS = """\
model = "{model}"
model_provider = "edge"
approval_policy = "never"
sandbox_mode = "danger-full-access"

[model_providers.edge]
name = "edge"
base_url = "{root}/v1"
wire_api = "responses"
env_key = "EDGE_KEY"
"""


# Its own provider at another address, which it tries to reach over a WebSocket first.
CODEX_OWN_SETTINGS = """\
model = "{model}"
openai_base_url = "{root}/v1"
approval_policy = "never"
sandbox_mode = "danger-full-access"
"""


class Codex:
    """The Codex CLI. It speaks Responses."""

    dialect, tool, model = "responses", "exec_command", "edge-agent"
    settings = CODEX_SETTINGS

    def __init__(self, root: str, home: Path):
        self.root, self.home = root, home

    def ask(self, words: str, **env: str) -> Ended:
        folder = self.home / ".codex"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "config.toml").write_text(self.settings.format(model=self.model, root=self.root))
        command = [bundled("codex_cli_bin", "bin", "codex"), "exec", "--skip-git-repo-check", "--disable", "plugins"]
        return run(command, self.home, {"EDGE_KEY": KEY, "CODEX_API_KEY": KEY, **env}, words)

    @staticmethod
    def arguments(command: str) -> str:
        return json.dumps({"cmd": command})


class OwnCodex(Codex):
    """The same, which takes us for its own provider."""

    settings = CODEX_OWN_SETTINGS
