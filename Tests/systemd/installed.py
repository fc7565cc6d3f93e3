# SPDX-License-Identifier: MIT
"""edgefilter as `make install` leaves it on a machine."""

import json
import socket
from pathlib import Path

import api
import proc
from client import Answer, Client, chat, request
from edge import configuration
from machine import LONG, PATIENCE, Machine, wait_for
from wire import Wire

PORT = 8000
PROGRAM = "/usr/libexec/edgefilter/edgefilter"
UNIX = "/run/edgefilter/http.sock"
SLICE = "edgefilter.slice"
SERVICE = "edgefilter.service"
STATE = "/var/lib/edgefilter"
UNITS = ["edgefilter.socket", "edgefilter-inetd.socket", "edgefilter-admin.socket", SERVICE]


class Caller(Client):
    """A client of any family; optionally from one of loopback's many addresses."""

    def __init__(self, address, source: str | None = None):
        if isinstance(address, str):
            self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            self.sock.settimeout(PATIENCE)
            self.sock.connect(address)
        else:
            self.sock = socket.create_connection(address, PATIENCE, source and (source, 0))
        self.wire, self.head = Wire(self.sock), None


class Installed:
    """One installation for all tests; each test configures it and leaves nothing running."""

    def __init__(self, machine: Machine):
        self.machine = machine
        self.callers: list[Caller] = []
        machine.run("systemd-sysusers", "edgefilter.conf")
        machine.run("systemd-tmpfiles", "--create", "edgefilter.conf")
        machine.write("/etc/credstore/edgefilter.upstream-key", api.OPERATOR_KEY.encode(), "600")
        machine.write("/etc/edgefilter/credentials/upstream-key", api.OPERATOR_KEY.encode(), "640")
        machine.run("chgrp", "edgefilter", "/etc/edgefilter/credentials/upstream-key")

    def configure(self, upstream, limits: dict | None = None, **settings) -> None:
        limits = {"connections": 1000, "per_source": 1000, "drain": "20s", **(limits or {})}
        config = configuration(upstream, upstream_key="${credential:upstream-key}", limits=limits,
                               **settings)
        self.write_config(json.dumps(config, indent=1))

    def write_config(self, text: str) -> None:
        self.machine.write("/etc/edgefilter/edgefilter.yaml", text.encode())

    def start(self, unit: str = "edgefilter.socket") -> None:
        self.systemctl("start", unit)

    def systemctl(self, *words: str) -> str:
        return self.machine.ask("systemctl", *words)

    def show(self, what: str, unit: str = SERVICE) -> str:
        return self.machine.ask("systemctl", "show", "-P", what, unit)

    def dial(self, address=("127.0.0.1", PORT), source: str | None = None) -> Caller:
        self.callers.append(Caller(address, source))
        return self.callers[-1]

    def unix(self) -> str:
        return self.machine.path(UNIX)

    def ask(self, data: bytes | None = None, address=("127.0.0.1", PORT)) -> Answer:
        caller = self.dial(address)
        answer = caller.ask(data or chat())
        caller.close()
        return answer

    def health(self) -> Answer:
        return self.ask(request("GET", "/health"))

    def processes(self, unit: str = "") -> list[int]:
        return self.machine.processes(f"{SLICE}/{unit}")

    def acceptor(self) -> int:
        """The acceptor's pid as seen from here: the one whose pid inside systemd knows."""
        def found() -> int | None:
            inside = self.show("MainPID")
            return next((pid for pid in self.processes(SERVICE) if own_pid(pid) == inside), None)
        return wait_for(found, "the acceptor")

    def handlers(self) -> list[int]:
        """Those that serve; who syncs the log does not."""
        main = self.acceptor()
        return [pid for pid in self.processes(SERVICE) if proc.is_first_to_go(pid, main)]

    def wait_idle(self) -> None:
        wait_for(lambda: not self.processes(), lambda: f"{self.processes()} are left")

    def journal(self) -> str:
        """What edgefilter said in this test."""
        return self.machine.ask("journalctl", "-o", "cat", "--no-pager", "-t", "edgefilter")

    def records(self, count: int) -> list[dict]:
        """The request records, once there are `count`; more is a failure."""
        wait_for(lambda: len(self.lines()) >= count, lambda: f"{count} records: {self.lines()}")
        lines = self.lines()
        assert len(lines) == count, f"{len(lines)} records instead of {count}"
        return [json.loads(line) for line in lines]

    def lines(self) -> list[str]:
        listing = self.machine.run("sh", "-c", f"cat {STATE}/requests-*.jsonl", check=False)
        return [line for line in listing.stdout.decode().split("\n")[:-1] if line]

    def clear(self) -> None:
        """Nothing runs any more, and what was written is gone."""
        for caller in self.callers:
            caller.close()
        self.callers.clear()
        self.machine.run("systemctl", "stop", *UNITS, check=False, timeout=LONG)
        self.machine.run("systemctl", "kill", "-s", "KILL", SLICE, check=False)
        self.wait_idle()
        self.machine.run("systemctl", "stop", SLICE, check=False)
        self.machine.run("systemctl", "reset-failed")
        self.machine.run("sh", "-c", f"rm -f {STATE}/* /run/edgefilter/*")
        self.machine.run("journalctl", "--rotate", "--vacuum-time=1ms")


def own_pid(pid: int) -> str:
    """What a process calls itself in its own namespace."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return ""
    return next(line.split()[-1] for line in status.splitlines() if line.startswith("NSpid:"))
