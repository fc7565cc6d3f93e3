# SPDX-License-Identifier: MIT
"""Chat Completions as the vendor serves them."""

import rules_chat
from exchange import Exchange
from serve import read_json, respond_json, stream_head
from small_model import Call, Said, Usage, crumbs, failure, pieces

# kind: status, type, code, message, fields
FAILURES = {
    "invalid": (400, "invalid_request_error", None, "Invalid value.", {}),
    "overflow": (400, "invalid_request_error", "context_length_exceeded",
                 "This model's maximum context length is 128000 tokens. However, your messages resulted in 215000 "
                 "tokens. Please reduce the length of the messages.", {}),
    "key": (401, "invalid_request_error", "invalid_api_key", "Incorrect API key provided: sk-***.", {}),
    "permission": (403, "invalid_request_error", "model_not_found", "Project has no access to the model.", {}),
    "missing": (404, "invalid_request_error", "model_not_found", "The model `x` does not exist.", {}),
    "conflict": (409, "invalid_request_error", None, "Conflict.", {}),
    "large": (413, "invalid_request_error", "request_too_large", "Request too large.", {}),
    "unprocessable": (422, "invalid_request_error", None, "Unprocessable.", {}),
    "rate": (429, "requests", "rate_limit_exceeded", "Rate limit reached. Please try again in 7s.",
             {"retry-after": "7"}),
    "quota": (429, "insufficient_quota", "insufficient_quota",
              "You exceeded your current quota, please check your plan and billing details.", {}),
    "fault": (500, "server_error", None, "The server had an error while processing your request.", {}),
    "overloaded": (503, "service_unavailable_error", "server_is_overloaded",
                   "The engine is currently overloaded, please try again later.", {}),
}
FINISHES = {"end": "stop", "stop": "stop", "length": "length", "calls": "tool_calls", "refusal": "stop"}


def fail(x: Exchange, kind: str, more: dict | None = None) -> None:
    """Answers with an error; `more` are fields beside its own, or instead of them."""
    status, word, code, message, fields = FAILURES[kind]
    respond_json(x, {"error": {"message": message, "type": word, "param": None, "code": code}}, status,
                 *{**fields, **(more or {})}.items())


def chat(x: Exchange) -> None:
    asked = read_json(x, "messages")
    rules_chat.check(asked)
    heard = rules_chat.hear(asked)
    if kind := failure(heard):
        return fail(x, kind)
    said = x.upstream.mind(heard)
    if not asked.get("stream"):
        return fail(x, said.broken) if said.broken else whole(x, asked, said)
    stream_head(x)
    for event in stream(asked, said):
        x.event(event)
    x.event("[DONE]")
    x.end()


def usage_of(usage: Usage) -> dict:
    return {"prompt_tokens": usage.input, "completion_tokens": usage.output,
            "total_tokens": usage.input + usage.output,
            "prompt_tokens_details": {"cached_tokens": usage.cached, "audio_tokens": 0,
                                      "cache_write_tokens": usage.written},
            "completion_tokens_details": {"reasoning_tokens": usage.reasoning, "audio_tokens": 0,
                                          "accepted_prediction_tokens": 0, "rejected_prediction_tokens": 0}}


def finish_of(asked: dict, said: Said) -> str:
    """With a forced function the vendor says `stop`, calls or not."""
    return "stop" if isinstance(asked.get("tool_choice"), dict) else FINISHES[said.stop]


def call_of(call: Call) -> dict:
    if call.is_free:
        return {"id": call.id, "type": "custom", "custom": {"name": call.name, "input": call.arguments}}
    return {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}


def logprobs_of(asked: dict, said: Said) -> dict | None:
    if not asked.get("logprobs"):
        return None
    return {"content": [{"token": piece, "logprob": -0.25, "bytes": list(piece.encode()), "top_logprobs": []}
                        for piece in pieces(said.text)], "refusal": None}


def whole(x: Exchange, asked: dict, said: Said) -> None:
    message = {"role": "assistant", "content": None if said.calls and not said.text else said.text,
               "refusal": said.refusal or None, "annotations": []}
    if said.refusal and not said.text:
        message["content"] = None
    if said.thought:
        message["reasoning_content"] = said.thought
    if said.calls:
        message["tool_calls"] = [call_of(call) for call in said.calls]
    choices = [{"index": index, "message": message, "logprobs": logprobs_of(asked, said),
                "finish_reason": finish_of(asked, said)} for index in range(asked.get("n") or 1)]
    respond_json(x, {"id": "chatcmpl-1", "object": "chat.completion", "created": 1700000000,
                     "model": asked["model"], "choices": choices, "usage": usage_of(said.usage),
                     "service_tier": "default", "system_fingerprint": "fp_e2e"},
                 200, ("x-ratelimit-remaining-requests", "59"))


def chunk(model: str, delta: dict, reason: str | None = None) -> dict:
    return {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1700000000,
            "model": model, "choices": [{"index": 0, "delta": delta, "finish_reason": reason}]}


def chunks(model: str, words: list[str], with_usage: bool = False) -> list[dict]:
    """A complete streamed answer, one word an event."""
    spaced = [word if n == 0 else " " + word for n, word in enumerate(words)]
    said = Said(text="".join(spaced))
    options = {"stream_options": {"include_usage": True, "include_obfuscation": False}} if with_usage else {}
    return list(stream({"model": model, "stream_options": {"include_obfuscation": False}, **options}, said))


def stream(asked: dict, said: Said):
    """The events of a streamed answer, without the [DONE] at its end."""
    options = asked.get("stream_options") or {}
    for event in steps(asked, said):
        if "error" in event:
            yield event
            return
        if options.get("include_usage"):
            event.setdefault("usage", None)
        if options.get("include_obfuscation", True) and event["choices"]:
            event["obfuscation"] = "xY3b"
        yield event


def steps(asked: dict, said: Said):
    model = asked["model"]
    yield chunk(model, {"role": "assistant", "content": None if said.calls and not said.text else "",
                        **({} if said.calls else {"refusal": None})})
    yield from (chunk(model, {"reasoning_content": piece}) for piece in pieces(said.thought))
    for number, piece in enumerate(pieces(said.text)):
        if said.broken and number == 3:
            _, word, code, message, _ = FAILURES[said.broken]
            yield {"error": {"message": message, "type": word, "param": None, "code": code}}
        yield with_logprobs(asked, chunk(model, {"content": piece}), piece)
    yield from (chunk(model, {"refusal": piece}) for piece in pieces(said.refusal))
    for index, call in enumerate(said.calls):
        yield from (chunk(model, {"tool_calls": [delta]}) for delta in deltas_of(index, call))
    yield chunk(model, {}, finish_of(asked, said))
    if (asked.get("stream_options") or {}).get("include_usage"):
        yield {**chunk(model, {}), "choices": [], "usage": usage_of(said.usage)}


def with_logprobs(asked: dict, event: dict, piece: str) -> dict:
    event["choices"][0]["logprobs"] = logprobs_of(asked, Said(text=piece))
    return event


def deltas_of(index: int, call: Call):
    whole_call = call_of(call)
    kind, key = ("custom", "input") if call.is_free else ("function", "arguments")
    yield {"index": index, **whole_call, kind: {"name": call.name, key: ""}}
    yield from ({"index": index, kind: {key: crumb}} for crumb in crumbs(call.arguments))
