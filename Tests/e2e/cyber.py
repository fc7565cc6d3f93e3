# SPDX-License-Identifier: MIT
"""A chat engine over WebSocket that misbehaves on request, and edgefilters in front of it."""

import hashlib
import hmac
import json

import pytest

import api_cyber
import frames
from client import Answer
from translating import CALLERS, MODEL, WORDS, provider

ENA = "ena-test"
SECRET = "a1b2c3d4e5f6-e2e-cyber-secret"


@pytest.fixture(params=CALLERS)
def caller(request):
    return request.param


@pytest.fixture
def engine(upstreams):
    return upstreams(vendor="cyber", prefix="")


@pytest.fixture
def edge(edges, engine):
    return edges(configured(engine))


@pytest.fixture
def free(edges, engine):
    """The same engine behind a file that asks for no keys on loopback."""
    return edges({"upstreams": {"main": {"dialect": "cyber", "base_url": engine.url, "key": SECRET}}})


def token_of(key: str, secret: str = SECRET) -> str:
    hashed = hashlib.sha256(key.encode()).digest() if key else b""
    return hmac.new(secret.encode(), hashed, "sha256").hexdigest()


def losses(answer: Answer) -> set[str]:
    return set((answer.get("x-edgefilter-loss") or "").split(", ")) - {""}


def configured(engine, **settings) -> dict:
    """A file that leads `edge-model` to the engine; `upstream_…` settings are its own."""
    own = {key.removeprefix("upstream_"): settings.pop(key) for key in list(settings) if key.startswith("upstream_")}
    return {"upstreams": {"main": provider(engine, "cyber", **own)}, "models": {MODEL: f"main/{ENA}"}, **settings}


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
