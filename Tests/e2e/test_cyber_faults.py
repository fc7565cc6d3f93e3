# SPDX-License-Identifier: MIT
"""What goes wrong between a caller of any dialect and an engine over WebSocket, and what the caller hears of it."""

import json
import ssl
import subprocess
import threading
import time

import pytest

import api_cyber
import frames
import grammar
import scripts
from client import Answer
from edge import free_port
from small_model import pieces
from translating import DIALECTS, MODEL, ask, provider

WORDS = "You said: one two three"


@pytest.fixture(params=DIALECTS)
def caller(request):
    return request.param


@pytest.fixture
def engine(upstreams):
    return upstreams(vendor="cyber", prefix="")


def configured(engine, **settings) -> dict:
    """A file that leads `edge-model` to the engine; `upstream_…` settings are its own."""
    own = {key.removeprefix("upstream_"): settings.pop(key) for key in list(settings) if key.startswith("upstream_")}
    return {"upstreams": {"main": provider(engine, "cyber", **own)}, "models": {MODEL: "main/ena-test"}, **settings}


@pytest.fixture
def edge(edges, engine):
    return edges(configured(engine))


def essence(dialect: str, answer: Answer) -> grammar.Essence:
    return grammar.read(dialect, "event-stream" in answer.get("content-type"), answer.body, False)


def said(dialect: str, answer: Answer) -> str:
    found = essence(dialect, answer)
    assert not found.error, found.error
    return found.text


def error_of(dialect: str, answer: Answer) -> str:
    found = essence(dialect, answer)
    assert found.error, answer
    return found.error["message"]


def talking(act):
    """A script that answers the handshake, reads the message, and goes on as `act` says."""
    def script(x):
        api_cyber.authorize(x)
        api_cyber.accept(x)
        asked = api_cyber.read_message(x)
        act(x, [json.dumps(event).encode() for event in api_cyber.stream(asked, WORDS)])
        api_cyber.leave(x)
    return script


def plainly(x, events: list[bytes]) -> None:
    for event in events:
        x.raw(frames.frame(frames.TEXT, event))


# What an engine may do

def in_single_bytes(x, events):
    for byte in b"".join(frames.frame(frames.TEXT, event) for event in events):
        x.raw(bytes([byte]))


def with_pings(x, events):
    x.raw(frames.frame(frames.PING, b"") + frames.frame(frames.PONG, b"unasked"))
    x.raw(frames.in_pieces(frames.TEXT, events[0], 9, frames.frame(frames.PING, b"p" * 125)))
    plainly(x, events[1:])


@pytest.mark.parametrize("act", [
    plainly, in_single_bytes, with_pings,
    lambda x, events: x.raw(b"".join(frames.frame(frames.TEXT, event) for event in events)),
    lambda x, events: x.raw(b"".join(frames.in_pieces(frames.TEXT, event, 1) for event in events)),
    lambda x, events: [x.raw(frames.in_pieces(frames.TEXT, event, 7)) for event in events],
    lambda x, events: plainly(x, [json.dumps(json.loads(event), indent=1).replace("\n", "\r\n").encode()
                                  for event in events]),
    lambda x, events: plainly(x, [events[0].replace(b'"ena-1"', b'"' + b"i" * 70_000 + b'"'), *events[1:]]),
], ids=["plain", "bytes", "pings", "one packet", "crumbs", "pieces", "lines", "large"])
@pytest.mark.parametrize("stream", [False, True])
def test_all_that_the_protocol_allows(edge, engine, act, stream):
    engine.script(talking(act))
    assert said("openai", edge.ask(ask("openai", "one two three", stream))) == WORDS
    assert engine.connection(engine.exchange()).wait_closed()
    assert edge.records(1)[0]["ended"] == "complete"


def test_pings_are_answered(edge, engine):
    engine.script(talking(with_pings))
    assert said("openai", edge.ask(ask("openai", "one two three", True))) == WORDS
    exchange = engine.exchange()
    engine.connection(exchange).wait_closed()
    assert exchange.pongs[:2] == [b"", b"p" * 125]
    assert exchange.closing == (1000).to_bytes(2)


def test_role_is_added(edge, engine):
    """The documented first chunk has none."""
    def silent(x, events):
        plainly(x, [event.replace(b'"role": "assistant", ', b"") for event in events])
    engine.script(talking(silent))
    answer = edge.ask(ask("openai", "one two three", True))
    assert json.loads(answer.events[0])["choices"][0]["delta"]["role"] == "assistant"


def test_long_message_goes_up(edge, engine):
    text = "word " * 1_000_000
    turns = [{"role": "system", "content": text}, {"role": "user", "content": "hi"}]
    assert said("openai", edge.ask(ask("openai", messages=turns))) == "You said: hi"
    assert engine.heard_contents[0][1] == f"System: {text}\n\nUser: hi"


# Before the first word: an error answer

@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("kind, status, code", [
    ("invalid", 400, 412), ("missing", 404, 417), ("rate", 429, 420), ("fault", 500, 422), ("overloaded", 503, 423),
    ("key", 502, 410), ("permission", 502, 410)])
