# SPDX-License-Identifier: MIT
"""The grammars of the three dialects' answers, and the SDKs' schemas: what does not obey them is an AssertionError.

Each `read_…` takes a whole answer or a stream and returns its essence, so that two answers can be compared.
"""

import json
import re
from dataclasses import dataclass, field
from functools import cache

from jsonschema import Draft202012Validator

import corpora


@dataclass
class Essence:
    """What an answer says, whichever dialect and form it has."""

    text: str = ""
    thought: str = ""
    refusal: str = ""
    calls: list[tuple[str, object]] = field(default_factory=list)
    stop: str | None = None
    error: dict | None = None


@cache
def validator(schema: str, variant: str | None = None) -> Draft202012Validator:
    """Checks against one of the SDKs' schemas, or the variant of it that has this `type`."""
    whole = corpora.schema(schema)
    if variant is None:
        return Draft202012Validator(whole)
    found = [name for name, each in whole["$defs"].items()
             if each.get("properties", {}).get("type", {}).get("const") == variant
             and {"$ref": f"#/$defs/{name}"} in whole["anyOf"]]
    assert found, f"{variant} is no event of {schema}"
    return Draft202012Validator({"$ref": f"#/$defs/{found[0]}", "$defs": whole["$defs"]})


def check(value, schema: str, variant: str | None = None) -> None:
    faults = sorted(validator(schema, variant).iter_errors(value), key=lambda fault: fault.json_path)
    assert not faults, "; ".join(f"{fault.json_path}: {fault.message[:200]}" for fault in faults[:3])


def events(body: bytes) -> list[tuple[str | None, str]]:
    """The events of a stream as its clients see them: name and data. Comments are dropped, all else is exact."""
    text = body.decode()
    assert text.endswith("\n\n"), "the last event is not closed"
    found = []
    for block in text[:-2].split("\n\n"):
        if block.startswith(":"):
            continue
        match = re.fullmatch(r"(?:event: (\S+)\n)?data: (.+)", block)
        assert match, f"an event of another form: {block[:200]!r}"
        found.append((match[1], match[2]))
    return found


# Chat Completions

def read_chat_error(value: dict) -> Essence:
    error = value["error"]
    assert sorted(error) == ["code", "message", "param", "type"] and error["message"], error
    return Essence(error=error)


def read_chat(body: bytes) -> Essence:
    value = json.loads(body)
    if "error" in value:
        return read_chat_error(value)
    check(value, "o-chat")
    choice = value["choices"][0]
    message = choice["message"]
    assert "content" in message and "refusal" in message
    assert isinstance(value["created"], int) and value["id"].startswith("chatcmpl-")
    calls = [(call["custom"]["name"], call["custom"]["input"]) if call["type"] == "custom"
             else (call["function"]["name"], json.loads(call["function"]["arguments"]))
             for call in message.get("tool_calls") or []]
    return Essence(message["content"] or "", message.get("reasoning_content") or "", message["refusal"] or "", calls,
                   choice["finish_reason"])


def read_chat_stream(body: bytes) -> Essence:
    """role · deltas · finish · usage? · [DONE], or an error in place of the rest."""
    found = events(body)
    assert all(name is None for name, _ in found), "an event with a name"
    assert found[-1][1] == "[DONE]", "no [DONE]"
    return chat_essence([json.loads(data) for _, data in found[:-1]])


def chat_essence(chunks: list[dict]) -> Essence:
    essence, calls, finishes, roles = Essence(), [], [], []
    for number, chunk in enumerate(chunks):
        if "error" in chunk:
            assert number == len(chunks) - 1, "something follows the error"
            essence.error = read_chat_error(chunk).error
            break
        check(without_custom(chunk), "o-chunk")
        assert (chunk["id"], chunk["model"], chunk["created"]) == (chunks[0]["id"], chunks[0]["model"],
                                                                   chunks[0]["created"])
        if not chunk["choices"]:
            assert chunk["usage"] and finishes and number == len(chunks) - 1, "usage is not last"
            continue
        choice, = chunk["choices"]
        assert not finishes, "something follows the finish"
        take_delta(essence, calls, roles, choice["delta"])
        if choice["finish_reason"]:
            assert choice["delta"] == {}
            finishes.append(choice["finish_reason"])
    assert roles == ["assistant"] or essence.error and not roles, roles
    assert bool(finishes) != bool(essence.error), "neither a finish nor an error, or both"
    essence.stop = finishes[0] if finishes else None
    essence.calls = [(name, text if is_custom else json.loads(text))
                     for is_custom, name, text in calls] if finishes else []
    return essence


def without_custom(chunk: dict) -> dict:
    """What the SDK's schema knows of a chunk: calls of free text are sent by the vendor, but missing there."""
    plain = [{**choice, "delta": {**choice["delta"], "tool_calls": [
        call for call in choice["delta"]["tool_calls"] if "custom" not in call]}}
        if choice["delta"].get("tool_calls") else choice for choice in chunk["choices"]]
    return {**chunk, "choices": plain}


