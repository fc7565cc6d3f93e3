# SPDX-License-Identifier: MIT
"""`anthropic-beta`: what it asks for toward another vendor, and that nothing of ours stands behind one."""

import json

import pytest

from client import request
from translating import DIALECTS, EYES, MODEL, ask, translation

# What Claude Code sends with each request.
STANDING = ("claude-code-20250219,interleaved-thinking-2025-05-14,context-management-2025-06-27,effort-2025-11-24,"
            "prompt-caching-scope-2026-01-05,mid-conversation-system-2026-04-07,unheard-of-2031-01-01")
WIDE = "context-1m-2025-08-07"
HI = [{"role": "user", "content": "hi"}]
PIXEL = ("data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5Er"
         "kJggg==")
PDF = "data:application/pdf;base64,JVBERi0xLjQKJSVFT0YK"
SCHEMA = {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"], "additionalProperties": False}


@pytest.fixture(params=["openai", "responses", "dashscope"])
def dialect(request):
    return request.param


@pytest.fixture
def upstream(dialect, upstreams):
    return upstreams(vendor=DIALECTS[dialect].vendor)


def messages(*lines: str, **members):
    return ask("anthropic", "hello", False, MODEL, *lines, **members)


@pytest.mark.parametrize("lines", [
    [f"anthropic-beta: {WIDE}"], [f"Anthropic-Beta: {STANDING} , {WIDE.upper()}"],
    [f"anthropic-beta: {STANDING}", f"anthropic-beta: {WIDE}"], ["anthropic-beta: output-128k-2025-02-19"]])
def test_what_only_the_field_asks_for_is_told(edges, upstream, dialect, lines):
    edge = edges(translation(upstream, dialect))
    answer = edge.ask(messages(*lines))
    assert (answer.status, answer.get("x-edgefilter-loss")) == (200, "anthropic-beta")
    assert upstream.exchange().request.get("anthropic-beta") is None
    assert edge.records(1)[0]["losses"] == ["betas"]


def test_strict_refuses_it(edges, upstream, dialect):
    edge = edges(translation(upstream, dialect, strict=True))
    answer = edge.ask(messages(f"anthropic-beta: {WIDE}"))
    assert (answer.status, WIDE in answer.json["error"]["message"]) == (400, True)
    assert edge.ask(messages(f"anthropic-beta: {STANDING}")).status == 200


@pytest.mark.parametrize("line", [f"anthropic-beta: {STANDING}", "anthropic-beta:", "anthropic-beta: ,,"])
def test_standing_lists_are_moot(edges, upstream, dialect, line):
    answer = edges(translation(upstream, dialect)).ask(messages(line))
    assert (answer.status, answer.get("x-edgefilter-loss")) == (200, None)


def test_a_key_to_a_member_is_told_with_the_member(edges, upstream, dialect):
    edge = edges(translation(upstream, dialect))
    answer = edge.ask(messages("anthropic-beta: mcp-client-2025-11-20",
                               mcp_servers=[{"type": "url", "url": "https://x.example", "name": "x"}]))
    assert (answer.status, answer.get("x-edgefilter-loss")) == (200, "mcp_servers")


# Toward Anthropic. The stand-in refuses members whose beta is not in the field.

@pytest.fixture
def anthropic(upstreams):
    return upstreams(vendor="anthropic")


TOOL = {"type": "function", "function": {"name": "w", "description": "d", "parameters": SCHEMA, "strict": True}}
IMAGE = {"type": "image_url", "image_url": {"url": PIXEL}}
FILE = {"type": "file", "file": {"filename": "a.pdf", "file_data": PDF}}
ASKED = {
    "effort": {"reasoning_effort": "high"}, "tools": {"tools": [TOOL], "tool_choice": "required"},
    "effort and tools": {"reasoning_effort": "low", "tools": [TOOL], "parallel_tool_calls": False},
    "schema": {"response_format": {"type": "json_schema", "json_schema": {"name": "a", "schema": SCHEMA, "strict": True}}},
    "image": {"messages": [{"role": "user", "content": [IMAGE, {"type": "text", "text": "look"}]}]},
    "document": {"messages": [{"role": "user", "content": [FILE, {"type": "text", "text": "look"}]}]},
    "late system": {"messages": [*HI, {"role": "assistant", "content": "a"}, {"role": "system", "content": "b"}, *HI]},
    "tier": {"service_tier": "priority"}, "long answer": {"max_completion_tokens": 60_000},
}


@pytest.mark.parametrize("model", ["claude-sonnet-4-5", "claude-opus-5"])
@pytest.mark.parametrize("asked", ASKED)
def test_translated_requests_need_no_beta(edges, anthropic, asked, model):
    edge = edges(translation(anthropic, "anthropic", models={EYES: f"main/{model}"}))
    answer = edge.ask(request("POST", "/v1/chat/completions", {"model": EYES, "messages": HI, **ASKED[asked]}))
    assert answer.status == 200, answer
    assert anthropic.exchange().request.get("anthropic-beta") is None


@pytest.mark.parametrize("caller", ["openai", "responses"])
def test_operators_betas_go_with_translated_requests(edges, anthropic, caller):
    edge = edges(translation(anthropic, "anthropic", upstream_headers={"anthropic-beta": WIDE}))
    assert edge.ask(ask(caller)).status == 200
    assert anthropic.exchange().request.all("anthropic-beta") == [WIDE]


def test_between_anthropics_all_pass(edges, anthropic):
    edge = edges(translation(anthropic, "anthropic", strict=True))
    answer = edge.ask(messages(f"anthropic-beta: {STANDING}", f"anthropic-beta: {WIDE}",
                               context_management={"edits": []}))
    assert (answer.status, answer.get("x-edgefilter-loss")) == (200, None)
    assert anthropic.exchange().request.all("anthropic-beta") == [STANDING, WIDE]
    assert json.loads(bytes(anthropic.exchange().request.body))["context_management"] == {"edits": []}
