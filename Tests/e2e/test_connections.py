# SPDX-License-Identifier: MIT
"""Connections: kept, pipelined, replaced when a reused one is dead, closed where they must be."""

import pytest

import api
import proc
import scripts
from client import chat, request
from edge import WAYS, configuration
from exchange import PATIENCE


@pytest.mark.parametrize("way", WAYS)
def test_one_process_and_one_upstream_connection(edges, upstream, way):
    edge = edges(configuration(upstream), way)
    client = edge.dial()
    handlers = set()
    for number in range(3):
        assert client.ask(chat("gpt-4", stream=number == 1)).status == 200
        handlers.add(edge.handler(client))
    assert len(handlers) == 1
    assert len(upstream.connections) == 1
    assert len(upstream.exchanges) == 3


@pytest.mark.parametrize("how", ["fin", "reset"])
@pytest.mark.parametrize("body", [10, 300_000])
def test_reused_connection_that_dies_is_replaced(edge, upstream, how, body):
    """llama.cpp's server drops every connection after a stream, at the next request on it."""
    upstream.script(*(scripts.dropping(how, scripts.stream(["a"])) for _ in range(3)))
    client = edge.dial()
    for _ in range(3):
        answer = client.ask(chat("gpt-4", "x" * body, stream=True))
        assert answer.status == 200, answer
        assert answer.events[-1] == "[DONE]"
    assert len(upstream.exchanges) == 3
    assert len(upstream.connections) == 3
    assert len(edge.records(3)) == 3


@pytest.mark.parametrize("how", ["fin", "reset"])
def test_what_is_sent_again_is_sent_whole(edge, upstream, how):
    """Short bodies go up with the head and long ones behind it; each is repeated, whatever the one before was."""
    sizes = [10, 100_000, 10, 1_000_000, 70_000, 10]
    upstream.script(*(scripts.dropping(how, api.answer) for _ in sizes))
    client = edge.dial()
    for size in sizes:
        assert client.ask(chat("gpt-4", "x" * size)).status == 200
    assert [len(request.body) > size for request, size in zip(upstream.requests, sizes, strict=True)] == [True] * len(sizes)
    assert len(upstream.connections) == len(sizes)


def test_fresh_connection_that_dies_is_no_reason_to_try_again(edge, upstream):
    upstream.script(*(scripts.cut() for _ in range(5)))
    answer = edge.ask(chat("gpt-4"))
    assert (answer.status, answer.error["code"]) == (502, "backend_error")
    assert len(upstream.exchanges) == 1


def test_retried_once_only(edge, upstream):
    upstream.script(scripts.dropping("fin", scripts.stream(["a"])), scripts.cut(), api.answer)
    client = edge.dial()
    assert client.ask(chat("gpt-4", stream=True)).status == 200
    assert client.ask(chat("gpt-4")).status == 502
    assert len(upstream.exchanges) == 2


def test_idle_upstream_connection_closed_meanwhile(edge, upstream):
    client = edge.dial()
    assert client.ask(chat("gpt-4")).status == 200
    upstream.connections[0].sock.shutdown(2)
    assert client.ask(chat("gpt-4")).status == 200
    assert len(upstream.connections) == 2


def test_pipelined_requests_are_answered_in_order(edge, upstream):
    gate = upstream.gate()
    upstream.script(scripts.hold(gate))
    client = edge.dial()
    client.send(chat("gpt-4", "first") + request("GET", "/health")
                + chat("gpt-4", "third", stream=True) + chat("gpt-4", "fourth"))
    upstream.heard()
    gate.set()
    assert client.answer().json["choices"][0]["message"]["content"] == "You said: first"
    assert client.answer().json["status"] == "healthy"
    assert client.answer().events[-1] == "[DONE]"
    assert client.answer().json["choices"][0]["message"]["content"] == "You said: fourth"
    assert len(edge.records(4)) == 4


def test_expect_continue(edge):
    client = edge.dial()
    sent = chat("gpt-4", "patient", "Expect: 100-continue")
    head, mark, body = sent.partition(b"\r\n\r\n")
    client.send(head + mark)
    assert client.wire.until(b"\r\n\r\n", 100) == b"HTTP/1.1 100 Continue"
    client.send(body)
    assert client.answer().status == 200


