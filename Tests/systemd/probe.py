# SPDX-License-Identifier: MIT
"""System calls made by a running process on our word (ptrace(2)), so under all that confines it."""

import ctypes
import errno
import os
import platform
import signal
from contextlib import contextmanager

ATTACH, DETACH, GETREGS, SETREGS, SINGLESTEP = 16, 17, 12, 13, 9
REGISTERS = ("r15 r14 r13 r12 rbp rbx r11 r10 r9 r8 rax rcx rdx rsi rdi orig_rax rip cs eflags "
             "rsp ss fs_base gs_base ds es fs gs").split()
ARGUMENTS = ("rdi", "rsi", "rdx", "r10", "r8", "r9")
NUMBERS = {"openat": 257, "close": 3, "socket": 41, "execve": 59, "unshare": 272, "mkdir": 83,
           "chmod": 90, "bpf": 321, "ptrace": 101, "sendto": 44}
HERE = -100 % 2**64

libc = ctypes.CDLL(None, use_errno=True)
libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
libc.ptrace.restype = ctypes.c_long


class Registers(ctypes.Structure):
    _fields_ = [(name, ctypes.c_ulonglong) for name in REGISTERS]


def trace(what: int, pid: int, data=None) -> None:
    if libc.ptrace(what, pid, None, data) != 0:
        raise OSError(ctypes.get_errno(), f"ptrace {what}: {os.strerror(ctypes.get_errno())}")


class Probe:
    """A process held still."""

    def __init__(self, pid: int):
        assert platform.machine() == "x86_64", "the probe knows the calls of x86_64 only"
        self.pid = pid
        self.kept = Registers()
        self.result = 0
        self.memory = os.open(f"/proc/{pid}/mem", os.O_RDWR)
        trace(GETREGS, pid, ctypes.byref(self.kept))
        # It waits in a system call: the two bytes before are the instruction.
        self.instruction = self.kept.rip - 2
        assert os.pread(self.memory, 2, self.instruction) == b"\x0f\x05", "not in a system call"
        self.stack = (self.kept.rsp - 8192) & ~0xFFF

    def call(self, name: str, *arguments: int | bytes) -> str:
        """What the call comes to: the name of its error, or "done"."""
        registers = Registers.from_buffer_copy(self.kept)
        place = self.stack
        for register, argument in zip(ARGUMENTS, arguments):
            if isinstance(argument, bytes):
                os.pwrite(self.memory, argument + b"\0", place)
                argument, place = place, place + 256
            setattr(registers, register, argument)
        registers.rax, registers.orig_rax = NUMBERS[name], 2**64 - 1
        registers.rip = self.instruction
        trace(SETREGS, self.pid, ctypes.byref(registers))
        trace(SINGLESTEP, self.pid)
        wait_stopped(self.pid)
        trace(GETREGS, self.pid, ctypes.byref(registers))
        self.result = ctypes.c_longlong(registers.rax).value
        return errno.errorcode[-self.result] if -4096 < self.result < 0 else "done"

    def opens(self, path: str, flags: int) -> str:
        return self.call("openat", HERE, path.encode(), flags, 0o600)

    def release(self) -> None:
        trace(SETREGS, self.pid, ctypes.byref(self.kept))
        os.close(self.memory)


def wait_stopped(pid: int) -> None:
    _, status = os.waitpid(pid, 0)
    assert os.WIFSTOPPED(status), f"the process ended: {status}"
    assert os.WSTOPSIG(status) in (signal.SIGSTOP, signal.SIGTRAP), os.WSTOPSIG(status)


@contextmanager
def held(pid: int):
    """Stops a process, hands it out, and lets it go on as if nothing had been."""
    trace(ATTACH, pid)
    wait_stopped(pid)
    probe = Probe(pid)
    try:
        yield probe
    finally:
        probe.release()
        trace(DETACH, pid)
