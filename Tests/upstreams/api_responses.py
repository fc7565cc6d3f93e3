# SPDX-License-Identifier: MIT
"""Responses as the vendor serves them."""

import rules_responses
from api_chat import FAILURES, fail
from exchange import Exchange
from serve import read_json, respond_json, stream_head
from small_model import Call, Said, Usage, crumbs, failure, pieces, sealed

ECHOED = {"instructions": None, "max_output_tokens": None, "max_tool_calls": None, "metadata": {},
          "parallel_tool_calls": True, "previous_response_id": None, "prompt_cache_key": None,
          "reasoning": {"effort": None, "summary": None}, "safety_identifier": None, "store": True,
          "temperature": 1.0, "text": {"format": {"type": "text"}, "verbosity": "medium"}, "tool_choice": "auto",
          "tools": [], "top_logprobs": 0, "top_p": 1.0, "truncation": "disabled", "user": None}


def response(x: Exchange) -> None:
    asked = read_json(x, "input")
    rules_responses.check(asked)
    heard = rules_responses.hear(asked)
    if kind := failure(heard):
        return fail(x, kind)
    said = x.upstream.mind(heard)
    if not asked.get("stream"):
        return fail(x, said.broken) if said.broken else respond_json(x, finished(asked, said))
    stream_head(x)
    for number, event in enumerate(steps(asked, said)):
        kind = event.pop("type")
        x.event({"type": kind, "sequence_number": number, **event}, kind)
    x.end()


def usage_of(usage: Usage) -> dict:
    return {"input_tokens": usage.input,
            "input_tokens_details": {"cached_tokens": usage.cached, "cache_write_tokens": usage.written},
            "output_tokens": usage.output, "output_tokens_details": {"reasoning_tokens": usage.reasoning},
            "total_tokens": usage.input + usage.output}


def envelope(asked: dict, status: str, output: list, **members) -> dict:
    echoed = {name: usual if asked.get(name) is None else asked[name] for name, usual in ECHOED.items()}
    return {"id": "resp_1", "object": "response", "created_at": 1700000000, "status": status, "background": False,
            "error": None, "incomplete_details": None, "model": asked["model"], "output": output, **echoed,
            "service_tier": "default", "usage": None, **members}


def finished(asked: dict, said: Said) -> dict:
    output = items(asked, said)
    usage = usage_of(said.usage)
    if said.stop == "length":
        return envelope(asked, "incomplete", output, usage=usage,
                        incomplete_details={"reason": "max_output_tokens"})
    return envelope(asked, "completed", output, usage=usage)


def items(asked: dict, said: Said) -> list[dict]:
    """The output of a whole answer."""
    found = [reasoning_of(asked, said.thought)] if said.thought else []
    parts = [text_of(said.text)] if said.text or not (said.calls or said.refusal) else []
    parts += [{"type": "refusal", "refusal": said.refusal}] if said.refusal else []
    if parts:
        status = "incomplete" if said.stop == "length" else "completed"
        found.append({"id": "msg_1", "type": "message", "status": status, "role": "assistant", "content": parts})
    return found + [call_of(number, call) for number, call in enumerate(said.calls, 1)]


def reasoning_of(asked: dict, thought: str) -> dict:
    item = {"id": "rs_1", "type": "reasoning", "summary": [{"type": "summary_text", "text": thought}]}
    if "reasoning.encrypted_content" in (asked.get("include") or []):
        item["encrypted_content"] = sealed(thought)
    return item


def text_of(text: str) -> dict:
    return {"type": "output_text", "text": text, "annotations": [], "logprobs": []}


def call_of(number: int, call: Call) -> dict:
    if call.is_free:
        return {"id": f"ctc_{number}", "type": "custom_tool_call", "status": "completed", "call_id": call.id,
                "name": call.name, "input": call.arguments}
    return {"id": f"fc_{number}", "type": "function_call", "status": "completed", "call_id": call.id,
            "name": call.name, "arguments": call.arguments}


def steps(asked: dict, said: Said):
    """The events of a streamed answer, without their numbers."""
    for kind in ("created", "in_progress"):
        yield {"type": f"response.{kind}", "response": envelope(asked, "in_progress", [])}
    for index, item in enumerate(items(asked, said)):
        for event in ITEM_STEPS[item["type"]](index, item, said):
            is_error = event["type"] == "error"
            yield event
            if is_error:
                yield failed(asked, said)
                return
    done = finished(asked, said)
    yield {"type": f"response.{done['status']}", "response": done}


def failed(asked: dict, said: Said) -> dict:
    _, _, code, message, _ = FAILURES[said.broken]
    error = {"code": code or "server_error", "message": message}
    return {"type": "response.failed", "response": envelope(asked, "failed", [], error=error)}


def opened(index: int, item: dict, **empty) -> dict:
    state = {} if item["type"] == "reasoning" else {"status": "in_progress"}
    return {"type": "response.output_item.added", "output_index": index, "item": {**item, **state, **empty}}


def closed(index: int, item: dict) -> dict:
    return {"type": "response.output_item.done", "output_index": index, "item": item}


def reasoning_steps(index: int, item: dict, said: Said):
    place = {"item_id": item["id"], "output_index": index, "summary_index": 0}
    kind = "response.reasoning_summary"
    yield opened(index, item, summary=[])
    yield {"type": f"{kind}_part.added", **place, "part": {"type": "summary_text", "text": ""}}
    for piece in pieces(said.thought):
        yield {"type": f"{kind}_text.delta", **place, "delta": piece, "obfuscation": "q"}
    yield {"type": f"{kind}_text.done", **place, "text": said.thought}
    yield {"type": f"{kind}_part.done", **place, "part": item["summary"][0]}
    yield closed(index, item)


def message_steps(index: int, item: dict, said: Said):
    yield opened(index, item, content=[])
    for number, part in enumerate(item["content"]):
        place = {"item_id": item["id"], "output_index": index, "content_index": number}
        kind = part["type"]
        key = {"output_text": "text", "refusal": "refusal"}[kind]
        more = {"logprobs": []} if kind == "output_text" else {}
        yield {"type": "response.content_part.added", **place, "part": {**part, key: ""}}
        for count, piece in enumerate(pieces(part[key])):
            if said.broken and count == 3:
                yield broken(said)
            yield {"type": f"response.{kind}.delta", **place, "delta": piece, **more, "obfuscation": "Xw"}
        yield {"type": f"response.{kind}.done", **place, key: part[key], **more}
        yield {"type": "response.content_part.done", **place, "part": part}
    yield closed(index, item)


def broken(said: Said) -> dict:
    _, word, code, message, _ = FAILURES[said.broken]
    return {"type": "error", "error": {"type": word, "code": code, "message": message, "param": None}}


def call_steps(index: int, item: dict, said: Said):
    kind, key = {"function_call": ("function_call_arguments", "arguments"),
                 "custom_tool_call": ("custom_tool_call_input", "input")}[item["type"]]
    place = {"item_id": item["id"], "output_index": index}
    yield opened(index, item, **{key: ""})
    for crumb in crumbs(item[key]):
        yield {"type": f"response.{kind}.delta", **place, "delta": crumb, "obfuscation": "4"}
    yield {"type": f"response.{kind}.done", **place, key: item[key]}
    yield closed(index, item)


ITEM_STEPS = {"reasoning": reasoning_steps, "message": message_steps, "function_call": call_steps,
              "custom_tool_call": call_steps}
