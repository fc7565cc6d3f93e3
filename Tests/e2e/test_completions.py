# SPDX-License-Identifier: MIT
"""What the three shells offer after `edgefilter`."""

import os
import re
import subprocess
from pathlib import Path

import pytest

from edge import BINARY
from exchange import LONG
from keys_tool import done

FOLDER = Path(__file__).resolve().parents[2] / "contrib/completions"
FILES = ["edgefilter.bash", "_edgefilter", "edgefilter.fish"]
ASKED = [
    ("", {"listen", "check", "users", "keys", "usage", "log", "translate", "dialects"}),
    ("ke", {"keys"}),
    ("keys ", {"issue", "list", "revoke", "limit"}),
    ("keys issue --", {"--user", "--name", "--expires", "--models", "--rpm", "--tpd", "--count"}),
    ("keys issue --name x --user ", {"ann", "bob"}),
    ("keys revoke ", {"1", "2"}),
    ("users remove ", {"ann", "bob"}),
    ("usage --by ", {"key", "user", "model", "endpoint", "day"}),
    ("log ", {"verify", "prune"}),
    ("translate --from ", {"openai", "anthropic"}),
]


@pytest.fixture(scope="module")
def world(tmp_path_factory) -> dict[str, str]:
    """An edgefilter on the path that knows two users and two keys."""
    folder = tmp_path_factory.mktemp("completions")
    (folder / "bin").mkdir()
    (folder / "bin/edgefilter").symlink_to(BINARY)
    for user in ["ann", "bob"]:
        done(folder / "state", "users", "add", user)
        done(folder / "state", "keys", "issue", "--user", user, "--name", "x")
    return {"PATH": f"{folder}/bin:{os.environ['PATH']}", "STATE_DIRECTORY": str(folder / "state"),
            "HOME": str(folder), "TERM": "dumb"}


def shell(world: dict[str, str], *command: str) -> set[str]:
    result = subprocess.run(command, env=world, text=True, capture_output=True, timeout=LONG)
    assert (result.returncode, result.stderr) == (0, ""), result
    return {line.split("\t")[0] for line in result.stdout.splitlines()}


def bash(world, typed: str) -> set[str]:
    script = f"""
        . {FOLDER}/edgefilter.bash
        read -ra COMP_WORDS <<<'edgefilter {typed}'
        case '{typed}' in '' | *' ') COMP_WORDS+=('') ;; esac
        COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))
        _edgefilter && printf '%s\\n' "${{COMPREPLY[@]}}"
    """
    return shell(world, "bash", "--norc", "-c", script)


def fish(world, typed: str) -> set[str]:
    script = f"source {FOLDER}/edgefilter.fish; complete -C 'edgefilter {typed}'"
    return shell(world, "fish", "--no-config", "-c", script)


@pytest.mark.parametrize("typed, expected", ASKED)
def test_bash(world, typed, expected):
    offered = bash(world, typed)
    assert expected <= offered
    assert all(word.startswith(typed.split(" ")[-1]) for word in offered)


@pytest.mark.parametrize("typed, expected", ASKED)
def test_fish(world, typed, expected):
    assert expected <= fish(world, typed)


@pytest.mark.parametrize("offer", [bash, fish])
@pytest.mark.parametrize("command", ["check", "listen", "usage", "log prune", "translate", "dialects", "users list",
                                     "keys list"])
def test_nothing_is_offered_that_is_refused(world, offer, command):
    """An option that the shell completes belongs to the subcommand."""
    common = {"--config", "--set", "--env", "--state", "--help", "--version"}
    offered = {word for word in offer(world, f"{command} --") if word.startswith("--")} - common
    assert offered
    for option in offered:
        # A value that nothing takes, for those that want one.
        done = subprocess.run([BINARY, *command.split(), option, "~"], env=world, capture_output=True, text=True,
                              stdin=subprocess.DEVNULL, timeout=LONG)
        assert "does not belong" not in done.stderr, option


def test_zsh(world):
    script = f"""
        fpath=({FOLDER} $fpath)
        autoload -U compinit && compinit -D -u && print $_comps[edgefilter]
        autoload +X _edgefilter && print whole
    """
    assert shell(world, "zsh", "-f", "-c", script) == {"_edgefilter", "whole"}


@pytest.mark.parametrize("name", FILES)
def test_no_option_is_forgotten(world, name):
    told = subprocess.run([BINARY, "--help"], capture_output=True, text=True, timeout=LONG).stdout
    text = (FOLDER / name).read_text()
    for option in set(re.findall(r"--([a-z-]+)", told)):
        assert re.search(rf"(--|-l ){option}\b", text), option
