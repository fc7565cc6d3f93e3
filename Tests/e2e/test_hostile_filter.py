# SPDX-License-Identifier: MIT
"""A filter whose reader does not read: `send_stall` ends it, as it ends a socket."""

import json
import os
import subprocess

from client import chat
from edge import BINARY
from exchange import PATIENCE


def test_reader_that_does_not_read(tmp_path):
    file = tmp_path / "c.yaml"
    file.write_text(json.dumps({"upstreams": {"e": {"dialect": "echo"}}, "models": {"*": "e"},
                                "limits": {"send_stall": "1s"}}))
    process = subprocess.Popen([BINARY, "-c", file, "--state", tmp_path], stdin=subprocess.PIPE,
                               stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                               env={"PATH": os.environ["PATH"]})
    try:
        process.stdin.write(chat("echo", "word " * 5000, stream=True))
        process.stdin.close()
        process.wait(PATIENCE)
    finally:
        process.kill()
