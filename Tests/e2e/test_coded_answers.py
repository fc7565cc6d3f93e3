# SPDX-License-Identifier: MIT
"""Upstreams that compress though nobody asked: what is cut or damaged is told, what is whole arrives."""

import gzip
import json
import zlib

import pytest

import api
import grammar
import scripts
from client import chat, request
from edge import configuration
from translating import ask, pair, translation
from wire import Gone

GZIP = ("content-encoding", "gzip")
VALUE = {"model": "gpt-4-turbo", "choices": [{"text": "x" * 5000}]}
PLAIN = json.dumps(VALUE).encode()
PACKED = gzip.compress(PLAIN)
EVENTS = b"".join(b"data: %b\n\n" % json.dumps(event).encode() for event in api.chunks("gpt-4o", ["one", " two"]))
DONE = b"data: [DONE]\n\n"


def events(kept: int | None = None, *pieces: bytes) -> bytes:
    """A stream that is packed piece by piece; `kept`: so many bytes of it."""
    packer = zlib.compressobj(wbits=31)
    packed = b"".join(packer.compress(piece) + packer.flush(zlib.Z_SYNC_FLUSH) for piece in pieces or (EVENTS, DONE))
    return (packed + packer.flush())[:kept]


def answered(body: bytes, *fields: tuple[str, str], framing: str = "chunked", kind: str = "application/json"):
    return scripts.whole(body, *(fields or [GZIP]), framing=framing, kind=kind)


def streamed(body: bytes, framing: str = "chunked"):
    return answered(body, framing=framing, kind="text/event-stream")


@pytest.mark.parametrize("framing", ["counted", "chunked", "close"])
@pytest.mark.parametrize("kept", [5, 40, -9, -8, -4, -1])
def test_cut_whole_answer(edge, upstream, framing, kept):
    """However the body ends, its coding says that it is not whole."""
    upstream.script(answered(PACKED[:kept], framing=framing))
    client = edge.dial()
    client.send(chat("gpt-4"))
    client.read_head()
    with pytest.raises(Gone):
        client.read_chunks()
    record, = edge.records(1)
    assert (record["ended"], record["code"]) == ("failed", 409)


@pytest.mark.parametrize("framing", ["chunked", "close"])
@pytest.mark.parametrize("kept", [5, 60])
def test_cut_stream(edge, upstream, framing, kept):
    upstream.script(streamed(events(kept), framing))
    answer = edge.ask(chat("gpt-4o", stream=True))
    assert "gzip" in grammar.read("openai", True, answer.body, True).error["message"]
    record, = edge.records(1)
    assert (record["ended"], record["code"]) == ("failed", 409)


@pytest.mark.parametrize("damage", ["cut", "sum"])
def test_stream_that_was_complete_before_its_coding(edge, upstream, damage):
    """Whoever has read the last event has lost nothing."""
    packed = events()
    upstream.script(streamed(packed[:-3] if damage == "cut" else packed[:-8] + b"\0" * 8))
    answer = edge.ask(chat("gpt-4o", stream=True))
    assert answer.body == EVENTS + DONE
    assert edge.records(1)[0]["ended"] == "complete"


@pytest.mark.parametrize("framing", ["counted", "chunked", "close"])
def test_wrong_sum(edge, upstream, framing):
    upstream.script(answered(PACKED[:-8] + b"\0\0\0\0" + PACKED[-4:], framing=framing))
    client = edge.dial()
    client.send(chat("gpt-4"))
    client.read_head()
    with pytest.raises(Gone):
        client.read_chunks()
    assert edge.records(1)[0]["code"] == 406


@pytest.mark.parametrize("body", [
    gzip.compress(PLAIN[:99]) + gzip.compress(PLAIN[99:]),
    gzip.compress(b"") + PACKED, PACKED + gzip.compress(b""), b"".join(gzip.compress(PLAIN[i:i + 1]) for i in range(len(PLAIN))),
], ids=["two", "empty first", "empty last", "one a byte"])
@pytest.mark.parametrize("framing", ["counted", "chunked"])
def test_several_members(edge, upstream, body, framing):
    upstream.script(answered(body, framing=framing))
    assert edge.ask(chat("gpt-4")).json == {**VALUE, "model": "gpt-4"}


def test_cut_in_the_second_member(edge, upstream):
    upstream.script(answered(gzip.compress(PLAIN[:99]) + gzip.compress(PLAIN[99:])[:-2]))
    client = edge.dial()
    client.send(chat("gpt-4"))
    client.read_head()
    with pytest.raises(Gone):
        client.read_chunks()


