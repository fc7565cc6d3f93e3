# SPDX-License-Identifier: MIT
"""Frames of WebSocket as a strict server reads and writes them (RFC 6455 section 5)."""

import struct
from dataclasses import dataclass

from wire import Malformed, Wire

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10


@dataclass
class Frame:
    """A frame as it came, unmasked."""

    is_final: bool
    opcode: int
    payload: bytes
    mask: bytes


def take(wire: Wire, count: int) -> bytes:
    found = b""
    while len(found) < count:
        found += wire.some(count - len(found))
    return found


def read_frame(wire: Wire, limit: int = 64 << 20) -> Frame:
    """The next frame of a client; `Malformed` where it is not exactly right."""
    first, second = take(wire, 2)
    is_final, opcode, length = bool(first & 0x80), first & 15, second & 0x7F
    if first & 0x70:
        raise Malformed("reserved bits are set")
    if not second & 0x80:
        raise Malformed("a client's frame is not masked")
    if opcode not in (CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG):
        raise Malformed(f"opcode {opcode}")
    if opcode >= CLOSE and (not is_final or length > 125):
        raise Malformed("a control frame in pieces, or too long")
    if length >= 126:
        size, form, least = (2, ">H", 126) if length == 126 else (8, ">Q", 65536)
        length, = struct.unpack(form, take(wire, size))
        if not least <= length <= limit:
            raise Malformed(f"a frame of {length} bytes")
    mask = take(wire, 4)
    return Frame(is_final, opcode, unmask(take(wire, length), mask), mask)


def unmask(payload: bytes, mask: bytes) -> bytes:
    whole = mask * (len(payload) // 4 + 1)
    return (int.from_bytes(payload) ^ int.from_bytes(whole[:len(payload)])).to_bytes(len(payload))


def frame(opcode: int, payload: bytes, is_final: bool = True, mask: bytes = b"", reserved: int = 0) -> bytes:
    """A frame of a server; a mask or reserved bits are wrong, and only there for that."""
    length = len(payload)
    size = bytes([length]) if length < 126 else \
        b"\x7e" + struct.pack(">H", length) if length < 65536 else b"\x7f" + struct.pack(">Q", length)
    if mask:
        size, payload = bytes([size[0] | 0x80]) + size[1:] + mask, unmask(payload, mask)
    return bytes([is_final << 7 | reserved << 4 | opcode]) + size + payload


def close(code: int | None = None, reason: bytes = b"") -> bytes:
    return frame(CLOSE, b"" if code is None else struct.pack(">H", code) + reason)


def in_pieces(opcode: int, payload: bytes, size: int, between: bytes = b"") -> bytes:
    """A message in frames of so many bytes, with other frames between them."""
    pieces = [payload[at:at + size] for at in range(0, len(payload), size)] or [b""]
    return between.join(frame(opcode if number == 0 else CONTINUATION, piece, number == len(pieces) - 1)
                        for number, piece in enumerate(pieces))