def take_delta(essence: Essence, calls: list, roles: list, delta: dict) -> None:
    if "role" in delta:
        roles.append(delta["role"])
    assert roles, "a delta before the role"
    essence.text += delta.get("content") or ""
    essence.thought += delta.get("reasoning_content") or ""
    essence.refusal += delta.get("refusal") or ""
    for call in delta.get("tool_calls") or []:
        kind, key = ("custom", "input") if "custom" in call else ("function", "arguments")
        if call["index"] == len(calls):
            assert call["id"] and call["type"] == kind
            calls.append([kind == "custom", call[kind]["name"], ""])
        assert call["index"] == len(calls) - 1, "calls out of order"
        calls[-1][2] += call[kind][key]


# Messages

def read_message_error(value: dict) -> Essence:
    error = value["error"]
    if error["type"] not in ("conflict_error", "request_too_large"):  # real, but missing from the SDK's schema
        check(value, "aerror")
    assert error["message"]
    return Essence(error=error)


def read_message(body: bytes) -> Essence:
    value = json.loads(body)
    if value["type"] == "error":
        return read_message_error(value)
    check(value, "amsg")
    assert "stop_sequence" in value and value["stop_reason"]
    assert all(isinstance(value["usage"][name], int) for name in ("input_tokens", "output_tokens"))
    essence = Essence(stop=value["stop_reason"])
    for block in value["content"]:
        take_block(essence, block)
    return essence


def take_block(essence: Essence, block: dict) -> None:
    kind = block["type"]
    if kind == "text":
        assert block["text"], "an empty text block"
        essence.text += block["text"]
    elif kind == "thinking":
        essence.thought += block["thinking"]
    elif kind == "tool_use":
        assert re.fullmatch(r"[a-zA-Z0-9_-]+", block["id"]) and block["name"]
        essence.calls.append((block["name"], block["input"]))


DELTAS = {"text_delta": ("text", "text"), "thinking_delta": ("thinking", "thinking"),
          "signature_delta": ("thinking", "signature"), "input_json_delta": ("tool_use", "partial_json")}


def read_message_stream(body: bytes) -> Essence:
    """message_start · block* · message_delta · message_stop, or an error in place of the rest."""
    found = [(name, json.loads(data)) for name, data in events(body)]
    assert all(name == event["type"] for name, event in found), "an event whose name is not its type"
    steps = [event for name, event in found if name != "ping"]
    essence, ended = Essence(), False
    if steps[-1]["type"] == "error":
        essence.error = read_message_error(steps.pop()).error
    else:
        assert [step["type"] for step in steps[-2:]] == ["message_delta", "message_stop"], steps[-2:]
        ended = True
    for step in steps:
        check(step, "aevent", step["type"])
    if not steps:
        return essence
    assert found[0][0] == "message_start", "a ping or a block before message_start"
    assert all(isinstance(steps[0]["message"]["usage"][name], int) for name in ("input_tokens", "output_tokens"))
    assert steps[0]["message"]["content"] == []
    blocks = steps[1:-2] if ended else steps[1:]
    # Between the reason why it stopped and its end a stream may break off, too.
    if not ended and blocks and blocks[-1]["type"] == "message_delta":
        blocks.pop()
    take_blocks(essence, blocks, ended)
    if ended:
        essence.stop = steps[-2]["delta"]["stop_reason"]
        assert isinstance(steps[-2]["usage"]["output_tokens"], int)
    return essence


def take_blocks(essence: Essence, steps: list[dict], ended: bool) -> None:
    count, block = 0, None
    for step in steps:
        assert step["index"] == count, f"index {step['index']} instead of {count}"
        kind = step["type"]
        if kind == "content_block_start":
            assert block is None, "a block in a block"
            block = {**step["content_block"], "partial_json": ""}
            if block["type"] == "thinking":
                assert block["signature"] == "" == block["thinking"]
            elif block["type"] == "tool_use":
                assert block["id"] and block["name"] and block["input"] == {}
        elif kind == "content_block_delta":
            of, member = DELTAS[step["delta"]["type"]]
            assert block and block["type"] == of, f"{step['delta']['type']} in {block}"
            block[member] += step["delta"][member]
        else:
            assert kind == "content_block_stop" and block
            if block["type"] == "tool_use":
                block["input"] = json.loads(block["partial_json"] or "{}")
            take_block(essence, block)
            block, count = None, count + 1
    assert block is None or not ended, "a block is left open"
    if block and block.get("text"):
        essence.text += block["text"]


# Responses

def read_response(body: bytes) -> Essence:
    value = json.loads(body)
    if set(value) == {"error"}:
        return read_chat_error(value)
    return response_essence(value)


def response_essence(value: dict) -> Essence:
    check(known_code({"response": value})["response"], "o-response")
    essence = Essence(stop=(value["incomplete_details"] or {}).get("reason") or value["status"])
    for item in value["output"]:
        take_item(essence, item)
    if value["status"] in ("completed", "incomplete"):
        assert all(isinstance(value["usage"][name], int) for name in ("input_tokens", "output_tokens", "total_tokens"))
    return essence


