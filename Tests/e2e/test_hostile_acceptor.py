# SPDX-License-Identifier: MIT
"""The acceptor: one record a request when pages are shared, upgrades in place, and forks that fail."""

import json
import os
import re
import select
import shutil
import signal
import socket
import subprocess
import threading
from pathlib import Path

import pytest

import edge as edge_module
import proc
import scripts
from client import chat, request
from edge import configuration
from exchange import PATIENCE


def hold(upstream, client, count: int):
    """A request that waits upstream, and the gate that lets it go."""
    gate = upstream.gate()
    upstream.script(scripts.hold(gate))
    client.send(chat("gpt-4"))
    upstream.heard(count)
    return gate


def leave(client, edge) -> None:
    """Hangs up; afterwards the acceptor has reaped the handler, and settled what it owed."""
    client.close()
    proc.wait_until(lambda: not proc.children_and_zombies(edge.pid), "the handler's end")
    # What is asked now is taken after that.
    client = edge.dial()
    client.ask(request("GET", "/health"))
    client.close()
    proc.wait_until(lambda: not proc.children_and_zombies(edge.pid), "the handler's end")


def all_records(*edges) -> list[str]:
    return [re.search(r'"id":"([^"]+)".*"ended":"(\w*)"', line).groups() for edge in edges for line in edge.lines()]


def test_two_acceptors_on_one_page(edges, upstream, tmp_path):
    """Both forms share the page of /run: a slot in one's free list may be another's by now."""
    run = tmp_path / "run"
    run.mkdir()
    one = edges(configuration(upstream), env={"RUNTIME_DIRECTORY": str(run)})
    client = one.dial()
    client.ask(request("GET", "/health"))
    client.close()
    proc.wait_until(lambda: not proc.children_and_zombies(one.pid), "the handler's end")
    other = edges(configuration(upstream), env={"RUNTIME_DIRECTORY": str(run)})
    held = other.dial()
    gate = hold(upstream, held, 1)
    again = one.dial()
    again.ask(request("GET", "/health"))
    leave(again, one)
    gate.set()
    held.answer()
    leave(held, other)
    records = all_records(one, other)
    assert len(records) == len({id for id, _ in records}) == 5, records


def test_page_after_a_reload(edges, upstream, tmp_path):
    """After SIGHUP handlers still lock their slots, so that a second acceptor leaves them alone."""
    run = tmp_path / "run"
    run.mkdir()
    one = edges(configuration(upstream), env={"RUNTIME_DIRECTORY": str(run)})
    os.kill(one.pid, signal.SIGHUP)
    proc.wait_until(lambda: sum("listens on" in line for line in one.stderr) == 2, "the reload")
    client = one.dial()
    gate = hold(upstream, client, 1)
    other = edges(configuration(upstream), env={"RUNTIME_DIRECTORY": str(run)})
    leave(other.dial(), other)
    gate.set()
    client.answer()
    leave(client, one)
    records = all_records(one, other)
    assert len(records) == len({id for id, _ in records}) == 3, records


def test_upgrade_by_rename(edges, upstream, tmp_path, monkeypatch):
    """An upgrade renames a new file over the running one: /proc/self/exe then ends in ' (deleted)'."""
    program = tmp_path / "edgefilter"
    shutil.copy(edge_module.BINARY, program)
    monkeypatch.setattr(edge_module, "BINARY", program)
    one = edges(configuration(upstream))
    fresh = tmp_path / "new"
    shutil.copy(program, fresh)
    fresh.rename(program)
    os.kill(one.pid, signal.SIGHUP)
    line = one.wait_stderr("Reload refused|listens on .*\n?$")
    proc.wait_until(lambda: sum("listens on" in line for line in one.stderr) == 2
                    or any("Reload refused" in line for line in one.stderr), "a verdict")
    assert not [line for line in one.stderr if "Reload refused" in line]


def test_a_hangup_that_comes_at_once(upstream, tmp_path):
    """Whoever can connect may as well send a signal: it is heeded once all addresses are open."""
    class Two(edge_module.Edge):
        def command(self):
            return [*super().command(), self.env["SECOND"]]
    path = str(tmp_path / "second")
    with socket.socket(socket.AF_UNIX) as taken, socket.socket(socket.AF_UNIX) as waiting:
        # Whether somebody lives there is told when its waiting room has room, or it is gone.
        taken.bind(path)
        taken.listen(0)
        waiting.connect(path)
        one = Two(tmp_path / "edge", configuration(upstream), env={"SECOND": path})
        try:
            os.kill(one.pid, signal.SIGHUP)
            taken.close()
            proc.wait_until(lambda: sum("listens on" in line for line in one.stderr) == 2, "the reload")
        finally:
            one.stop()


def test_reload_says_what_is_wrong(edges, upstream):
    """'not good' helps nobody: the complaint with file:line:column is what the operator needs."""
    one = edges(configuration(upstream))
    one.file.write_text("upstreams: {main: {dialect: opnai}}\n")
    os.kill(one.pid, signal.SIGHUP)
    one.wait_stderr("Reload refused")
    one.wait_stderr("edgefilter.yaml:1:")


def test_reload_that_is_asked_for_while_one_is_tried(edges, upstream, tmp_path):
    """A file that comes just after another one that is no good is not missed."""
    one = edges(configuration(upstream))
    key = tmp_path / "key"
    os.mkfifo(key)
    one.file.write_text(json.dumps(configuration(upstream, upstream_key=f"${{file:{key}}}")))
    os.kill(one.pid, signal.SIGHUP)
    with key.open("w"):  # it is read by now, and has nothing in it until this is closed
        one.file.write_text(json.dumps(configuration(upstream, models={"*": "main/gpt-4o"})))
        os.kill(one.pid, signal.SIGHUP)
        proc.wait_until(lambda: not proc.is_pending(one.pid, signal.SIGHUP), "that it was heard")
    proc.wait_until(lambda: sum("listens on" in line for line in one.stderr) == 2, "the reload")
    assert one.ask(chat("gpt-4")).status == 200
    assert json.loads(upstream.requests[-1].body)["model"] == "gpt-4o"


