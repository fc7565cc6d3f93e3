# SPDX-License-Identifier: MIT
"""Vendors whose streams are odd, wrong or hostile: each caller gets an answer in its dialect's exact grammar, or an error.

What is odd in form means what it means; what contradicts itself is an error; nothing is dropped without a word.
"""

import json

import pytest

import grammar
import scripts
from translating import CALLERS, DIALECTS, ask, translation


def chunk(finish: str | None = None, index: int = 0, more: dict | None = None, **delta) -> dict:
    return {"id": "c1", "object": "chat.completion.chunk", "created": 1, "model": "m",
            "choices": [{"index": index, "delta": delta, "finish_reason": finish}], **(more or {})}


def call(arguments: str = "", index: int | None = 0, **more) -> dict:
    name = {"name": more.pop("name")} if "name" in more else {}
    return {**({"index": index} if index is not None else {}), "type": "function",
            "function": {**name, "arguments": arguments}, **more}


def wire(*events, end: str = "\n", space: str = " ", done: bool = True) -> bytes:
    """A stream of Chat Completions; a string is a line, or lines, of its own."""
    lines = [event if isinstance(event, str) else f"data:{space}{json.dumps(event)}{end}" for event in events]
    return "".join(f"{line}{end}" for line in [*lines, *([f"data:{space}[DONE]{end}"] if done else [])]).encode()


A, B, STOP = chunk(content="one"), chunk(content=" two"), chunk("stop")
SAID = {"text": "one two", "stop": True}
TOOL = {"calls": [("w", {"a": 1})], "stop": True}
USAGE = {"prompt_tokens": 5, "completion_tokens": 2, "total_tokens": 7}

