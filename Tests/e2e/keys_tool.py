# SPDX-License-Identifier: MIT
"""The tools `users` and `keys`, as a person or a script calls them, and what they leave behind."""

import hashlib
import json
import os
import re
import subprocess
from pathlib import Path

import sealed
from edge import BINARY
from exchange import LONG

KEY = re.compile(r"sk-ef-[0-9A-Za-z]{49}")


def tool(state: Path, *arguments: str, **options) -> subprocess.CompletedProcess:
    """A tool at the end of a pipe."""
    env = {**os.environ, "STATE_DIRECTORY": str(state)}
    return subprocess.run([BINARY, *arguments], env=env, text=True, stdin=subprocess.DEVNULL, timeout=LONG,
                          **{"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options})


def done(state: Path, *arguments: str) -> str:
    """What a tool prints that has nothing to complain about."""
    result = tool(state, *arguments)
    assert (result.returncode, result.stderr) == (0, ""), result
    return result.stdout


def refused(state: Path, *arguments: str, status: int = 100) -> str:
    """What a tool complains of that prints nothing."""
    result = tool(state, *arguments)
    assert (result.returncode, result.stdout) == (status, ""), result
    assert result.stderr.startswith("edgefilter: ")
    return result.stderr


def keys(state: Path, *arguments: str) -> list[dict]:
    return json.loads(done(state, "keys", "list", "--all", "--json", *arguments))["keys"]


def lines(state: Path) -> list[dict]:
    """Every whole line of keys.log, read without edgefilter."""
    return sealed.read((state / "keys.log").read_bytes())[0]


def is_kept(state: Path, key: str) -> bool:
    """Whether a key can be found by its hash."""
    digest = hashlib.sha256(key.encode()).hexdigest()
    return any(line.get("hash") == digest for line in lines(state))
