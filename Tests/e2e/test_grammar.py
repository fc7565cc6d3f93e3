# SPDX-License-Identifier: MIT
"""The checks of grammar accept what the vendors send: the stand-ins' answers, and through them the real SDKs agree."""

import json

import pytest

import api_chat
import api_messages
import api_responses
import grammar
from small_model import Call, Said

CALLS = [Call("call_1aaa", "w", '{"city": "Rome"}'), Call("call_2bbb", "w", "{}")]
SAID = {"text": Said("Hello there, you."), "thought": Said("So.", "Hm, well."),
        "refusal": Said(refusal="No.", stop="refusal"),
        "calls": Said("I ask.", calls=CALLS, stop="calls"), "length": Said("cut", stop="length"),
        "broken": Said("It was going well so far.", broken="overloaded")}


def sent(events, has_names: bool) -> bytes:
    lines = [(f"event: {event['type']}\n" if has_names else "") + f"data: {json.dumps(event)}\n\n" for event in events]
    return "".join(lines).encode()


def chat(said: Said) -> bytes:
    asked = {"model": "m", "stream_options": {"include_usage": True}}
    return sent(api_chat.stream(asked, said), False) + b"data: [DONE]\n\n"


def messages(said: Said) -> bytes:
    return sent(api_messages.steps({"model": "m"}, said), True)


def responses(said: Said) -> bytes:
    steps = [{**event, "sequence_number": number}
             for number, event in enumerate(api_responses.steps({"model": "m", "include": []}, said))]
    return sent(steps, True)


STREAMS = {"openai": chat, "anthropic": messages, "responses": responses}


@pytest.mark.parametrize("dialect", STREAMS)
@pytest.mark.parametrize("kind", SAID)
def test_stream(dialect, kind):
    said = SAID[kind]
    essence = grammar.read(dialect, True, STREAMS[dialect](said))
    assert bool(essence.error) == bool(said.broken)
    if not said.broken:
        assert (essence.text, essence.thought) == (said.text, said.thought)
        assert [call[1] for call in essence.calls] == [json.loads(call.arguments) for call in said.calls]


FRAME = {"openai": ['"role"', '"finish_reason": "tool_calls"', "[DONE]"],
         "anthropic": ["message_start", "content_block_start", "content_block_stop", "message_delta", "message_stop"],
         "responses": ["response.created", "output_item.added", "output_item.done", "response.completed"]}


@pytest.mark.parametrize("dialect, word", [(dialect, word) for dialect in FRAME for word in FRAME[dialect]])
def test_no_event_of_the_frame_is_missing_or_comes_twice(dialect, word):
    blocks = STREAMS[dialect](SAID["calls"]).decode().split("\n\n")[:-1]
    places = [number for number, block in enumerate(blocks) if word in block]
    assert places
    for number in places:
        for other in (blocks[:number] + blocks[number + 1:], blocks[:number + 1] + blocks[number:]):
            with pytest.raises((AssertionError, KeyError, ValueError, IndexError)):
                grammar.read(dialect, True, ("\n\n".join(other) + "\n\n").encode())
