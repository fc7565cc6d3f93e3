# SPDX-License-Identifier: MIT
"""What an acceptor tells whoever started it, sd_notify(3), told to a socket of ours."""

import re
import signal
import socket
import time

import pytest

from client import chat
from edge import configuration
from exchange import PATIENCE


class Manager:
    """Hears what a service says of itself."""

    def __init__(self, folder):
        self.path = str(folder / "notify")
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.sock.bind(self.path)
        self.heard: list[str] = []

    def wait(self, pattern: str) -> re.Match:
        """The next message with a line of this pattern."""
        end = time.monotonic() + PATIENCE
        while (left := end - time.monotonic()) > 0:
            self.sock.settimeout(left)
            self.heard.append(self.sock.recv(4096).decode())
            if match := re.search(f"^{pattern}$", self.heard[-1], re.MULTILINE):
                return match
        raise AssertionError(f"waited in vain for {pattern}: {self.heard}")


@pytest.fixture
def manager(tmp_path):
    manager = Manager(tmp_path)
    yield manager
    manager.sock.close()


def test_a_refused_reload_is_told_until_one_succeeds(edges, upstream, manager):
    """Not "trying" for ever: whoever looks at the status sees how it ended, also the second time."""
    edge = edges(configuration(upstream), env={"NOTIFY_SOCKET": manager.path})
    manager.wait("READY=1")
    good = edge.file.read_text()
    edge.file.write_text("colour: 1\n")
    for _ in range(2):
        edge.process.send_signal(signal.SIGHUP)
        manager.wait("STATUS=trying the new configuration")
        manager.wait("STATUS=0 connections.*; the last reload was refused, see the log")
    edge.file.write_text(good)
    edge.process.send_signal(signal.SIGHUP)
    manager.wait("STATUS=trying the new configuration")
    manager.wait("READY=1")
    assert manager.heard[-1] == "READY=1\nSTATUS=0 connections, 0 refused"


def test_the_status_does_not_lag_behind_the_watchdog(edges, upstream, manager):
    """A sign of life is due every 10 minutes; the status is told all the same."""
    edge = edges(configuration(upstream),
                 env={"NOTIFY_SOCKET": manager.path, "WATCHDOG_USEC": str(1200 * 1_000_000)})
    manager.wait("READY=1")
    client = edge.dial()
    assert client.ask(chat()).status == 200
    manager.wait("STATUS=1 connections, 0 refused")
    client.close()
    manager.wait("STATUS=0 connections, 0 refused")


@pytest.mark.parametrize("drain, least", [("10m", 600), ("0", 86400)])
def test_a_drain_asks_for_its_time(edges, upstream, manager, drain, least):
    """systemd's TimeoutStopSec= is of the unit, limits.drain of the operator's file."""
    edge = edges(configuration(upstream, limits={"drain": drain}), env={"NOTIFY_SOCKET": manager.path})
    manager.wait("READY=1")
    edge.process.terminate()
    seconds = int(manager.wait("EXTEND_TIMEOUT_USEC=([0-9]+)")[1]) // 1_000_000
    assert seconds > least
    assert "STOPPING=1" in manager.heard[-1].split("\n")
    assert edge.process.wait(PATIENCE) == 0
