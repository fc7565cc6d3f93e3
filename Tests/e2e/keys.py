# SPDX-License-Identifier: MIT
"""The tools `users` and `keys`, as a person or a script calls them, and what they leave behind."""

import hashlib
import json
import os
import re
import subprocess
from pathlib import Path

from edge import BINARY

KEY = re.compile(r"sk-ef-[0-9A-Za-z]{49}")


def tool(state: Path, *arguments: str, **options) -> subprocess.CompletedProcess:
    """A tool at the end of a pipe."""
    env = {**os.environ, "STATE_DIRECTORY": str(state)}
    return subprocess.run([BINARY, *arguments], env=env, text=True, stdin=subprocess.DEVNULL, timeout=60,
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
    found = []
    for line in (state / "keys.log").read_bytes().split(b"\n"):
        body, mark, rest = line.rpartition(b',"crc":"')
        if mark and rest == b'%08x"}' % crc32c(body):
            found.append(json.loads(line))
    return found


def is_kept(state: Path, key: str) -> bool:
    """Whether a key can be found by its hash."""
    digest = hashlib.sha256(key.encode()).hexdigest()
    return any(line.get("hash") == digest for line in lines(state))


def crc32c(data: bytes) -> int:
    """RFC 3720 appendix B.4, bit by bit."""
    total = 0xFFFFFFFF
    for byte in data:
        total = TABLE[(total ^ byte) & 255] ^ total >> 8
    return total ^ 0xFFFFFFFF


def entry(number: int) -> int:
    for _ in range(8):
        number = number >> 1 ^ (0x82F63B78 if number & 1 else 0)
    return number


TABLE = [entry(number) for number in range(256)]
