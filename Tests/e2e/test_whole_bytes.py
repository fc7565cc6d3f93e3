# SPDX-License-Identifier: MIT
"""Every byte, once, in order: random sizes, framings, pauses, splits."""

import hashlib
import json
import random
import socket
import threading

import pytest

import api
import proc
import scripts
from client import chat, request
from edge import configuration
from exchange import PATIENCE


def blob(rng: random.Random, size: int) -> bytes:
    return rng.randbytes(size)


def sizes(rng: random.Random) -> int:
    return rng.choice([0, 1, 2, 100, 4095, 4096, 65535, 65536, 65537, 262143, 262144, 262145, 1 << 20, (1 << 20) + 1,
                       rng.randrange(3 << 20)])


@pytest.mark.parametrize("seed", range(50))
def test_random_bodies_both_ways(edges, upstream, seed):
    rng = random.Random(seed)
    edge = edges(configuration(upstream))
    client = edge.dial(receive_buffer=rng.choice([None, 4096, 65536]))
    for _ in range(3):
        up, down = blob(rng, sizes(rng)), blob(rng, sizes(rng))
        framing = rng.choice(["counted", "chunked", "close"])
        cuts = sorted(rng.randrange(len(down) + 1) for _ in range(rng.randrange(6)))
        slow_up, slow_down = rng.random() < 0.3, rng.random() < 0.3

        def script(x, down=down, cuts=cuts, framing=framing, slow=slow_up):
            if slow:
                while x.body.some(rng.randrange(1, 200_000)):
                    threading.Event().wait(0.002)
            x.body.read()
            x.head(200, ("content-type", "audio/mpeg"), framing=len(down) if framing == "counted" else framing)
            at = 0
            for cut in [*cuts, len(down)]:
                if cut > at:
                    x.send(down[at:cut])
                    threading.Event().wait(0.003)
                at = max(at, cut)
            x.end()
        upstream.script(script)
        chunked = rng.random() < 0.5
        head = request("PUT", "/v1/files/f", None, "Transfer-Encoding: chunked" if chunked else f"Content-Length: {len(up)}")

        def feed(up=up, chunked=chunked, head=head):
            client.send(head)
            at = 0
            while at < len(up):
                piece = up[at:at + rng.choice([1, 100, 65536, 1 << 20])]
                at += len(piece)
                client.send(b"%x\r\n%b\r\n" % (len(piece), piece) if chunked else piece)
                if rng.random() < 0.01:
                    threading.Event().wait(0.002)
            if chunked:
                client.send(b"0\r\n\r\n")
        sender = threading.Thread(target=feed)
        sender.start()
        answer = client.read_head()
        if slow_down:
            threading.Event().wait(0.05)
        body = client.read_body(answer)
        sender.join()
        assert hashlib.sha256(body).digest() == hashlib.sha256(down).digest()
        assert hashlib.sha256(upstream.requests[-1].body).digest() == hashlib.sha256(up).digest()
        if answer.closes:
            client = edge.dial()


NAMES = ['a"b', "a\\b", "modèl-é", "模型", "😀", "a/b:c", "</x>"]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("ascii_only", [True, False])
@pytest.mark.parametrize("kind", ["whole", "stream"])
def test_names_a_byte_a_packet(edges, upstream, name, ascii_only, kind):
    config = configuration(upstream, models={name: "main/up-" + name * 3, "*": "main"})
    edge = edges(json.dumps(config, ensure_ascii=False))
    value = {"id": "1", "model": "up-" + name * 3, "x": name,
             "choices": [{"index": 0, "finish_reason": "stop", "message": {"model": "up"}}],
             "usage": {"prompt_tokens": 3, "completion_tokens": 4}}
    text = json.dumps(value, ensure_ascii=ascii_only)
    body = text.encode() if kind == "whole" else f"data: {text}\r\n\r\ndata: [DONE]\r\n\r\n".encode()
    upstream.script(scripts.dripping(body, "application/json" if kind == "whole" else "text/event-stream"))
    client = edge.dial()
    asked = json.dumps({"messages": [], "model": name, "stream": kind == "stream"}, ensure_ascii=ascii_only).encode()
    sent = request("POST", "/v1/chat/completions", asked, "Content-Type: application/json")
    client.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    for at in range(len(sent)):
        client.send(sent[at:at + 1])
    answer = client.answer()
    assert json.loads(bytes(upstream.requests[0].body)) == {**json.loads(asked), "model": "up-" + name * 3}
    got = answer.body if kind == "whole" else answer.body.split(b"\r\n")[0].removeprefix(b"data: ")
    assert json.loads(got) == {**value, "model": name}
    record, = edge.records(1)
    assert (record["input"], record["output"], record["stop"]) == (3, 4, "finished")


def test_ten_thousand_pipelined(edges, upstream):
    edge = edges(configuration(upstream, limits={"requests_per_connection": 20000}))
    client = edge.dial()
    one = request("GET", "/health")
    threading.Thread(target=client.send, args=[one * 10_000], daemon=True).start()
    for _ in range(10_000):
        assert client.answer().status == 200
    handler = edge.handler(client)
    assert proc.peak_memory(handler) < 24 << 20
    proc.wait_until(lambda: len(edge.lines()) == 10_000, "10000 records")


def test_two_upstreams_in_turn_on_one_connection(edges, upstream, upstreams):
    other = upstreams()
    config = configuration(upstream, models={"a-*": "main/gpt-4o", "b-*": "second/gpt-4o"})
    config["upstreams"]["second"] = {**config["upstreams"]["main"], "base_url": other.url, "key": api.CALLER_KEY}
    edge = edges(config)
    client = edge.dial()
    for _ in range(5):
        assert client.ask(chat("a-1")).status == 200
        assert client.ask(chat("b-1")).status == 200
    assert len(upstream.connections) == len(other.connections) == 1
    assert {r.get("authorization") for r in upstream.requests} == {f"Bearer {api.OPERATOR_KEY}"}
    assert {r.get("authorization") for r in other.requests} == {f"Bearer {api.CALLER_KEY}"}


def test_fast_gigabyte_to_a_client_that_does_not_read(edges, upstream):
    edge = edges(configuration(upstream))
    upstream.script(scripts.flood(256 << 20))
    client = edge.dial(receive_buffer=65536)
    client.send(request("POST", "/v1/audio/speech", {"model": "tts-1"}))
    assert upstream.exchange().stalled.wait(PATIENCE)
    assert proc.private_memory(edge.handler(client)) < 8 << 20


@pytest.mark.parametrize("path,kind", [("/v1/files/f", None), ("/v1/chat/completions", b'{"model":"gpt-4","x":"')])
def test_upload_to_an_upstream_that_does_not_read(edges, upstream, path, kind):
    edge = edges(configuration(upstream))
    gate = upstream.gate()
    upstream.script(lambda x: x.wait(gate))
    client = edge.dial()
    client.sock.settimeout(1)
    with pytest.raises(TimeoutError):
        client.send(request("POST", path, None, "Content-Length: 30000000") + (kind or b"") + b"x" * 29_000_000)
    assert proc.private_memory(edge.handler(client)) < 8 << 20