def test_expect_continue_with_the_body_already_there(edge):
    answer = edge.ask(chat("gpt-4", "hasty", "Expect: 100-continue"))
    assert answer.status == 200
    assert answer.interim in ([], [100])


def test_expect_continue_refused_before_the_body(edges, upstream):
    edge = edges(configuration(upstream, limits={"body": "4KiB"}))
    client = edge.dial()
    client.send(request("POST", "/v1/chat/completions", None, "Content-Length: 5000",
                        "Expect: 100-continue"))
    answer = client.answer()
    assert (answer.status, answer.interim, answer.closes) == (413, [], True)
    assert client.is_closed()


@pytest.mark.parametrize("line, closes", [
    ("Connection: close", True), ("Connection: Close, x", True), ("Connection: keep-alive", False),
])
def test_connection_field(edge, line, closes):
    client = edge.dial()
    answer = client.ask(request("GET", "/health", None, line))
    assert (answer.status, answer.closes) == (200, closes)
    if closes:
        assert client.is_closed()
    else:
        assert client.ask(request("GET", "/health")).status == 200


def test_http_1_0(edge):
    client = edge.dial()
    client.send(b"GET /health HTTP/1.0\r\n\r\n")
    assert client.answer().status == 200
    assert client.is_closed()
    streamed = edge.dial()
    streamed.send(chat("gpt-4", stream=True).replace(b"HTTP/1.1", b"HTTP/1.0", 1))
    answer = streamed.answer()
    assert answer.get("transfer-encoding") is None
    assert answer.events[-1] == "[DONE]"


def test_upstream_that_closes_every_time(edge, upstream):
    upstream.script(*(scripts.stream(["a"], framing="close") for _ in range(2)))
    client = edge.dial()
    for _ in range(2):
        assert client.ask(chat("gpt-4", stream=True)).events[-1] == "[DONE]"
    assert len(upstream.connections) == 2


def test_early_refusal_of_a_large_body(edge, upstream):
    """The upstream answers before it has read the request: its answer reaches the caller."""
    told = b'{"error":{"message":"too large","type":"x","param":null,"code":null}}'
    upstream.script(scripts.refusing_early(told, 413))
    answer = edge.ask(chat("gpt-4", "x" * 5_000_000))
    assert (answer.status, answer.error["message"]) == (413, "too large")


def test_slow_client_holds_the_upstream_back(edge, upstream):
    """Back-pressure: what the client does not take stays in the upstream, not in our memory."""
    size = 64 * api.MIB
    upstream.script(scripts.flood(size))
    client = edge.dial(receive_buffer=65536)
    client.send(request("POST", "/v1/audio/speech", {"model": "tts-1"}))
    exchange = upstream.exchange()
    assert exchange.stalled.wait(PATIENCE), "the upstream was never held back"
    handler = edge.handler(client)
    assert exchange.sent < size
    assert proc.peak_memory(handler) < 16 * api.MIB
    assert client.answer().body == api.speech(size)
    assert proc.peak_memory(handler) < 16 * api.MIB


def test_processes_end_with_their_connections(edge):
    clients = [edge.dial() for _ in range(8)]
    for client in clients:
        assert client.ask(request("GET", "/health")).status == 200
    serving = {edge.handler(client) for client in clients}
    assert len(serving) == 8
    for client in clients:
        client.close()
    proc.wait_until(lambda: all(proc.is_dead(pid) for pid in serving), "the end of the handlers")


@pytest.mark.parametrize("limits, fits", [({"connections": 2}, 2), ({"per_source": 3}, 3)])
def test_limits_on_connections(edges, upstream, limits, fits):
    edge = edges(configuration(upstream, limits=limits))
    kept = [edge.dial() for _ in range(fits)]
    for client in kept:
        assert client.ask(request("GET", "/health")).status == 200
    refused = edge.dial().answer()
    assert refused.status in (429, 503)
    assert int(refused.get("retry-after")) > 0
    kept[0].close()
    proc.wait_until(lambda: edge.ask(request("GET", "/health")).status == 200, "a free place")
