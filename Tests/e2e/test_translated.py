# SPDX-License-Identifier: MIT
"""Callers of Anthropic's Messages and of Responses in front of a Chat upstream: the road, not the dialects."""

import json

import pytest

import api
import scripts
from client import Answer, request
from edge import configuration

VERSION = "anthropic-version: 2023-06-01"


def messages(*lines: str, path: str = "/v1/messages?beta=true", **members) -> bytes:
    asked = {"model": "gpt-4", "max_tokens": 99,
             "messages": [{"role": "user", "content": "Hello there"}], **members}
    return request("POST", path, asked, VERSION, *lines)


def events(answer: Answer) -> list[tuple[str, dict]]:
    """Name and data of each event."""
    blocks = answer.body.decode().split("\n\n")
    assert blocks.pop() == "", "the stream ends inside an event"
    pairs = [dict(line.split(": ", 1) for line in block.split("\n")) for block in blocks]
    return [(pair["event"], json.loads(pair["data"])) for pair in pairs]


def said(answer: Answer) -> str:
    return "".join(data["delta"].get("text", "") for name, data in events(answer)
                   if name == "content_block_delta")


def failure(answer: Answer) -> dict:
    told = answer.json
    assert told["type"] == "error" and told["request_id"] == answer.get("request-id")
    return told["error"]


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


def test_the_callers_own_key(edges, upstream):
    """It passes on, and so does what the upstream says of it."""
    edge = edges(configuration(upstream, upstream_key="caller"))
    assert edge.ask(messages(f"x-api-key: {api.CALLER_KEY}")).status == 200
    assert upstream.requests[0].get("authorization") == f"Bearer {api.CALLER_KEY}"
    answer = edge.ask(messages("x-api-key: wrong"))
    assert (answer.status, failure(answer)["type"]) == (401, "authentication_error")


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


def test_anthropic_to_anthropic(edges, upstream):
    """T41 T157 T159 T160: bytes pass, with their fields and query; blocks that their maker would refuse do not."""
    config = configuration(upstream, upstream_dialect="anthropic")
    edge = edges(config)
    body = (b'{ "id":"msg_1","type":"message","model":"gpt-4-turbo","unknown":1.50,"usage":'
            b'{"input_tokens":3,"cache_read_input_tokens":4,"cache_creation_input_tokens":5,'
            b'"output_tokens":6},"stop_reason":"end_turn"}')
    upstream.script(scripts.whole(body), scripts.whole(body))
    answer = edge.ask(messages("x-api-key: own", "anthropic-beta: a", "anthropic-beta: b"))
    assert answer.body == body.replace(b"gpt-4-turbo", b"gpt-4")
    assert answer.get("request-id").startswith("req_") and answer.get("x-edgefilter-loss") is None
    heard = upstream.requests[0]
    assert heard.target == "/v1/messages?beta=true"
    assert heard.get("x-api-key") == api.OPERATOR_KEY and heard.get("authorization") is None
    assert heard.all("anthropic-beta") == ["a", "b"]
    record, = edge.records(1)
    assert [record[name] for name in ("input", "cached", "written", "output")] == [12, 4, 5, 6]
    turns = [{"role": "user", "content": "x"},
             {"role": "assistant", "content": [
                 {"type": "thinking", "thinking": "t", "signature": ""},
                 {"type": "text", "text": "y"}]},
             {"role": "user", "content": "z"}]
    mended = edge.ask(messages(messages=turns))
    assert "thinking" in mended.get("x-edgefilter-loss")
    sent = json.loads(bytes(upstream.requests[1].body))
    assert sent["model"] == "gpt-4-turbo"
    assert sent["messages"][1]["content"] == [{"type": "text", "text": "y"}]
    assert edge.records(2)[1]["lost"] == 1


def test_a_callers_own_token(edges, upstream):
    """What came as a bearer's goes to Anthropic as a bearer's."""
    edge = edges(configuration(upstream, upstream_dialect="anthropic", upstream_key="caller"))
    upstream.script(*[scripts.error(500)] * 3)
    edge.ask(messages("Authorization: Bearer tok"))
    edge.ask(messages("X-Api-Key: k"))
    edge.ask(request("POST", "/v1/chat/completions", {"model": "m", "messages": [
        {"role": "user", "content": "x"}]}, "Authorization: Bearer tok"))
    fields = [(heard.get("authorization"), heard.get("x-api-key")) for heard in upstream.requests]
    assert fields == [("Bearer tok", None), (None, "k"), ("Bearer tok", None)]
    assert upstream.requests[2].path == "/v1/messages"


def test_amended(edges, upstream):
    """T168: a refusal that names what to change is followed by one more try."""
    edge = edges(configuration(upstream, upstream_dialect="anthropic"))
    told = {"type": "error", "error": {"type": "invalid_request_error", "message":
            "output_config.effort: This model does not support effort level 'xhigh'. "
            "Supported levels: high, low, medium."}}
    body = json.dumps({"type": "message", "id": "m", "role": "assistant", "model": "x",
                       "content": [{"type": "text", "text": "hi"}], "stop_reason": "end_turn",
                       "usage": {"input_tokens": 1, "output_tokens": 1}}).encode()
    upstream.script(scripts.whole(json.dumps(told).encode(), status=400), scripts.whole(body))
    asked = {"model": "claude-opus-4-8", "reasoning_effort": "xhigh",
             "messages": [{"role": "user", "content": "x"}]}
    answer = edge.ask(request("POST", "/v1/chat/completions", asked))
    assert answer.status == 200 and answer.json["choices"][0]["message"]["content"] == "hi"
    assert edge.records(1)[0]["attempts"] == ["main:400", "main:200"]


def test_t131_no_beginning_of_the_key(upstream, edges):
    """A message is cut at 2,000 characters, perhaps in the middle of the key that it repeats."""
    edge = edges(configuration(upstream))
    told = {"message": "x" * 1985 + api.OPERATOR_KEY, "code": f"no-{api.OPERATOR_KEY}"}
    upstream.script(scripts.whole(json.dumps({"error": told}).encode(), status=400))
    answer = edge.ask(messages())
    assert answer.status == 400 and b"xxx***" in answer.body
    assert api.OPERATOR_KEY[:8].encode() not in answer.body
