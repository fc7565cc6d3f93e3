# SPDX-License-Identifier: MIT
"""The grammar of Messages' answers."""

import json
import re

from essence import Essence, check, events


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
