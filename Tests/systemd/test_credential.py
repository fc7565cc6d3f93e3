# SPDX-License-Identifier: MIT
"""The operator's key comes by LoadCredential=, reaches the upstream, and is written nowhere."""

import hashlib
from contextlib import suppress
from pathlib import Path

import api
import pytest
from client import chat, request
from installed import SERVICE, STATE
from machine import wait_for


@pytest.fixture
def without(installed):
    """The operator's key is not there."""
    here, away = "/etc/credstore/edgefilter.upstream-key", "/etc/credstore/away"
    installed.machine.run("mv", here, away)
    yield installed
    installed.machine.run("mv", away, here)


@pytest.mark.parametrize("unit", ["edgefilter.socket", "edgefilter-inetd.socket"])
def test_the_key_reaches_the_upstream_and_nothing_else(installed, upstream, unit):
    installed.configure(upstream)
    installed.start(unit)
    caller = installed.dial()
    answer = caller.ask(chat())
    assert answer.status == 200
    assert upstream.exchange().request.get("authorization") == f"Bearer {api.OPERATOR_KEY}"
    everywhere = [repr(answer).encode(), installed.journal().encode(), installed.machine.run(
        "sh", "-c", f"cat {STATE}/* /run/edgefilter/* 2>/dev/null; systemctl show {SERVICE}",
        check=False).stdout]
    for pid in installed.processes():
        with suppress(FileNotFoundError, ProcessLookupError):  # who syncs the log is soon done
            everywhere += [Path(f"/proc/{pid}/{name}").read_bytes() for name in ("environ", "cmdline")]
    assert api.OPERATOR_KEY.encode() not in b"\n".join(everywhere)


def test_a_reload_names_the_credentials_it_could_not_bring(installed, upstream):
    """What is in the credstore now is not what the process was handed."""
    installed.configure(upstream)
    installed.start()
    assert installed.ask().status == 200
    assert "Credentials are those" not in installed.journal()
    installed.systemctl("reload", SERVICE)
    wait_for(lambda: "Credentials are those of the start (upstream-key): a new one takes a restart."
             in installed.journal(), installed.journal)


@pytest.mark.parametrize("unit, place", [
    ("edgefilter.socket", "/etc/credstore/edgefilter.admin"),
    ("edgefilter-inetd.socket", "/etc/edgefilter/credentials/admin")])
def test_the_admin_keys_hash_may_be_a_credential(installed, upstream, unit, place):
    """`admin: { key: ${credential:admin} }` of the sample, with the units as they are."""
    key = "a-long-and-random-admin-key"
    installed.machine.write(place, hashlib.sha256(key.encode()).hexdigest().encode(), "644")
    try:
        installed.configure(upstream, admin={"key": "${credential:admin}"})
        installed.start(unit)
        asked = request("GET", "/admin/users", None, f"Authorization: Bearer {key}")
        assert installed.ask(asked).json["users"] == []
    finally:
        installed.machine.run("rm", place)


def test_without_the_file_the_unit_starts(without):
    """LoadCredential= of a file that is not there is no error where nothing asks for it."""
    without.write_config("upstreams: { main: { dialect: echo } }\n")
    without.start()
    assert without.health().status == 200


def test_a_missing_credential_is_named(without, upstream):
    without.configure(upstream)
    without.machine.run("systemctl", "start", SERVICE, check=False)
    wait_for(lambda: "upstream-key" in without.journal(), without.journal)
