# SPDX-License-Identifier: MIT
"""The request log as a reader of its own sees it: which lines are records, which of them count, what they come to."""

import hashlib
from pathlib import Path

import api
import sealed

# What a record says of the callers' own key.
SHA256 = hashlib.sha256(api.CALLER_KEY.encode()).hexdigest()[:16]
SUMMED = ("input", "output", "cached", "reasoning", "received", "sent", "ms")


def read(state: Path) -> tuple[list[dict], int]:
    """The records whose sum is right, and how many lines are none."""
    good, torn = [], 0
    for file in sorted(state.glob("requests-*.jsonl")):
        lines, broken = sealed.read(file.read_bytes())
        good += lines
        torn += broken
    return good, torn


def counting(records: list[dict]) -> list[dict]:
    """Those that count: of a line that was written again only where there is no other."""
    once = [record for record in records if "again" not in record]
    known = {record["id"] for record in once}
    again = {record["id"]: record for record in records if record["id"] not in known}
    return once + list(again.values())


def sums(records: list[dict]) -> dict[str, int]:
    return {"requests": len(records), **{name: sum(record[name] for record in records) for name in SUMMED}}
