# SPDX-License-Identifier: MIT
"""The units as files: well-formed, and how much they leave exposed."""

from pathlib import Path

import pytest

FILES = Path(__file__).resolve().parents[2] / "systemd"
UNITS = sorted(file.name for file in FILES.iterdir() if file.suffix != ".conf")


def test_the_units_are_there():
    assert UNITS == ["edgefilter-admin.socket", "edgefilter-inetd.socket",
                     "edgefilter-inetd@.service", "edgefilter-prune.service", "edgefilter-prune.timer",
                     "edgefilter.service", "edgefilter.slice", "edgefilter.socket"]


@pytest.mark.parametrize("unit", UNITS)
def test_verify_is_clean(machine, unit):
    done = machine.run("systemd-analyze", "verify", f"/usr/lib/systemd/system/{unit}")
    assert (done.stdout, done.stderr) == (b"", b"")


# Tenths of systemd's measure of exposure.
@pytest.mark.parametrize("unit, most", [
    ("edgefilter.service", 12), ("edgefilter-inetd@.service", 30), ("edgefilter-prune.service", 10)])
def test_exposure(machine, unit, most):
    done = machine.run("systemd-analyze", "security", "--offline=true", f"--threshold={most}",
                       "--no-pager", f"/usr/lib/systemd/system/{unit}", check=False)
    assert done.returncode == 0, done.stdout.decode()


def test_a_planted_error_is_found(machine):
    machine.write("/run/planted.service", b"[Service]\nExecStart=/usr/bin/edgefilter\nNoSuch=1\n")
    done = machine.run("systemd-analyze", "verify", "/run/planted.service", check=False)
    assert b"NoSuch" in done.stderr


@pytest.mark.parametrize("unit, path, owners", [
    ("edgefilter.socket", "/run/edgefilter/http.sock", "660 edgefilter edgefilter-callers"),
    ("edgefilter-inetd.socket", "/run/edgefilter/http.sock", "660 edgefilter edgefilter-callers"),
    ("edgefilter-admin.socket", "/run/edgefilter/admin.sock", "660 root edgefilter-admin")])
def test_who_may_connect(installed, unit, path, owners):
    installed.start(unit)
    assert installed.machine.ask("stat", "-c", "%a %U %G", path) == owners


def test_the_two_forms_exclude_each_other(installed):
    installed.start("edgefilter.socket")
    installed.start("edgefilter-inetd.socket")
    assert installed.show("ActiveState", "edgefilter.socket") == "inactive"
    assert installed.show("ActiveState", "edgefilter-inetd.socket") == "active"


def test_journal_has_no_complaint_about_the_sockets(installed):
    installed.start("edgefilter.socket")
    lines = installed.machine.ask(
        "journalctl", "-o", "cat", "-p", "warning", "-u", "edgefilter.socket")
    assert lines in ("", "-- No entries --")
