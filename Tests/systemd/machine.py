# SPDX-License-Identifier: MIT
"""A machine of its own: systemd as pid 1 in namespaces, booted by `boot`, gone with its starter."""

import ctypes
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path

BOOT = Path(__file__).with_name("boot")
SPACES = ["cgroup", "ipc", "uts", "net", "pid", "mnt"]
PATIENCE = 40.0
# For what is run to its end.
LONG = 3 * PATIENCE
CLONE_NEWNET = 0x40000000
ENVIRONMENT = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8", "SYSTEMD_COLORS": "0"}


class Unable(Exception):
    """The machine cannot be, or does not do what it was told."""


def wait_for(claim: Callable[[], object], what: Callable[[], str] | str,
             patience: float = PATIENCE):
    """The first truthy value of `claim`."""
    end = time.monotonic() + patience
    while not (value := claim()):
        if time.monotonic() > end:
            raise Unable(f"waited in vain: {what if isinstance(what, str) else what()}")
        threading.Event().wait(0.005)
    return value


def remove(cgroup: Path) -> None:
    """Takes a cgroup away, with those below it; who is listed no more may still be dying in it."""
    def is_gone() -> bool:
        try:
            for folder, _, _ in os.walk(cgroup, topdown=False):
                os.rmdir(folder)
        except OSError:
            return False
        return True
    wait_for(is_gone, f"{cgroup} is empty")


def name_of(pid: str) -> str:
    try:
        return Path(f"/proc/{pid}/comm").read_text().strip()
    except (FileNotFoundError, ProcessLookupError):
        return ""


class Machine:
    """A booted systemd. Everything goes through descriptors of its namespaces, never through a
    pid, which may be somebody else's by then."""

    def __init__(self, folder: Path, *install: str):
        started = time.monotonic()
        (folder / "machine").mkdir()
        self.words = folder / "boot.log"
        self.process = self.start(folder / "machine", install)
        self.cgroup = Path(self.process.stdout.readline().decode().strip() or "/nowhere")
        self.spaces: dict[str, int] = {}
        try:
            self.open_spaces()
            wait_for(self.has_booted, self.words.read_text)
        except BaseException:
            self.close()
            raise
        self.boot_time = time.monotonic() - started

    def start(self, folder: Path, install) -> subprocess.Popen:
        with self.words.open("wb") as words:
            return subprocess.Popen([BOOT, folder, *install], stdin=subprocess.DEVNULL,
                                    stdout=subprocess.PIPE, stderr=words)

    def open_spaces(self) -> None:
        init = wait_for(self.init, self.words.read_text)
        self.root = os.open(f"/proc/{init}/root", os.O_PATH | os.O_DIRECTORY)
        for name in SPACES:
            self.spaces[name] = os.open(f"/proc/{init}/ns/{name}", os.O_RDONLY)
        for name, number in self.spaces.items():
            if os.path.samestat(os.fstat(number), os.stat(f"/proc/self/ns/{name}")):
                raise Unable(f"the machine shares our namespace {name}")

    def init(self) -> int | None:
        """The pid of its systemd as seen from here, once it is that."""
        if self.process.poll() is not None:
            raise Unable(self.words.read_text() or f"boot ended: {self.process.returncode}")
        pid = self.process.pid
        for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
            if name_of(child) == "systemd":
                return int(child)
        return None

    def has_booted(self) -> bool:
        told = self.run("systemctl", "is-system-running", "--wait", check=False).stdout.decode()
        if told.startswith("degraded"):
            raise Unable(self.run("systemctl", "--failed").stdout.decode())
        return told.startswith("running")

    def run(self, *command: str, given: bytes = b"", timeout: float = LONG,
            check: bool = True) -> subprocess.CompletedProcess:
        """A command inside, as root."""
        ways = [f"--{'mount' if name == 'mnt' else name}=/proc/self/fd/{number}"
                for name, number in self.spaces.items()]
        done = subprocess.run(["nsenter", *ways, "--", *command], input=given, capture_output=True,
                              timeout=timeout, check=False, env=ENVIRONMENT,
                              pass_fds=list(self.spaces.values()))
        if check and done.returncode:
            raise Unable(f"{command}: {done.returncode} {done.stderr.decode(errors='replace')}")
        return done

    def ask(self, *command: str) -> str:
        return self.run(*command).stdout.decode().strip()

    def write(self, path: str, data: bytes, mode: str = "644") -> None:
        """A new file, also where a running program was."""
        self.run("install", "-D", "-m", mode, "/dev/stdin", path, given=data)

    def path(self, inside: str) -> str:
        """A path for connecting or looking from here. Not for writing: links would lead outside."""
        return f"/proc/self/fd/{self.root}{inside}"

    def enter_network(self) -> None:
        """From now on this thread, and those it starts, see the machine's network only."""
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.setns(self.spaces["net"], CLONE_NEWNET) != 0:
            raise Unable(f"setns: {os.strerror(ctypes.get_errno())}")

    def processes(self, unit: str) -> list[int]:
        """The processes of a unit, and of the units below it, as seen from here."""
        found = []
        for folder, _, _ in os.walk(self.cgroup / unit):
            try:
                found += [int(pid) for pid in Path(folder, "cgroup.procs").read_text().split()]
            except OSError:  # the cgroup went while it was read
                pass
        return found

    def kill(self, pid: int, unit: str, number: int = signal.SIGKILL) -> None:
        """A signal to a process, if it is one of the unit's."""
        holder = os.pidfd_open(pid)
        try:
            if pid not in self.processes(unit):
                raise Unable(f"{pid} is none of {unit}")
            signal.pidfd_send_signal(holder, number)
        finally:
            os.close(holder)

    def close(self) -> None:
        """Ends everything inside, and waits until it has ended."""
        if (self.cgroup / "cgroup.kill").exists() and self.spaces:
            (self.cgroup / "cgroup.kill").write_text("1")
        else:
            self.process.kill()
        self.process.wait(PATIENCE)
        self.process.stdout.close()
        for number in [*self.spaces.values(), *([self.root] if self.spaces else [])]:
            os.close(number)
        if self.cgroup.name.startswith("edgefilter-boot-"):
            wait_for(lambda: not self.processes("."), "processes of the machine end")
            remove(self.cgroup)
