# SPDX-License-Identifier: MIT
"""The road to an upstream that speaks Anthropic's Messages itself: bytes pass, and what it refuses is amended."""

import json

import api
import scripts
from client import request
from edge import configuration
from messages import messages


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
