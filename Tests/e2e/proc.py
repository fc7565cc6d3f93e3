# SPDX-License-Identifier: MIT
"""What /proc tells: who listens, whose child is whose, who holds which socket, how much memory."""

import os
import re
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path

from exchange import PATIENCE


def wait_until(claim: Callable[[], object], what: str):
    """The first truthy value of `claim`; fails after the usual patience."""
    end = time.monotonic() + PATIENCE
    while not (value := claim()):
        assert time.monotonic() < end, f"waited in vain: {what}"
        threading.Event().wait(0.01)
    return value


def tcp_rows() -> list[list[str]]:
    return [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]


def is_listening(port: int) -> bool:
    return any(row[1].endswith(f":{port:04X}") and row[3] == "0A" for row in tcp_rows())


def is_listening_at(path: str) -> bool:
    rows = [line.split() for line in Path("/proc/net/unix").read_text().splitlines()[1:]]
    return any(row[-1] == path and row[3] == "00010000" for row in rows)


def children(pid: int) -> list[int]:
    """The living children of a process, zombies left out."""
    try:
        listed = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except (FileNotFoundError, ProcessLookupError):
        return []
    return [int(child) for child in listed if not is_dead(int(child))]


def is_dead(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return True


def socket_of(local: int, remote: int) -> str | None:
    """The inode of the loopback socket with these two ports; it has none before somebody accepts it."""
    for row in tcp_rows():
        if row[1].endswith(f":{local:04X}") and row[2].endswith(f":{remote:04X}") and row[9] != "0":
            return row[9]
    return None


def is_first_to_go(pid: int, other: int) -> bool:
    """Whether the kernel ends a process rather than the other where memory is short, as handlers ask it to."""
    try:
        mine, its = (int(Path(f"/proc/{one}/oom_score_adj").read_text()) for one in (pid, other))
    except (FileNotFoundError, ProcessLookupError):
        return False
    return mine > its


def is_told(pid: int, number: int) -> bool:
    """Whether a signal waits for a process, which is stopped."""
    status = Path(f"/proc/{pid}/status").read_text()
    return bool(int(re.search(r"ShdPnd:\s+(\w+)", status)[1], 16) >> (number - 1) & 1)


def is_pending(pid: int, number: int) -> bool:
    """Whether a signal waits until the process takes it."""
    status = Path(f"/proc/{pid}/status").read_text()
    return any(int(mask, 16) >> number - 1 & 1 for mask in re.findall(r"^(?:SigPnd|ShdPnd):\s*(\w+)", status, re.M))


def stop(pid: int):
    """Stops a process; done when it stands still.  Until then a later signal of a lower number would overtake."""
    os.kill(pid, signal.SIGSTOP)
    wait_until(lambda: cpu(pid)[0] == "T", f"that {pid} stands still")


def holds(pid: int, inode: str) -> bool:
    try:
        links = [os.readlink(entry.path) for entry in os.scandir(f"/proc/{pid}/fd")]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return f"socket:[{inode}]" in links


def calling(port: int) -> int:
    """How many connections to a loopback port are begun and not taken."""
    return sum(row[2].endswith(f":{port:04X}") and row[3] == "02" for row in tcp_rows())


def is_at_rest(pid: int) -> bool:
    """Whether a process sleeps, and uses nothing for a fifth of a second."""
    before = cpu(pid)
    threading.Event().wait(0.2)
    return cpu(pid) == before and before[0] == "S"


def cpu(pid: int) -> tuple[str, int]:
    """What a process does (proc(5)), and the ticks of the processor that it has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return fields[0], int(fields[11]) + int(fields[12])


def children_and_zombies(pid: int) -> list[int]:
    """The children of a process, those included that have ended and were not reaped."""
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def peak_memory(pid: int) -> int:
    """The largest resident size so far, in bytes."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"VmHWM:\s+(\d+) kB", status)[1]) * 1024


def file_memory(pid: int) -> int:
    """The resident pages of files: the program and its libraries, in bytes."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"RssFile:\s+(\d+) kB", status)[1]) * 1024


def private_memory(pid: int) -> int:
    """What this process holds for itself alone, in bytes."""
    rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    return sum(int(size) for size in re.findall(r"Private_\w+:\s+(\d+) kB", rollup)) * 1024
