# SPDX-License-Identifier: MIT
"""An engine that floods, sticks or ends in the wrong place: what it does costs its own conversation, and nothing more."""

import json
import select
import threading

import pytest

import frames
import proc
from cyber import configured, edge, engine, plainly, talking  # noqa: F401
from translating import MODEL, ask, error_of, essence, provider, said

PINGS = frames.frame(frames.PING, b"") * 32_768


def swallow(x) -> None:
    """Takes whatever comes, until nothing more does."""
    try:
        while x.wire.sock.recv(1 << 16):
            pass
    except OSError:
        pass


def fill(x, data: bytes) -> None:
    """Sends until the peer has taken nothing for half a second, which must come before the end."""
    view, room = memoryview(data), select.poll()
    room.register(x.wire.sock, select.POLLOUT)
    while room.poll(500):
        view = view[x.wire.sock.send(view[:65536]):]
    assert view


def flooding(events: int):
    """Some of the answer, then pings without end, whose pongs are all taken."""
    def act(x, told):
        plainly(x, told[:events])
        threading.Thread(target=swallow, args=[x], daemon=True).start()
        while True:
            x.raw(PINGS)
    return talking(act)


def test_pings_without_end_stop_no_clock(edges, engine):
    """They come faster than they are read: the time for an answer runs out all the same."""
    edge = edges(configured(engine, upstream_timeout={"first_byte": "400ms"}))
    engine.script(flooding(0))
    answer = edge.ask(ask("openai"))
    assert (answer.status, answer.get("x-edgefilter-code")) == (504, "403")
    engine.connection(engine.exchange()).wait_closed()


def test_pings_without_end_hide_no_caller_that_goes(edge, engine):
    engine.script(flooding(3))
    client = edge.dial()
    client.send(ask("openai", "one two three", True))
    client.read_head()
    client.read_until(b"said")
    client.close()
    engine.connection(engine.exchange()).wait_closed()
    assert edge.records(1)[0]["ended"] == "gone"


def test_nobody_spins_for_a_slow_caller(edge, engine):
    """The engine has broken off, and what it said waits for the caller: so does the handler, and it is told then."""
    def act(x, events):
        message = frames.frame(frames.TEXT, events[1].replace(b"said", b"s" * 50_000))
        fill(x, message * 400)
        x.cut(by_reset=True)
    engine.script(talking(act))
    client = edge.dial(receive_buffer=4096)
    client.send(ask("openai", "one two three", True))
    engine.connection(engine.exchange()).wait_closed()
    handler = edge.handler(client)
    proc.wait_until(lambda: proc.is_at_rest(handler), "the handler waits")
    answer = client.read_head()
    answer.body = client.read_chunks()
    assert essence("openai", answer).error
    assert edge.records(1)[0]["ended"] == "failed"


def test_engine_that_takes_nothing_and_breaks_off(edge, engine):
    """Its pings are not answered any more, since it reads no answers; that it has gone is seen all the same."""
    def act(x, events):
        plainly(x, events[:2])
        fill(x, frames.frame(frames.PING, b"p" * 125) * 200_000)
        x.cut(by_reset=True)
    engine.script(talking(act))
    answer = edge.ask(ask("openai", "one two three", True))
    assert "broke off" in error_of("openai", answer)["message"]
    assert edge.records(1)[0]["ended"] == "failed"


@pytest.mark.parametrize("word", ["", "null"])
@pytest.mark.parametrize("stream", [False, True])
def test_reasons_that_are_none(edge, engine, stream, word):
    """As other engines write null; the answer goes on."""
    def act(x, events):
        for event in map(json.loads, events):
            choice = event["choices"][0]
            choice["finish_reason"] = choice["finish_reason"] or word
            x.raw(frames.frame(frames.TEXT, json.dumps(event).encode()))
    engine.script(talking(act))
    assert said("openai", edge.ask(ask("openai", "one two three", stream))) == "You said: one two three"


@pytest.mark.parametrize("broken", [b"{", b'{"error":"stop it"}'], ids=["garbage", "complaint"])
@pytest.mark.parametrize("stream", [False, True])
def test_nothing_is_asked_twice_of_which_an_answer_was_seen(edges, engine, upstreams, stream, broken):
    """Neither of the engine, which remembers what it said, nor of the next one."""
    second = upstreams()
    config = configured(engine, models={MODEL: ["main/ena-test", "second/gpt-4o"]}, upstream_retries=3)
    config["upstreams"]["second"] = provider(second, "openai")
    edge = edges(config)

    def act(x, events):
        plainly(x, events[:3])
        x.raw(frames.frame(frames.TEXT, broken))
    engine.script(talking(act))
    assert error_of("openai", edge.ask(ask("openai", "one two three", stream)))["message"]
    assert (len(engine.exchanges), len(second.exchanges)) == (1, 0)


# Each fault in each phase

SWITCH = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: "
PHASES = ["before the head", "inside the head", "after the head", "inside an event", "after an event"]


def broken(phase: str, how: str, gate: threading.Event):
    """The beginning of a conversation, up to a phase, and then what `how` says."""
    def finish(x):
        if how == "silence":
            x.wait(gate)
        if how == "garbage":
            x.raw(b"\xff\xfe\x00nonsense\r\n\r\n" * 8)
        if how == "drip":
            while not gate.wait(0.05):
                x.raw(b"x" if "head" in phase and phase != "after the head" else frames.frame(frames.PING, b""))
        x.cut(how == "reset")

    def act(x, events):
        if phase == "inside an event":
            x.raw(frames.frame(frames.TEXT, events[0])[:-9])
        if phase == "after an event":
            plainly(x, events[:-1])
        finish(x)

    def head(x):
        x.raw(SWITCH.encode() if phase == "inside the head" else b"")
        finish(x)
    return head if phase in PHASES[:2] else talking(act)


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("phase", PHASES)
@pytest.mark.parametrize("how", ["close", "reset", "silence", "garbage", "drip"])
def test_faults_of_the_connection(edges, engine, phase, how, stream):
    edge = edges(configured(engine, upstream_retries=0,
                            upstream_timeout={"connect": "2s", "first_byte": "300ms", "silence": "300ms"}))
    gate = engine.gate()
    engine.script(broken(phase, how, gate))
    answer = edge.ask(ask("openai", "one two three", stream))
    assert error_of("openai", answer)["message"]
    assert "event-stream" in answer.get("content-type") or answer.status in (502, 504), answer
    gate.set()
    record, = edge.records(1)
    assert record["ended"] == "failed" and 400 < record["code"] < 500
    for client in edge.clients:
        client.close()
    proc.wait_until(lambda: edge.handlers() == [], "handlers are left")
