# SPDX-License-Identifier: MIT
"""Nothing runs before the first connection, and nothing after the last."""

import os
import re

import pytest
from client import chat, request
from installed import PORT, PROGRAM
from machine import wait_for

PLACES = [("127.0.0.1", PORT), ("::1", PORT), "unix"]


def address(installed, place):
    return installed.unix() if place == "unix" else place


@pytest.mark.parametrize("unit", ["edgefilter.socket", "edgefilter-inetd.socket"])
@pytest.mark.parametrize("place", PLACES, ids=["IPv4", "IPv6", "unix"])
def test_the_first_connection_activates(installed, upstream, unit, place):
    installed.configure(upstream)
    installed.start(unit)
    assert installed.processes() == []
    answer = installed.ask(address=address(installed, place))
    assert (answer.status, answer.json["model"]) == (200, "gpt-4")
    installed.records(1)


@pytest.mark.parametrize("unit", ["edgefilter.socket", "edgefilter-inetd.socket"])
def test_a_caller_that_vanishes_is_noticed(installed, upstream, unit):
    """Without a FIN nothing but the kernel's probes can tell; they begin within a minute."""
    installed.configure(upstream)
    installed.start(unit)
    caller = installed.dial()
    assert caller.ask(chat()).status == 200

    def told() -> str:
        return installed.machine.ask("ss", "-tnoH", "state", "established", "sport", "=", f":{PORT}")
    # Before that the answer is still to be acknowledged.
    wait_for(lambda: re.search(r"timer:\(keepalive,[0-9]{1,2}(\.[0-9]+)?sec,0\)", told()), told)


def test_all_addresses_without_ipv6(installed):
    """`listen :8001` is all addresses that the kernel has."""
    machine = installed.machine
    installed.write_config("upstreams: { main: { dialect: echo } }\n")
    machine.run("systemd-run", "--unit=old-kernel", "-p", "RestrictAddressFamilies=AF_INET AF_UNIX",
                PROGRAM, "listen", ":8001")
    try:
        wait_for(lambda: "0.0.0.0:8001" in machine.ask("ss", "-tlnH"), "it listens")
        assert installed.ask(request("GET", "/health"), ("127.0.0.1", 8001)).status == 200
    finally:
        machine.run("systemctl", "stop", "old-kernel", check=False)


def test_idle_exit_leaves_no_process(installed, upstream):
    installed.configure(upstream, {"idle_exit": "1s"})
    installed.start()
    assert installed.ask().status == 200
    installed.wait_idle()
    wait_for(lambda: installed.show("ActiveState") == "inactive", "the service ends")
    assert installed.show("Result") == "success"
    assert installed.show("ActiveState", "edgefilter.socket") == "active"
    assert installed.ask().status == 200
    installed.records(2)


def test_the_inetd_form_leaves_nothing(installed, upstream):
    installed.configure(upstream)
    installed.start("edgefilter-inetd.socket")
    caller = installed.dial()
    assert caller.ask(chat()).status == 200
    handler, = installed.processes()
    machines = os.fstat(installed.machine.spaces["mnt"])
    assert os.path.samestat(os.stat(f"/proc/{handler}/ns/mnt"), machines)
    assert caller.ask(chat()).status == 200
    caller.close()
    installed.wait_idle()
    installed.records(2)


@pytest.mark.parametrize("unit", ["edgefilter.socket", "edgefilter-inetd.socket"])
def test_an_upstream_is_found_by_its_name(installed, upstream, unit):
    """The resolver works without the netlink sockets that the units deny it."""
    upstream.expects_proxy = False
    installed.configure(upstream, upstream_base_url=upstream.url.replace("127.0.0.1", "localhost"))
    installed.start(unit)
    assert installed.ask().status == 200
    assert upstream.exchange().request.get("host") == f"localhost:{upstream.port}"
