# SPDX-License-Identifier: MIT
"""A caller that means harm, or is only slow: mapping, clocks and promise 3 hold all the same."""

import json
import socket
import threading

import pytest

import proc
import scripts
from client import chat, request
from edge import configuration
from exchange import heartbeats


def pause(seconds: float = 0.15) -> None:
    threading.Event().wait(seconds)


MODELS = {"gpt-4": "main/gpt-4-turbo", "*": "main"}


@pytest.mark.parametrize("kind", ["json", "form"])
def test_a_second_model_in_a_later_packet(edges, upstream, kind):
    """Refused when both names come in one packet; it must not matter where the packets end."""
    edge = edges(configuration(upstream))
    if kind == "json":
        parts = [b'{"model":"gpt-4","messages":[{"role":"user","content":"x"}]', b',"model":"gpt-4o"}']
        head = request("POST", "/v1/chat/completions", None, "Content-Type: application/json",
                       f"Content-Length: {sum(map(len, parts))}")
    else:
        part = b'--b\r\nContent-Disposition: form-data; name="model"\r\n\r\n%b\r\n'
        parts = [part % b"gpt-4" + b"--b\r\nContent-Disposition: form-data; name=\"x\"\r\n\r\ny\r\n",
                 part % b"gpt-4o" + b"--b--\r\n"]
        head = request("POST", "/v1/audio/transcriptions", None, "Content-Type: multipart/form-data; boundary=b",
                       f"Content-Length: {sum(map(len, parts))}")
    upstream.script(scripts.whole(b"{}"))
    client = edge.dial()
    client.send(head + parts[0])
    pause()
    client.send(parts[1])
    answer = client.answer()
    heard = bytes(upstream.requests[0].body) if upstream.requests else b""
    assert answer.status == 400, (answer.status, heard)


def test_a_long_first_model_hides_the_second_in_a_form(edges, upstream):
    edge = edges(configuration(upstream))
    part = b'--b\r\nContent-Disposition: form-data; name="model"\r\n\r\n%b\r\n'
    body = part % (b"g" * 2000) + part % b"gpt-4" + b"--b--\r\n"
    upstream.script(scripts.whole(b"{}"))
    answer = edge.ask(request("POST", "/v1/audio/transcriptions", body, "Content-Type: multipart/form-data; boundary=b"))
    assert answer.status == 400


@pytest.mark.parametrize("body", [b'"hi"', b"5", b"null", b"true"])
def test_a_body_that_is_no_object(edges, upstream, body):
    edge = edges(configuration(upstream, models={"*": "main/gpt-4o"}))
    upstream.script(scripts.whole(b"{}"))
    answer = edge.ask(request("POST", "/v1/chat/completions", body, "Content-Type: application/json"))
    heard = bytes(upstream.requests[0].body) if upstream.requests else b""
    assert answer.status == 400, (answer.status, heard)


def test_slow_upload_is_not_the_upstreams_silence(edges, upstream):
    """first_byte counts from the upload's last progress, not from the call's begin."""
    edge = edges(configuration(upstream, upstream_timeout={"connect": "2s", "first_byte": "2s", "silence": "5s"}))
    client = edge.dial()
    client.send(request("PUT", "/v1/files/f", None, "Content-Length: 40"))
    try:
        for _ in range(20):
            client.send(b"xx")
            pause()
    except OSError:
        pass
    answer = client.answer()
    assert answer.status == 200, answer


@pytest.mark.parametrize("how", ["reset"])
def test_caller_leaves_while_the_upstream_reads_nothing(edges, upstream, how):
    """Promise 3 during a paused upload."""
    edge = edges(configuration(upstream))
    gate = upstream.gate()
    upstream.script(lambda x: x.wait(gate))
    client = edge.dial()
    client.sock.setblocking(False)
    client.sock.settimeout(1)
    client.sock.sendall(request("PUT", "/v1/files/f", None, "Content-Length: 30000000"))
    exchange = None
    try:
        for _ in range(400):
            client.sock.sendall(b"x" * 65536)
    except TimeoutError:
        pass
    upstream.heard()
    instant = heartbeats()
    getattr(client, how)()
    # The upstream, which reads nothing, cannot see our FIN behind the unread bytes: the record tells.
    record, = edge.records(1)
    took = heartbeats() - instant
    print(f"took {took * 1000:.0f} ms")
    assert took < 1.0
    assert record["ended"] == "gone"


def test_caller_leaves_during_connect(edges, upstream):
    """Promise 3 towards an upstream that takes no connection: a listener whose waiting room is full."""
    full = socket.socket()
    full.bind(("127.0.0.1", 0))
    full.listen(0)
    waiting = [socket.socket() for _ in range(3)]
    for sock in waiting:
        sock.setblocking(False)
        sock.connect_ex(full.getsockname())
    port = full.getsockname()[1]
    ours = proc.calling(port)
    config = configuration(upstream, upstream_base_url=f"http://127.0.0.1:{port}/v1",
                           upstream_timeout={"connect": "60s", "first_byte": "60s"})
    edge = edges(config)
    client = edge.dial()
    client.send(chat("gpt-4"))
    proc.wait_until(lambda: proc.calling(port) > ours, "the call of the upstream")
    instant = heartbeats()
    client.close()
    record, = edge.records(1)
    assert heartbeats() - instant < 1.0
    assert record["ended"] == "gone"


