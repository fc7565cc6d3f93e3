# SPDX-License-Identifier: MIT
"""What goes wrong between a caller of any dialect and an engine over WebSocket, and what the caller hears of it."""

import threading

import pytest

import api_cyber
import frames
import scripts
from cyber import caller, configured, edge, engine, plainly, talking  # noqa: F401
from edge import free_port
from small_model import pieces
from translating import MODEL, WORDS, ask, error_of, essence, provider, said


# Before the first word: an error answer

@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("kind, status, code", [
    ("invalid", 400, 412), ("missing", 404, 417), ("rate", 429, 420), ("fault", 500, 422), ("overloaded", 503, 423),
    ("key", 502, 436), ("permission", 502, 436)])
@pytest.mark.parametrize("is_late", [False, True], ids=["handshake", "message"])
def test_refused(edge, engine, caller, stream, kind, status, code, is_late):
    """By the handshake, or by the first message."""
    if not is_late:
        engine.script(scripts.failing(kind))
    answer = edge.ask(ask(caller, f"fail {kind}" if is_late else "hello", stream))
    expected = 529 if (caller, kind) == ("anthropic", "overloaded") else status
    assert (answer.status, answer.get("content-type")) == (expected, "application/json"), answer
    message = error_of(caller, answer)["message"]
    assert code == 436 or api_cyber.FAILURES[kind][1] in message
    record, = edge.records(1)
    assert (record["code"], record["ended"]) == (code, "failed")


SWITCH = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
HANDSHAKES = {
    "nothing": b"", "no http": b"SSH-2.0-x\r\n\r\n", "half a head": SWITCH.encode(),
    "ok": b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
    "redirect": b"HTTP/1.1 302 Found\r\nLocation: /x\r\nContent-Length: 0\r\n\r\n",
    "no accept": f"{SWITCH}\r\n".encode(),
    "wrong accept": f"{SWITCH}Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n".encode(),
    "no upgrade": b"HTTP/1.1 101 x\r\nConnection: Upgrade\r\n\r\n", "long head": b"HTTP/1.1 101 x\r\n" + b"A: b\r\n" * 9000,
}


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("sent", HANDSHAKES.values(), ids=list(HANDSHAKES))
def test_no_handshake(edge, engine, caller, sent, stream):
    engine.script(scripts.cut(sent=sent))
    answer = edge.ask(ask(caller, stream=stream))
    assert answer.status == 502, answer
    assert error_of(caller, answer)["message"].startswith("Backend request failed: ")
    record, = edge.records(1)
    assert (record["code"], record["ended"]) == (406, "failed")


@pytest.mark.parametrize("field", ["Sec-WebSocket-Extensions: permessage-deflate", "Sec-WebSocket-Protocol: chat"])
def test_what_was_not_offered(edge, engine, field):
    def script(x):
        send, x.raw = x.raw, lambda data: send(data.replace(b"\r\n\r\n", f"\r\n{field}\r\n\r\n".encode(), 1))
        api_cyber.accept(x)
        x.wire.more()
    engine.script(script)
    assert "not offered" in error_of("openai", edge.ask(ask("openai")))["message"]


def test_nobody_listens(edges, engine, caller):
    edge = edges(configured(engine, upstream_base_url=f"ws://127.0.0.1:{free_port()}", upstream_retries=0))
    assert edge.ask(ask(caller)).status == 502
    assert edge.records(1)[0]["code"] == 401


def test_next_upstream(edges, engine, upstreams, caller):
    config = configured(engine, models={MODEL: ["main/ena-test", "second/gpt-4o"]})
    config["upstreams"]["second"] = provider(upstreams(), "openai")
    edge = edges(config)
    engine.script(scripts.failing("fault"))
    assert said(caller, edge.ask(ask(caller))) == "You said: hello"
    assert edge.records(1)[0]["attempts"] == ["main:500", "second:200"]


# In the midst of an answer

def ending(sent: bytes, gate: threading.Event | None = None):
    """The beginning of an answer, then, once the gate is open, something else."""
    def act(x, events):
        plainly(x, events[:3])
        if gate:
            x.wait(gate)
        x.raw(sent)
    return act


