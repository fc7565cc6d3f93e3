# SPDX-License-Identifier: MIT
"""Callers of Anthropic's Messages and of Responses in front of a Chat upstream: the road, not the dialects."""

import json

import pytest

import api
import scripts
from client import request
from edge import configuration
from messages import VERSION, events, failure, messages, said


def test_whole(edge, upstream):
    answer = edge.ask(messages("x-api-key: own", "anthropic-beta: a,b", "Cookie: c", "X-Custom: d"))
    told = answer.json
    assert (answer.status, told["type"], told["model"]) == (200, "message", "gpt-4")
    assert told["content"] == [{"type": "text", "text": "You said: Hello there"}]
    assert (told["stop_reason"], told["usage"]["input_tokens"]) == ("end_turn", 5)
    assert told["usage"]["cache_read_input_tokens"] == 4
    heard = upstream.requests[0]
    assert heard.target == "/v1/chat/completions", "T158: the query stays here"
    assert heard.get("authorization") == f"Bearer {api.OPERATOR_KEY}"
    assert heard.get("user-agent").startswith("edgefilter/")
    for name in ("anthropic-version", "anthropic-beta", "x-api-key", "cookie", "x-custom"):
        assert heard.get(name) is None, f"T159: {name}"
    record, = edge.records(1)
    assert (record["client"], record["dialect"], record["used"]) == \
        ("anthropic", "openai", "gpt-4-turbo")
    assert (record["input"], record["cached"], record["stop"]) == (9, 4, "finished")


def test_streamed(edge, upstream):
    answer = edge.ask(messages(stream=True))
    names = [name for name, _ in events(answer) if name != "ping"]
    assert names[0] == "message_start" and names[-2:] == ["message_delta", "message_stop"]
    assert said(answer) == "You said: Hello there"
    assert answer.get("content-type") == "text/event-stream; charset=utf-8"
    assert (answer.get("cache-control"), answer.get("x-accel-buffering")) == ("no-cache", "no")
    assert answer.get("request-id", ).startswith("req_")
    assert edge.records(1)[0]["output"] == 3


def completion(text: str = "as a whole") -> bytes:
    message = {"role": "assistant", "content": text}
    return json.dumps({"id": "c", "object": "chat.completion", "created": 1, "model": "gpt-4-turbo",
                       "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
                       "usage": api.USAGE}).encode()


@pytest.mark.parametrize("kind", ["application/json", "text/event-stream", "text/plain"])
def test_whole_though_a_stream_was_asked_for(edge, upstream, kind):
    """T86: content types lie."""
    upstream.script(scripts.whole(completion(), kind=kind))
    answer = edge.ask(messages(stream=True))
    assert said(answer) == "as a whole" and events(answer)[-1][0] == "message_stop"


def test_streamed_though_a_whole_was_asked_for(edge, upstream):
    upstream.script(scripts.stream(["as", "a", "stream"]))
    assert edge.ask(messages()).json["content"] == [{"type": "text", "text": "as a stream"}]


def test_an_upstream_that_cannot_stream(edges, upstream):
    edge = edges(configuration(upstream, upstream_quirks=["no_stream"]))
    answer = edge.ask(messages(stream=True))
    assert said(answer) == "You said: Hello there"
    assert not json.loads(bytes(upstream.requests[0].body)).get("stream")


def test_the_callers_own_key(edges, upstream):
    """It passes on, and so does what the upstream says of it."""
    edge = edges(configuration(upstream, upstream_key="caller"))
    assert edge.ask(messages(f"x-api-key: {api.CALLER_KEY}")).status == 200
    assert upstream.requests[0].get("authorization") == f"Bearer {api.CALLER_KEY}"
    answer = edge.ask(messages("x-api-key: wrong"))
    assert (answer.status, failure(answer)["type"]) == (401, "authentication_error")


