# SPDX-License-Identifier: MIT
"""The model behind every stand-in: what it says follows from what it heard, whatever the dialect.

It obeys words in the caller's last text:

    weather Rome, Oslo    calls the first tool once for each place
    think …               thinks first, where the caller asked for thoughts
    refuse                refuses; `refuse late` says something before
    fail KIND             answers with the error KIND of the vendor (`FAILURES` of the API at hand)
    break KIND            begins an answer, and breaks off with that error where it is streamed
    cached                says that most of the prompt came from the cache
    say …                 says just that
"""

import hashlib
import json
import re
from dataclasses import dataclass, field


@dataclass
class Usage:
    """Tokens. `input` counts all, those from the cache (`cached`) and those written to it too."""

    input: int = 9
    cached: int = 4
    written: int = 0
    output: int = 3
    reasoning: int = 1


CACHED = Usage(120, 80, 16, 10, 7)


@dataclass
class Image:
    """A picture as it came."""

    media_type: str = ""
    data: bytes = b""
    url: str = ""

    def __str__(self) -> str:
        if self.url:
            return self.url
        return f"{self.media_type} of {len(self.data)} bytes {hashlib.sha256(self.data).hexdigest()[:8]}"


@dataclass
class Result:
    """What a tool gave back."""

    name: str
    text: str
    images: list[Image] = field(default_factory=list)
    is_error: bool = False


@dataclass
class Heard:
    """A conversation, reduced to what the model minds."""

    text: str = ""  # the last of the user's
    texts: list[str] = field(default_factory=list)  # all of them
    images: list[Image] = field(default_factory=list)
    results: list[Result] = field(default_factory=list)
    system: list[str] = field(default_factory=list)
    tools: dict[str, dict] = field(default_factory=dict)  # each with the schema of its arguments
    free: set[str] = field(default_factory=set)  # tools that take text instead of arguments
    forced: str | None = None
    may_call_many: bool = True
    schema: dict | None = None
    wants_thoughts: bool = False
    limit: int | None = None
    stops: list[str] = field(default_factory=list)


@dataclass
class Call:
    """A call of a tool; the arguments are JSON text, or any text where the tool is free."""

    id: str
    name: str
    arguments: str
    is_free: bool = False


@dataclass
class Said:
    """An answer. `stop`: end, calls, length, stop (a stop sequence, `stopped_at`) or refusal."""

    text: str = ""
    thought: str = ""
    calls: list[Call] = field(default_factory=list)
    refusal: str = ""
    stop: str = "end"
    stopped_at: str | None = None
    broken: str | None = None
    usage: Usage = field(default_factory=Usage)


def think(heard: Heard) -> Said:
    """The answer to a conversation."""
    said = Said(usage=CACHED if "cached" in heard.text else Usage())
    if "think" in heard.text and heard.wants_thoughts:
        said.thought = "First I look, then I leap."
    if heard.text.startswith("refuse"):
        said.text = "Well, " if "late" in heard.text else ""
        said.refusal, said.stop = "I will not do that.", "refusal"
        return said
    if broken := re.match(r"break (\w+)", heard.text):
        said.text, said.broken = "It was going so well.", broken[1]
        return said
    places = re.findall(r"\w+", heard.text.partition("weather ")[2])
    if heard.tools and not heard.results and (places or heard.forced):
        return call(heard, said, places or ["Rome"])
    said.text = words_for(heard)
    return shorten(heard, said)


def call(heard: Heard, said: Said, places: list[str]) -> Said:
    name = heard.forced or next(iter(heard.tools))
    wanted = places if heard.may_call_many else places[:1]
    said.text = f"I ask {name}." if "ask" in heard.text else ""
    is_free = name in heard.free
    said.calls = [Call(f"call_{number}{hashlib.sha256(place.encode()).hexdigest()[:12]}", name,
                       place if is_free else arguments(heard.tools[name], place), is_free)
                  for number, place in enumerate(wanted, 1)]
    said.stop = "calls"
    return said


def arguments(schema: dict, place: str) -> str:
    made = example(schema)
    return json.dumps({**made, "city": place} if "city" in made else made, ensure_ascii=False)


def words_for(heard: Heard) -> str:
    if heard.results:
        told = [f"{'failed: ' if result.is_error else ''}{result.text}"
                + "".join(f" [{image}]" for image in result.images) for result in heard.results]
        extra = "".join(f" [{image}]" for image in heard.images)
        return "Results: " + "; ".join(told) + extra
    if heard.schema is not None:
        return json.dumps(example(heard.schema))
    if heard.images:
        return "I see " + ", ".join(map(str, heard.images))
    if heard.text.startswith("say "):
        return heard.text.removeprefix("say ")
    return f"You said: {heard.text}"


def shorten(heard: Heard, said: Said) -> Said:
    """Ends where a stop sequence or the limit (a word is a token) does."""
    found = [(said.text.index(stop), stop) for stop in heard.stops if stop in said.text]
    if found:
        at, said.stopped_at = min(found)
        said.text, said.stop = said.text[:at], "stop"
    words = re.findall(r"\s*\S+", said.text)
    if heard.limit is not None and len(words) > heard.limit:
        said.text, said.stop, said.stopped_at = "".join(words[:heard.limit]), "length", None
    return said


def example(schema: dict) -> object:
    """A value of a (simple) schema."""
    if "enum" in schema:
        return schema["enum"][0]
    made = {"object": lambda: {name: example(each) for name, each in schema.get("properties", {}).items()},
            "array": lambda: [example(schema.get("items", {}))], "integer": lambda: 7, "number": lambda: 0.5,
            "boolean": lambda: True}
    return made.get(schema.get("type", "string"), lambda: "Rome")()


def pieces(text: str) -> list[str]:
    """A text as a stream brings it: word by word."""
    return re.findall(r"\s*\S+|\s+$", text)


def crumbs(text: str) -> list[str]:
    """Arguments as a stream brings them: cut anywhere."""
    return [text[at:at + 5] for at in range(0, len(text), 5)]


def failure(heard: Heard) -> str | None:
    """The kind of error that the caller asks for."""
    match = re.match(r"fail (\w+)", heard.text)  # at the beginning, so that a quotation is none
    return match[1] if match else None


def sealed(text: str, secret: str = "small model") -> str:
    """What proves that a thought is the model's own."""
    return "EqQB" + hashlib.sha256(f"{secret}:{text}".encode()).hexdigest()
