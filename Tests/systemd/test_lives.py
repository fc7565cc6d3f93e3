# SPDX-License-Identifier: MIT
"""Streams outlive what happens around them: other handlers' ends, restarts, reloads."""

import time

import pytest
from edge import BINARY
from exchange import heartbeats
from installed import PROGRAM, SERVICE
from machine import wait_for
from streams import Streams


@pytest.fixture
def edge(installed, upstream):
    installed.configure(upstream)
    installed.start()
    return installed


def test_a_killed_handler_ends_one_stream_of_fifty(edge, upstream):
    streams = Streams(edge, upstream, 50)
    victim = edge.handlers()[17]
    edge.machine.kill(victim, "edgefilter.slice")
    assert streams.whole() == 49
    records = edge.records(51)
    assert [record.get("signal") for record in records].count(9) == 1
    assert edge.show("NRestarts") == "0"


def test_a_killed_acceptor_ends_no_stream(edge, upstream, record_property):
    streams = Streams(edge, upstream, 50)
    first = edge.acceptor()
    killed = heartbeats()
    edge.machine.kill(first, "edgefilter.slice")
    assert edge.health().status == 200
    restarted = heartbeats() - killed
    record_property("restart_seconds", round(restarted, 3))
    print(f"the acceptor was back after {restarted:.3f} s")
    assert restarted < 3
    assert edge.acceptor() != first
    assert streams.whole() == 50
    edge.records(52)


def test_restart_lets_streams_finish(edge, upstream):
    streams = Streams(edge, upstream, 20)
    first = edge.acceptor()
    edge.systemctl("restart", "--no-block", SERVICE)
    wait_for(lambda: edge.show("ActiveState") == "deactivating", "the acceptor drains")
    waiting = edge.dial()
    assert streams.whole() == 20
    wait_for(lambda: edge.show("ActiveState") == "active", "the next acceptor")
    assert edge.acceptor() != first
    assert waiting.ask(b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n").status == 200
    edge.records(22)


def test_stop_lets_streams_finish(edge, upstream):
    streams = Streams(edge, upstream, 20)
    edge.systemctl("stop", "--no-block", "edgefilter.socket", SERVICE)
    wait_for(lambda: edge.show("ActiveState") == "deactivating", "the acceptor drains")
    assert streams.whole() == 20
    edge.wait_idle()
    wait_for(lambda: edge.show("ActiveState") == "inactive", "the service ends")
    assert edge.show("Result") == "success"
    edge.records(21)


def test_a_drain_may_last_longer_than_the_unit_allows(edge, upstream):
    """`limits.drain` is the operator's word; TimeoutStopSec= of the unit does not cut it short."""
    drop_in = f"/run/systemd/system/{SERVICE}.d/stop.conf"
    edge.machine.write(drop_in, b"[Service]\nTimeoutStopSec=1\n")
    edge.systemctl("daemon-reload")
    # As long to stop as ours may take, and deaf: when systemd has killed it, the time of both is over.
    edge.machine.run("systemd-run", "--unit=deaf", "-p", "TimeoutStopSec=1", "sh", "-c", "trap '' TERM; sleep 60")
    try:
        streams = Streams(edge, upstream, 3)
        edge.systemctl("stop", "--no-block", "edgefilter.socket", SERVICE)
        wait_for(lambda: edge.show("ActiveState") == "deactivating", "the acceptor drains")
        edge.machine.run("systemctl", "stop", "deaf", check=False)
        assert edge.show("ActiveState") == "deactivating"
        assert streams.whole() == 3
        wait_for(lambda: edge.show("ActiveState") == "inactive", "the service ends")
        assert edge.show("Result") == "success"
    finally:
        edge.machine.run("systemctl", "stop", "deaf", check=False)
        edge.machine.run("rm", drop_in)
        edge.systemctl("daemon-reload")


def test_streams_live_through_a_reload(edge, upstream):
    streams = Streams(edge, upstream, 200)
    acceptor = edge.acceptor()
    image = edge.machine.ask("stat", "-c", "%i", f"/proc/{edge.show('MainPID')}/exe")
    # Installed as a package does it: another file takes the name.
    edge.machine.write(f"{PROGRAM}.new", BINARY.read_bytes(), "755")
    edge.machine.run("mv", f"{PROGRAM}.new", PROGRAM)
    edge.configure(upstream, models={"other": "main/gpt-4o", "gpt-4": "main/gpt-4-turbo"})
    edge.systemctl("reload", SERVICE)
    wait_for(lambda: "other" in edge.ask(b"GET /v1/models HTTP/1.1\r\nHost: localhost\r\n"
                                         b"Connection: close\r\n\r\n").body.decode(),
             "the new configuration is in force")
    assert edge.acceptor() == acceptor
    assert edge.machine.ask("stat", "-Lc", "%i", f"/proc/{edge.show('MainPID')}/exe") != image
    assert streams.whole() == 200
    assert edge.show("NRestarts") == "0"


def test_a_bad_program_is_refused_at_reload(edge, upstream):
    streams = Streams(edge, upstream, 5)
    acceptor = edge.acceptor()
    edge.machine.run("mv", PROGRAM, f"{PROGRAM}.good")
    try:
        edge.machine.write(PROGRAM, b"\x7fELF, but no program", "755")
        edge.systemctl("reload", SERVICE)
        wait_for(lambda: "Reload refused" in edge.journal(), edge.journal)
        assert edge.ask().status == 200
        assert edge.acceptor() == acceptor
        assert streams.whole() == 5
    finally:
        edge.machine.run("mv", f"{PROGRAM}.good", PROGRAM)


def test_a_bad_configuration_is_refused_at_reload(edge, upstream):
    streams = Streams(edge, upstream, 5)
    acceptor = edge.acceptor()
    edge.write_config("upstreams: [")
    edge.systemctl("reload", SERVICE)
    wait_for(lambda: "Reload refused" in edge.journal(), edge.journal)
    assert edge.ask().status == 200
    assert edge.acceptor() == acceptor
    assert streams.whole() == 5
