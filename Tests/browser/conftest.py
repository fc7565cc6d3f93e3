# SPDX-License-Identifier: MIT
"""A gateway that is administered, a browser, and what each may not leave behind."""

import os

import pytest

from administration import House
from browser import Browser
from edge import Edge
from upstream import Upstream

os.environ["NO_PROXY"] = "*"


@pytest.fixture
def upstream():
    upstream = Upstream()
    yield upstream
    upstream.close()
    assert upstream.faults == []


@pytest.fixture
def edges(tmp_path):
    started = []

    def start(config: dict, way: str = "listen", **options) -> Edge:
        started.append(Edge(tmp_path / f"edge{len(started)}", config, way, **options))
        return started[-1]
    yield start
    for edge in started:
        edge.stop()
        edge.check_remains()


@pytest.fixture
def house(edges, upstream, tmp_path) -> House:
    """Callers need an issued key; administrators the key, or the port of their own."""
    return House(edges, upstream, tmp_path, callers="issued")


@pytest.fixture
def browsers(tmp_path):
    """Starts browsers; at the end none may have found fault with a page, least of all with its policy."""
    started = []

    def start(**options) -> Browser:
        started.append(Browser(tmp_path / f"browser{len(started)}", **options))
        return started[-1]
    yield start
    faults = []
    for browser in started:
        faults += browser.faults()
        browser.quit()
    assert faults == []
