# SPDX-License-Identifier: MIT
"""Promise 10: one record a request, whole, true, without a key; and two lines for the journal."""

import hashlib
import json
import re

import pytest

import api
import scripts
from client import chat, request
from edge import WAYS, configuration
from logged import SHA256
from sealed import crc32c

KEY = f"Authorization: Bearer {api.CALLER_KEY}"
MEMBERS = ["time", "id", "key", "method", "endpoint", "client", "dialect", "model", "used",
           "upstream", "status", "stop", "input", "output", "cached", "reasoning", "received",
           "sent", "first_ms", "ms", "code", "ended", "crc"]
MD5 = hashlib.md5(api.CALLER_KEY.encode(), usedforsecurity=False).hexdigest()[:8]


def is_complete(record: dict) -> bool:
    return (record["code"], record["ended"]) == (0, "complete")


@pytest.mark.parametrize("way", WAYS)
def test_whole_chat(edges, upstream, way):
    edge = edges(configuration(upstream), way)
    sent = chat("gpt-4", "x", KEY)
    answer = edge.ask(sent)
    record, = edge.records(1)
    assert list(record) == MEMBERS
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", record["time"])
    expected = {"key": SHA256, "method": "POST", "endpoint": "/v1/chat/completions",
                "client": "openai", "dialect": "openai", "model": "gpt-4", "used": "gpt-4-turbo",
                "upstream": "main", "status": 200, "stop": "finished", "input": 9, "output": 3,
                "cached": 4, "reasoning": 1, "received": len(sent.partition(b"\r\n\r\n")[2]),
                "sent": len(answer.body)}
    assert {name: record[name] for name in expected} == expected
    assert is_complete(record)
    assert 0 <= record["first_ms"] <= record["ms"]


def test_streamed_chat(edge):
    edge.ask(chat("gpt-4", stream=True, stream_options={"include_usage": True}))
    record, = edge.records(1)
    assert (record["input"], record["output"], record["stop"]) == (9, 3, "finished")
    assert is_complete(record)


def test_crc(edge):
    edge.ask(chat("gpt-4", "\u00e9\u4e2d"))
    edge.records(1)
    line, = edge.lines()
    body, mark, crc = line.encode().rpartition(b',"crc":"')
    assert mark and crc.endswith(b'"}')
    assert int(crc[:-2], 16) == crc32c(body)


def test_file_is_named_by_the_day_and_private(edge):
    edge.ask(request("GET", "/health"))
    record, = edge.records(1)
    file, = edge.state.glob("requests-*.jsonl")
    assert file.name == f"requests-{record['time'][:10].replace('-', '')}.jsonl"
    assert file.stat().st_mode & 0o007 == 0


def test_id_is_the_request_id(edge):
    answer = edge.ask(request("GET", "/health"))
    record, = edge.records(1)
    assert record["id"] == answer.get("x-request-id")


def test_own_answers_name_no_upstream(edge):
    edge.ask(request("GET", "/health"))
    record, = edge.records(1)
    assert (record["upstream"], record["model"], record["status"]) == ("", "", 200)


@pytest.mark.parametrize("ending", ["cut", "reset", "none"])
def test_broken_stream(edge, upstream, ending):
    upstream.script(scripts.stream(["a"], ending=ending))
    edge.ask(chat("gpt-4", stream=True))
    record, = edge.records(1)
    assert (record["status"], record["code"], record["ended"]) == (200, 409, "failed")


def test_error_of_the_upstream(edge, upstream):
    upstream.script(scripts.error(429, retry_after="7"))
    edge.ask(chat("gpt-4"))
    record, = edge.records(1)
    assert (record["status"], record["upstream"]) == (429, "main")


def test_caller_gone(edge, upstream):
    upstream.script(scripts.hold(upstream.gate()))
    client = edge.dial()
    client.send(chat("gpt-4"))
    upstream.heard()
    client.close()
    record, = edge.records(1)
    assert (record["code"], record["ended"], record["sent"]) == (601, "gone", 0)


def test_numbers_are_those_of_the_header(edge):
    answers = edge.ask_in_turn(
        b"nonsense\r\n\r\n", request("POST", "/v1/chat/completions", b"{", "Content-Type: application/json"))
    codes = [int(answer.get("x-edgefilter-code")) for answer in answers]
    assert codes == [101, 201]
    assert [record["code"] for record in edge.records(2)] == codes


@pytest.mark.parametrize("kind, expected", [("sha256", SHA256), ("md5-8", MD5)])
def test_key_hash(edges, upstream, kind, expected):
    edge = edges(configuration(upstream, log={"key_hash": kind}))
    edge.ask(chat("gpt-4", "x", KEY))
    assert edge.records(1)[0]["key"] == expected
    assert edge.wait_stderr(r"Request completed").endswith(f"API Key Hash: {expected}")


