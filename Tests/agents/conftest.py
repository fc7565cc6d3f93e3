# SPDX-License-Identifier: MIT
"""The stage of an agent: its home, a scripted upstream, an edgefilter between them."""

import os
import socket

import pytest

import edge as starting
import running
from agent import KEY
from upstream import Upstream

os.environ["NO_PROXY"] = "*"


def pytest_sessionstart(session):
    names = [name for _, name in socket.if_nameindex()]
    assert names == ["lo"], f"this network has {names}: run Tests/agents/alone"


@pytest.fixture
def upstreams():
    """Starts scripted upstreams; at the end each must have heard nothing that it refuses."""
    yield from running.upstreams()


@pytest.fixture
def upstream_of(upstreams):
    """Starts a scripted upstream of a vendor that knows the agent's key and these models too."""
    def start(vendor: str, *models: str) -> Upstream:
        upstream = upstreams(vendor=vendor)
        upstream.models += models
        upstream.keys.add(KEY)
        return upstream
    return start


@pytest.fixture
def edges(tmp_path):
    """Starts edgefilters; at the end each is ended and its remains are looked at."""
    yield from running.edges(tmp_path)


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
