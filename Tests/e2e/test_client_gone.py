# SPDX-License-Identifier: MIT
"""Promise 3: a caller that goes away cancels its upstream call; a handler that dies, its own."""

import os
import signal

import pytest

import scripts
from client import chat, request
from edge import WAYS, configuration
from exchange import PATIENCE, heartbeats

LEAVING = ["close", "reset"]


def leave(client, how: str) -> float:
    """Goes away, and says when."""
    instant = heartbeats()
    getattr(client, how)()
    return instant


def closes_soon(upstream, exchange, since: float) -> None:
    """The promise is 100 ms; a busy machine that runs the tests gets a second."""
    took = upstream.connection(exchange).wait_closed() - since
    print(f"the upstream saw the close after {took * 1000:.1f} ms")
    assert 0 <= took < 1.0


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("streamed", [False, True])
@pytest.mark.parametrize("how", LEAVING)
def test_before_the_first_byte(edges, upstream, way, streamed, how):
    edge = edges(configuration(upstream), way)
    upstream.script(scripts.hold(upstream.gate()))
    client = edge.dial()
    client.send(chat("gpt-4", stream=streamed))
    exchange = upstream.heard()
    closes_soon(upstream, exchange, leave(client, how))
    assert len(edge.records(1)) == 1


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("how", LEAVING)
def test_mid_stream(edges, upstream, way, how):
    edge = edges(configuration(upstream), way)
    upstream.script(scripts.stream(["a", "b"], gate=upstream.gate()))
    client = edge.dial()
    client.send(chat("gpt-4", stream=True))
    client.read_head()
    client.read_until(b'"content":"a"')
    exchange = upstream.heard()
    closes_soon(upstream, exchange, leave(client, how))
    record, = edge.records(1)
    assert record["status"] == 200


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("how", LEAVING)
def test_after_the_last_event(edges, upstream, way, how):
    """SDKs leave when they have read it; they lost nothing, and the record says so."""
    edge = edges(configuration(upstream), way)
    upstream.script(scripts.told(upstream.gate()))
    client = edge.dial()
    client.send(chat("gpt-4", stream=True))
    client.read_head()
    client.read_until(b"[DONE]")
    closes_soon(upstream, upstream.heard(), leave(client, how))
    record, = edge.records(1)
    assert (record["code"], record["ended"]) == (0, "complete")


@pytest.mark.parametrize("how", LEAVING)
def test_after_its_reason_to_stop(edge, upstream, how):
    """What stands between the reason and the end, the usage, never came."""
    upstream.script(scripts.stream(["a"], upstream.gate(), after=9, ending="none"))
    client = edge.dial()
    client.send(chat("gpt-4", stream=True))
    client.read_head()
    client.read_until(b'"finish_reason":"stop"')
    closes_soon(upstream, upstream.heard(), leave(client, how))
    record, = edge.records(1)
    assert (record["code"], record["ended"]) == (601, "gone")


@pytest.mark.parametrize("how", LEAVING)
def test_mid_answer(edge, upstream, how):
    upstream.script(scripts.sound(upstream.gate(), 1 << 20))
    client = edge.dial()
    client.send(request("POST", "/v1/audio/speech", {"model": "tts-1"}))
    client.read_head()
    exchange = upstream.heard()
    client.read_exactly((1 << 20) - 1)
    closes_soon(upstream, exchange, leave(client, how))


def test_with_unread_answer(edge, upstream):
    """The client leaves while it holds the answer back."""
    upstream.script(scripts.flood(64 << 20))
    client = edge.dial(receive_buffer=65536)
    client.send(request("POST", "/v1/audio/speech", {"model": "tts-1"}))
    exchange = upstream.exchange()
    assert exchange.stalled.wait(PATIENCE)
    closes_soon(upstream, exchange, leave(client, "close"))


@pytest.mark.parametrize("how", LEAVING)
def test_mid_upload(edge, upstream, how):
    """Half of a form is sent; whether the upstream was called yet is ours to choose."""
    client = edge.dial()
    client.send(request("PUT", "/v1/files/f", None, "Content-Length: 2000000") + b"x" * 1_000_000)
    instant = leave(client, how)
    edge.records(1)
    for connection in upstream.connections:
        assert connection.wait_closed() - instant < 1.0


def test_with_the_next_request_already_sent(edge, upstream):
    """Pipelined bytes must not hide that the client is gone."""
    upstream.script(scripts.hold(upstream.gate()))
    client = edge.dial()
    client.send(chat("gpt-4") + request("GET", "/health"))
    exchange = upstream.heard()
    closes_soon(upstream, exchange, leave(client, "reset"))


@pytest.mark.parametrize("way", WAYS)
def test_killed_handler(edges, upstream, way):
    edge = edges(configuration(upstream), way)
    gates = [upstream.gate(), upstream.gate()]
    clients = []
    for number, gate in enumerate(gates, 1):
        upstream.script(scripts.stream(["a", "b"], gate=gate))
        clients.append(edge.dial())
        clients[-1].send(chat("gpt-4", stream=True))
        clients[-1].read_head()
        clients[-1].read_until(b'"content":"a"')
        upstream.heard(number)
    killed, other = (edge.handler(client) for client in clients)
    assert killed != other
    instant = heartbeats()
    os.kill(killed, signal.SIGKILL)
    assert clients[0].is_closed()
    took = heartbeats() - instant
    print(f"the client saw the close after {took * 1000:.1f} ms")
    assert took < 1.0
    closes_soon(upstream, upstream.exchanges[0], instant)
    gates[1].set()
    assert b"[DONE]" in clients[1].read_until(b"[DONE]")
    assert clients[1].read_chunk() == b""
    assert edge.ask(request("GET", "/health")).status == 200


def test_orphans_finish(edge, upstream):
    """A handler finishes its exchange when the acceptor is gone."""
    gate = upstream.gate()
    upstream.script(scripts.stream(["a", "b"], gate=gate))
    client = edge.dial()
    client.send(chat("gpt-4", stream=True))
    client.read_head()
    upstream.heard()
    os.kill(edge.pid, signal.SIGKILL)
    edge.process.wait()
    gate.set()
    assert b"[DONE]" in client.read_until(b"[DONE]")
