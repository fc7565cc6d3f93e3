# SPDX-License-Identifier: MIT
"""A gateway that is administered, a browser, and what each may not leave behind."""

import os

import pytest

import running
from administration import House
from browser import Browser

os.environ["NO_PROXY"] = "*"


@pytest.fixture
def upstreams():
    yield from running.upstreams()


@pytest.fixture
def upstream(upstreams):
    return upstreams()


@pytest.fixture
def edges(tmp_path):
    yield from running.edges(tmp_path)


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
