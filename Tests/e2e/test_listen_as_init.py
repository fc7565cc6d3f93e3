# SPDX-License-Identifier: MIT
"""`edgefilter listen` as process 1 of a pid namespace, as it is in a container."""

import json
import os
import re
import signal
import subprocess
from pathlib import Path

import pytest

import proc
import scripts
from client import chat, request
from edge import Edge, configuration
from exchange import PATIENCE


class Init(Edge):
    """An edgefilter that is process 1. `init` is its pid as we see it."""

    def command(self) -> list[str]:
        mapped = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
        return ["unshare", *mapped, "--pid", "--fork", "--mount-proc", "--kill-child",
                *super().command()]

    @property
    def init(self) -> int:
        return proc.children(self.pid)[0]

    def handlers(self) -> list[int]:
        return proc.children(self.init)

    def adopt(self) -> tuple[int, subprocess.Popen]:
        """A process that its parent leaves to process 1; it ends with its standard input."""
        enter = ["nsenter", f"--target={self.init}", "--pid", "--user", "--preserve-credentials"]
        if os.geteuid() == 0:
            enter = enter[:3]
        before = set(proc.children_and_zombies(self.init))
        orphan = subprocess.Popen([*enter, "sh", "-c", "exec 3<&0; cat <&3 & echo left"],
                                  stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert orphan.stdout.readline() == b"left\n"
        assert orphan.wait(PATIENCE) == 0
        adopted = proc.wait_until(lambda: set(proc.children_and_zombies(self.init)) - before, "an adopted process")
        return adopted.pop(), orphan


@pytest.fixture
def edge(tmp_path, upstream):
    edge = Init(tmp_path / "edge", configuration(upstream))
    yield edge
    edge.stop()
    edge.check_remains()


def test_it_is_process_1_and_serves(edge):
    status = Path(f"/proc/{edge.init}/status").read_text()
    assert re.search(r"^NSpid:\t\d+\t1$", status, re.MULTILINE)
    client = edge.dial()
    assert client.ask(request("GET", "/health")).json["status"] == "healthy"
    assert client.ask(chat("gpt-4")).json["model"] == "gpt-4"
    assert client.ask(chat("gpt-4", stream=True)).events[-1] == "[DONE]"
    assert len(edge.records(3)) == 3


def test_ended_handlers_leave_no_zombie(edge):
    for _ in range(20):
        assert edge.ask(request("GET", "/health")).status == 200
    proc.wait_until(lambda: proc.children_and_zombies(edge.init) == [], "that every handler is reaped")


def test_killed_handler_is_reaped(edge):
    client = edge.dial()
    assert client.ask(request("GET", "/health")).status == 200
    os.kill(edge.handler(client), signal.SIGKILL)
    assert client.is_closed()
    proc.wait_until(lambda: proc.children_and_zombies(edge.init) == [], "that it is reaped")
    assert edge.ask(request("GET", "/health")).status == 200


def test_adopted_processes_are_reaped(edge):
    """Process 1 gets what others leave behind. It is no handler of ours, and takes no connection's place."""
    adopted, orphan = edge.adopt()
    assert edge.ask(request("GET", "/health")).status == 200
    assert adopted in proc.children_and_zombies(edge.init)
    orphan.stdin.close()
    orphan.stdout.close()
    proc.wait_until(lambda: proc.children_and_zombies(edge.init) == [], "that it is reaped")
    assert edge.ask(request("GET", "/health")).status == 200


def test_hangup_takes_the_new_configuration(edge, upstream):
    """It stays process 1, and a connection from before lives on."""
    before, init = edge.dial(), edge.init
    assert before.ask(chat("gpt-4")).status == 200
    edge.file.write_text(json.dumps(configuration(upstream, {"new": "main/gpt-4-turbo"})))
    os.kill(init, signal.SIGHUP)
    proc.wait_until(lambda: edge.ask(chat("new")).status == 200, "the new configuration")
    assert edge.init == init
    assert edge.ask(chat("gpt-4")).status == 404
    assert before.ask(chat("gpt-4")).status == 200
    before.close()
    proc.wait_until(lambda: proc.children_and_zombies(init) == [], "that handlers from before are reaped")


def test_terminate_drains(edge, upstream):
    """A running stream finishes, nobody new is let in, and then it exits with 0."""
    gate = upstream.gate()
    upstream.script(scripts.stream(["a", "b"], gate=gate))
    client = edge.dial()
    client.send(chat("gpt-4", stream=True))
    client.read_head()
    upstream.heard()
    os.kill(edge.init, signal.SIGTERM)
    proc.wait_until(lambda: not proc.is_listening(edge.port), "the end of accepting")
    gate.set()
    assert b"[DONE]" in client.read_until(b"[DONE]")
    assert client.read_chunk() == b""
    assert client.is_closed()
    assert edge.process.wait(PATIENCE) == 0
    assert edge.records(1)[0]["ended"] == "complete"


def test_terminate_does_not_wait_for_adopted_processes(edge):
    adopted, orphan = edge.adopt()
    os.kill(edge.init, signal.SIGTERM)
    assert edge.process.wait(PATIENCE) == 0
    orphan.stdin.close()
    orphan.stdout.close()
    proc.wait_until(lambda: not Path(f"/proc/{adopted}").exists(), "that the kernel ends it")


def test_terminate_ends_idle_connections(edge):
    """A kept connection that asks nothing does not hold the end up."""
    client = edge.dial()
    assert client.ask(request("GET", "/health")).status == 200
    os.kill(edge.init, signal.SIGTERM)
    assert client.is_closed()
    assert edge.process.wait(PATIENCE) == 0
