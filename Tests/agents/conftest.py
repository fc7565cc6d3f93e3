# SPDX-License-Identifier: MIT
"""The stage of an agent: its home, a scripted upstream, an edgefilter between them."""

import os
import socket

import pytest

import edge as starting
from agent import KEY
from edge import Edge
from upstream import Upstream

os.environ["NO_PROXY"] = "*"


def pytest_sessionstart(session):
    names = [name for _, name in socket.if_nameindex()]
    assert names == ["lo"], f"this network has {names}: run Tests/agents/alone"


@pytest.fixture
def upstream_of():
    """Starts a scripted upstream of a vendor; at the end it must have heard nothing that it refuses."""
    started = []

    def start(vendor: str, *models: str) -> Upstream:
        upstream = Upstream(vendor=vendor)
        upstream.models += models
        upstream.keys.add(KEY)
        started.append(upstream)
        return upstream
    yield start
    for upstream in started:
        upstream.close()
    assert [fault for upstream in started for fault in upstream.faults] == []


@pytest.fixture
def edges(tmp_path):
    """Starts edgefilters; at the end each is ended and its remains are looked at."""
    started = []

    def start(config: dict) -> Edge:
        started.append(Edge(tmp_path / f"edge{len(started)}", config))
        return started[-1]
    yield start
    for edge in started:
        edge.stop()
        edge.check_remains()


@pytest.fixture
def stage(tmp_path, upstream_of, edges):
    """Puts an agent in front of its own vendor (`direct`), or of an edgefilter and a Chat-only upstream."""
    def put(kind, way: str):
        agent = kind("", tmp_path / "home")
        if way == "direct":
            upstream = upstream_of("anthropic" if kind.dialect == "anthropic" else "openai", kind.model)
            upstream.expects_proxy = False
            agent.root = f"http://{upstream.authority}"
            return agent, upstream, None
        upstream = upstream_of("openai")
        upstream.allow_only("/chat/completions", "/models")
        edge = edges(starting.configuration(upstream, {"*": "main/gpt-4o"}, callers="open"))
        agent.root = edge.url
        return agent, upstream, edge
    return put
