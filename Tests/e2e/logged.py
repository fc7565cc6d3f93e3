# SPDX-License-Identifier: MIT
"""The request log as a reader of its own sees it: which lines are records, which of them count, what they come to."""

import json
from pathlib import Path

SUMMED = ("input", "output", "cached", "reasoning", "received", "sent", "ms")


def make_table() -> list[int]:
    table = []
    for byte in range(256):
        for _ in range(8):
            byte = byte >> 1 ^ (0x82F63B78 if byte & 1 else 0)
        table.append(byte)
    return table


TABLE = make_table()


def crc32c(data: bytes) -> int:
    value = 0xFFFFFFFF
    for byte in data:
        value = TABLE[(value ^ byte) & 255] ^ value >> 8
    return value ^ 0xFFFFFFFF


def read(state: Path) -> tuple[list[dict], int]:
    """The records whose sum is right, and how many lines are none."""
    good, torn = [], 0
    for file in sorted(state.glob("requests-*.jsonl")):
        for line in filter(None, file.read_bytes().split(b"\n")):
            body, mark, crc = line.rpartition(b',"crc":"')
            if mark and crc == b'%08x"}' % crc32c(body):
                good.append(json.loads(line))
            else:
                torn += 1
    return good, torn


def counting(records: list[dict]) -> list[dict]:
    """Those that count: of a line that was written again only where there is no other."""
    once = [record for record in records if "again" not in record]
    known = {record["id"] for record in once}
    again = {record["id"]: record for record in records if record["id"] not in known}
    return once + list(again.values())


def sums(records: list[dict]) -> dict[str, int]:
    return {"requests": len(records), **{name: sum(record[name] for record in records) for name in SUMMED}}
