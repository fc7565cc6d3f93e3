# SPDX-License-Identifier: MIT
"""One request and its answer, as a script of the upstream sees and writes them."""

import json
import select
import socket
import struct
import threading

from wire import Body, Request, Wire

PATIENCE = 30.0
# For a program that is run to its end.
LONG = 4 * PATIENCE
REASONS = {100: "Continue", 103: "Early Hints", 200: "OK", 400: "Bad Request"}


class Heart(threading.Thread):
    """Beats a hundred times a second of what the machine gives us: slower where it stands still or serves others."""

    def __init__(self):
        super().__init__(daemon=True)
        self.beats = 0
        self.start()

    def run(self) -> None:
        while True:
            threading.Event().wait(0.01)
            self.beats += 1


HEART = Heart()


def heartbeats() -> float:
    """Seconds by the heart, by which a promise of time is measured that a busy machine must not break."""
    return HEART.beats / 100


class Cut(Exception):
    """The script ends the connection here."""


def reset(sock: socket.socket) -> None:
    """Makes the coming close a reset (RST) instead of an orderly end (FIN)."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


class Exchange:
    """What a script works with: the request, its body, and verbs that write the answer."""

    def __init__(self, wire: Wire, request: Request, upstream, drop_next):
        self.wire, self.request, self.upstream = wire, request, upstream
        self.body = Body(wire, request)
        self.framing: int | str = "none"
        self.closes = False
        self.drop_next = drop_next
        self.heard = threading.Event()
        self.stalled = threading.Event()
        self.sent = 0
        self.events = 0
        self.events_left: int | None = None
        self.breaking = "cut"
        self.gate = threading.Event()
        # Where the end of the body waits; None: it does not.
        self.end_gate: threading.Event | None = None
        # Of a conversation over WebSocket: its token, the payloads of pongs, and of the peer's close.
        self.token = ""
        self.pongs: list[bytes] = []
        self.closing: bytes | None = None

    def interim(self, status: int, *fields: tuple[str, str]) -> None:
        self.raw(self.head_bytes(status, fields))

    def head(self, status: int = 200, *fields: tuple[str, str], framing: int | str) -> None:
        """Sends the final head. `framing`: a length, "chunked" or "close"."""
        own = [("content-length", str(framing))] if isinstance(framing, int) else []
        own += [("transfer-encoding", "chunked")] if framing == "chunked" else []
        own += [("connection", "close")] if framing == "close" else []
        self.framing, self.closes = framing, framing == "close"
        self.raw(self.head_bytes(status, [*fields, *own]))

    @staticmethod
    def head_bytes(status: int, fields) -> bytes:
        lines = [f"HTTP/1.1 {status} {REASONS.get(status, 'Scripted')}"]
        lines += [f"{name}: {value}" for name, value in fields]
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")

    def send(self, data: bytes) -> None:
        """Sends a piece of the body in the framing that the head announced."""
        if self.framing == "chunked":
            data = b"%x\r\n%b\r\n" % (len(data), data)
        self.raw(data)

    def event(self, data: dict | str, name: str | None = None) -> None:
        """Sends an event; breaks off instead where the script said so (`break_after`)."""
        text = data if isinstance(data, str) else json.dumps(data, separators=(",", ":"))
        self.block(self.form(text, name))

    def block(self, text: bytes) -> None:
        """The same of an event that is written out."""
        if self.events_left == 0:
            self.break_off()
        if self.events_left:
            self.events_left -= 1
        self.events += 1
        self.send(text)

    @staticmethod
    def form(text: str, name: str | None) -> bytes:
        """An event as it is sent."""
        line = f"event: {name}\n" if name else ""
        return f"{line}data: {text}\n\n".encode()

    def break_after(self, events: int, how: str) -> None:
        """Lets so many events pass. `how`: cut, reset, end (as if the stream were complete), stall (at `gate`)."""
        self.events_left, self.breaking = events, how

    def break_off(self) -> None:
        if self.breaking == "stall":
            self.events_left = None
            return self.wait(self.gate)
        if self.breaking == "end":
            self.end()
        self.cut(by_reset=self.breaking == "reset")

    def end(self) -> None:
        if self.end_gate:
            self.wait(self.end_gate)
        if self.framing == "chunked":
            self.raw(b"0\r\n\r\n")

    def raw(self, data: bytes) -> None:
        self.wire.sock.sendall(data)
        self.sent += len(data)

    def flood(self, data: bytes) -> None:
        """Sends `data`; sets `stalled` once the peer has taken nothing for half a second."""
        view = memoryview(data)
        room = select.poll()
        room.register(self.wire.sock, select.POLLOUT)
        while view:
            if not room.poll(500):
                self.stalled.set()
            count = self.wire.sock.send(view[:65536])
            self.sent += count
            view = view[count:]

    def wait(self, gate: threading.Event) -> None:
        """Says that this point is reached, then waits until the test opens the gate."""
        self.heard.set()
        assert gate.wait(PATIENCE * 6), "the test never opened the gate"

    def cut(self, by_reset: bool = False) -> None:
        if by_reset:
            reset(self.wire.sock)
        raise Cut()