def test_members_of_a_stream(edge, upstream):
    upstream.script(streamed(gzip.compress(EVENTS) + gzip.compress(DONE)))
    assert edge.ask(chat("gpt-4o", stream=True)).body == EVENTS + DONE


@pytest.mark.parametrize("rest", [b"\0" * 512, b"padding", b"\n"])
def test_what_follows_the_end_of_the_coding(edge, upstream, rest):
    """It is no content: gunzip and browsers drop it as well."""
    upstream.script(answered(PACKED + rest))
    assert edge.ask(chat("gpt-4")).json == {**VALUE, "model": "gpt-4"}


def test_plain_though_it_says_gzip(edges, upstream, edge):
    upstream.script(answered(PLAIN), answered(PLAIN))
    client = edge.dial()
    client.send(chat("gpt-4"))
    client.read_head()
    with pytest.raises(Gone):
        client.read_chunks()
    assert edge.records(1)[0]["code"] == 406
    translated = edges(translation(upstream, "openai"))
    answer = translated.ask(ask("anthropic"))
    assert (answer.status, "gzip" in answer.json["error"]["message"]) == (502, True)


@pytest.mark.parametrize("status, method", [(200, "HEAD"), (204, "GET"), (304, "GET"), (200, "GET")])
def test_coding_of_nothing(edge, upstream, status, method):
    def script(x) -> None:
        x.body.read()
        x.head(status, GZIP, framing=0 if status == 200 else "none")
    upstream.script(script)
    client = edge.dial()
    assert client.ask(request(method, "/v1/files/f1")).status == status
    assert client.ask(request("GET", "/health")).status == 200
    assert edge.records(2)[0]["ended"] == "complete"


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("kept", [5, 20, -1])
@pytest.mark.parametrize("caller", ["anthropic", "responses"])
def test_translated_cut(edges, upstreams, caller, stream, kept):
    """As any answer that breaks off behind its head: an error with a status, and nobody else is asked."""
    upstream, second = upstreams(), upstreams()
    edge = edges(pair(upstream, second, "openai"))
    whole = events(None, EVENTS)[:22] if stream else PACKED
    upstream.script(answered(whole[:kept], kind="text/event-stream" if stream else "application/json"))
    answer = edge.ask(ask(caller, stream=stream))
    assert (answer.status, "gzip" in answer.json["error"]["message"]) == (502, True)
    assert (second.exchanges, edge.records(1)[0]["code"]) == ([], 409)


@pytest.mark.parametrize("caller", ["anthropic", "responses"])
def test_translated_cut_in_mid_stream(edges, upstream, caller):
    edge = edges(translation(upstream, "openai"))
    upstream.script(streamed(events(None, EVENTS.partition(b"\n\n")[0] + b"\n\n", EVENTS.partition(b"\n\n")[2])[:-60]))
    found = grammar.read(caller, True, edge.ask(ask(caller, stream=True)).body)
    assert found.error and found.stop is None
    assert edge.records(1)[0]["code"] == 409


def test_refusal_is_read_through_its_coding(edges, upstreams):
    """429 that is a matter of money is passed on; another upstream could not help."""
    upstream, second = upstreams(), upstreams()
    edge = edges(pair(upstream, second, "openai"))
    money = {"error": {"message": "You exceeded your current quota", "type": "insufficient_quota", "param": None,
                       "code": "insufficient_quota"}}
    upstream.script(scripts.whole(scripts.compressed(money), GZIP, status=429))
    answer = edge.ask(ask("openai"))
    assert (answer.status, answer.error["code"]) == (429, "insufficient_quota")
    assert second.exchanges == []


def test_another_coding_passes_as_it_is(edges, upstream):
    """What cannot be read is not written into either: no ping, no error event."""
    edge = edges(configuration(upstream, limits={"ping": "100ms"}))
    gate = upstream.gate()
    packed = bytes(range(256)) * 4

    def script(x) -> None:
        x.body.read()
        x.head(200, ("content-type", "text/event-stream"), ("content-encoding", "br"), framing="chunked")
        x.send(packed[:100])
        gate.wait(0.5)
        x.send(packed[100:])
        x.end()
    upstream.script(script)
    answer = edge.ask(chat("gpt-4o", stream=True))
    assert (answer.body, answer.get("content-encoding")) == (packed, "br")


@pytest.mark.parametrize("coding", ["br", "zstd", "deflate", "gzip, br"])
def test_another_coding_cannot_be_translated(edges, upstream, coding):
    edge = edges(translation(upstream, "openai"))
    upstream.script(answered(b"\x1b\x03\x00data: ", ("content-encoding", coding)))
    answer = edge.ask(ask("anthropic"))
    assert answer.status == 502
    assert coding in answer.json["error"]["message"]
