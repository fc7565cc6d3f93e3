# SPDX-License-Identifier: MIT
"""Many streams at once, all held in the middle at one gate."""

import threading

import scripts
from client import chat
from installed import Caller, Installed

WORDS = [f"word{number} " for number in range(40)]
ASKED = chat(stream=True)


class Streams:
    """`count` streamed answers, each under way when this is made."""

    def __init__(self, installed: Installed, upstream, count: int):
        self.gate: threading.Event = upstream.gate()
        self.calm = self.undisturbed(installed, upstream)
        upstream.script(*[scripts.stream(WORDS, self.gate, after=5) for _ in range(count)])
        self.callers = [installed.dial() for _ in range(count)]
        for caller in self.callers:
            caller.send(ASKED)
        self.heads = [self.begin(caller) for caller in self.callers]

    @staticmethod
    def undisturbed(installed: Installed, upstream) -> bytes:
        upstream.script(scripts.stream(WORDS))
        return installed.ask(ASKED).body

    @staticmethod
    def begin(caller: Caller) -> bytes:
        assert caller.read_head().status == 200
        return caller.read_until(b"word1")

    def finish(self) -> list[bytes]:
        """Opens the gate; the whole body of each stream, or the cause of its end."""
        self.gate.set()
        return [self.rest(head, caller) for head, caller in zip(self.heads, self.callers)]

    @staticmethod
    def rest(head: bytes, caller: Caller) -> bytes:
        try:
            return head + caller.read_chunks()
        except (Exception, AssertionError) as error:
            return f"cut: {error!r}".encode()

    def whole(self) -> int:
        """How many come to their end without one byte changed."""
        return sum(body == self.calm for body in self.finish())
