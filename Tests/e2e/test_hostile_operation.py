# SPDX-License-Identifier: MIT
"""A tired operator: signals, limits, tools, and what is left behind."""

import json
import os
import signal
import subprocess
import threading

import pytest

import api
import proc
import scripts
from client import Client, chat, request
from edge import BINARY, configuration, free_port
from exchange import PATIENCE, heartbeats


def pause(seconds: float = 0.15) -> None:
    threading.Event().wait(seconds)


def test_ctrl_c_in_a_terminal(edges, upstream):
    """A terminal sends SIGINT to the whole group: streams under way are to end as with SIGTERM, not to be cut."""
    edge = edges(configuration(upstream))
    gate = upstream.gate()
    upstream.script(scripts.stream(["a", "b"], gate=gate))
    client = edge.dial()
    client.send(chat("gpt-4", stream=True))
    client.read_head()
    client.read_until(b'"content":"a"')
    os.killpg(edge.pid, signal.SIGINT)
    pause(0.3)
    gate.set()
    client.read_until(b"[DONE]")
    edge.records(1)


def test_drain_that_takes_too_long(edges, upstream):
    """When the drain is over handlers are ended: not without a record, not without a word."""
    edge = edges(configuration(upstream, limits={"drain": "300ms"}))
    upstream.script(scripts.stream(["a", "b"], gate=upstream.gate()))
    client = edge.dial()
    client.send(chat("gpt-4", stream=True))
    client.read_head()
    client.read_until(b'"content":"a"')
    os.kill(edge.pid, signal.SIGTERM)
    rest = client.read_rest()
    edge.records(1)
    assert b'"error"' in rest, rest


def test_idle_keep_alive_does_not_hold_the_drain(edges, upstream):
    """A kept connection with nothing under way should end at once when the acceptor drains."""
    edge = edges(configuration(upstream))
    client = edge.dial()
    client.ask(chat("gpt-4"))
    os.kill(edge.pid, signal.SIGTERM)
    instant = heartbeats()
    edge.process.wait(PATIENCE)
    assert heartbeats() - instant < 5


@pytest.mark.parametrize("spares", [0, 2])
def test_who_was_let_in_is_served(edges, upstream, spares):
    """The end comes while handlers are being forked: none is ended before it can know what the signal means."""
    edge = edges(configuration(upstream, limits={"spares": spares}))
    edge.wait_stderr("listens on")
    # On one processor children begin when their acceptor waits.
    os.sched_setaffinity(edge.pid, [min(os.sched_getaffinity(0))])
    proc.stop(edge.pid)
    clients = [edge.dial() for _ in range(4)]
    for client in clients:
        client.send(chat("gpt-4"))
    os.kill(edge.pid, signal.SIGTERM)
    os.kill(edge.pid, signal.SIGCONT)
    assert [client.answer().status for client in clients] == [200] * 4
    assert edge.process.wait(PATIENCE) == 0
    edge.records(4)
    assert not [line for line in edge.stderr if "signal" in line]


def test_a_request_that_came_before_the_end_is_served(edges, upstream):
    """On a kept connection, whose handler waits for nothing but that: the last one, and answered whole."""
    edge = edges(configuration(upstream))
    client = edge.dial()
    assert client.ask(chat("gpt-4")).status == 200
    edge.records(1)
    handler = edge.handler(client)
    proc.wait_until(lambda: proc.is_at_rest(handler), "that it waits")
    proc.stop(handler)
    client.send(chat("gpt-4", stream=True))
    os.kill(edge.pid, signal.SIGTERM)
    proc.wait_until(lambda: proc.is_told(handler, signal.SIGTERM), "that the handler is asked")
    os.kill(handler, signal.SIGCONT)
    answer = client.answer()
    assert (answer.status, answer.closes, answer.events[-1]) == (200, True, "[DONE]")
    assert [record["ended"] for record in edge.records(2)] == ["complete"] * 2
    assert edge.process.wait(PATIENCE) == 0


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSEGV])
def test_record_of_a_killed_handler(edges, upstream, number):
    """Promise 10."""
    edge = edges(configuration(upstream))
    upstream.script(scripts.hold(upstream.gate()))
    client = edge.dial()
    client.send(chat("gpt-4"))
    upstream.heard()
    os.kill(edge.handler(client), number)
    edge.wait_stderr(f"ended by signal {number}")
    edge.records(1)
    edge.stderr.clear()  # in which no end by a signal would be forgiven


def test_check_connect_with_a_long_list(edges, upstream):
    """More than 256 KiB of models (OpenRouter has that): the probe must not wait for ever."""
    body = json.dumps({"object": "list", "data": [{"id": f"m{n}", "description": "x" * 500} for n in range(2000)]})
    upstream.expects_proxy = False
    upstream.script(*[scripts.whole(body.encode())] * 2)
    edge = edges(configuration(upstream))
    tool = edge.tool("check", "--connect")
    assert tool.returncode == 0, tool.stdout


def test_event_limit_is_the_operators(edges, upstream):
    """`limits.event`."""
    edge = edges(configuration(upstream, limits={"event": "64KiB"}))

    def script(x) -> None:
        x.body.read()
        x.head(200, ("content-type", "text/event-stream"), framing="chunked")
        x.send(b"data: " + b"x" * 200_000 + b"\n\ndata: [DONE]\n\n")
        x.end()
    upstream.script(script)
    answer = edge.ask(chat("gpt-4", stream=True))
    assert b"too large" in answer.body, len(answer.body)


