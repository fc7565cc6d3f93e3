# SPDX-License-Identifier: MIT
"""Anthropic's API as the vendor serves it: messages, counts of tokens, models."""

import json
import re

import rules_messages
from exchange import Exchange
from refusal import Refused
from serve import check_model, read_json, respond_json, stream_head
from small_model import Said, Usage, crumbs, failure, pieces, sealed

# kind: status, type, message, fields
FAILURES = {
    "invalid": (400, "invalid_request_error", "messages: invalid", {}),
    "overflow": (400, "invalid_request_error", "prompt is too long: 215000 tokens > 200000 maximum", {}),
    "key": (401, "authentication_error", "invalid x-api-key", {}),
    "permission": (403, "permission_error", "Your API key does not have permission.", {}),
    "missing": (404, "not_found_error", "model: claude-zzz", {}),
    "conflict": (409, "conflict_error", "Conflict.", {}),
    "large": (413, "request_too_large", "Request exceeds the maximum size", {}),
    "unprocessable": (422, "invalid_request_error", "Unprocessable.", {}),
    "rate": (429, "rate_limit_error", "This request would exceed your organization's rate limit.",
             {"retry-after": "7"}),
    "quota": (402, "billing_error", "Your credit balance is too low to access the Anthropic API.",
              {"x-should-retry": "false"}),
    "fault": (500, "api_error", "Internal server error", {}),
    "overloaded": (529, "overloaded_error", "Overloaded", {}),
}
STOPS = {"end": "end_turn", "stop": "stop_sequence", "length": "max_tokens", "calls": "tool_use",
         "refusal": "refusal"}
KINDS = {401: "authentication_error", 404: "not_found_error", 405: "invalid_request_error"}


def authorize(x: Exchange) -> None:
    bearer = re.fullmatch(r"Bearer (\S+)", x.request.get("authorization") or "")
    key = bearer[1] if bearer else x.request.get("x-api-key")
    if not key:
        raise Refused(401, "x-api-key header is required")
    if key not in x.upstream.keys:
        raise Refused(401, "invalid x-api-key")
    version = x.request.get("anthropic-version")
    if version not in rules_messages.VERSIONS:
        raise Refused(400, f"anthropic-version: \"{version}\" is not a valid version")


def refuse(x: Exchange, refusal: Refused) -> None:
    kind = KINDS.get(refusal.status, "invalid_request_error")
    message = f"model: {refusal.message.split('`')[1]}" if "does not exist" in refusal.message else refusal.message
    tell(x, refusal.status, kind, message, {})


def tell(x: Exchange, status: int, kind: str, message: str, fields: dict) -> None:
    body = {"type": "error", "error": {"type": kind, "message": message}, "request_id": "req_upstream_1"}
    respond_json(x, body, status, *fields.items())


def fail(x: Exchange, kind: str, more: dict | None = None) -> None:
    """Answers with an error; `more` are fields beside its own, or instead of them."""
    status, word, words, fields = FAILURES[kind]
    tell(x, status, word, words, {**fields, **(more or {})})


def read(x: Exchange, check) -> dict:
    asked = read_json(x)
    check(asked, x.request.get("anthropic-version"), ",".join(x.request.all("anthropic-beta")))
    return asked


def message(x: Exchange) -> None:
    asked = read(x, rules_messages.check)
    heard = rules_messages.hear(asked)
    if kind := failure(heard):
        return fail(x, kind)
    said = x.upstream.mind(heard)
    if not asked.get("stream"):
        return fail(x, said.broken) if said.broken else respond_json(x, whole(asked, said))
    stream_head(x)
    for event in steps(asked, said):
        x.event(event, event["type"])
    x.end()


