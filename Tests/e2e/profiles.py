# SPDX-License-Identifier: MIT
"""The five systems' own files and ours beside them, as contrib/profiles has them."""

import re
from pathlib import Path

import edge as starting

FOLDER = Path(__file__).resolve().parents[2] / "contrib/profiles"
NAMES = {"cyber-openai": "Cyber-OpenAI", "dashscope-gateway": "DashScope gateway", "anuneko-openai": "AnuNeko OpenAI",
         "relay-bartender": "Relay Bartender", "infiniproxy": "InfiniProxy"}
KEY = "sk-e2e-profile-51c09b7a"
SAMPLES = re.compile(r"your-api-key-here|sk-your-api-key|your_token_here|your_cookie_here|your_secret_key")


def original(name: str) -> Path:
    """The file that the system itself was run with."""
    return FOLDER / name / ("config.yaml" if name == "relay-bartender" else ".env")


def filled(file: Path, folder: Path) -> Path:
    """A copy with a key where the document has a sample."""
    copy = folder / file.name
    copy.write_text(SAMPLES.sub(KEY, file.read_text()))
    return copy


def credentials(folder: Path) -> dict[str, str]:
    """The variable that leads to the credential which our files name."""
    place = folder / "credentials"
    place.mkdir()
    (place / "upstream-key").write_text(KEY)
    return {"CREDENTIALS_DIRECTORY": str(place)}


def check_original(file: Path):
    """What `check` says of a system's own file."""
    return starting.run("-c" if file.suffix == ".yaml" else "--env", str(file), "check")


def meaning(said: str) -> list[str]:
    """The effective configuration without its comments and without where keys come from."""
    lines = [re.sub(r"\s+#.*|^#.*", "", line) for line in said.splitlines()]
    return [line for line in lines if line and not line.strip().startswith("key:")]


def variables(file: Path) -> dict[str, str]:
    """The variables of a file without quotes."""
    lines = [line.partition("=") for line in file.read_text().splitlines()]
    return {name: value for name, mark, value in lines if mark and not name.startswith("#")}
