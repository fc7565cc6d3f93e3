# SPDX-License-Identifier: MIT
"""Those who say nothing, or no more: a caller that goes away from a translated answer, an upstream that is silent."""

import pytest

import scripts
from exchange import heartbeats
from routes import edge, route, upstream  # noqa: F401
from translating import PINGS, WORDS, ask, error_of, said, translation


@pytest.mark.parametrize("stream", [False, True])
def test_t95_cancel_before_the_first_byte(edge, upstream, route, stream):
    upstream.script(scripts.hold(upstream.gate()))
    client = edge.dial()
    client.send(ask(route[0], stream=stream))
    exchange = upstream.heard()
    gone = heartbeats()
    client.close()
    assert upstream.connection(exchange).wait_closed() - gone < 1
    assert edge.records(1)[0]["ended"] == "gone"


def test_t95_cancel_in_mid_stream(edge, upstream, route):
    upstream.script(scripts.stalling(6 if route[1] == "dashscope" else 7, upstream.gate()))
    client = edge.dial()
    client.send(ask(route[0], "one two three", stream=True))
    client.read_head()
    client.read_until(b"said")
    exchange = upstream.heard()
    gone = heartbeats()
    client.close()
    assert upstream.connection(exchange).wait_closed() - gone < 1
    record, = edge.records(1)
    assert (record["status"], record["ended"]) == (200, "gone")


@pytest.mark.parametrize("events", [0, 6], ids=["before", "inside"])
def test_t91_t153_t169_pings(edges, upstream, route, events):
    edge = edges(translation(upstream, route[1], limits={"ping": "100ms", "early_ping": "100ms"}))
    gate = upstream.gate()
    upstream.script(scripts.stalling(events, gate))
    client = edge.dial()
    client.send(ask(route[0], "one two three", stream=True))
    head = client.read_head()
    seen = client.read_until(PINGS[route[0]])
    seen += client.read_until(PINGS[route[0]])
    gate.set()
    head.body = seen + client.read_chunks()
    assert said(route[0], head) == WORDS


def test_t169_silence_ends_in_an_error(edges, upstream, route):
    timeout = {"connect": "2s", "first_byte": "60s", "silence": "300ms"}
    edge = edges(translation(upstream, route[1], upstream_timeout=timeout))
    upstream.script(scripts.at_once(scripts.stalling(6, upstream.gate())))
    answer = edge.ask(ask(route[0], "one two three", stream=True))
    assert answer.status == 200
    error_of(route[0], answer)
    assert edge.records(1)[0]["code"] == 404
