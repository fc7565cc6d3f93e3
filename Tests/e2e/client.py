# SPDX-License-Identifier: MIT
"""A client that sends exactly the bytes it is given and reads answers strictly."""

import json
import re
import socket
from dataclasses import dataclass

import exchange
from exchange import PATIENCE
from wire import FIELD, Gone, Wire

STATUS = re.compile(rb"HTTP/1\.1 ([1-5][0-9][0-9]) [\x20-\x7e]*")


@dataclass
class Answer:
    """A response: the interim ones before it, its head, its body."""

    status: int
    fields: list[tuple[str, str]]
    body: bytes
    interim: list[int]

    def all(self, name: str) -> list[str]:
        return [value for key, value in self.fields if key.lower() == name.lower()]

    def get(self, name: str) -> str | None:
        return next(iter(self.all(name)), None)

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def error(self) -> dict:
        """The error in OpenAI's form, with exactly its four members."""
        error = self.json["error"]
        assert sorted(error) == ["code", "message", "param", "type"], error
        assert error["message"], "an error without words"
        return error

    @property
    def closes(self) -> bool:
        return (self.get("connection") or "").lower() == "close"

    @property
    def events(self) -> list[str]:
        """The data of each event of a stream that ends after a blank line."""
        blocks = self.body.decode().split("\n\n")
        assert blocks.pop() == "", "the stream ends inside an event"
        return [block.removeprefix("data: ") for block in blocks if not block.startswith(":")]


def request(method: str, target: str, body: bytes | dict | None = None, *lines: str,
            host: str = "localhost") -> bytes:
    """A request in bytes. A body gets its length, a dict becomes JSON with its type."""
    head = [f"{method} {target} HTTP/1.1", f"Host: {host}", *lines]
    if isinstance(body, dict):
        body = json.dumps(body).encode()
        head.append("Content-Type: application/json")
    if body is not None:
        head.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*head, "", ""]).encode("latin-1") + (body or b"")


def chat(model: str = "gpt-4", text: str = "Hello there", *lines: str, **members) -> bytes:
    """A chat request."""
    asked = {"model": model, "messages": [{"role": "user", "content": text}], **members}
    return request("POST", "/v1/chat/completions", asked, *lines)


class Client:
    """One connection. `transcript` is every byte that came back."""

    def __init__(self, address, receive_buffer: int | None = None, source: str = ""):
        family = socket.AF_UNIX if isinstance(address, str) else socket.AF_INET
        self.sock = socket.socket(family, socket.SOCK_STREAM)
        if receive_buffer:
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        if source:
            self.sock.bind((source, 0))
        self.sock.settimeout(PATIENCE)
        self.sock.connect(address)
        self.wire = Wire(self.sock)
        self.head: Answer | None = None

    def send(self, data: bytes) -> None:
        self.sock.sendall(data)

    def ask(self, data: bytes) -> Answer:
        self.send(data)
        return self.answer(is_head=data.startswith(b"HEAD "))

    def read_head(self) -> Answer:
        """The next final head, its body still to be read."""
        interim: list[int] = []
        while True:
            first, *lines = self.wire.until(b"\r\n\r\n", 65536).split(b"\r\n")
            match = STATUS.fullmatch(first)
            assert match, f"status line {first!r}"
            found = [FIELD.fullmatch(line) for line in lines]
            assert all(found), f"fields {lines!r}"
            fields = [(pair[1].decode(), pair[2].decode("latin-1")) for pair in found if pair]
            if match[1][0] != ord("1"):
                self.head = Answer(int(match[1]), fields, b"", interim)
                return self.head
            interim.append(int(match[1]))

    def answer(self, is_head: bool = False) -> Answer:
        head = self.read_head()
        if not (is_head or head.status in (204, 304)):
            head.body = self.read_body(head)
        return head

    def read_body(self, head: Answer) -> bytes:
        """The whole body, by the one framing that the head announces."""
        length, coding = head.all("content-length"), head.all("transfer-encoding")
        assert len(length) + len(coding) <= 1, "two framings"
        if coding:
            assert coding == ["chunked"], coding
            return self.read_chunks()
        if not length:
            assert head.closes, "a body without framing, and the connection is kept"
            return self.read_rest()
        return self.read_exactly(int(length[0]))

    def read_exactly(self, size: int) -> bytes:
        data = bytearray()
        while len(data) < size:
            data += self.wire.some(size - len(data))
        return bytes(data)

    def read_chunk(self) -> bytes:
        """The next chunk; empty at the end of the body."""
        size = int(self.wire.until(b"\r\n", 20), 16)
        data = self.read_exactly(size)
        assert self.wire.until(b"\r\n", 2) == b"", "a chunk does not end where it says"
        return data

    def read_chunks(self) -> bytes:
        data = bytearray()
        while chunk := self.read_chunk():
            data += chunk
        return bytes(data)

    def read_until(self, mark: bytes) -> bytes:
        """Chunks up to the one with which `mark` is complete."""
        data = bytearray()
        while mark not in data:
            chunk = self.read_chunk()
            assert chunk, f"the body ended without {mark!r}: {bytes(data)!r}"
            data += chunk
        return bytes(data)

    def read_rest(self) -> bytes:
        """Everything until the peer closes."""
        data = bytearray()
        try:
            while True:
                data += self.wire.some(65536)
        except Gone:
            return bytes(data)

    def is_closed(self) -> bool:
        """Whether the peer closes without another byte. Waits for it."""
        try:
            return self.read_rest() == b""
        except ConnectionResetError:
            return True

    def finish_sending(self) -> None:
        self.sock.shutdown(socket.SHUT_WR)

    def close(self) -> None:
        self.sock.close()

    def reset(self) -> None:
        exchange.reset(self.sock)
        self.sock.close()
