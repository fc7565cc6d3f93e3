# SPDX-License-Identifier: MIT
"""An engine over WebSocket that does what the protocol allows, callers that go or are slow, and TLS."""

import json
import ssl
import threading

import pytest

import frames
import proc
import scripts
from cyber import caller, configured, edge, engine, plainly, talking  # noqa: F401
from exchange import PATIENCE, heartbeats
from translating import MODEL, WORDS, ask, provider, said


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
    # What the peer has closed is read to its end a moment later.
    proc.wait_until(lambda: exchange.closing is not None, "the peer's close")
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
    gone = heartbeats()
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
    assert exchange.stalled.wait(PATIENCE)
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

@pytest.mark.parametrize("way", ["listen", "inetd"])
@pytest.mark.parametrize("is_trusted", [True, False])
def test_wss(edges, engine, certificate, is_trusted, way):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    engine.secure(context)
    edge = edges(configured(engine, upstream_base_url=f"wss://localhost:{engine.port}"), way,
                 env={"SSL_CERT_FILE": str(certificate[0])} if is_trusted else None)
    answer = edge.ask(ask("openai", "one two three " * 300, True))
    if is_trusted:
        assert said("openai", answer).count("three") == 300
    else:
        assert (answer.status, answer.get("x-edgefilter-code")) == (502, "407")
