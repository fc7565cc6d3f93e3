# SPDX-License-Identifier: MIT
"""The ways of starting, and what is particular to each."""

import json
import os
import select
import signal
import socket
import subprocess

import pytest

import edge as starting
import proc
import scripts
from client import Client, chat, request
from edge import BINARY, WAYS, configuration
from exchange import PATIENCE


@pytest.mark.parametrize("way", [*WAYS, "unix"])
def test_each_way_answers(edges, upstream, way):
    edge = edges(configuration(upstream), way)
    client = edge.dial()
    assert client.ask(request("GET", "/health")).json["status"] == "healthy"
    assert client.ask(chat("gpt-4")).json["model"] == "gpt-4"
    assert client.ask(chat("gpt-4", stream=True)).events[-1] == "[DONE]"
    assert len(edge.records(3)) == 3


def test_unix_socket_serves_forwarded_keyless_callers(edges, upstream):
    """Promise 8: anyone on a unix socket."""
    edge = edges(configuration(upstream), "unix")
    assert edge.ask(chat("gpt-4")).status == 200


@pytest.mark.parametrize("way", ["listen", "activate"])
def test_many_at_once(edges, upstream, way):
    edge = edges(configuration(upstream), way)
    gate = upstream.gate()
    upstream.script(*(scripts.hold(gate) for _ in range(20)))
    clients = [edge.dial() for _ in range(20)]
    for client in clients:
        client.send(chat("gpt-4"))
    upstream.exchange(20)
    gate.set()
    assert [client.answer().status for client in clients] == [200] * 20
    assert len({record["id"] for record in edge.records(20)}) == 20


def test_several_addresses(tmp_path, upstream):
    """`listen` takes any number of addresses, of any kind."""
    ports = [starting.free_port(), starting.free_port()]
    path = str(tmp_path / "socket")
    file = tmp_path / "e.yaml"
    file.write_text(json.dumps(configuration(upstream)))
    command = [starting.BINARY, "-c", file, "listen", f"127.0.0.1:{ports[0]}",
               f"[::1]:{ports[1]}", path]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(command, env={"STATE_DIRECTORY": str(tmp_path)}, **quiet) as process:
        try:
            proc.wait_until(lambda: proc.is_listening(ports[0]), "the first address")
            proc.wait_until(lambda: proc.is_listening_at(path), "the unix socket")
            assert Client(path).ask(request("GET", "/health")).status == 200
            with socket.create_connection(("::1", ports[1]), PATIENCE) as six:
                six.sendall(request("GET", "/health"))
                assert six.recv(100).startswith(b"HTTP/1.1 200 ")
        finally:
            process.kill()


def test_terminate_drains(edges, upstream):
    """SIGTERM stops accepting, lets the running exchange finish, then exits with 0."""
    edge = edges(configuration(upstream))
    gate = upstream.gate()
    upstream.script(scripts.stream(["a", "b"], gate=gate))
    client = edge.dial()
    client.send(chat("gpt-4", stream=True))
    client.read_head()
    upstream.heard()
    edge.process.send_signal(signal.SIGTERM)
    proc.wait_until(lambda: not proc.is_listening(edge.port), "the end of accepting")
    gate.set()
    assert b"[DONE]" in client.read_until(b"[DONE]")
    client.close()
    assert edge.process.wait(PATIENCE) == 0


def test_address_in_use(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as other:
        done = starting.run("listen", f"127.0.0.1:{other.getsockname()[1]}",
                            env={"STATE_DIRECTORY": str(tmp_path)})
    assert done.returncode == 111
    assert done.stderr


def test_foreign_listen_pid_is_ignored():
    """LISTEN_FDS for another process: what counts is descriptor 0."""
    done = starting.run(stdin=b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n",
                        env={"LISTEN_FDS": "1", "LISTEN_PID": "1"})
    assert done.stdout.startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize("arguments", [["dance"], ["--dance"], ["listen", "127.0.0.1:99999"],
                                       ["listen", "127.0.0.1"], ["-c"], ["--json"]])
def test_usage_errors(arguments):
    done = starting.run(*arguments)
    assert (done.returncode, done.stdout) == (100, b"")
    assert done.stderr


def test_what_was_left_open_is_closed():
    """A supervisor's pipe must not live as long as we do, and as each handler."""
    reading, writing = os.pipe()
    with subprocess.Popen([BINARY, "listen", "127.0.0.1:0"], pass_fds=[writing], stdin=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL) as process, open(reading, "rb") as pipe:
        os.close(writing)
        try:
            assert select.select([pipe], [], [], PATIENCE)[0], "it is open still"
            assert pipe.read() == b""
        finally:
            process.kill()


@pytest.mark.parametrize("command", [
    'exec "$0"', 'LISTEN_PID=$$ LISTEN_FDS=1 exec "$0" 3<&0 </dev/null'])
@pytest.mark.parametrize("kind", [socket.SOCK_DGRAM, socket.SOCK_SEQPACKET])
def test_a_socket_of_another_kind_is_refused(command, kind):
    """`ListenDatagram=`, or an inetd's udp: no connection comes that way, and none must be waited for."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, kind)
    with ours, theirs:
        done = subprocess.run(["sh", "-c", command, BINARY], stdin=theirs, capture_output=True, timeout=PATIENCE,
                              check=False)
    assert (done.returncode, done.stdout) == (100, b"")
    assert b"neither listening sockets nor one connected socket" in done.stderr


def test_spares_wait_for_the_first_caller(edges, upstream):
    """`limits.spares` are forked ahead, of the first connection too."""
    edge = edges(configuration(upstream, limits={"spares": 2}))
    proc.wait_until(lambda: len(edge.handlers()) == 2, "two spares before anybody came")


def test_a_caller_that_vanishes_is_noticed(edge):
    """Without a FIN nothing but the kernel's probes can tell: the first is due within a minute."""
    client = edge.dial()
    assert client.ask(request("GET", "/health")).status == 200
    ends = f":{edge.port:04X}", f":{client.sock.getsockname()[1]:04X}"

    def probe() -> str | None:
        rows = [row for row in proc.tcp_rows() if row[1].endswith(ends[0]) and row[2].endswith(ends[1])]
        return next((when for kind, when in (row[5].split(":") for row in rows) if kind == "02"), None)
    # Before that the answer is still to be acknowledged.
    assert int(proc.wait_until(probe, "a probe is due"), 16) <= 60 * 100


@pytest.mark.parametrize("stray, arguments", [
    ("'extra'", ["check", "extra"]), ("--json", ["check", "--json"]), ("--connect", ["listen", "--connect"]),
    ("--models", ["usage", "--models", "gpt-4"]), ("'alice'", ["usage", "alice"]),
    ("--csv", ["usage", "--json", "--csv"]), ("--name", ["log", "verify", "--name", "x"]),
    ("'x'", ["dialects", "x"]), ("--quirk", ["check", "--quirk", "glm"]),
    ("'request.json'", ["translate", "--from", "openai", "--to", "anthropic", "request.json"])])
def test_what_would_not_be_heeded_is_refused(stray, arguments):
    done = starting.run(*arguments)
    assert (done.returncode, done.stdout) == (100, b"")
    assert stray in done.stderr.decode()


def test_an_address_that_is_none_says_how_they_look():
    done = starting.run("listen", "127.0.0.1:99999")
    assert b"127.0.0.1:99999" in done.stderr and b"[::1]:8000" in done.stderr


def test_help_and_version():
    assert b"listen" in starting.run("--help").stdout
    assert b"edgefilter" in starting.run("--version").stdout
