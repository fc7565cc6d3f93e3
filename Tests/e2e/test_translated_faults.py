# SPDX-License-Identifier: MIT
"""What goes wrong on the road from a caller of Anthropic's Messages to a Chat upstream, on either side."""

import json

import pytest

import api
import scripts
from edge import configuration
from messages import events, failure, messages, said
from translating import DIALECTS, ask, error_of, translation


@pytest.mark.parametrize("streamed", [False, True])
@pytest.mark.parametrize("script, status, kind", [
    (scripts.error(429, "requests", "rate_limit_exceeded", retry_after="86400"), 429,
     "rate_limit_error"),
    (scripts.error(503), 529, "overloaded_error"), (scripts.error(500), 500, "api_error"),
    (scripts.error(400, "invalid_request_error", "context_length_exceeded"), 400,
     "invalid_request_error"),
    (scripts.error(401, "invalid_request_error", "invalid_api_key"), 502, "api_error"),
    (scripts.error(403), 502, "api_error"), (scripts.cut(), 502, "api_error"),
    (scripts.whole(b'{"error":{"message":"no","code":429}}'), 429, "rate_limit_error"),
    (scripts.whole(b"", kind="text/event-stream"), 502, "api_error")])
def test_errors(edge, upstream, script, status, kind, streamed):
    """T86 T87 T89 T131 T134: as errors of the caller's dialect, before any stream."""
    upstream.script(script)
    answer = edge.ask(messages(stream=streamed))
    error = failure(answer)
    assert (answer.status, error["type"]) == (status, kind)
    if status == 429 and answer.get("retry-after"):
        assert answer.get("retry-after") == "60"
    if status == 502:
        assert "scripted" not in error["message"]
    assert int(answer.get("x-edgefilter-code")) == edge.records(1)[0]["code"]


@pytest.mark.parametrize("caller, dialect", [("openai", "anthropic"), ("anthropic", "openai"), ("responses", "openai")])
@pytest.mark.parametrize("body, kind, is_doubted, code", [
    (b"<html><body><h1>Not Found</h1></body></html>", "text/html", True, None), (b"", "text/plain", True, None),
    (b'{"detail":"Not Found"}', "application/json", True, None), (b"404 page not found", "text/plain", True, None),
    (b'{"error":{"message":"The model does not exist","code":"model_not_found"}}', "application/json", False, "model_not_found"),
    (b'{"error":{"message":"MODEL is unheard of"}}', "application/json", False, None)])
def test_nothing_there(edges, upstreams, caller, dialect, body, kind, is_doubted, code):
    """A 404 that names no model may come of a wrong address, of which the operator should hear."""
    upstream = upstreams(vendor=DIALECTS[dialect].vendor)
    edge = edges(translation(upstream, dialect))
    upstream.script(scripts.whole(body.replace(b"MODEL", DIALECTS[dialect].model.encode()), status=404, kind=kind))
    answer = edge.ask(ask(caller))
    error = error_of(caller, answer)
    assert answer.status == 404
    assert ("base_url" in error["message"]) == is_doubted
    if caller == "anthropic":
        assert error["type"] == "not_found_error"
    else:
        assert error["code"] == code


@pytest.mark.parametrize("ending", ["none", "cut", "reset", "cut inside"])
def test_cut_in_the_middle(edge, upstream, ending):
    """T88: never a silent end; whole, it is an error with a status."""
    upstream.script(scripts.stream(["par", "tial"], ending=ending, after=2))
    told = events(edge.ask(messages(stream=True)))
    assert told[-1][0] == "error" and told[-1][1]["error"]["type"] == "api_error"
    assert "message_stop" not in [name for name, _ in told]
    upstream.script(scripts.stream(["par", "tial"], ending=ending, after=2))
    assert edge.ask(messages()).status == 502


def test_early_ping(edges, upstream):
    """T91 T169: a message begins, pings follow, and what then goes wrong is an event."""
    edge = edges(configuration(upstream, limits={"early_ping": "150ms", "ping": "150ms"}))
    gate = upstream.gate()
    upstream.script(scripts.hold(gate), scripts.hold(gate, scripts.error(500)))
    client = edge.dial()
    for number, last in ((1, "message_stop"), (2, "error")):
        gate.clear()
        client.send(messages(stream=True))
        head = client.read_head()
        upstream.heard(number)
        client.read_chunk()
        client.read_chunk()
        gate.set()
        head.body = client.read_body(head)
        assert events(head)[-1][0] == last
        assert [name for name, _ in events(head)].count("message_start") == 0
    assert edge.records(2)[1]["ended"] == "failed"


@pytest.mark.parametrize("body, path", [
    ({"messages": [{"role": "nobody", "content": "x"}]}, "messages.0.role"),
    ({"messages": [{"role": "user", "content": 5}]}, "messages.0.content"),
    ({"messages": [{"role": "user", "content": [
        {"type": "tool_result", "tool_use_id": "t", "content": "x"}]}]}, "messages.0.content.0")])
def test_bad_requests(edge, upstream, body, path):
    """Never sent upstream, and told with the member's path."""
    answer = edge.ask(messages(**body))
    assert answer.status == 400 and path in failure(answer)["message"]
    assert upstream.exchanges == []


def test_fallback_between_dialects(upstreams, edges):
    """A translated request goes on to the next upstream on a failure that comes first in its stream."""
    one, two = upstreams(), upstreams()
    config = configuration(one, {"*": ["main", "other/gpt-4o"]})
    config["upstreams"]["other"] = {**config["upstreams"]["main"], "base_url": two.url}
    edge = edges(config)
    event = b'data: {"error":{"message":"busy","code":503}}\n\n'
    one.script(scripts.whole(event, kind="text/event-stream"), scripts.error(500))
    for answer in edge.ask_in_turn(*[messages(stream=True, model="gpt-4-turbo")] * 2):
        assert said(answer) == "You said: Hello there"
    assert json.loads(bytes(two.requests[0].body))["model"] == "gpt-4o"
    first, second = edge.records(2)
    assert first["attempts"] == ["main:e423", "other:200"]
    assert second["attempts"] == ["main:500", "other:200"]


def test_the_caller_goes(edge, upstream):
    """Promise 3."""
    upstream.script(scripts.stream(["a", "b"], gate=upstream.gate()))
    client = edge.dial()
    client.send(messages(stream=True))
    exchange = upstream.heard()
    client.read_head()
    client.close()
    upstream.connection(exchange).wait_closed()
    assert edge.records(1)[0]["ended"] == "gone"


def test_t131_no_beginning_of_the_key(upstream, edges):
    """A message is cut at 2,000 characters, perhaps in the middle of the key that it repeats."""
    edge = edges(configuration(upstream))
    told = {"message": "x" * 1985 + api.OPERATOR_KEY, "code": f"no-{api.OPERATOR_KEY}"}
    upstream.script(scripts.whole(json.dumps({"error": told}).encode(), status=400))
    answer = edge.ask(messages())
    assert answer.status == 400 and b"xxx***" in answer.body
    assert api.OPERATOR_KEY[:8].encode() not in answer.body