def count(x: Exchange) -> None:
    asked = read(x, rules_messages.check_count)
    respond_json(x, {"input_tokens": len(json.dumps(asked["messages"])) // 4})


def usage_of(usage: Usage) -> dict:
    return {"input_tokens": usage.input - usage.cached - usage.written,
            "cache_creation_input_tokens": usage.written, "cache_read_input_tokens": usage.cached,
            "cache_creation": {"ephemeral_5m_input_tokens": usage.written, "ephemeral_1h_input_tokens": 0},
            "output_tokens": usage.output, "output_tokens_details": {"thinking_tokens": usage.reasoning},
            "server_tool_use": None, "service_tier": "standard", "inference_geo": None}


def blocks(asked: dict, said: Said) -> list[dict]:
    shown = "" if asked.get("thinking", {}).get("display") == "omitted" else said.thought
    found = [{"type": "thinking", "thinking": shown, "signature": sealed(shown)}] if said.thought else []
    found += [{"type": "text", "text": said.text, "citations": None}] if said.text else []
    return found + [{"type": "tool_use", "id": f"toolu_{call.id[5:]}", "name": call.name,
                     "input": json.loads(call.arguments)} for call in said.calls]


def details(said: Said) -> dict | None:
    return {"type": "refusal", "category": None, "explanation": said.refusal} if said.refusal else None


def whole(asked: dict, said: Said) -> dict:
    return {"id": "msg_1", "type": "message", "role": "assistant", "model": asked["model"],
            "content": blocks(asked, said), "stop_reason": STOPS[said.stop], "stop_sequence": said.stopped_at,
            "stop_details": details(said), "container": None, "usage": usage_of(said.usage)}


def steps(asked: dict, said: Said):
    """The events of a streamed answer."""
    begun = {**whole(asked, said), "content": [], "stop_reason": None, "stop_sequence": None, "stop_details": None}
    yield {"type": "message_start", "message": {**begun, "usage": {**begun["usage"], "output_tokens": 1}}}
    yield {"type": "ping"}
    for index, block in enumerate(blocks(asked, said)):
        yield {"type": "content_block_start", "index": index, "content_block": {**block, **EMPTY[block["type"]]}}
        for number, delta in enumerate(deltas(block)):
            if said.broken and number == 3:
                _, kind, words, _ = FAILURES[said.broken]
                yield {"type": "error", "error": {"type": kind, "message": words}, "request_id": "req_upstream_1"}
                return
            yield {"type": "content_block_delta", "index": index, "delta": delta}
        yield {"type": "content_block_stop", "index": index}
    ended = {"stop_reason": STOPS[said.stop], "stop_sequence": said.stopped_at, "stop_details": details(said)}
    yield {"type": "message_delta", "delta": ended, "usage": usage_of(said.usage)}
    yield {"type": "message_stop"}


EMPTY = {"text": {"text": ""}, "thinking": {"thinking": "", "signature": ""}, "tool_use": {"input": {}}}


def deltas(block: dict):
    if block["type"] == "text":
        yield from ({"type": "text_delta", "text": piece} for piece in pieces(block["text"]))
    elif block["type"] == "thinking":
        yield from ({"type": "thinking_delta", "thinking": piece} for piece in pieces(block["thinking"]))
        yield {"type": "signature_delta", "signature": block["signature"]}
    else:
        yield {"type": "input_json_delta", "partial_json": ""}
        text = json.dumps(block["input"], ensure_ascii=False)
        yield from ({"type": "input_json_delta", "partial_json": crumb} for crumb in crumbs(text))


def model_entry(name: str) -> dict:
    return {"type": "model", "id": name, "display_name": name, "created_at": "2026-05-01T00:00:00Z",
            "max_input_tokens": 200_000, "max_tokens": 64_000, "lifecycle": "active"}


def models(x: Exchange) -> None:
    names = [name for name in x.upstream.models if name.startswith("claude")]
    respond_json(x, {"data": [model_entry(name) for name in names], "has_more": False, "first_id": names[0],
                     "last_id": names[-1]})


def model(x: Exchange) -> None:
    name = x.request.path.removeprefix(f"{x.upstream.prefix}/models/")
    check_model(x, name)
    respond_json(x, model_entry(name))


ROUTES = [("POST", "/messages", message), ("POST", "/messages/count_tokens", count), ("GET", "/models", models),
          ("HEAD", "/models", models), ("GET", "/models/(.+)", model)]