def test_reload_during_a_stream(edges, upstream):
    one = edges(configuration(upstream))

    def descriptors() -> int:
        return len(os.listdir(f"/proc/{one.pid}/fd"))
    gate = upstream.gate()
    upstream.script(scripts.stream(["a", "b"], gate=gate))
    client = one.dial()
    client.send(chat("gpt-4", stream=True))
    client.read_head()
    client.read_until(b'"content":"a"')
    for number in range(2, 5):
        os.kill(one.pid, signal.SIGHUP)
        proc.wait_until(lambda: sum("listens on" in line for line in one.stderr) == number, "the reload")
    gate.set()
    client.read_until(b"[DONE]")
    client.close()
    one.records(1)
    proc.wait_until(lambda: not proc.children_and_zombies(one.pid), "the handler's end")
    before = descriptors()
    os.kill(one.pid, signal.SIGHUP)
    proc.wait_until(lambda: sum("listens on" in line for line in one.stderr) == 5, "the reload")
    proc.wait_until(lambda: descriptors() <= before, "no more descriptors than before")
    proc.wait_until(lambda: not proc.children(one.pid), "children that never end")


def waiting(edge) -> list[int]:
    """Handlers, which are the first to go where memory is short; who syncs the log is none."""
    return [pid for pid in edge.handlers() if proc.is_first_to_go(pid, edge.pid)]


def test_handlers_forked_ahead(edges, upstream):
    """Each serves one connection, confined before it has it; a killed one is replaced after the next connection."""
    one = edges(configuration(upstream, limits={"spares": 2}))
    for number in range(1, 6):
        client = one.dial()
        assert client.ask(chat("gpt-4")).status == 200
        status = Path(f"/proc/{(serving := one.handler(client))}/status").read_text()
        assert re.search(r"^Seccomp:\s+2$", status, re.M) and re.search(r"^NoNewPrivs:\s+1$", status, re.M)
        client.close()
        one.records(number)
        proc.wait_until(lambda: proc.is_dead(serving), "its end")  # noqa: B023
    proc.wait_until(lambda: len(waiting(one)) == 2, "two that wait")
    for pid in waiting(one):
        os.kill(pid, signal.SIGKILL)
    proc.wait_until(lambda: not waiting(one), "their end")
    assert one.ask(chat("gpt-4")).status == 200
    proc.wait_until(lambda: len(waiting(one)) == 2, "two that wait")
    one.records(6)
    os.kill(one.pid, signal.SIGHUP)
    proc.wait_until(lambda: sum("listens on" in line for line in one.stderr) == 2, "the reload")
    assert one.ask(chat("gpt-4")).status == 200
    one.records(7)


def test_acceptor_is_small_when_idle(edges, upstream):
    """Promise 1: the live page's holes stay holes."""
    one = edges(configuration(upstream))
    status = Path(f"/proc/{one.pid}/status").read_text()
    shared = int(re.search(r"RssShmem:\s+(\d+)", status)[1])
    print(f"RssShmem {shared} kB")
    assert shared < 1024


def drain(sock: socket.socket) -> None:
    """Reads what is there: of a full queue the kernel refuses the next."""
    while select.select([sock], [], [], 0)[0]:
        sock.recv(4096)


def test_a_flood_looks_like_no_hang(edges, upstream, tmp_path):
    """While connections come without end, systemd's watchdog is told all the same, and other listeners have their turn."""
    count = 200
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(tmp_path / "notify"))
        systemd.settimeout(PATIENCE)
        one = edges(configuration(upstream, limits={"connections": 2 * count, "per_source": 2 * count}),
                    env={"NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "100000"})
        while b"READY=1" not in systemd.recv(4096):
            pass
        proc.stop(one.pid)
        for _ in range(count):
            one.dial()
        threading.Event().wait(1)  # until another status may be told
        drain(systemd)
        os.kill(one.pid, signal.SIGCONT)
        while not (told := re.match(rb"STATUS=([1-9]\d*) conn", systemd.recv(4096))):
            pass
        assert int(told[1]) < count


def test_fork_fails(edges, upstream, tmp_path):
    """Processes are refused (RLIMIT_NPROC does not bind root: another user)."""
    if os.geteuid() != 0:
        pytest.fail("this test needs root to become another user")
    port = edge_module.free_port()
    file = tmp_path / "c.yaml"
    file.write_text('{"upstreams":{"e":{"dialect":"echo"}},"models":{"*":"e"}}')
    for path in [tmp_path, *tmp_path.parents]:
        if str(path).startswith("/tmp/"):
            path.chmod(0o777)
    shell = f"exec prlimit --nproc=1 {edge_module.BINARY} -c {file} --state {tmp_path} listen 127.0.0.1:{port}"
    process = subprocess.Popen(["setpriv", "--reuid=54321", "--regid=54321", "--clear-groups", "sh", "-c", shell],
                               stderr=subprocess.PIPE)
    try:
        proc.wait_until(lambda: proc.is_listening(port) or process.poll() is not None, "start")
        assert process.poll() is None, process.stderr.read()
        client = edge_module.Client(("127.0.0.1", port))
        client.send(request("GET", "/health"))
        assert client.answer().status == 503
        assert process.poll() is None
    finally:
        process.kill()
