# SPDX-License-Identifier: MIT
"""The harness itself: what it does inside does not show outside, and it ends with its starter."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from machine import BOOT, LONG, Machine, remove, wait_for

NOBODY = 65534


def boot(folder: Path, **options) -> subprocess.CompletedProcess:
    return subprocess.run([BOOT, folder], capture_output=True, timeout=LONG, check=False, **options)


def test_without_root_it_says_so(tmp_path):
    done = boot(tmp_path, user=NOBODY)
    assert done.returncode == 1
    assert done.stderr == b"boot: needs root: it mounts and makes namespaces\n"


def test_a_folder_in_use_is_refused(tmp_path):
    (tmp_path / "something").touch()
    assert boot(tmp_path).stderr.endswith(b"is not an empty directory\n")


@pytest.mark.parametrize("step", ["join", "build"])
def test_a_later_step_alone_is_refused(tmp_path, step):
    """Called by hand, without the namespaces, it does not get as far as a mount."""
    before = Path("/proc/self/mountinfo").read_text()
    done = boot(tmp_path, env={**os.environ, "EDGEFILTER_BOOT_STEP": step})
    assert done.returncode != 0
    assert Path("/proc/self/mountinfo").read_text() == before


@pytest.mark.parametrize("place", ["/tmp", "/var/tmp", "/run", "/etc", "/usr/lib", "/dev/shm"])
def test_what_is_written_inside_stays_inside(machine, place):
    name = f"{place}/edgefilter-inside-{os.getpid()}"
    machine.run("touch", name)
    assert not os.path.exists(name)


def test_it_sees_no_process_of_ours(machine):
    listed = machine.ask("sh", "-c", "cat /proc/[0-9]*/comm").split()
    assert "systemd" in listed and "pytest" not in listed


@pytest.mark.parametrize("name", ["kernel/core_pattern", "fs/file-max", "vm/overcommit_memory"])
def test_the_kernel_cannot_be_tuned(machine, name):
    value = machine.ask("cat", f"/proc/sys/{name}")
    assert machine.run("sh", "-c", f"echo '{value}' >/proc/sys/{name}", check=False).returncode != 0


def test_it_ends_with_its_starter(tmp_path):
    before = Path("/proc/self/mountinfo").read_text()
    starter = subprocess.Popen(
        [sys.executable, "-c", "import sys; from machine import *; m = Machine(Path(sys.argv[1]));"
         "print(m.cgroup, flush=True); sys.stdin.read()", tmp_path], cwd=BOOT.parent,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    cgroup = Path(starter.stdout.readline().decode().strip())
    lister = Machine.__new__(Machine)
    lister.cgroup = cgroup
    assert len(lister.processes(".")) > 1
    starter.send_signal(signal.SIGKILL)
    starter.communicate()
    wait_for(lambda: not lister.processes("."), "everything inside ends")
    remove(cgroup)
    assert Path("/proc/self/mountinfo").read_text() == before
