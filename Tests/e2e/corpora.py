# SPDX-License-Identifier: MIT
"""Test data that nobody of this project wrote: requests of real clients, recorded answers, the SDKs' own schemas."""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path


def find() -> Path:
    """The folder `shared/corpora` beside some folder above this file."""
    here = Path(__file__).resolve()
    for above in here.parents:
        for found in (above / "shared/corpora", *above.glob("work/shared/corpora")):
            if found.is_dir():
                return found
    raise FileNotFoundError("shared/corpora")


CORPORA = find()
PATHS = {"/v1/chat/completions": "openai", "/v1/responses": "responses", "/v1/messages": "anthropic",
         "/v1/messages/count_tokens": "anthropic"}


@dataclass
class Asked:
    """A request that a client made."""

    name: str
    dialect: str
    body: dict

    def __str__(self) -> str:
        return self.name


@dataclass
class Answered:
    """What a provider answered, in bytes: JSON, or a stream of events."""

    name: str
    dialect: str
    body: bytes

    def __str__(self) -> str:
        return self.name

    @property
    def is_stream(self) -> bool:
        return not self.body.lstrip().startswith(b"{")


def requests() -> list[Asked]:
    """Those that a dialect of ours reads; a count of tokens is a request without its limit."""
    found = []
    for file in sorted((CORPORA / "client-requests").glob("*.json")):
        kept = json.loads(file.read_text())
        dialect = PATHS.get(kept["path"].partition("?")[0])
        if dialect and kept["body"]:
            limit = {"max_tokens": 1000} if dialect == "anthropic" else {}
            found.append(Asked(file.stem, dialect, {**limit, **kept["body"]}))
    return found + [Asked(name, "anthropic", pair["request"]["body"]) for name, pair in pairs()]


def pairs():
    """Requests with their answers, from Anthropic's own tests."""
    for file in sorted((CORPORA / "anthropic-sdk-fixtures").glob("*.json")):
        for number, pair in enumerate(json.loads(file.read_text())):
            yield f"{file.stem[:-29]}-{number}", pair


def answers() -> list[Answered]:
    """All recordings, each as it would come over the wire."""
    found = [answer for folder in ("vercel-ai-fixtures", "anthropic-sdk-fixtures")
             for file in sorted((CORPORA / folder).rglob("*")) if (answer := read(file))]
    for name, pair in pairs():
        body = pair["response"]["body"]
        found.append(Answered(name, "anthropic", (body if isinstance(body, str) else json.dumps(body)).encode()))
    return found


def read(file: Path) -> Answered | None:
    if file.name.startswith(("README", "LICENSE", "Test", "openai-completion-text")) or file.is_dir():
        return None  # the last is of an endpoint that is only relayed
    text = file.read_text()
    dialect = dialect_of(file)
    if file.name.endswith(".chunks.txt"):
        text = wired(text.splitlines(), dialect)
    return Answered(file.name.partition(".chunks")[0] + (".stream" if "chunks" in file.name else ""), dialect,
                    text.encode())


def dialect_of(file: Path) -> str:
    if file.name.startswith("responses-"):
        return "responses"
    return "anthropic" if file.parent.name in ("anthropic", "anthropic-sdk-fixtures") else "openai"


def wired(lines: list[str], dialect: str) -> str:
    """Recorded events as the provider sends them."""
    if dialect == "openai":
        return "".join(f"data: {line}\n\n" for line in lines if line.strip()) + "data: [DONE]\n\n"
    return "".join(f"event: {kind_of(line)}\ndata: {line}\n\n" for line in lines if line.strip())


def kind_of(line: str) -> str:
    """The type of an event; one recording holds lines that are not quite JSON."""
    return line.partition('"type":"')[2].partition('"')[0] or json.loads(line)["type"]


@cache
def schema(name: str) -> dict:
    return json.loads((CORPORA / "sdk-schemas" / f"{name}.json").read_text())
