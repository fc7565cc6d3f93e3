# SPDX-License-Identifier: MIT
"""Lines of a log and the sums that they end in, by other code than ours."""

import json


def entry(number: int) -> int:
    for _ in range(8):
        number = number >> 1 ^ (0x82F63B78 if number & 1 else 0)
    return number


TABLE = [entry(number) for number in range(256)]


def crc32c(data: bytes) -> int:
    """RFC 3720 appendix B.4."""
    total = 0xFFFFFFFF
    for byte in data:
        total = TABLE[(total ^ byte) & 255] ^ total >> 8
    return total ^ 0xFFFFFFFF


def line(members: dict) -> bytes:
    """An object as a line of a log."""
    body = json.dumps(members, separators=(",", ":"), ensure_ascii=False).encode()[:-1]
    return body + b',"crc":"%08x"}\n' % crc32c(body)


def read(file: bytes) -> tuple[list[dict], int]:
    """The lines whose sum is right, and how many are not empty and have none that is."""
    good, torn = [], 0
    for text in filter(None, file.split(b"\n")):
        body, mark, crc = text.rpartition(b',"crc":"')
        if mark and crc == b'%08x"}' % crc32c(body):
            good.append(json.loads(text))
        else:
            torn += 1
    return good, torn
