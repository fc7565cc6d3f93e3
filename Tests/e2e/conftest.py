# SPDX-License-Identifier: MIT
"""The fixtures: scripted upstreams and running edgefilters."""

import os
import subprocess
import threading
import time

import pytest

import running
from edge import Edge, configuration
from upstream import Upstream

os.environ["NO_PROXY"] = "*"


@pytest.fixture(autouse=True)
def today():
    """Records, sums and budgets are those of a day (UTC): no test begins in its last minute."""
    left = 86_400 - time.time() % 86_400
    if left < 60:
        threading.Event().wait(left + 1)


@pytest.fixture
def upstreams():
    """Starts scripted upstreams; at the end none may have heard what a proxy should not say."""
    yield from running.upstreams()


@pytest.fixture
def upstream(upstreams) -> Upstream:
    return upstreams()


@pytest.fixture
def edges(tmp_path):
    """Starts edgefilters; at the end each is ended and its remains are looked at."""
    yield from running.edges(tmp_path)


@pytest.fixture
def edge(edges, upstream) -> Edge:
    """An edgefilter in front of the one upstream, with the smallest configuration."""
    return edges(configuration(upstream))


@pytest.fixture
def certificate(tmp_path):
    """A certificate of its own authority for localhost, and its key."""
    files = tmp_path / "cert.pem", tmp_path / "key.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                    "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-out", str(files[0]),
                    "-keyout", str(files[1])], check=True, capture_output=True)
    return files
