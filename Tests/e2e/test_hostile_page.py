# SPDX-License-Identifier: MIT
"""The live page when another handler wrote into it whatever it liked: served, counted and settled on all the same."""

import mmap
import os
import random
import signal

import pytest

import keyring
import scripts
from administration import BEARER, HASH
from client import chat, request
from edge import configuration
from issued import shared  # noqa: F401

# Magic, version and size stay: a page of another version is another page.
START = 24
FILLINGS = {"ones": lambda size: b"\xff" * size, "one": lambda size: b"\x01\0\0\0\0\0\0\0" * (size // 8),
            # The labels of a series, and sums that overflow.
            "sums": lambda size: (((1 << 46) - 1).to_bytes(8, "little") + ((1 << 63) - 1).to_bytes(8, "little") * 7
                                  ) * (size // 64),
            "noise": lambda size: random.Random(size).randbytes(size)}


@pytest.fixture
def edge(edges, upstream, shared):  # noqa: F811
    return edges(configuration(upstream, callers="open", admin={"key": HASH},
                               limits={"per_address": {"minute": 100_000}}), env=shared)


def scribble(shared, filling: str) -> None:  # noqa: F811
    """All but what says what it is, the holes too where something was written."""
    with open(f"{shared['RUNTIME_DIRECTORY']}/live", "r+b") as file:
        page = mmap.mmap(file.fileno(), os.fstat(file.fileno()).st_size)
        size = 1 << 21
        page[START:size] = FILLINGS[filling](size)[START:size]
        # Behind the windows of keys: sign-ins, and the first slots.
        tail = len(page) - 16384 * 1024 - (1 << 16)
        tail -= tail % 8
        page[tail:tail + (1 << 17)] = FILLINGS[filling](1 << 17)


@pytest.mark.parametrize("filling", FILLINGS)
def test_whatever_stands_there(edge, upstream, shared, filling):  # noqa: F811
    key = keyring.Keyring(edge.state).issue(rpm=5, tpd=1000)
    gate = upstream.gate()
    upstream.script(scripts.hold(gate))
    client = edge.dial()
    client.send(chat("gpt-4", "x", key.bearer, max_tokens=10))
    upstream.heard()
    victim = edge.handler(client)
    asked = [chat("gpt-4"), chat("gpt-4", "x", key.bearer, max_tokens=5), request("GET", "/metrics"),
             request("GET", "/metrics", None, "Accept: application/openmetrics-text"),
             request("GET", "/admin/live", None, BEARER), request("POST", "/admin/login", {"key": "wrong"}),
             request("GET", "/health")]
    for _ in range(2):
        scribble(shared, filling)
        for data in asked:
            assert edge.ask(data).status in (200, 401, 429), (filling, data)
    acceptor = edge.pid
    os.kill(victim, signal.SIGKILL)
    gate.set()
    edge.wait_stderr("signal 9")
    assert edge.ask(chat("gpt-4")).status in (200, 429)
    assert edge.pid == acceptor
    assert not [line for line in edge.stderr if "signal 4" in line or "signal 11" in line]
    assert edge.tool("log", "verify").returncode == 0
