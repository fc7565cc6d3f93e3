# SPDX-License-Identifier: MIT
"""Edgefilters whose callers need an issued key, and what their keys have used."""

import threading

import pytest

import keyring
from edge import configuration


@pytest.fixture
def shared(tmp_path):
    """The environment of an edge whose live page is its own."""
    folder = tmp_path / "run"
    folder.mkdir()
    return {"RUNTIME_DIRECTORY": str(folder)}


def start(edges, upstream, shared, way: str = "listen", **settings):
    edge = edges(configuration(upstream, **{"callers": "issued", **settings}), way, env=shared)
    return edge, keyring.Keyring(edge.state)


def used(edge) -> int:
    """What the first key has used and reserved today."""
    file, = edge.state.glob("budgets-????????")
    with file.open("rb") as words:
        words.seek(4096 + 8)
        return int.from_bytes(words.read(8), "little")


def at_once(count: int, work) -> list:
    """What `count` threads come to that begin together."""
    results, gate = [], threading.Barrier(count)

    def run() -> None:
        gate.wait()
        results.append(work())
    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results
