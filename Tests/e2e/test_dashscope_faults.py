# SPDX-License-Identifier: MIT
"""What goes wrong between edgefilter and DashScope, in each phase of an answer: before the head, after it, inside an event,
after the last event without its end."""

import pytest

import scripts
from api_dashscope import frame_of
from client import chat
from dashscope_front import WORDS, config, edge, essence, upstream  # noqa: F401
from edge import free_port
from translating import expect_error

DONE = frame_of(1, {"output": {"choices": [{"message": {"content": "Hi"}, "finish_reason": "null"}]},
                    "usage": {"input_tokens": 1, "output_tokens": 1}}).encode()
HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n"
PHASES = {"before the head": b"", "inside the head": HEAD[:30], "after the head": HEAD, "inside an event": HEAD + DONE[:60],
          "after an event": HEAD + DONE}


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("phase", PHASES)
@pytest.mark.parametrize("how", ["close", "reset", "silence", "garbage", "oversized"])
def test_faults_of_the_connection(edges, upstream, phase, how, stream):
    timeout = {"connect": "2s", "first_byte": "300ms", "silence": "300ms"}
    edge = edges({**config(upstream, retries=0, timeout=timeout), "limits": {"event": "1MiB"}})
    gate = upstream.gate()

    def broken(x):
        x.body.read()
        x.raw(PHASES[phase])
        if how == "silence":
            x.wait(gate)
        if how == "garbage":
            x.raw(b"\xff\xfe\0nonsense\n\n" * 8)
        while how == "oversized":
            x.raw(b"data:" * 65536)
        x.cut(how == "reset")

    upstream.script(*[broken] * 2)
    answer = edge.ask(chat("qwen-plus", stream=stream))
    gate.set()
    expect_error(edge, answer)


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("body", [
    b"nonsense", b"data:nonsense\n\n", DONE + b"data:{\"output\n\n", DONE + b"data:[]\n\n", b"\x00\xff", b"id:1\n\n",
    b"data:" + b"x" * 3_000_000], ids=["text", "event", "torn", "array", "bytes", "empty event", "oversized"])
def test_garbage(edges, upstream, body, stream):
    edge = edges({**config(upstream), "limits": {"event": "1MiB"}})
    upstream.script(scripts.whole(body, framing="chunked", kind="text/event-stream"))
    expect_error(edge, edge.ask(chat("qwen-plus", stream=stream)))


def test_nobody_listens(edges, upstream):
    edge = edges({"upstreams": {"main": {"dialect": "dashscope", "base_url": f"http://127.0.0.1:{free_port()}"}}})
    expect_error(edge, edge.ask(chat("qwen-plus", stream=True)))


@pytest.mark.parametrize("stream", [False, True])
def test_a_byte_at_a_time(edge, upstream, stream):
    """Comments, CR LF and characters of several bytes, in pieces of one byte."""
    said = frame_of(1, {"output": {"choices": [{"message": {"content": WORDS}, "finish_reason": "stop"}]},
                        "usage": {"input_tokens": 1, "output_tokens": 1}})
    upstream.script(scripts.dripping(f": x\n\n{said}".replace("\n", "\r\n").encode(), "text/event-stream"))
    assert essence(edge.ask(chat("qwen-plus", stream=stream))).text == WORDS
