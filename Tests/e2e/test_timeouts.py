# SPDX-License-Identifier: MIT
"""Each wait has a limit of its own, and a failure its documented form."""

import json
import os
import signal
import socket
import threading

import pytest

import api
import proc
import scripts
from client import chat, request
from edge import configuration, free_port
from exchange import PATIENCE

NONE = {"connect": "60s", "first_byte": "60s", "silence": "60s", "total": 0}


def timed(upstream, **limits) -> dict:
    return configuration(upstream, upstream_timeout={**NONE, **limits})


def is_timeout(error: dict) -> bool:
    return (error["type"], error["code"]) == ("relay_error", "timeout") and \
        error["message"].startswith("Backend request timeout:")


def is_failure(error: dict) -> bool:
    return (error["type"], error["code"]) == ("relay_error", "backend_error") and \
        error["message"].startswith("Backend request failed:")


@pytest.mark.parametrize("limits", [{"first_byte": "300ms"}, {"total": "300ms"}])
@pytest.mark.parametrize("streamed", [False, True])
def test_no_first_byte(edges, upstream, limits, streamed):
    config = timed(upstream, **limits)
    config["upstreams"]["patient"] = configuration(upstream)["upstreams"]["main"]
    config["models"]["patient"] = "patient/gpt-4-turbo"
    edge = edges(config)
    upstream.script(scripts.hold(upstream.gate()))
    client = edge.dial()
    answer = client.ask(chat("gpt-4", stream=streamed))
    assert answer.status == 504
    assert is_timeout(answer.error)
    assert int(answer.get("x-edgefilter-code")) > 0
    upstream.connection(upstream.heard()).wait_closed()
    assert client.ask(chat("patient")).status == 200
    assert [record["status"] for record in edge.records(2)] == [504, 200]


@pytest.mark.parametrize("limits", [{"silence": "300ms"}, {"total": "2s"}])
def test_silence_in_a_stream(edges, upstream, limits):
    edge = edges(timed(upstream, **limits))
    upstream.script(scripts.at_once(scripts.stream(["a"], gate=upstream.gate())))
    answer = edge.ask(chat("gpt-4", stream=True))
    *events, error, done = answer.events
    assert (answer.status, done) == (200, "[DONE]")
    assert len(events) == 2
    assert is_timeout(json.loads(error)["error"])
    upstream.connections[0].wait_closed()


def test_silence_in_a_whole_answer(edges, upstream):
    """The head is out and its length is promised: only a close tells the truth."""
    edge = edges(timed(upstream, silence="300ms"))
    upstream.script(scripts.at_once(scripts.sound(upstream.gate(), 1 << 20)))
    client = edge.dial()
    client.send(request("POST", "/v1/audio/speech", {"model": "tts-1"}))
    head = client.read_head()
    rest = client.read_rest()
    assert head.status == 200
    assert rest[:1000] == api.speech(1000) or b"\r\n" in rest[:10]
    assert len(rest) < (1 << 20) + 200
    assert not rest.endswith(b"\r\n0\r\n\r\n")


@pytest.mark.parametrize("limits, after", [({"first_byte": "3s"}, 0), ({"silence": "3s"}, 2)])
def test_late_is_who_sent_late(edges, upstream, limits, after):
    """Where the machine does not let us run, what came meanwhile came in time."""
    edge = edges(timed(upstream, **limits))
    gate, sent = upstream.gate(), threading.Event()
    stream = scripts.stream(["a"], gate=gate, after=after)

    def script(x) -> None:
        # A body that has ended is waited for no more; that its last event has come must be enough.
        x.end = lambda: None
        stream(x)
        sent.set()
    upstream.script(scripts.hold(gate, script) if after == 0 else script)
    client = edge.dial()
    assert client.ask(request("GET", "/health")).status == 200
    handler = edge.handler(client)
    client.send(chat("gpt-4", stream=True))
    upstream.heard()
    proc.stop(handler)
    gate.set()
    assert sent.wait(PATIENCE)
    threading.Event().wait(3)  # the limit, and the part of it that has passed before
    os.kill(handler, signal.SIGCONT)
    client.read_head()
    client.read_until(b"[DONE]")
    client.close()
    record = edge.records(2)[1]
    assert (record["code"], record["ended"]) == (0, "complete")


