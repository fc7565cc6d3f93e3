# SPDX-License-Identifier: MIT
"""An engine that misbehaves on request, edgefilters in front of it, and what their callers make of it."""

import json

import pytest

import api_cyber
import frames
import grammar
from client import Answer
from translating import CALLERS, MODEL, provider

WORDS = "You said: one two three"


@pytest.fixture(params=CALLERS)
def caller(request):
    return request.param


@pytest.fixture
def engine(upstreams):
    return upstreams(vendor="cyber", prefix="")


@pytest.fixture
def edge(edges, engine):
    return edges(configured(engine))


def configured(engine, **settings) -> dict:
    """A file that leads `edge-model` to the engine; `upstream_…` settings are its own."""
    own = {key.removeprefix("upstream_"): settings.pop(key) for key in list(settings) if key.startswith("upstream_")}
    return {"upstreams": {"main": provider(engine, "cyber", **own)}, "models": {MODEL: "main/ena-test"}, **settings}


def essence(dialect: str, answer: Answer) -> grammar.Essence:
    return grammar.read(dialect, "event-stream" in answer.get("content-type"), answer.body, False)


def said(dialect: str, answer: Answer) -> str:
    found = essence(dialect, answer)
    assert not found.error, found.error
    return found.text


def error_of(dialect: str, answer: Answer) -> str:
    found = essence(dialect, answer)
    assert found.error, answer
    return found.error["message"]


def talking(act):
    """A script that answers the handshake, reads the message, and goes on as `act` says."""
    def script(x):
        api_cyber.authorize(x)
        api_cyber.accept(x)
        asked = api_cyber.read_message(x)
        act(x, [json.dumps(event).encode() for event in api_cyber.stream(asked, WORDS)])
        api_cyber.leave(x)
    return script


def plainly(x, events: list[bytes]) -> None:
    for event in events:
        x.raw(frames.frame(frames.TEXT, event))
