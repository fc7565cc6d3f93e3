# SPDX-License-Identifier: MIT
"""The units as files: well-formed, and how much they leave exposed."""

import subprocess
from pathlib import Path

import pytest

UNITS = sorted(file.name for file in (Path(__file__).resolve().parents[2] / "systemd").glob("*.[s]*")
               if not file.name.endswith(".conf"))


def test_the_units_are_there():
    assert UNITS == ["edgefilter-admin.socket", "edgefilter-inetd.socket",
                     "edgefilter-inetd@.service", "edgefilter.service", "edgefilter.slice",
                     "edgefilter.socket"]


@pytest.mark.parametrize("unit", UNITS)
def test_verify_is_clean(machine, unit):
    done = machine.run("systemd-analyze", "verify", f"/usr/lib/systemd/system/{unit}")
    assert (done.stdout, done.stderr) == (b"", b"")


# Tenths of systemd's measure of exposure.
@pytest.mark.parametrize("unit, most", [("edgefilter.service", 12), ("edgefilter-inetd@.service", 30)])
def test_exposure(machine, unit, most):
    done = machine.run("systemd-analyze", "security", "--offline=true", f"--threshold={most}",
                       "--no-pager", f"/usr/lib/systemd/system/{unit}", check=False)
    assert done.returncode == 0, done.stdout.decode()


def test_a_planted_error_is_found(machine):
    machine.write("/run/planted.service", b"[Service]\nExecStart=/usr/bin/edgefilter\nNoSuch=1\n")
    done: subprocess.CompletedProcess = machine.run(
        "systemd-analyze", "verify", "/run/planted.service", check=False)
    assert b"NoSuch" in done.stderr
