# SPDX-License-Identifier: MIT
"""A request log as some weeks of use leave it."""

import datetime
import random
from pathlib import Path

import sealed

MODELS = {"glm-4.6": 50, "claude-sonnet-4-5": 30, "gpt-4o": 15, "text-embedding-3-small": 5}
ENDPOINTS = {"/v1/chat/completions": 60, "/v1/messages": 30, "/v1/responses": 10}


def pick(dice: random.Random, choices: dict) -> str:
    return dice.choices(list(choices), list(choices.values()))[0]


def record(dice: random.Random, day: datetime.date, number: int) -> dict:
    key = dice.randint(1, 4)
    fails = dice.random() < 0.04
    return {"time": f"{day}T{number // 60 % 24:02}:{number % 60:02}:00.000Z", "id": f"req_{day:%Y%m%d}{number:08}",
            "key": "0011223344556677", "key_id": key, "user": (1, 1, 2, 3)[key - 1], "method": "POST",
            "endpoint": pick(dice, ENDPOINTS), "client": "openai", "dialect": "openai", "model": pick(dice, MODELS),
            "used": "", "upstream": "main", "status": 502 if fails else 200, "stop": "" if fails else "end",
            "input": 0 if fails else dice.randint(200, 9000), "output": 0 if fails else dice.randint(50, 2500),
            "cached": 0, "reasoning": 0, "received": 900, "sent": 1200, "first_ms": 210, "ms": 1800,
            "code": 422 if fails else 0, "ended": "failed" if fails else "complete"}


def write(state: Path, today: datetime.date, days: int = 30) -> None:
    """Some records for each day but the last, more during the week than at its end."""
    dice = random.Random(6)
    for back in range(days, 0, -1):
        day = today - datetime.timedelta(back)
        count = int((14 if day.weekday() < 5 else 4) * (0.6 + dice.random()))
        lines = [b"\n" + sealed.line(record(dice, day, number * 47)) for number in range(count)]
        (state / f"requests-{day:%Y%m%d}.jsonl").write_bytes(b"".join(lines))