CHAT = {
    "byte order mark": (b"\xef\xbb\xbf" + wire(A, B, STOP), SAID),
    "carriage returns alone": (wire(A, B, STOP, end="\r"), SAID),
    "both line ends": (wire(A, B, STOP, end="\r\n"), SAID),
    "no space": (wire(A, B, STOP, space=""), SAID),
    "comments": (wire(": x", A, ":", ":\n: y\n", B, STOP), SAID),
    "ids and retries": (wire("id: 1\nretry: 5\n", A, "id: 2\nfoo: bar\n", B, STOP), SAID),
    "events with names": (wire(A, "event: ping\ndata: {}\n", B, "event: unheard.of\ndata: {\"x\":1}\n", STOP), SAID),
    "data in lines": (wire(A, "data: " + json.dumps(B, indent=1).replace("\n", "\ndata: ") + "\n", STOP), SAID),
    "nulls": (wire({**A, "usage": None, "error": None, "service_tier": None},
                   chunk(content=" two", role=None, refusal=None, tool_calls=None, function_call=None, audio=None,
                         reasoning=None, reasoning_content=None, reasoning_details=None, annotations=None), STOP), SAID),
    "parts": (wire(chunk(content=[{"type": "text", "text": "one"}, {"type": "text", "text": " two"}]), STOP), SAID),
    "zero": (wire(A, chunk(content="\0"), B, STOP), {"text": "one\0 two", "stop": True}),
    "half a pair": (wire(A, chunk(content="\ud83d"), B, STOP), {"text": "one� two", "stop": True}),
    "a pair in two": (wire(chunk(content="one \ud83d"), chunk(content="\ude00 t"), chunk(content="wo\ud83d"),
                           chunk(content="\ude00"), STOP), {"text": "one 😀 two😀", "stop": True}),
    "a pair in two, nothing else": (wire(chunk(content="\ud83d"), chunk(content="\ude00"), STOP), {"text": "😀", "stop": True}),
    "a pair in two, and usage between": (wire(chunk(content="\ud83d"), {**A, "choices": [], "usage": USAGE}, chunk(content="\ude00"),
                                              STOP), {"text": "😀", "stop": True}),
    "thoughts in two": (wire(chunk(reasoning_content="\ud83d", reasoning="\ud83d"), chunk(reasoning_content="\ude00", reasoning="\ude00"),
                             A, B, STOP), SAID),
    "half a pair at the end": (wire(A, chunk(content="\ud83d"), STOP), {"text": "one�", "stop": True}),
    "half a pair, and a pair": (wire(chunk(content="\ud83d"), chunk(content="\ud83d"), chunk(content="\ude00"), STOP),
                                {"text": "�😀", "stop": True}),
    "two ends": (wire(A, B, STOP, chunk("length")), SAID),
    "words after the end": (wire(A, STOP, B), SAID),
    "usage twice": (wire(A, B, {**STOP, "usage": USAGE}, {**STOP, "choices": [], "usage": USAGE}), SAID),
    "huge numbers": (wire(A, B, {**STOP, "usage": {"prompt_tokens": 10 ** 30, "completion_tokens": -5}}), SAID),
    "other choices": (wire(A, chunk(content="no", index=1), B, STOP, chunk("stop", index=1)), SAID),
    "no choices": (wire({**A, "choices": []}, A, {**A, "choices": None}, B, {**A, "choices": [None, 7]}, STOP), SAID),
    "both thoughts": (wire(chunk(reasoning_content="hm", reasoning="hm"), A, B, STOP), SAID),
    "after the mark": (wire(A, B, STOP) + wire(A), SAID),
    "arguments first": (wire(chunk(tool_calls=[call('{"a":')]), chunk(tool_calls=[call("1}", name="w", id="i")]),
                             chunk("tool_calls")), TOOL),
    "names again and again": (wire(chunk(tool_calls=[call('{"a":', name="w", id="i")]),
                                   chunk(tool_calls=[call("1}", name="w", id="i")]), chunk("tool_calls")), TOOL),
    "an empty name at first": (wire(chunk(tool_calls=[call("", name="", id="i")]),
                                    chunk(tool_calls=[call('{"a":1}', name="w")]), chunk("tool_calls")), TOOL),
    "far indices": (wire(chunk(tool_calls=[call('{"a":1}', 10 ** 15, name="w", id="i")]), chunk("tool_calls")), TOOL),
    "indices that are none": (wire(chunk(tool_calls=[call('{"a":1}', -3, name="w", id="i")]), chunk("tool_calls")), TOOL),
    "one id, two calls": (wire(chunk(tool_calls=[call('{"a":1}', 0, name="w", id="i")]),
                               chunk(tool_calls=[call('{"a":1}', 1, name="w", id="i")]), chunk("tool_calls")),
                          {"calls": 2 * TOOL["calls"], "stop": True}),
    "an error": (wire(A, {"error": {"message": "overloaded", "type": "server_error"}}), "overloaded"),
    "an error with a name": (wire(A, 'event: error\ndata: {"message":"it broke"}\n', done=False), "it broke"),
    "an error in words": (wire(A, "event: error\ndata: it broke\n", done=False), "it broke"),
    "an end that is an error": (wire(A, chunk("error")), "error"),
    "no JSON": (wire(A, "data: {\n", B, STOP), "API promises"),
    "no call's name": (wire(chunk(tool_calls=[call('{"a":1}', id="i")]), chunk("tool_calls")), {"lost": "tools"}),
    "too many calls": (wire(*[chunk(tool_calls=[call("", n, name="w", id=f"i{n}")]) for n in range(2000)],
                            chunk("tool_calls")), "larger than"),
    "refused and said": (wire(A, chunk(refusal="No."), B, STOP), {"refusal": True}),
}


def event(kind: str, **members) -> str:
    return f"event: {kind}\ndata: {json.dumps({'type': kind, **members})}\n"


START = event("message_start", message={"id": "msg_1", "type": "message", "role": "assistant", "model": "m", "content": [],
                                        "stop_reason": None, "usage": {"input_tokens": 3, "output_tokens": 1}})
OPEN = event("content_block_start", index=0, content_block={"type": "text", "text": ""})


def piece(text: str, index: int = 0, kind: str = "text_delta", member: str = "text") -> str:
    return event("content_block_delta", index=index, delta={"type": kind, member: text})


def close(index: int = 0) -> str:
    return event("content_block_stop", index=index)


def end(reason: str | None = "end_turn", **more) -> str:
    return event("message_delta", delta={"stop_reason": reason, "stop_sequence": None, **more},
                 usage={"output_tokens": 4}) + "\n" + event("message_stop")


def lines(*events: str) -> bytes:
    return "".join(f"{one}\n" for one in events).encode()


