# SPDX-License-Identifier: MIT
"""An upstream that lies: whatever it says, the caller gets an answer or an end, and no handler dies."""

import json
import threading
from contextlib import suppress

import pytest

import proc
from client import chat, request
from edge import configuration


def raw(*pieces: bytes, gate: threading.Event | None = None, close: bool = True):
    """Exactly these bytes, a pause of a packet between them; then a close, or a wait at the gate."""
    def script(x) -> None:
        x.body.read()
        for piece in pieces:
            x.raw(piece)
            threading.Event().wait(0.1)
        if gate:
            x.wait(gate)
        x.closes = close
        x.framing = "close"
    return script


QUICK = {"connect": "1s", "first_byte": "2s", "silence": "2s"}


@pytest.fixture
def quick(edges, upstream):
    """An edgefilter whose upstream clocks are short."""
    return edges(configuration(upstream, upstream_timeout=QUICK))


HEADS = {
    "switching": b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n",
    "status 099": b"HTTP/1.1 099 Odd\r\n\r\n",
    "status 2000": b"HTTP/1.1 2000 Odd\r\n\r\n",
    "two spaces": b"HTTP/1.1  200 OK\r\n\r\n",
    "tab": b"HTTP/1.1\t200 OK\r\n\r\n",
    "letter": b"HTTP/1.1 200OK\r\n\r\n",
}


@pytest.mark.parametrize("size", [10, 600_000])
@pytest.mark.parametrize("head", HEADS)
def test_a_head_that_only_libcurl_accepts(quick, upstream, head, size):
    """libcurl passes a body on, but `ResponseHead.status` saw no head: nothing ever ends it."""
    upstream.script(raw(HEADS[head], b"x" * size))
    client = quick.dial()
    answer = client.ask(chat("gpt-4"))
    assert answer.status in (200, 502, 504)
    quick.records(1)


NEGATIVE = {
    "folded": b"HTTP/1.1 200 OK\r\nX: 1\r\n Content-Length: -5\r\nConnection: close\r\n\r\n",
    "blank before colon": b"HTTP/1.1 200 OK\r\nContent-Length : -5\r\nConnection: close\r\n\r\n",
    "plain": b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\nConnection: close\r\n\r\n",
    "chunked too": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: -5\r\n\r\n",
}


@pytest.mark.parametrize("head", NEGATIVE)
def test_negative_length(quick, upstream, head):
    body = b"5\r\nhello\r\n0\r\n\r\n" if "chunked" in head else b"hello"
    upstream.script(raw(NEGATIVE[head] + body))
    answer = quick.ask(request("GET", "/v1/files/f"))
    assert answer.status in (200, 502)


