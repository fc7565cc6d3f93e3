# SPDX-License-Identifier: MIT
"""The sandbox bites: a real handler, under a real unit, tries what an attacker in it would try."""

import os
import socket
import struct
from pathlib import Path

import pytest
from client import chat
from installed import PROGRAM
from machine import wait_for
from probe import held

NEW = os.O_CREAT | os.O_WRONLY
FORMS = ["edgefilter.socket", "edgefilter-inetd.socket"]
REFUSED = {"EPERM", "EACCES", "EROFS"}
CLONE_NEWUSER = 0x10000000
PROG_LOAD = 5
# poll(2) and ppoll(2), by their numbers.
POLLS = ("7", "271")


def waits_in(pid: int) -> str:
    """The number of the system call in which a process waits; `running` where it does not."""
    return Path(f"/proc/{pid}/syscall").read_text().split()[0]


@pytest.fixture(params=FORMS, ids=["acceptor", "inetd"])
def handler(request, installed, upstream):
    """A probe in a handler that waits for its second request; and it serves that afterwards."""
    installed.configure(upstream)
    installed.start(request.param)
    caller = installed.dial()
    assert caller.ask(chat()).status == 200
    pid, = installed.handlers() if request.param == FORMS[0] else installed.processes()
    # The answer was there before its record: only then it waits for the second.
    wait_for(lambda: waits_in(pid) in POLLS, "that it waits")
    with held(pid) as probe:
        yield probe
    assert caller.ask(chat()).status == 200


@pytest.mark.parametrize("place", ["/etc", "/etc/edgefilter", "/usr/bin", "/tmp", "/var/tmp",
                                   "/dev/shm", "/run", "/var/lib", "/root"])
def test_it_cannot_write_outside_its_state(handler, place):
    assert handler.opens(f"{place}/probe", NEW) in REFUSED


@pytest.mark.parametrize("place", ["/var/lib/edgefilter", "/run/edgefilter"])
def test_it_can_write_its_state(handler, place):
    assert handler.opens(f"{place}/probe", NEW) == "done"


@pytest.mark.parametrize("program", ["/bin/sh", "/usr/bin/env", PROGRAM])
def test_it_cannot_execute(handler, program):
    assert handler.call("execve", program.encode(), 0, 0) in REFUSED


@pytest.mark.parametrize("family, kind", [
    (socket.AF_INET, socket.SOCK_RAW), (socket.AF_INET6, socket.SOCK_RAW),
    (socket.AF_PACKET, socket.SOCK_RAW), (socket.AF_ALG, socket.SOCK_SEQPACKET)])
def test_it_cannot_open_a_raw_socket(handler, family, kind):
    assert handler.call("socket", family, kind, 1) in REFUSED | {"EAFNOSUPPORT"}


def test_it_can_open_an_ordinary_socket(handler):
    assert handler.call("socket", socket.AF_INET, socket.SOCK_STREAM, 0) == "done"


def test_it_cannot_leave_its_world(handler):
    assert handler.call("unshare", CLONE_NEWUSER) in REFUSED
    assert handler.call("bpf", PROG_LOAD, 0, 0) in REFUSED
    assert handler.call("ptrace", 16, 1, 0, 0) in REFUSED


@pytest.mark.parametrize("path", ["/etc/shadow", "/etc/credstore/edgefilter.upstream-key",
                                  "/proc/1/environ"])
def test_it_cannot_read_what_is_not_its(handler, path):
    assert handler.opens(path, os.O_RDONLY) in REFUSED | {"ENOENT"}


@pytest.mark.parametrize("host, outcome", [("127.0.0.1", "done"), ("169.254.169.254", "EPERM")])
def test_it_cannot_ask_the_cloud_for_credentials(handler, machine, host, outcome):
    machine.run("ip", "address", "replace", "169.254.169.254/32", "dev", "lo")
    assert handler.call("socket", socket.AF_INET, socket.SOCK_DGRAM, 0) == "done"
    to = struct.pack("=H", socket.AF_INET) + struct.pack("!H4s8x", 80, socket.inet_aton(host))
    assert handler.call("sendto", handler.result, b"?", 1, 0, to, len(to)) == outcome
