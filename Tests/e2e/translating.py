# SPDX-License-Identifier: MIT
"""Edgefilters that translate: a caller in one dialect, an upstream in another."""

from types import SimpleNamespace

import edge as starting
import grammar
import proc
from client import Answer, request

# What each upstream's dialect is served by: the vendor, the path below /v1, models that do not think and that do.
DIALECTS = {
    "openai": SimpleNamespace(vendor="openai", path="/chat/completions", model="gpt-4o", thinker="reasoner"),
    "anthropic": SimpleNamespace(vendor="anthropic", path="/messages", model="claude-sonnet-4-5",
                                 thinker="claude-sonnet-4-5"),
    "responses": SimpleNamespace(vendor="openai", path="/responses", model="gpt-4o", thinker="gpt-5"),
    "dashscope": SimpleNamespace(vendor="dashscope", model="qwen-plus", thinker="qwen-flash", eyes="qwen-vl-max"),
}
# Dialects that callers speak.
CALLERS = ["openai", "anthropic", "responses"]
QUIRKS = {"reasoner": ["deepseek"], "gpt-5": [], "claude-sonnet-4-5": [], "qwen-flash": []}
MODEL, THINKER, EYES = "edge-model", "edge-thinker", "edge-eyes"
HI = {"role": "user", "content": "hi"}
# How a ping begins in each dialect.
PINGS = {"openai": b": ", "anthropic": b"event: ping\ndata: ", "responses": b": "}
# What the small model says to `one two three`.
WORDS = "You said: one two three"


def provider(upstream, dialect: str, **settings) -> dict:
    """An upstream of the operator's file, with the operator's key."""
    return {"dialect": dialect, "base_url": upstream.url, "key": starting.api.OPERATOR_KEY,
            "timeout": {"connect": "2s", "first_byte": "60s", "silence": "60s"}, **settings}


def translation(upstream, dialect: str, upstreams: dict | None = None, **settings) -> dict:
    """A file that leads `edge-model`, `edge-thinker` and `edge-eyes` to one upstream; `upstream_…` settings are its own."""
    own = {key.removeprefix("upstream_"): settings.pop(key)
           for key in list(settings) if key.startswith("upstream_")}
    names = DIALECTS[dialect]
    thinker = provider(upstream, dialect, **{"quirks": QUIRKS[names.thinker], **own})
    table = {MODEL: f"main/{names.model}", THINKER: f"thinker/{names.thinker}",
             EYES: f"main/{getattr(names, 'eyes', names.model)}"}
    return {"upstreams": {"main": provider(upstream, dialect, **own), "thinker": thinker, **(upstreams or {})},
            "models": {**table, **settings.pop("models", {})}, **settings}


def pair(upstream, second, dialect: str, **first) -> dict:
    """A model of two upstreams, of which the second speaks Chat."""
    config = translation(upstream, dialect, upstreams={"second": provider(second, "openai")},
                         **{f"upstream_{name}": value for name, value in {"retries": 0, **first}.items()})
    config["models"][MODEL] = [config["models"][MODEL], "second/gpt-4o"]
    return config


def ask(dialect: str, text: str = "hello", stream: bool = False, model: str = MODEL, *lines: str, **members) -> bytes:
    """A request in a dialect, in bytes; `members` replace or add."""
    said = {"role": "user", "content": text}
    body: dict = {"model": model, "stream": stream}
    body |= {"input": [said]} if dialect == "responses" else {"messages": [said]}
    body |= {"max_tokens": 4000} if dialect == "anthropic" else {}
    version = ["anthropic-version: 2023-06-01"] if dialect == "anthropic" else []
    return request("POST", f"/v1{DIALECTS[dialect].path}", {**body, **members}, *version, *lines)


def essence(dialect: str, answer: Answer, is_relayed: bool = False) -> grammar.Essence:
    """What an answer says, once its grammar is checked."""
    return grammar.read(dialect, "event-stream" in answer.get("content-type"), answer.body, is_relayed)


def said(dialect: str, answer: Answer) -> str:
    assert answer.status == 200, answer
    found = essence(dialect, answer)
    assert not found.error, found.error
    return found.text


def error_of(dialect: str, answer: Answer) -> dict:
    found = essence(dialect, answer)
    assert found.error, answer
    return found.error


def expect_error(edge, answer) -> None:
    """The upstream failed an OpenAI caller: an error in its dialect, one record of it, and nothing left that runs."""
    if "event-stream" in (answer.get("content-type") or ""):
        error = grammar.read("openai", True, answer.body).error
        assert error and error["message"], answer
    else:
        assert answer.status in (502, 504) and answer.error["message"], answer
    record, = edge.records(1)
    assert record["ended"] == "failed" and 400 < record["code"] < 500
    for client in edge.clients:
        client.close()
    proc.wait_until(lambda: edge.handlers() == [], "handlers are left")