LENGTHS = {
    "length and chunked": (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n",
                           b"b\r\nhello world\r\n0\r\n\r\n"),
    "chunked and long length": (
        b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"b\r\nhello world\r\n0\r\n\r\n"),
    "two lengths": (b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 11\r\n\r\n", b"hello world"),
    "folded length": (b"HTTP/1.1 200 OK\r\nX: 1\r\n Content-Length: 5\r\nConnection: close\r\n\r\n",
                      b"hello world"),
}


@pytest.mark.parametrize("case", LENGTHS)
def test_lying_length_is_no_silent_truncation(quick, upstream, case):
    """Either the whole content, or an error, or a visible break; never a complete answer cut short."""
    head, body = LENGTHS[case]
    upstream.script(raw(head + body))
    answer = quick.ask(request("GET", "/v1/files/f"))
    assert answer.status == 502 or answer.body == b"hello world", answer


def test_endless_model_name_in_an_answer(quick, upstream):
    """A name longer than what is held back is passed on before it ends; then it is replaced all the same."""
    body = b'{"id":"x","model":"' + b"a" * 200_000
    upstream.script(raw(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n" + body,
                        b'","x":1}'))
    answer = quick.ask(chat("gpt-4"))
    assert answer.status == 200
    assert answer.body.endswith(b'","x":1}')


def test_endless_block_without_a_blank_line(edges, upstream):
    """Lines that are no data make no event, but are held: the handler grows for ever."""
    edge = edges(configuration(upstream))
    gate = upstream.gate()

    def script(x) -> None:
        x.body.read()
        x.head(200, ("content-type", "text/event-stream"), framing="chunked")
        x.send(b"data: x\n")
        for _ in range(200):
            x.send(b"foo: barbarbarbar\n" * 16384)
        x.wait(gate)
    upstream.script(script)
    client = edge.dial()
    client.send(chat("gpt-4", stream=True))
    client.read_head()
    handler = edge.handler(client)
    exchange = upstream.exchange()
    peak = 0
    for _ in range(600):
        if exchange.heard.is_set() or upstream.connection(exchange).closed.is_set():
            break
        with suppress(FileNotFoundError, ProcessLookupError, TypeError):  # it may end between
            peak = max(peak, proc.peak_memory(handler))
        threading.Event().wait(0.05)
    print(f"sent {exchange.sent >> 20} MiB, peak {peak >> 20} MiB")
    assert peak < 48 << 20


def test_gzip_bomb_to_a_client_that_does_not_read(edges, upstream):
    import gzip
    edge = edges(configuration(upstream))
    packed = gzip.compress(bytes(60 << 20))
    gate = upstream.gate()

    def script(x) -> None:
        x.body.read()
        x.head(200, ("content-type", "audio/mpeg"), ("content-encoding", "gzip"), framing=len(packed))
        x.send(packed)
        x.wait(gate)
    upstream.script(script)
    client = edge.dial(receive_buffer=65536)
    client.send(request("POST", "/v1/audio/speech", {"model": "tts-1"}))
    handler = edge.handler(client)
    upstream.heard()
    threading.Event().wait(1)
    peak = proc.peak_memory(handler)
    print(f"{len(packed)} bytes became {peak >> 20} MiB")
    assert peak < 32 << 20


@pytest.mark.parametrize("size", [60, 100])
def test_well_compressed_answer_arrives_whole(edges, upstream, size):
    import gzip
    edge = edges(configuration(upstream))
    packed = gzip.compress(bytes(size << 20))

    def script(x) -> None:
        x.body.read()
        x.head(200, ("content-type", "audio/mpeg"), ("content-encoding", "gzip"), framing=len(packed))
        x.send(packed)
    upstream.script(script)
    client = edge.dial(receive_buffer=65536)
    client.send(request("POST", "/v1/audio/speech", {"model": "tts-1"}))
    threading.Event().wait(1)
    answer = client.answer()
    assert len(answer.body) == size << 20


def test_ping_must_not_eat_a_counted_stream(edges, upstream):
    """A stream of events with Content-Length: a ping takes room of its last bytes."""
    edge = edges(configuration(upstream, limits={"ping": "200ms"}))
    events = [b'data: {"choices":[{"delta":{"content":"a"}}]}\n\n',
              b'data: {"choices":[{"delta":{},"finish_reason":"stop"}]}\n\n', b"data: [DONE]\n\n"]

    def script(x) -> None:
        x.body.read()
        x.head(200, ("content-type", "text/event-stream"), framing=sum(map(len, events)))
        x.send(events[0])
        threading.Event().wait(0.7)
        x.send(events[1] + events[2])
    upstream.script(script)
    answer = edge.ask(request("POST", "/v1/chat/completions",
                              {"model": "gpt-4o", "stream": True, "messages": []}))
    assert answer.body.replace(b": keep-alive\n\n", b"") == b"".join(events)


def test_head_with_a_body_ends(quick, upstream):
    """HEAD with a body goes up as an upload without NOBODY: libcurl waits for content that never comes."""
    client = quick.dial()
    client.send(b"HEAD /v1/models HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n{}")
    answer = client.answer(is_head=True)
    assert answer.status == 200
    record, = quick.records(1)
    assert record["ended"] == "complete", record


@pytest.mark.parametrize("status", [204, 304])
def test_bodyless_status_with_a_body(quick, upstream, status):
    upstream.script(raw(f"HTTP/1.1 {status} X\r\nContent-Length: 5\r\n\r\nhello".encode()))
    client = quick.dial()
    assert client.ask(request("GET", "/v1/files/f")).status == status
    assert client.ask(chat("gpt-4")).status == 200


def test_interim_storm(quick, upstream):
    upstream.script(raw(b"HTTP/1.1 102 Processing\r\n\r\n" * 5000, b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"))
    assert quick.ask(request("GET", "/v1/files/f")).status in (200, 502)


def test_short_length_breaks_visibly(quick, upstream):
    upstream.script(raw(b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhello"))
    client = quick.dial()
    client.send(request("GET", "/v1/files/f"))
    client.read_head()
    assert client.read_rest() == b"hello"
    record, = quick.records(1)
    assert record["code"] == 409 and record["ended"] == "failed"


def test_http10_caller_sees_a_cut_answer(quick, upstream):
    """Delimited by close, an answer that broke off must not end like a whole one: only a reset shows it."""
    upstream.script(raw(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
                        b"5\r\n{\"a\":\r\n"))
    client = quick.dial()
    client.send(b"GET /v1/files/f HTTP/1.0\r\nHost: localhost\r\n\r\n")
    client.read_head()
    with pytest.raises(ConnectionResetError):
        client.read_rest()


def test_renaming_keeps_the_rest_of_an_event(quick, upstream):
    """Promise 6: id, retry and comments of an event survive when its data stands on two lines."""
    event = (b'id: 7\nretry: 100\n: note\ndata: {"model":\ndata: "gpt-4-turbo","choices":[{"finish_reason":"stop"}]}\n\n'
             b"data: [DONE]\n\n")
    upstream.script(raw(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n" + event))
    answer = quick.ask(chat("gpt-4", stream=True))
    assert b'"gpt-4"' in answer.body and b"gpt-4-turbo" not in answer.body
    for line in (b"id: 7\n", b"retry: 100\n", b": note\n"):
        assert line in answer.body, answer.body


def test_nothing_after_done(quick, upstream):
    """The end mark was passed on: an unclean close afterwards is no failure of the answer."""
    text = (b'data: {"model":"gpt-4-turbo","choices":[{"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n')
    upstream.script(raw(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
                        + b"%x\r\n%b\r\n" % (len(text), text)))
    client = quick.dial()
    client.send(chat("gpt-4", stream=True))
    head = client.read_head()
    body = client.read_body(head)
    assert body.count(b"[DONE]") == 1 and b"error" not in body, body


def test_usage_numbers_cannot_break_the_tool(quick, upstream):
    """Two answers that claim 2^63-1 tokens: `edgefilter usage` must still add up."""
    usage = {"prompt_tokens": 2**63 - 1, "completion_tokens": -5}
    body = json.dumps({"model": "gpt-4o", "usage": usage}).encode()
    for _ in range(2):
        upstream.script(raw(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b"
                            % (len(body), body)))
        assert quick.ask(chat("gpt-4o")).status == 200
    quick.records(2)
    tool = quick.tool("usage")
    assert tool.returncode == 0, tool