def test_losses(edges, upstream):
    edge = edges(configuration(upstream))
    answer = edge.ask(messages(context_management={"edits": []}, nonsense=1, top_k=4))
    assert answer.status == 200
    lost = answer.get("x-edgefilter-loss").split(", ")
    assert {"context_management", "nonsense"} <= set(lost)
    record, = edge.records(1)
    assert "context_management" in record["losses"] and record["lost"] == len(record["losses"])
    strict = edges(configuration(upstream, strict=True))
    refused = strict.ask(messages(context_management={"edits": []}))
    assert refused.status == 400 and "context_management" in failure(refused)["message"]
    assert len(upstream.exchanges) == 1
    assert strict.records(1)[0]["code"] == 208


def test_repaired_history(edges, upstream):
    edge = edges(configuration(upstream, upstream_quirks=["repair_history"]))
    call = {"type": "tool_use", "id": "t1", "name": "f", "input": {}}
    turns = [{"role": "user", "content": "x"}, {"role": "assistant", "content": [call]},
             {"role": "user", "content": "and?"}]
    assert edge.ask(messages(messages=turns)).status == 200
    heard = json.loads(bytes(upstream.requests[0].body))["messages"]
    assert [message["role"] for message in heard] == ["user", "assistant", "tool", "user"]


def test_what_is_not_a_conversation(edge, upstream):
    """T161 T162: counts are estimated, lists retold, the rest is unknown."""
    count = edge.ask(messages(path="/v1/messages/count_tokens?beta=true"))
    assert count.status == 200 and count.json["input_tokens"] > 0
    assert upstream.exchanges == []
    models = edge.ask(request("GET", "/v1/models", None, VERSION)).json
    assert (models["has_more"], models["data"][0]["id"]) == (False, "gpt-4")
    assert models["data"][0]["type"] == "model"
    one = edge.ask(request("GET", "/v1/models/gpt-4", None, VERSION))
    assert one.status == 200 and one.json["id"] == "gpt-4"
    none = edge.ask(request("GET", "/v1/models/nothing", None, VERSION))
    assert (none.status, failure(none)["type"]) == (404, "not_found_error")
    batches = edge.ask(messages(path="/v1/messages/batches"))
    assert (batches.status, failure(batches)["type"]) == (404, "not_found_error")
    assert edge.ask(request("HEAD", "/api/hello")).status == 200
    assert edge.ask(request("POST", "/x/api/event_logging/batch", {})).json == {"status": "ok"}


def test_the_upstreams_connection_is_used_again(edge, upstream):
    """Its body must end soon after the last event."""
    upstream.script(*[scripts.at_once(api.answer)] * 3)
    client = edge.dial()
    for _ in range(3):
        assert said(client.ask(messages(stream=True))) == "You said: Hello there"
    assert len(upstream.connections) == 1


def test_echo(edges):
    """The embedded upstream answers every dialect."""
    edge = edges({"upstreams": {"echo": {"dialect": "echo"}}})
    assert said(edge.ask(messages(stream=True, model="echo"))) == "Hello there"
    asked = {"model": "echo", "input": "Hello there"}
    told = edge.ask(request("POST", "/v1/responses", asked)).json
    assert told["object"] == "response"
    assert told["output"][0]["content"][0]["text"] == "Hello there"
    assert edge.ask(messages(path="/v1/messages/count_tokens")).json["input_tokens"] > 0


@pytest.mark.parametrize("streamed", [False, True])
def test_responses(edge, upstream, streamed):
    asked = {"model": "gpt-4", "input": "Hello there", "stream": streamed}
    answer = edge.ask(request("POST", "/v1/responses", asked))
    assert answer.status == 200 and upstream.requests[0].path == "/v1/chat/completions"
    told = events(answer)[-1][1]["response"] if streamed else answer.json
    assert (told["status"], told["model"]) == ("completed", "gpt-4")
    assert told["output"][0]["content"][0]["text"] == "You said: Hello there"