@pytest.mark.parametrize("name", ["X-Forwarded-Server", "X-Forwarded-Port", "X-Forwarded-Prefix", "X-Forwarded-Ssl",
                                  "X-Forwarded-Scheme", "Via", "Forwarded", "X-Forwarded-For"])
def test_any_forwarding_field_takes_permission_away(edge, name):
    """Promise 8: `Forwarded`, `X-Forwarded-*` or `Via`."""
    assert edge.ask(chat("gpt-4", "x", f"{name}: a")).status == 401


def test_terminal_escapes_in_usage(edge):
    edge.ask(chat("gpt-4\u001b]0;owned\u0007\u009b2J"))
    edge.records(1)
    tool = edge.tool("usage")
    assert b"\x1b" not in tool.stdout and b"\x07" not in tool.stdout and b"\xc2\x9b" not in tool.stdout, tool.stdout


def test_empty_body_keeps_the_connection(edge):
    client = edge.dial()
    assert not client.ask(request("GET", "/health", b"")).closes


def test_options_star(edge):
    answer = edge.ask(b"OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n")
    assert answer.status < 500, answer


def test_ndjson_is_not_json(edges, upstream):
    edge = edges(configuration(upstream))
    upstream.script(scripts.whole(b"{}"))
    answer = edge.ask(request("POST", "/v1/files", b'{"a":1}\n{"a":2}\n', "Content-Type: application/x-ndjson"))
    assert answer.status == 200, answer


def test_mapped_name_on_other_endpoints(edges, upstream):
    """What names a model and is routed by it should ask for the mapped one as well."""
    edge = edges(configuration(upstream))
    upstream.script(scripts.whole(b"{}"))
    edge.ask(request("POST", "/v1/assistants", {"model": "gpt-4"}))
    assert json.loads(bytes(upstream.requests[0].body))["model"] == "gpt-4-turbo"


def test_encoded_slash_climbs(edges, upstream):
    edge = edges(configuration(upstream))
    upstream.script(scripts.whole(b"{}"))
    assert edge.ask(request("GET", "/v1/files/..%2f..%2fadmin")).status == 400


# Idle handlers burn nothing.

def served_by(edge) -> int:
    """The one handler; beside it there may be for a moment who syncs the log."""
    return proc.wait_until(lambda: handlers[0] if len(handlers := edge.handlers()) == 1 else None, "one handler")


def state_body(client, upstream):
    client.send(request("PUT", "/v1/files/f", None, "Content-Length: 300000") + b"x" * 1000)


def state_model_body(client, upstream):
    client.send(request("POST", "/v1/chat/completions", None, "Content-Length: 300000") + b'{"messages":[],')


def state_answer(client, upstream):
    upstream.script(scripts.hold(upstream.gate()))
    client.send(chat("gpt-4"))


def state_pipelined(client, upstream):
    upstream.script(scripts.hold(upstream.gate()))
    client.sock.settimeout(0.5)
    try:
        client.send(chat("gpt-4") + b"x" * 300_000)
    except TimeoutError:
        pass


def state_paused_download(client, upstream):
    upstream.script(scripts.flood(64 << 20))
    client.send(request("POST", "/v1/audio/speech", {"model": "tts-1"}))


def state_paused_upload(client, upstream):
    gate = upstream.gate()
    upstream.script(lambda x: x.wait(gate))
    client.sock.settimeout(0.5)
    try:
        client.send(request("PUT", "/v1/files/f", None, "Content-Length: 30000000") + b"x" * 29_000_000)
    except TimeoutError:
        pass


def state_expect(client, upstream):
    client.send(request("PUT", "/v1/files/f", None, "Content-Length: 30", "Expect: 100-continue"))


def state_stream_silent(client, upstream):
    upstream.script(scripts.stream(["a", "b"], gate=upstream.gate()))
    client.send(chat("gpt-4", stream=True))


def state_kept(client, upstream):
    client.ask(chat("gpt-4"))


def state_early_answer(client, upstream):
    """The whole answer came before the body."""
    gate = upstream.gate()

    def script(x):
        x.head(200, ("content-type", "application/json"), framing=2)
        x.send(b"{}")
        x.wait(gate)
    upstream.script(script)
    client.send(request("PUT", "/v1/files/f", None, "Content-Length: 2000000") + b"x" * 1000)


def state_half_head(client, upstream):
    client.send(b"GET / HTTP/1.1\r\nHost")


def state_close_delimited_silent(client, upstream):
    gate = upstream.gate()

    def script(x):
        x.body.read()
        x.head(200, ("content-type", "application/json"), framing="close")
        x.send(b"{}")
        x.wait(gate)
    upstream.script(script)
    client.send(chat("gpt-4"))


STATES = {name.removeprefix("state_"): act for name, act in list(globals().items()) if name.startswith("state_")}


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("way", ["listen", "unix"])
def test_idle_handler_burns_nothing(edges, upstream, state, way):
    edge = edges(configuration(upstream), way)
    client = edge.dial(receive_buffer=65536)
    STATES[state](client, upstream)
    handler = served_by(edge)

    def ticks() -> int:
        _, before = proc.cpu(handler)
        pause(1)
        return proc.cpu(handler)[1] - before
    # What is still to come, comes first: who spins is never at rest.
    proc.wait_until(lambda: ticks() <= 2, "a second in which it does nothing")
