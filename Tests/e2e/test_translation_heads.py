# SPDX-License-Identifier: MIT
"""Heads between a caller of one dialect and an upstream of another: what passes, what is told, what stays here."""

import json

import pytest

import api
import scripts
from client import request
from routes import edge, route, upstream  # noqa: F401
from translating import DIALECTS, MODEL, ask, error_of, said


FOREIGN = ["anthropic-beta: context-management-2025-06-27", "anthropic-beta: per-turn-control-2026-07-01",
           "anthropic-dangerous-direct-browser-access: true", "X-Claude-Code-Session-Id: s1", "x-app: cli",
           "OpenAI-Organization: org-1", "OpenAI-Project: p1", "X-Stainless-Lang: python", "cookie: a=b",
           "originator: codex", "session-id: s", "x-codex-window-id: w", "x-client-request-id: c",
           "Accept-Encoding: br, zstd", "User-Agent: somebody/1.0"]
KEYS = [f"x-api-key: {api.CALLER_KEY}", f"Authorization: Bearer {api.CALLER_KEY}"]


def test_t157_t159_nothing_of_the_caller_reaches_another_vendor(edge, upstream, route):
    assert edge.ask(ask(route[0], "hello", False, MODEL, *FOREIGN, *KEYS)).status == 200
    heard = upstream.exchange().request
    names = {name.lower() for name, _ in heard.fields}
    version = {"anthropic-version"} if route[1] == "anthropic" else set()
    foreign = {line.partition(":")[0].lower() for line in FOREIGN} - {"accept-encoding", "user-agent"}
    assert not names & foreign
    assert {name for name in names if name.startswith("anthropic-")} == version
    assert api.CALLER_KEY not in str(heard.fields)
    key = "x-api-key" if route[1] == "anthropic" else "authorization"
    assert api.OPERATOR_KEY in heard.get(key)
    assert heard.get("x-api-key" if key == "authorization" else "authorization") is None
    assert "br" not in (heard.get("accept-encoding") or "")


@pytest.mark.parametrize("route", [("anthropic", "anthropic")], ids="-".join)
def test_t159_anthropic_fields_reach_anthropic(edge, upstream, route):
    assert edge.ask(ask("anthropic", "hello", False, MODEL, *FOREIGN[:2], *KEYS)).status == 200
    heard = upstream.exchange().request
    assert "context-management-2025-06-27" in ",".join(heard.all("anthropic-beta"))
    assert "per-turn-control-2026-07-01" in ",".join(heard.all("anthropic-beta"))
    assert heard.get("anthropic-version") == "2023-06-01"
    assert heard.get("x-api-key") == api.OPERATOR_KEY
    assert api.CALLER_KEY not in str(heard.fields)


@pytest.mark.parametrize("route", [("anthropic", dialect) for dialect in DIALECTS], ids="-".join)
def test_t158_query_is_kept_for_anthropic_alone(edge, upstream, route):
    sent = ask("anthropic").replace(b"/v1/messages ", b"/v1/messages?beta=true ", 1)
    assert edge.ask(sent).status == 200
    assert upstream.exchange().request.query == ("beta=true" if route[1] == "anthropic" else "")


@pytest.mark.parametrize("route", [("anthropic", "anthropic")], ids="-".join)
def test_t160_relay_between_anthropics_is_transparent(edge, upstream, route):
    """Whatever the events are, they pass as they are."""
    odd = (b'event: message_start\ndata: {"type": "message_start", "message": {"usage":{"input_tokens":1}} }  \n\n'
           b'event: unheard_of\ndata: {"type":"unheard_of"}\n\n: comment\n\n'
           b'event: content_block_delta\ndata: {"type":"content_block_delta","delta":{"type":"new_delta"}}\n\n'
           b'event: message_stop\ndata: {"type":"message_stop"}\n\n')
    upstream.script(scripts.whole(odd, framing="chunked", kind="text/event-stream"))
    body = (b'{ "model":"claude-sonnet-4-5" ,"max_tokens":1.0e1,"messages":[{"role":"user","content":"\\u00e9"}],'
            b'"unheard_of":[1,2] ,"stream":true}')
    answer = edge.ask(request("POST", "/v1/messages", body.replace(b"claude-sonnet-4-5", MODEL.encode()),
                              "Content-Type: application/json", "anthropic-version: 2023-06-01"))
    assert answer.body == odd
    assert bytes(upstream.exchange().request.body) == body


def test_t163_accept_json_and_stream(edge, route):
    answer = edge.ask(ask(route[0], "hello", True, MODEL, "Accept: application/json"))
    assert answer.get("content-type").startswith("text/event-stream")
    assert said(route[0], answer) == "You said: hello"


def test_t167_answer_before_the_body_was_read(edge, upstream, route):
    error = {"message": "too large", "type": "request_too_large" if route[1] == "anthropic" else "invalid_request_error"}
    body = json.dumps({"type": "error", "error": error}).encode()
    upstream.script(scripts.refusing_early(body, 413))
    answer = edge.ask(ask(route[0], "x" * 3_000_000))
    assert answer.status == 413, answer
    error_of(route[0], answer)


def test_t135_request_ids(edge, route):
    """Ours is told; Anthropic's callers find it in the body of an error too."""
    answer = edge.ask(ask(route[0], "fail invalid"))
    name = "request-id" if route[0] == "anthropic" else "x-request-id"
    assert answer.get(name) == edge.records(1)[0]["id"]
    if route[0] == "anthropic":
        assert answer.json["request_id"] == answer.get(name)