@pytest.mark.parametrize("env, prefix", [
    ({"JOURNAL_STREAM": "8:1"}, "<6>"), ({}, r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d - "),
], ids=["journal", "terminal"])
@pytest.mark.parametrize("way", WAYS)
def test_lines_for_the_journal(edges, upstream, way, env, prefix):
    edge = edges(configuration(upstream), way, env=env)
    edge.ask(chat("gpt-4", "x", KEY))
    started = edge.wait_stderr(r"Request started")
    assert re.fullmatch(prefix + r"Request started - IP: 127\.0\.0\.1, Method: POST, "
                        rf"Path: /v1/chat/completions, API Key Hash: {SHA256}", started)
    ended = edge.wait_stderr(r"Request completed")
    assert re.fullmatch(prefix + r"Request completed - IP: 127\.0\.0\.1, Status: 200, "
                        rf"Time: \d+\.\d\ds, API Key Hash: {SHA256}", ended)


def test_caller_text_makes_no_line_of_its_own(edge):
    edge.ask(chat("x\n<0>forged"))
    edge.ask(request("GET", "/v1/x%0a<0>forged"))
    edge.wait_stderr(r"Request completed")
    assert not [line for line in edge.stderr if line.startswith("<0>")]


@pytest.mark.parametrize("script", [
    api.answer, scripts.error(401, code="invalid_api_key"), scripts.cut(), scripts.stream(["a"]),
    scripts.whole(b"{}", ("x-request-id", "r1")),
])
@pytest.mark.parametrize("key", [api.OPERATOR_KEY, "caller"])
def test_no_key_anywhere(edges, upstream, script, key):
    """The fixture searches what was said, written and answered for every key."""
    edge = edges(configuration(upstream, upstream_key=key, log={"level": "debug"}))
    upstream.script(script)
    edge.ask(chat("gpt-4", "x", KEY))
    edge.ask(b"GET /health HTTP/1.1\r\nHost: x\r\n" + KEY.encode() + b"\r\nX : y\r\n\r\n")
    assert len(edge.records(2)) == 2


def test_key_in_the_wrong_place_is_not_logged(edge):
    """A key that a caller puts in the query string is not the log's to keep."""
    edge.ask(request("GET", f"/v1/models?key={api.CALLER_KEY}"))
    assert api.CALLER_KEY not in json.dumps(edge.records(1))


def test_without_a_state_directory(edges, upstream):
    edge = edges(configuration(upstream), env={"STATE_DIRECTORY": ""})
    assert edge.ask(chat("gpt-4")).status == 200
    assert edge.lines() == []


def test_state_that_cannot_be_written(edges, upstream):
    """The usage is lost, the caller is served."""
    edge = edges(configuration(upstream), env={"STATE_DIRECTORY": "/proc/none"})
    assert edge.ask(chat("gpt-4")).status == 200


ROUNDS = {"input_tokens": 612, "output_tokens": 2819, "cache_read_input_tokens": 5, "iterations": [
    {"input_tokens": 60385, "output_tokens": 522, "cache_read_input_tokens": 10},
    {"input_tokens": 612, "output_tokens": 2819}]}


@pytest.mark.parametrize("is_stream", [False, True])
def test_relayed_rounds_are_billed_one_by_one(edges, upstreams, is_stream):
    """T185: the caller sees the top, the record holds the sum over `iterations`."""
    upstream = upstreams(vendor="anthropic")
    message = {"id": "msg_1", "type": "message", "role": "assistant", "model": "claude-opus-5", "content": [],
               "stop_reason": "end_turn", "stop_sequence": None, "usage": ROUNDS}
    events = [{"type": "message_start", "message": {**message, "stop_reason": None, "usage": {
                  "input_tokens": 1, "output_tokens": 1}}},
              {"type": "message_delta", "delta": {"stop_reason": "end_turn", "stop_sequence": None},
               "usage": ROUNDS}, {"type": "message_stop"}]
    stream = "".join(f"event: {event['type']}\ndata: {json.dumps(event)}\n\n" for event in events)
    upstream.script(scripts.whole(stream.encode(), kind="text/event-stream") if is_stream
                    else scripts.whole(json.dumps(message).encode()))
    edge = edges(configuration(upstream, {"*": "main"}, upstream_dialect="anthropic"))
    asked = {"model": "claude-opus-5", "max_tokens": 9, "stream": is_stream,
             "messages": [{"role": "user", "content": "x"}]}
    answer = edge.ask(request("POST", "/v1/messages", asked))
    assert answer.status == 200 and b'"output_tokens": 2819' in answer.body
    record, = edge.records(1)
    assert (record["input"], record["output"], record["cached"]) == (61007, 3341, 5)