@pytest.mark.parametrize("is_late", [False, True], ids=["handshake", "message"])
def test_refused(edge, engine, caller, stream, kind, status, code, is_late):
    """By the handshake, or by the first message."""
    if not is_late:
        engine.script(scripts.failing(kind))
    answer = edge.ask(ask(caller, f"fail {kind}" if is_late else "hello", stream))
    expected = 529 if (caller, kind) == ("anthropic", "overloaded") else status
    assert (answer.status, answer.get("content-type")) == (expected, "application/json"), answer
    message = error_of(caller, answer)
    assert code == 410 or api_cyber.FAILURES[kind][1] in message
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
    assert error_of(caller, answer).startswith("Backend request failed: ")
    record, = edge.records(1)
    assert (record["code"], record["ended"]) == (406, "failed")


@pytest.mark.parametrize("field", ["Sec-WebSocket-Extensions: permessage-deflate", "Sec-WebSocket-Protocol: chat"])
def test_what_was_not_offered(edge, engine, field):
    def script(x):
        send, x.raw = x.raw, lambda data: send(data.replace(b"\r\n\r\n", f"\r\n{field}\r\n\r\n".encode(), 1))
        api_cyber.accept(x)
        x.wire.more()
    engine.script(script)
    assert "not offered" in error_of("openai", edge.ask(ask("openai")))


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
    assert BREAKS[how][2] in error_of(caller, answer)
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
    assert "larger" in error_of("openai", answer)
    assert edge.records(1)[0]["code"] == 426


def test_no_secret_in_what_the_engine_says(edge, engine):
    """The token in the path is as good as a key."""
    def script(x):
        api_cyber.authorize(x)
        x.body.read()
        x.upstream.rules.refuse(x, api_cyber.Refused(403 + 1, f"no conversation {x.token}"))
    engine.script(script)
    assert "no conversation ***" in error_of("openai", edge.ask(ask("openai")))
    engine.script(talking(lambda x, events: x.raw(frames.close(1008, f"bad {x.token}".encode()))))
    assert "1008: bad ***" in error_of("openai", edge.ask(ask("openai")))


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


# Callers

@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("events", [0, 3])
def test_t95_caller_goes(edge, engine, caller, stream, events):
    engine.script(scripts.stalling(events, engine.gate()))
    client = edge.dial()
    client.send(ask(caller, "one two three", stream))
    exchange = engine.heard()
    if stream and events:
        client.read_head()
        client.read_until(b"said")
    gone = time.monotonic()
    client.close()
    assert engine.connection(exchange).wait_closed() - gone < 1
    assert edge.records(1)[0]["ended"] == "gone"


def test_slow_caller_holds_the_engine(edge, engine):
    """Nothing piles up in between: the engine can send no more, and goes on when the caller does."""
    flooded = threading.Event()

    def flood(x, events):
        message = frames.frame(frames.TEXT, events[1].replace(b"said", b"s" * 50_000))
        x.flood(message * 400)
        flooded.set()
        plainly(x, events[2:])
    engine.script(talking(flood))
    client = edge.dial(receive_buffer=4096)
    client.send(ask("openai", "one two three", True))
    exchange = engine.exchange()
    assert exchange.stalled.wait(10)
    assert not flooded.is_set()
    head = client.read_head()
    head.body = client.read_chunks()
    assert len(said("openai", head)) > 400 * 50_000
    assert flooded.is_set()


@pytest.mark.parametrize("way", ["listen", "inetd"])
def test_connections_one_after_the_other(edges, engine, way):
    """Each request of a kept connection has a conversation of its own; nothing is left running."""
    edge = edges(configured(engine), way)
    client = edge.dial()
    for number in range(5):
        assert said("openai", client.ask(ask("openai", f"number {number}", bool(number % 2)))) \
            == f"You said: number {number}"
        assert engine.connection(engine.exchange(number + 1)).wait_closed()
    client.close()
    assert len(engine.connections) == 5
    edge.records(5)


def test_kept_connection_beside_other_upstreams(edges, engine, upstreams):
    config = configured(engine, models={MODEL: "main/ena-test", "gpt-4o": "second"})
    config["upstreams"]["second"] = provider(upstreams(), "openai")
    client = edges(config).dial()
    for _ in range(3):
        assert said("openai", client.ask(ask("openai"))) == "You said: hello"
        assert client.ask(ask("openai", model="gpt-4o")).json["choices"][0]["message"]["content"] == "You said: hello"


# Over TLS

@pytest.fixture
def certificate(tmp_path):
    """A certificate of its own authority for localhost, and its key."""
    files = tmp_path / "cert.pem", tmp_path / "key.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                    "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-out", str(files[0]),
                    "-keyout", str(files[1])], check=True, capture_output=True)
    return files


@pytest.mark.parametrize("way", ["listen", "inetd"])
@pytest.mark.parametrize("is_trusted", [True, False])
def test_wss(edges, engine, certificate, is_trusted, way):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    engine.secure(context)
    edge = edges(configured(engine, upstream_base_url=f"wss://localhost:{engine.port}"), way,
                 env={"SSL_CERT_FILE": str(certificate[0])} if is_trusted else None)
    answer = edge.ask(ask("openai", "one two three " * 3000, True))
    if is_trusted:
        assert said("openai", answer).count("three") == 3000
    else:
        assert (answer.status, answer.get("x-edgefilter-code")) == (502, "407")


