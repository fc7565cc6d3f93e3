# SPDX-License-Identifier: MIT
"""The grammar of Responses' answers."""

import json

from essence import Essence, check, events
from grammar_chat import read_chat_error


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
