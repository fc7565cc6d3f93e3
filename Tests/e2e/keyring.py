# SPDX-License-Identifier: MIT
"""Issued keys as an operator makes them: lines of `keys.log`, written as its grammar says, by other code than ours."""

import hashlib
import os
import time
import zlib
from dataclasses import dataclass
from pathlib import Path

import sealed

DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def digits(number: int, count: int) -> str:
    text = ""
    for _ in range(count):
        number, digit = divmod(number, 62)
        text = DIGITS[digit] + text
    return text


def make() -> str:
    """A new key, of nobody."""
    body = "sk-ef-" + digits(int.from_bytes(os.urandom(32)), 43)
    return body + digits(zlib.crc32(body.encode()), 6)


@dataclass
class Issued:
    id: int
    user: int
    text: str

    @property
    def bearer(self) -> str:
        return f"Authorization: Bearer {self.text}"


class Keyring:
    """The users and keys of a state directory."""

    def __init__(self, state: Path):
        self.file = state / "keys.log"
        self.users = self.keys = 0
        self.known: dict[int, dict] = {}

    def append(self, subject: dict, number: str, event: str, **members) -> None:
        own = {number: subject["id"], "hash": subject["hash"], "event": event, "keys": self.keys,
               "users": self.users, **{k: v for k, v in subject.items() if k not in ("id", "hash")}, **members,
               "at": int(time.time())}
        with self.file.open("ab") as log:
            log.write(sealed.line(own))

    def add(self, name: str) -> int:
        self.users += 1
        hashed = hashlib.sha256(f"user {name}".encode()).hexdigest()
        user = {"id": self.users, "hash": hashed, "name": name, "created": int(time.time())}
        self.append(user, "user", "added")
        self.known[-self.users] = user
        return self.users

    def issue(self, user: int = 0, **limits) -> Issued:
        """`limits`: expires, models, rpm, tpd, default_model."""
        user = user or self.add(f"user{self.users + 1}")
        self.keys += 1
        text = make()
        key = {"id": self.keys, "hash": hashlib.sha256(text.encode()).hexdigest(), "user": user,
               "name": f"key{self.keys}", "created": int(time.time()), **limits}
        self.append(key, "key", "issued")
        self.known[self.keys] = key
        return Issued(self.keys, user, text)

    def revoke(self, key: Issued) -> None:
        self.append(self.known[key.id], "key", "revoked", revoked=True)

    def limit(self, key: Issued, **limits) -> None:
        self.known[key.id] |= limits
        self.append(self.known[key.id], "key", "limited")

    def remove(self, user: int) -> None:
        """The user, and with it its keys."""
        self.append(self.known[-user], "user", "removed", removed=True)
        for key in self.known.values():
            if key.get("user") == user:
                self.append(key, "key", "revoked", revoked=True)
