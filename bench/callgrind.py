# SPDX-License-Identifier: MIT
"""Peers under callgrind, and what their processes have counted."""

import re
import shutil
import subprocess
import time

import peers
from stage import members

VALGRIND = shutil.which("valgrind")
PATIENCE = 60.0
PAUSE = 20  # milliseconds before each event, so that each is read alone


def counted(peer, *options):
    """Like the peer, but under callgrind: a copy without debugging symbols, some of which it cannot read."""
    def how(place, upstream, port):
        usual = peer(place, upstream, port)
        program, *words = usual["args"]
        lean = place / "program"
        subprocess.run(["strip", "--strip-debug", "-o", lean, program], check=True, timeout=60)
        files = f"--callgrind-out-file={place}/count.%p"
        return {**usual, "args": [VALGRIND, "-q", "--tool=callgrind", files, *options, lean, *words]}
    return how


def await_quiet(stage, name):
    """Until only the process is left that accepts."""
    end = time.monotonic() + PATIENCE
    while len(list(members(stage.pids[name]))) > 1:
        if time.monotonic() > end:
            raise peers.Trouble(f"{name}: a process does not end")
        time.sleep(0.02)


def total(file):
    found = re.search(r"^totals: (\d+)", file.read_text(), re.M)
    return int(found[1]) if found else 0