def test_slow_words_are_no_silence(edges, upstream):
    """The limit counts from the last byte: a byte a packet is answer enough."""
    edge = edges(timed(upstream, silence="2s"))
    body = b'{"model":"gpt-4o","text":"slowly"}'
    upstream.script(scripts.dripping(body))
    assert edge.ask(chat("gpt-4o")).body == body


def test_refused(edges, upstream):
    config = configuration(upstream)
    config["upstreams"]["main"]["base_url"] = f"http://127.0.0.1:{free_port()}/v1"
    edge = edges(config)
    answer = edge.ask(chat("gpt-4"))
    assert answer.status == 502
    assert is_failure(answer.error)
    assert int(answer.get("x-edgefilter-code")) > 0
    assert edge.records(1)[0]["status"] == 502


def test_no_connection(edges, upstream):
    """A listener whose backlog is full answers no SYN."""
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        address = full.getsockname()
        waiting = [socket.socket() for _ in range(4)]
        for sock in waiting:
            sock.setblocking(False)
            sock.connect_ex(address)
        config = timed(upstream, connect="300ms")
        config["upstreams"]["main"]["base_url"] = f"http://127.0.0.1:{address[1]}/v1"
        answer = edges(config).ask(chat("gpt-4"))
        for sock in waiting:
            sock.close()
    assert answer.status == 504
    assert is_timeout(answer.error)


def test_unknown_host(edges, upstream):
    config = timed(upstream)
    config["upstreams"]["main"]["plain"] = True
    config["upstreams"]["main"]["base_url"] = "http://no-such-host.invalid/v1"
    answer = edges(config).ask(chat("gpt-4"))
    assert answer.status == 502
    assert is_failure(answer.error)


@pytest.mark.parametrize("framing", ["chunked", "close"])
@pytest.mark.parametrize("ending", ["cut", "reset", "cut inside", "none"])
def test_stream_that_breaks_off(edge, upstream, ending, framing):
    """Promise 4: the caller sees what came, an error, and an end."""
    upstream.script(scripts.stream(["a"], framing=framing, ending=ending))
    client = edge.dial()
    *events, error, done = client.ask(chat("gpt-4", stream=True)).events
    assert done == "[DONE]"
    assert is_failure(json.loads(error)["error"])
    assert [json.loads(event)["model"] for event in events] == ["gpt-4"] * len(events)
    assert len(events) == 2
    assert edge.records(1)[0]["status"] == 200


@pytest.mark.parametrize("framing", ["counted", "chunked"])
def test_whole_answer_that_breaks_off(edge, upstream, framing):
    """Never a silent truncation: an error, or a body that is visibly short."""
    body = b'{"model":"gpt-4-turbo","choices":[' if framing == "counted" else b'2\r\n{"\r\n'
    field = b"Content-Length: 500" if framing == "counted" else b"Transfer-Encoding: chunked"
    upstream.script(scripts.cut(sent=b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
                                + field + b"\r\n\r\n" + body))
    client = edge.dial()
    client.send(chat("gpt-4"))
    head = client.read_head()
    if head.status == 502:
        head.body = client.read_body(head)
        assert is_failure(head.error)
    else:
        assert not client.read_rest().endswith(b"0\r\n\r\n")


def test_caller_that_sends_no_head(edges, upstream):
    """The header deadline; an idle connection is closed without a word."""
    edge = edges(configuration(upstream, limits={"keepalive": "300ms"}))
    client = edge.dial()
    assert client.ask(request("GET", "/health")).status == 200
    assert client.is_closed()
    assert len(edge.records(1)) == 1