def take_item(essence: Essence, item: dict) -> None:
    kind = item["type"]
    if kind == "message":
        essence.text += "".join(part.get("text", "") for part in item["content"])
        essence.refusal += "".join(part.get("refusal", "") for part in item["content"])
    elif kind == "reasoning":
        essence.thought += "".join(part["text"] for part in [*item["summary"], *(item.get("content") or [])])
    elif kind == "function_call":
        essence.calls.append((item["name"], json.loads(item["arguments"])))
    elif kind == "custom_tool_call":
        essence.calls.append((item["name"], item["input"]))
    else:
        raise AssertionError(f"an item of type {kind}")


def read_response_stream(body: bytes) -> Essence:
    """created · in_progress · items · a terminal event; a failure is `error`, then `response.failed`."""
    found = [(name, json.loads(data)) for name, data in events(body)]
    assert all(name == event["type"] for name, event in found), "an event whose name is not its type"
    steps = [event for _, event in found]
    assert [step["sequence_number"] for step in steps] == list(range(len(steps)))
    kinds = [step["type"] for step in steps]
    assert kinds[0] == "response.created"
    last = steps[-1]
    assert kinds[-1] in ("response.completed", "response.incomplete", "response.failed"), kinds[-1]
    assert ("error" in kinds) == (kinds[-1] == "response.failed")
    for step in steps:
        if step["type"] == "error":
            assert kinds[-2] == "error" and step["error"]["message"]
        else:
            check(known_code(step), "o-revent", step["type"])
        if "response" in step:
            assert step["response"]["id"] == steps[0]["response"]["id"]
            assert step is last or step["response"]["output"] == []
    check_items(steps, last)
    essence = response_essence(last["response"])
    if kinds[-1] == "response.failed":
        essence = partial(steps)
        essence.error = last["response"]["error"]
    return essence


def read_chat_relay(body: bytes) -> Essence:
    """A relayed stream: whose finish is there is complete, though a look-alike may leave out [DONE]."""
    return chat_essence([json.loads(data) for _, data in events(body) if data != "[DONE]"])


def read_response_relay(body: bytes) -> Essence:
    """A relayed stream; who adds a failure to it has not counted the provider's events."""
    if b"\nevent: response.failed\n" not in body:
        return read_response_stream(body)
    steps = [json.loads(data) for _, data in events(body)]
    *before, error, failed = steps
    assert (error["type"], failed["type"]) == ("error", "response.failed")
    check(known_code(failed), "o-revent", "response.failed")
    essence = partial(before)
    essence.error = failed["response"]["error"]
    return essence


def known_code(step: dict) -> dict:
    """The same with an error's code that the SDK knows: on the wire it is any string, in its schema one of a list."""
    if not (step.get("response") or {}).get("error"):
        return step
    assert step["response"]["error"]["code"] and step["response"]["error"]["message"]
    error = {**step["response"]["error"], "code": "server_error"}
    return {**step, "response": {**step["response"], "error": error}}


def partial(steps: list[dict]) -> Essence:
    """What was said before a failure."""
    essence = Essence()
    for step in steps:
        if step["type"] == "response.output_text.delta":
            essence.text += step["delta"]
    return essence


def check_items(steps: list[dict], last: dict) -> None:
    """Each item is added once, in order, filled while it is open, and done as what was added."""
    added, open_items, done = [], {}, []
    for step in steps:
        kind = step["type"]
        if kind == "response.output_item.added":
            assert step["output_index"] == len(added), "indexes with a gap"
            added.append(step["item"]["id"])
            open_items[step["output_index"]] = {**step["item"], "pieces": ""}
        elif kind == "response.output_item.done":
            item = open_items.pop(step["output_index"])
            assert (item["id"], item["type"], item.get("call_id")) == (
                step["item"]["id"], step["item"]["type"], step["item"].get("call_id"))
            if item["type"] == "function_call":
                assert item["pieces"] == step["item"]["arguments"]
            done.append(step["item"])
        elif "output_index" in step:
            item = open_items[step["output_index"]]
            assert step["item_id"] == item["id"]
            if kind == "response.function_call_arguments.delta":
                item["pieces"] += step["delta"]
    assert len(set(added)) == len(added)
    if last["type"] != "response.failed":
        assert not open_items, "an item is left open"
        assert last["response"]["output"] == done


READERS = {("openai", False): read_chat, ("openai", True): read_chat_stream,
           ("anthropic", False): read_message, ("anthropic", True): read_message_stream,
           ("responses", False): read_response, ("responses", True): read_response_stream}


RELAYED = {"openai": read_chat_relay, "anthropic": read_message_stream, "responses": read_response_relay}


def read(dialect: str, is_stream: bool, body: bytes, is_relayed: bool = False) -> Essence:
    """The essence of an answer in a dialect; an AssertionError where it breaks the dialect's rules."""
    if is_relayed and is_stream:
        return RELAYED[dialect](body)
    return READERS[dialect, is_stream](body)
