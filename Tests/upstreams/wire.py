# SPDX-License-Identifier: MIT
"""HTTP/1.1 as a strict origin server reads it: what is not exactly right is `Malformed`."""

import re
import socket
from dataclasses import dataclass, field

START = re.compile(rb"([A-Z]+) (/[\x21-\x7e]*) HTTP/1\.1")
FIELD = re.compile(rb"([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[ \t]*([\x20-\x7e\t\x80-\xff]*?)[ \t]*")
HOP_BY_HOP = {"connection", "keep-alive", "te", "trailer", "upgrade", "proxy-connection",
              "proxy-authorization", "proxy-authenticate", "expect"}
SINGLE = {"host", "content-length", "content-type", "transfer-encoding", "authorization",
          "accept", "user-agent", "content-encoding", "accept-encoding"}


class Malformed(Exception):
    """The request breaks the grammar."""


class Gone(Exception):
    """The peer closed the connection."""


@dataclass
class Request:
    """One request as it came in; `body` is filled while it is read."""

    connection: int
    method: str
    target: str
    fields: list[tuple[str, str]]
    body: bytearray = field(default_factory=bytearray)

    @property
    def path(self) -> str:
        return self.target.partition("?")[0]

    @property
    def query(self) -> str:
        return self.target.partition("?")[2]

    def all(self, name: str) -> list[str]:
        return [value for key, value in self.fields if key.lower() == name.lower()]

    def get(self, name: str) -> str | None:
        return next(iter(self.all(name)), None)


class Wire:
    """Buffered reading from a socket, and nothing lost between two requests."""

    def __init__(self, sock: socket.socket):
        self.sock = sock
        self.kept = bytearray()

    def more(self) -> None:
        data = self.sock.recv(65536)
        if not data:
            raise Gone()
        self.kept += data

    def until(self, end: bytes, limit: int) -> bytes:
        while (at := self.kept.find(end)) < 0:
            if len(self.kept) > limit:
                raise Malformed(f"no {end!r} within {limit} bytes")
            self.more()
        found = bytes(self.kept[:at])
        del self.kept[:at + len(end)]
        return found

    def some(self, limit: int) -> bytes:
        if not self.kept:
            self.more()
        found = bytes(self.kept[:limit])
        del self.kept[:limit]
        return found


def read_head(wire: Wire, connection: int) -> Request:
    """The next request's head; `Gone` where the peer left before its first byte."""
    block = wire.until(b"\r\n\r\n", 65536)
    if re.search(rb"\r(?!\n)|(?<!\r)\n|\0", block):
        raise Malformed("a bare CR, LF or NUL")
    first, *lines = block.split(b"\r\n")
    start = START.fullmatch(first)
    if not start:
        raise Malformed(f"request line {first!r}")
    fields = []
    for line in lines:
        match = FIELD.fullmatch(line)
        if not match:
            raise Malformed(f"field {line!r}")
        fields.append((match[1].decode("ascii"), match[2].decode("latin-1")))
    return Request(connection, start[1].decode(), start[2].decode(), fields)


class Body:
    """A body being read, counted or chunked, never past its end."""

    def __init__(self, wire: Wire, request: Request):
        self.wire, self.request = wire, request
        length, coding = request.get("content-length"), request.get("transfer-encoding")
        if length is not None and coding is not None:
            raise Malformed("Content-Length and Transfer-Encoding together")
        if coding is not None and coding.lower() != "chunked":
            raise Malformed(f"transfer coding {coding!r}")
        if length is not None and not re.fullmatch(r"[0-9]+", length):
            raise Malformed(f"Content-Length {length!r}")
        self.is_chunked = coding is not None
        self.left = int(length or 0)
        self.is_done = not self.is_chunked and self.left == 0

    def some(self, limit: int = 65536) -> bytes:
        """The next bytes, at most `limit`; empty at the end."""
        if self.is_chunked and not self.left and not self.is_done:
            self.next_chunk()
        if self.is_done:
            return b""
        data = self.wire.some(min(limit, self.left))
        self.left -= len(data)
        if not self.left:
            self.end_piece()
        self.request.body += data
        return data

    def next_chunk(self) -> None:
        size = self.wire.until(b"\r\n", 64)
        if not re.fullmatch(rb"[0-9A-Fa-f]{1,16}", size):
            raise Malformed(f"chunk size {size!r}")
        self.left = int(size, 16)
        if self.left == 0:
            if self.wire.until(b"\r\n", 64):
                raise Malformed("a trailer")
            self.is_done = True

    def end_piece(self) -> None:
        if not self.is_chunked:
            self.is_done = True
        elif self.wire.until(b"\r\n", 64):
            raise Malformed("a chunk longer than its size")

    def read(self) -> bytes:
        while self.some():
            pass
        return bytes(self.request.body)


def proxy_faults(request: Request, authority: str, own: frozenset[str] = frozenset()) -> list[str]:
    """What a proxy should not have sent, each as a sentence; `own`: fields of one connection that it says itself."""
    names = [name.lower() for name, _ in request.fields]
    faults = [f"hop-by-hop field {name} was forwarded" for name in names if name in HOP_BY_HOP - own]
    faults += [f"field {name} came twice" for name in SINGLE if names.count(name) > 1]
    if request.get("host") != authority:
        faults.append(f"Host is {request.get('host')!r}, not {authority!r}")
    if request.get("accept-encoding") not in (None, "identity", "gzip"):
        faults.append(f"Accept-Encoding {request.get('accept-encoding')!r} was forwarded")
    return [f"{request.method} {request.target}: {fault}" for fault in faults]
