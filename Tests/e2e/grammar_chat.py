# SPDX-License-Identifier: MIT
"""The grammar of Chat Completions' answers."""

import json

from essence import Essence, check, events


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


def read_chat_relay(body: bytes) -> Essence:
    """A relayed stream: whose finish is there is complete, though a look-alike may leave out [DONE]."""
    return chat_essence([json.loads(data) for _, data in events(body) if data != "[DONE]"])
