# SPDX-License-Identifier: MIT
"""The shell examples of a system's document, run as they stand but for the port."""

import json
import os
import subprocess

from edge import Edge
from exchange import LONG


def shell(edge: Edge, example: str, port: int, **put: str) -> str:
    """What an example prints; `put` gives other words for those that the document has for the reader to fill in."""
    for word, other in {f"localhost:{port}": f"localhost:{edge.port}", **put}.items():
        assert word in example, f"the example has no {word}"
        example = example.replace(word, other)
    done = subprocess.run(["sh", "-c", example.replace("curl ", "curl -sS --fail-with-body ")], timeout=LONG,
                          capture_output=True, env={"PATH": os.environ["PATH"], "NO_PROXY": "*"}, check=False)
    assert done.returncode == 0, (done.stdout, done.stderr)
    return done.stdout.decode()


def told(edge: Edge, example: str, port: int, **put: str) -> dict:
    """The JSON that an example prints."""
    return json.loads(shell(edge, example, port, **put))