SERVER = event("content_block_start", index=1, content_block={"type": "server_tool_use", "id": "srv", "name": "web_search", "input": {}})
CALL = event("content_block_start", index=0, content_block={"type": "tool_use", "id": "t", "name": "w", "input": {}})
MESSAGES = {
    "as it is": (lines(START, OPEN, piece("one"), piece(" two"), close(), end()), SAID),
    "carriage returns alone": (lines(START, OPEN, piece("one two"), close(), end()).replace(b"\n", b"\r"), SAID),
    "pings and the unheard of": (lines(event("ping"), START, event("unheard_of", x=[]), OPEN, event("ping"),
                                       piece("one two"), piece("?", 0, "unheard_delta"), close(), end()), SAID),
    "a pair in two": (lines(START, OPEN, piece("one \ud83d"), event("ping"), piece("\ude00"), close(), end()),
                      {"text": "one 😀", "stop": True}),
    "half a pair": (lines(START, OPEN, piece("one \ud83d"), close(), end()), {"text": "one �", "stop": True}),
    "no beginning of a block": (lines(START, piece("one two"), close(), end()), SAID),
    "no end of a block": (lines(START, OPEN, piece("one two"), end()), SAID),
    "a jump": (lines(START, OPEN.replace('"index": 0', '"index": 77'), piece("one two", 77), close(77), end()), SAID),
    "ends twice": (lines(START, OPEN, piece("one two"), close(), close(), close(5), end(), end("max_tokens")), SAID),
    "pause": (lines(START, OPEN, piece("one two"), close(), end("pause_turn")), SAID),
    "full": (lines(START, OPEN, piece("one two"), close(), end("model_context_window_exceeded")), SAID),
    "a reason to come": (lines(START, OPEN, piece("one two"), close(), end("unheard_of")), SAID),
    "refusal": (lines(START, OPEN, piece("one two"), close(), end("refusal")), {}),
    "its own tools": (lines(START, SERVER, piece("{}", 1, "input_json_delta", "partial_json"), close(1), OPEN,
                            piece("one two"), close(), end()), SAID),
    "mixed": (lines(START, OPEN, piece("one"), OPEN.replace('"index": 0', '"index": 1'), piece(" tw", 1), close(),
                    piece("o", 1), close(1), end()), SAID),
    "usage without numbers": (lines(START.replace("3", '"3"'), OPEN, piece("one two"), close(), end()), SAID),
    "no usage": (lines(START.replace('"usage"', '"x"'), OPEN, piece("one two"), close(),
                       end().replace('"usage"', '"x"')), SAID),
    "a call": (lines(START, CALL, piece('{"a":', 0, "input_json_delta", "partial_json"),
                     piece("1}", 0, "input_json_delta", "partial_json"), close(), end("tool_use")), TOOL),
    "a call that is whole at once": (lines(START, CALL.replace('"input": {}', '"input": {"a":1}'), close(),
                                           end("tool_use")), TOOL),
    "no call's name": (lines(START, CALL.replace('"w"', '""'), close(), end("tool_use")), {"lost": "tools"}),
    "arguments of no call": (lines(START, piece('{"a":1}', 0, "input_json_delta", "partial_json"), end("tool_use")),
                             {"lost": "tools"}),
    "an error": (lines(START, OPEN, piece("one"), event("error", error={"type": "overloaded_error", "message": "busy"})), "busy"),
    "a second beginning": (lines(START, OPEN, piece("one"), START.replace("msg_1", "msg_2"), end()), "another answer"),
    "no JSON": (lines(START, OPEN, "data: {\n", end()), "JSON"),
    "too many blocks": (lines(START, *[OPEN.replace('"index": 0', f'"index": {n}') for n in range(100)], end()), "too many"),
}


def item(kind: str, number: int = 0, **more) -> dict:
    return {"type": kind, "id": f"{kind}_{number}", **more}


def added(value: dict, index: int = 0) -> str:
    return event("response.output_item.added", output_index=index, item=value)


def done(value: dict, index: int = 0) -> str:
    return event("response.output_item.done", output_index=index, item=value)


def words(text: str, index: int = 0, kind: str = "output_text", **more) -> str:
    return event(f"response.{kind}.delta", output_index=index, content_index=0, delta=text, **more)


def completed(*output: dict, status: str = "completed", **more) -> str:
    return event(f"response.{status}", response={"id": "r", "object": "response", "status": status,
                                                 "output": list(output), **more})


