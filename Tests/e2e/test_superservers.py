# SPDX-License-Identifier: MIT
"""The inetd form under superservers that are older than systemd: openbsd-inetd and tcpserver."""

import pytest

import proc
import scripts
from client import chat, request
from edge import SUPERSERVERS, configuration

pytestmark = pytest.mark.parametrize("way", SUPERSERVERS)


def test_several_requests_a_connection(edges, upstream, way):
    edge = edges(configuration(upstream), way)
    client = edge.dial()
    assert client.ask(request("GET", "/health")).json["status"] == "healthy"
    assert client.ask(chat("gpt-4")).json["model"] == "gpt-4"
    assert client.ask(chat("gpt-4", stream=True)).events[-1] == "[DONE]"
    assert len(edge.records(3)) == 3
    assert len(upstream.connections) == 1


def test_a_stream_arrives_as_it_comes(edges, upstream, way):
    edge = edges(configuration(upstream), way)
    gate = upstream.gate()
    upstream.script(scripts.stream(["one", "two"], gate=gate, after=2))
    client = edge.dial()
    client.send(chat("gpt-4", stream=True))
    assert client.read_head().status == 200
    client.read_until(b"one")
    gate.set()
    client.read_until(b"[DONE]")


def test_nothing_but_the_answer_is_on_the_connection(edges, upstream, way):
    """Where standard error is the connection, log lines go nowhere."""
    edge = edges(configuration(upstream, log={"level": "debug"}), way)
    client = edge.dial()
    client.send(b"GET /health HTTP/1.0\r\n\r\n")
    answer = client.read_rest()
    assert answer.startswith(b"HTTP/1.1 200") and answer.endswith(b"}"), answer


def test_the_process_leaves_with_its_caller(edges, upstream, way):
    edge = edges(configuration(upstream), way)
    client = edge.dial()
    client.ask(request("GET", "/health"))
    proc.wait_until(lambda: len(edge.handlers()) == 1, "one handler")
    client.close()
    proc.wait_until(lambda: not edge.handlers(), "the handler's end")


def test_a_key_stays_inside(edges, upstream, way):
    edge = edges(configuration(upstream, models={"*": "main"}), way)
    answer = edge.ask(chat("gpt-4", "x", "Via: 1.1 somewhere"))
    assert answer.status == 401 and upstream.exchanges == []
