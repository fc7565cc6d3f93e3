# SPDX-License-Identifier: MIT
"""A caller of Anthropic's Messages, in bytes: what it asks, and what it reads of the answers."""

import json

from client import Answer, request

VERSION = "anthropic-version: 2023-06-01"


def messages(*lines: str, path: str = "/v1/messages?beta=true", **members) -> bytes:
    asked = {"model": "gpt-4", "max_tokens": 99,
             "messages": [{"role": "user", "content": "Hello there"}], **members}
    return request("POST", path, asked, VERSION, *lines)


def events(answer: Answer) -> list[tuple[str, dict]]:
    """Name and data of each event."""
    blocks = answer.body.decode().split("\n\n")
    assert blocks.pop() == "", "the stream ends inside an event"
    pairs = [dict(line.split(": ", 1) for line in block.split("\n")) for block in blocks]
    return [(pair["event"], json.loads(pair["data"])) for pair in pairs]


def said(answer: Answer) -> str:
    return "".join(data["delta"].get("text", "") for name, data in events(answer)
                   if name == "content_block_delta")


def failure(answer: Answer) -> dict:
    told = answer.json
    assert told["type"] == "error" and told["request_id"] == answer.get("request-id")
    return told["error"]