CREATED = event("response.created", response={"id": "r", "object": "response", "status": "in_progress", "model": "m", "output": []})
MESSAGE = item("message", role="assistant", content=[])
WHOLE = {**MESSAGE, "content": [{"type": "output_text", "text": "one two", "annotations": []}]}
FUNCTION = item("function_call", call_id="c", name="w", arguments="")
RESPONSES = {
    "as it is": (lines(CREATED, added(MESSAGE), words("one"), words(" two"), done(WHOLE), completed(WHOLE)), SAID),
    "a pair in two": (lines(CREATED, added(MESSAGE), words("one \ud83d"), words("\ude00"), completed()),
                      {"text": "one 😀", "stop": True}),
    "nothing but the end": (lines(CREATED, completed(WHOLE)), SAID),
    "no beginning": (lines(words("one"), words(" two"), completed()), SAID),
    "a jump": (lines(CREATED, added(MESSAGE, 9), words("one two", 9), done(WHOLE, 9), completed(WHOLE)), SAID),
    "indices that are none": (lines(CREATED, added(MESSAGE, -1), words("one two", -1), done(WHOLE, -1), completed(WHOLE)), SAID),
    "the unheard of": (lines(CREATED, event("response.unheard_of", x=1), added(MESSAGE), words("one two"),
                             added(item("unheard_call", 1), 1), done(item("unheard_call", 1), 1), completed()), SAID),
    "not all of it in pieces": (lines(CREATED, added(MESSAGE), words("one"), done(WHOLE), completed(WHOLE)), SAID),
    "incomplete": (lines(CREATED, added(MESSAGE), words("one two"), completed(
        status="incomplete", incomplete_details={"reason": "max_output_tokens"})), SAID),
    "failed": (lines(CREATED, added(MESSAGE), words("one"), completed(
        status="failed", error={"code": "server_error", "message": "it broke"})), "it broke"),
    "an error": (lines(CREATED, words("one"), event("error", code="server_error", message="it broke", param=None)), "it broke"),
    "cancelled": (lines(CREATED, words("one"), completed(status="cancelled")), "not finish"),
    "notes": (lines(CREATED, added(MESSAGE), words("one two"), event(
        "response.output_text.annotation.added", output_index=0, content_index=0, annotation_index=0, annotation={
            "type": "url_citation", "url": "https://x.example", "title": "X", "start_index": 0, "end_index": 1}),
        done(WHOLE), completed()), SAID),
    "a call": (lines(CREATED, added(FUNCTION), words('{"a":1}', 0, "function_call_arguments"),
                     done({**FUNCTION, "arguments": '{"a":1}'}), completed()), TOOL),
    "a call that only ends": (lines(CREATED, done({**FUNCTION, "arguments": '{"a":1}'}), completed()), TOOL),
    "arguments first": (lines(CREATED, words('{"a":1}', 0, "function_call_arguments"),
                              done({**FUNCTION, "arguments": '{"a":1}'}), completed()), TOOL),
    "no call's name": (lines(CREATED, added({**FUNCTION, "name": ""}), words('{"a":1}', 0, "function_call_arguments"),
                             completed()), {"lost": "tools"}),
    "a refusal": (lines(CREATED, added(MESSAGE), words("No.", 0, "refusal"), completed()), {"refusal": True}),
    "no JSON": (lines(CREATED, "data: {\n", completed(WHOLE)), "JSON"),
    "too many items": (lines(CREATED, *[words("x", n) for n in range(10_100)], completed()), "too large"),
}

VENDORS = {"openai": CHAT, "anthropic": MESSAGES, "responses": RESPONSES}
CASES = [(vendor, name, caller) for vendor, cases in VENDORS.items() for name in cases
         for caller in CALLERS if caller != vendor]


@pytest.mark.parametrize("vendor, name, caller", CASES, ids=lambda each: each.replace(" ", "_"))
def test_odd_stream(edges, upstreams, vendor, name, caller):
    body, meant = VENDORS[vendor][name]
    upstream = upstreams(vendor=DIALECTS[vendor].vendor)
    upstream.script(scripts.whole(body, framing="chunked", kind="text/event-stream"))
    edge = edges(translation(upstream, vendor))
    answer = edge.ask(ask(caller, stream=True))
    found = grammar.read(caller, "event-stream" in answer.get("content-type"), answer.body)
    if isinstance(meant, str):
        assert found.error and meant in found.error["message"], found
    elif "refusal" in meant:
        assert not found.error and (found.refusal or found.stop in ("refusal", "content_filter", "incomplete")), found
    elif "lost" in meant:
        assert not found.error and not found.calls, found
        assert edge.records(1)[0]["losses"] == [meant["lost"]]
    else:
        assert not found.error or not meant, found
        for member, value in meant.items():
            assert bool(found.stop) if member == "stop" else getattr(found, member) == value, found
    record, = edge.records(1)
    assert record["ended"] == ("failed" if found.error else "complete")