def test_second_listener_takes_no_living_socket(edges, upstream, tmp_path):
    """`listen PATH` while another serves there: an error, not a silent theft."""
    edge = edges(configuration(upstream), "unix")
    other = subprocess.Popen([BINARY, "-c", edge.file, "listen", edge.address], stderr=subprocess.PIPE,
                             env={"PATH": os.environ["PATH"], "STATE_DIRECTORY": str(tmp_path)})
    try:
        assert other.wait(PATIENCE) == 111
    finally:
        other.kill()


def test_two_thousand_connections_leave_nothing(edges, upstream):
    edge = edges(configuration(upstream))
    edge.wait_stderr("listens on")  # before that it rehearses, with more descriptors
    proc.wait_until(lambda: proc.is_at_rest(edge.pid), "that it waits")
    before = len(os.listdir(f"/proc/{edge.pid}/fd"))
    for _ in range(2000):
        client = Client(edge.address)
        client.send(request("GET", "/health", None, "Connection: close"))
        client.read_head()
        client.close()
    proc.wait_until(lambda: not edge.handlers(), "handlers that never end")
    proc.wait_until(lambda: len(os.listdir(f"/proc/{edge.pid}/fd")) == before, "the acceptor's descriptors")
    edge.records(2000)


def test_full_house_answers_before_it_closes(edges, upstream):
    edge = edges(configuration(upstream, limits={"per_source": 2}))
    held = [edge.dial() for _ in range(2)]
    for client in held:
        client.ask(request("GET", "/health"))
    for size in (10, 200_000):
        client = edge.dial()
        client.send(chat("gpt-4", "x" * size))
        answer = client.answer()
        assert answer.status == 503 and answer.get("retry-after")


@pytest.mark.parametrize("limit", ["-n 12"])
def test_few_descriptors(edges, upstream, limit, tmp_path):
    """Whatever fails for want of descriptors is said, and the acceptor lives."""
    state = tmp_path / "s"
    state.mkdir()
    file = tmp_path / "c.yaml"
    file.write_text(json.dumps(configuration(upstream)))
    port = free_port()
    shell = f"ulimit {limit}; exec {BINARY} -c {file} listen 127.0.0.1:{port}"
    process = subprocess.Popen(["sh", "-c", shell], stderr=subprocess.PIPE,
                               env={"PATH": os.environ["PATH"], "STATE_DIRECTORY": str(state)})
    try:
        proc.wait_until(lambda: proc.is_listening(port) or process.poll() is not None, "start")
        statuses = []
        for _ in range(3):
            try:
                client = Client(("127.0.0.1", port))
                statuses.append(client.ask(chat("gpt-4")).status)
                client.close()
            except Exception as error:
                statuses.append(repr(error))
        assert process.poll() is None, process.stderr.read()
        proc.wait_until(lambda: sum(bool(line) for file in state.glob("*.jsonl")
                                    for line in file.read_text().split("\n")) == 3, "3 records")
        assert statuses == [200] * 3
    finally:
        process.kill()


def test_usage_of_torn_files(edge):
    edge.ask(chat("gpt-4"))
    edge.records(1)
    file, = edge.state.glob("requests-*.jsonl")
    line = file.read_text().strip()
    with file.open("ab") as out:
        out.write(line[:100].encode() + b"\n" + b"\0\xff\xfe\n" + b"x" * 100_000 + b"\n" + line.encode() + b"\n"
                  + line.replace('"input":9', '"input":8').encode())
    tool = edge.tool("usage", "--json")
    assert tool.returncode == 0, tool
    assert json.loads(tool.stdout)["total"]["requests"] == 2
    print(tool.stderr)


def test_very_long_times(edges, upstream):
    """A limit of 300 years is no reason to trap."""
    edge = edges(configuration(upstream, limits={"keepalive": "200000d", "send_stall": "200000d"}))
    client = edge.dial()
    assert client.ask(chat("gpt-4")).status == 200
    assert client.ask(chat("gpt-4")).status == 200


def test_request_headers_are_logged_when_asked_for(edges, upstream):
    edge = edges(configuration(upstream, log={"request_headers": True, "response_headers": True}))
    edge.ask(chat("gpt-4", "x", "X-Mine: 7"))
    edge.wait_stderr("Response headers")
    edge.wait_stderr("Request headers.*X-Mine: 7")


def test_keys_in_logged_bodies(edges, upstream):
    """`mask_sensitive` for bodies: an upstream that repeats the key it refuses (promise 7)."""
    edge = edges(configuration(upstream, log={"bodies": True}))

    def script(x) -> None:
        x.body.read()
        key = x.request.get("authorization")
        api.respond_json(x, {"error": {"message": f"Incorrect API key provided: {key}"}}, 401)
    upstream.script(script)
    edge.ask(chat("gpt-4"))
    edge.wait_stderr("Response body")
    assert not [line for line in edge.stderr if api.OPERATOR_KEY in line]


def test_operators_key_in_an_answer(edges, upstream):
    """An upstream's 401 that repeats the operator's key must not hand it to the caller."""
    edge = edges(configuration(upstream))

    def script(x) -> None:
        x.body.read()
        api.respond_json(x, {"error": {"message": f"Incorrect API key: {x.request.get('authorization')}"}}, 401)
    upstream.script(script)
    answer = edge.ask(chat("gpt-4"))
    edge.transcripts.clear()
    assert api.OPERATOR_KEY.encode() not in answer.body