BREAKS = {
    "1000": (frames.close(1000), 409, "1000"), "1001": (frames.close(1001, "away".encode()), 409, "1001: away"),
    "no code": (frames.close(), 409, "1005"), "1011": (frames.close(1011, b"ow"), 422, "1011: ow"),
    "1013": (frames.close(1013), 423, "1013"), "4321": (frames.close(4321, "a\nb\u202ec".encode()), 409, "4321: a b c"),
    "masked": (frames.frame(frames.TEXT, b"{}", mask=b"abcd"), 409, "1002"),
    "reserved": (frames.frame(frames.TEXT, b"{}", reserved=4), 409, "1002"),
    "opcode": (frames.frame(3, b"{}"), 409, "1002"), "continuation": (frames.frame(0, b"{}"), 409, "1002"),
    "ping in pieces": (frames.frame(frames.PING, b"", is_final=False), 409, "WebSocket"),
    "bad code": (frames.close(1005), 409, "1002"), "bad text": (frames.frame(frames.TEXT, b"\xff{}"), 409, "1007"),
    "half a letter": (frames.frame(frames.TEXT, b"\xe2\x82"), 409, "1007"),
    "binary": (frames.frame(frames.BINARY, b"{}"), 409, "no text"),
    "no json": (frames.frame(frames.TEXT, b"{"), 406, "promises"), "array": (frames.frame(frames.TEXT, b"[]"), 406, "promises"),
    "error": (frames.frame(frames.TEXT, b'{"error":"stop it"}'), 422, "stop it"),
    "huge frame": (b"\x81\x7f" + (1 << 40).to_bytes(8) + b"{", 426, "larger"),
    "endless pieces": (frames.frame(1, b"a" * 600_000, is_final=False) + frames.frame(0, b"a" * 600_000), 426, "larger"),
}


@pytest.mark.parametrize("how", BREAKS)
def test_broken_within(edges, engine, caller, how):
    edge = edges(configured(engine, limits={"event": "1MiB"}))
    sent, code, words = BREAKS[how]
    gate = engine.gate()
    engine.script(talking(ending(sent, gate)))
    client = edge.dial()
    client.send(ask(caller, "one two three", True))
    answer = client.read_head()
    seen = client.read_until(b"said")
    gate.set()
    answer.body = seen + client.read_chunks()
    found = essence(caller, answer)
    assert found.error and words in found.error["message"], answer
    assert WORDS.startswith(found.text) and found.text and found.stop is None
    record, = edge.records(1)
    assert (record["code"], record["ended"], record["status"]) == (code, "failed", 200)
    engine.connection(engine.exchange()).wait_closed()


@pytest.mark.parametrize("how", BREAKS)
def test_broken_within_a_whole_answer(edges, engine, caller, how):
    edge = edges(configured(engine, limits={"event": "1MiB"}))
    engine.script(talking(ending(BREAKS[how][0])))
    answer = edge.ask(ask(caller, "one two three"))
    assert answer.status >= 500, answer
    assert BREAKS[how][2] in error_of(caller, answer)["message"]
    edge.records(1)


@pytest.mark.parametrize("how", ["cut", "reset", "end"])
def test_t88_t89_cut_at_every_message(edge, engine, caller, how):
    for count in range(20):
        engine.script(scripts.breaking(count, how))
        found = essence(caller, edge.ask(ask(caller, "one two three", True)))
        assert WORDS.startswith(found.text)
        if not found.error:
            break
        assert found.stop is None
    assert (found.text, count) == (WORDS, len(pieces(WORDS)) + 1)
    assert [record["ended"] for record in edge.records(count + 1)].count("complete") == 1


def test_limit_of_all_messages(edges, engine):
    edge = edges(configured(engine, limits={"answer": "64KiB"}))
    engine.script(talking(lambda x, events: plainly(x, [events[0]] * 1000)))
    answer = edge.ask(ask("openai", "one two three", True))
    assert "larger" in error_of("openai", answer)["message"]
    assert edge.records(1)[0]["code"] == 426


def test_no_secret_in_what_the_engine_says(edge, engine):
    """The token in the path is as good as a key."""
    def script(x):
        api_cyber.authorize(x)
        x.body.read()
        x.upstream.rules.refuse(x, api_cyber.Refused(403 + 1, f"no conversation {x.token}"))
    engine.script(script)
    assert "no conversation ***" in error_of("openai", edge.ask(ask("openai")))["message"]
    engine.script(talking(lambda x, events: x.raw(frames.close(1008, f"bad {x.token}".encode()))))
    assert "1008: bad ***" in error_of("openai", edge.ask(ask("openai")))["message"]


def test_forgotten_pings_are_no_words(edges, engine):
    """An engine that only pings says nothing: its time runs out."""
    edge = edges(configured(engine, upstream_timeout={"first_byte": "400ms"}))
    gate = engine.gate()

    def pinging(x, events):
        while not gate.wait(0.05):
            x.raw(frames.frame(frames.PING, b"x"))
    engine.script(talking(pinging))
    answer = edge.ask(ask("openai"))
    assert (answer.status, answer.get("x-edgefilter-code")) == (504, "403")
    gate.set()
