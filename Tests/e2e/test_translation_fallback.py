# SPDX-License-Identifier: MIT
"""The next upstream, and the same one again, between a caller of one dialect and an upstream of another."""

import collections
import time

import pytest

import scripts
from edge import free_port
from exchange import heartbeats
from routes import EACH, ROUTES, route, upstream  # noqa: F401
from translating import DIALECTS, MODEL, ask, error_of, pair, said, translation


@pytest.fixture
def second(upstreams):
    return upstreams(vendor="openai")


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("kind, status", [("rate", 429), ("fault", 500), ("overloaded", None)])
@pytest.mark.parametrize("route", ROUTES, ids="-".join)
def test_next_upstream_after_an_error(edges, upstream, second, route, stream, kind, status):
    edge = edges(pair(upstream, second, route[1]))
    upstream.script(scripts.failing(kind, retry_after="30"))
    answer = edge.ask(ask(route[0], stream=stream))
    assert said(route[0], answer) == "You said: hello"
    record, = edge.records(1)
    status = status or (529 if route[1] == "anthropic" else 503)
    assert record["attempts"][0] == f"main:{status}"
    assert (len(record["attempts"]), record["attempts"][1].partition(":")[0]) == (2, "second")
    assert (record["upstream"], record["status"], record["ended"]) == ("second", 200, "complete")


@pytest.mark.parametrize("stream", [False, True])
def test_next_upstream_when_refused(edges, upstream, second, route, stream):
    edge = edges(pair(upstream, second, route[1], base_url=f"http://127.0.0.1:{free_port()}/v1"))
    assert said(route[0], edge.ask(ask(route[0], stream=stream))) == "You said: hello"
    record, = edge.records(1)
    assert [attempt.partition(":")[0] for attempt in record["attempts"]] == ["main", "second"]


@pytest.mark.parametrize("stream", [False, True])
def test_next_upstream_when_silent(edges, upstream, second, route, stream):
    """The first byte does not come in its time."""
    edge = edges(pair(upstream, second, route[1], timeout={"first_byte": "200ms"}))
    upstream.script(scripts.hold(upstream.gate()))
    assert said(route[0], edge.ask(ask(route[0], stream=stream))) == "You said: hello"
    upstream.connection(upstream.exchange()).wait_closed()
    assert len(edge.records(1)[0]["attempts"]) == 2


@pytest.mark.parametrize("stream", [False, True])
def test_next_upstream_when_cut_before_the_first_byte(edges, upstream, second, route, stream):
    edge = edges(pair(upstream, second, route[1]))
    upstream.script(*[scripts.cut()] * 2)
    assert said(route[0], edge.ask(ask(route[0], stream=stream))) == "You said: hello"


def test_t168_no_next_upstream_after_the_first_byte(edges, upstream, second, route):
    edge = edges(pair(upstream, second, route[1]))
    upstream.script(scripts.breaking(6))
    answer = edge.ask(ask(route[0], "one two three four", stream=True))
    assert answer.status == 200
    error_of(route[0], answer)
    assert second.requests == []
    assert "attempts" not in edge.records(1)[0], "one alone is not listed"


@pytest.mark.parametrize("kind", ["invalid", "overflow", "key", "missing", "large", "quota"])
def test_t168_no_next_upstream_for_what_is_final(edges, upstream, second, route, kind):
    """Neither the request's own fault nor money is better elsewhere."""
    edge = edges(pair(upstream, second, route[1]))
    upstream.script(scripts.failing(kind))
    error_of(route[0], edge.ask(ask(route[0])))
    assert second.requests == []


def test_weights(edges, upstream, second, route):
    config = pair(upstream, second, route[1])
    config["models"][MODEL] = {f"main/{DIALECTS[route[1]].model}": 4, "second/gpt-4o": 1}
    edge, client = edges(config), None
    for _ in range(140):
        client = client or edge.dial()
        assert said(route[0], client.ask(ask(route[0]))) == "You said: hello"
    went = collections.Counter(record["upstream"] for record in edge.records(140))
    assert went["main"] > went["second"] > 0, went


@pytest.mark.parametrize("stream", [False, True])
def test_retry_after_within_the_budget(edges, upstream, route, stream):
    """What says when to come back is asked again then, and not before."""
    edge = edges(translation(upstream, route[1], upstream_retries=1))
    upstream.script(scripts.failing("rate", retry_after="1"))
    begun = time.monotonic()
    assert said(route[0], edge.ask(ask(route[0], stream=stream))) == "You said: hello"
    assert time.monotonic() - begun >= 1
    assert [attempt.partition(":")[0] for attempt in edge.records(1)[0]["attempts"]] == ["main", "main"]


@pytest.mark.parametrize("route", EACH, ids="-".join)
@pytest.mark.parametrize("told, heard", [
    ("7", "7"), ("86400", "60"), ("0", None), ("-5", None), ("inf", None), ("soon", None),
    ("Thu, 01 Jan 1970 00:00:00 GMT", None), ("Fri, 31 Dec 2100 23:59:59 GMT", "60")])
def test_t134_t211_retry_after(edges, upstream, route, told, heard):
    edge = edges(translation(upstream, route[1], upstream_retries=0))
    upstream.script(scripts.failing("rate", retry_after=told))
    answer = edge.ask(ask(route[0]))
    assert (answer.status, answer.get("retry-after")) == (429, heard)


def test_t95_cancel_while_another_is_waited_for(edges, upstream, second, route):
    edge = edges(pair(upstream, second, route[1]))
    upstream.script(scripts.failing("fault"))
    second.script(scripts.hold(second.gate()))
    client = edge.dial()
    client.send(ask(route[0]))
    exchange = second.heard()
    gone = heartbeats()
    client.close()
    assert second.connection(exchange).wait_closed() - gone < 1
