# SPDX-License-Identifier: MIT
"""Edgefilters in front of DashScope's stand-in, what an OpenAI caller hears of them and what the stand-in heard."""

import json

import pytest

from essence import Essence
from translating import essence as essence_in, provider

WORDS = "您好，世界 one 😀 two"


@pytest.fixture
def upstream(upstreams):
    return upstreams(vendor="dashscope")


@pytest.fixture
def edge(edges, upstream):
    return edges(config(upstream))


def config(upstream, **settings) -> dict:
    return {"upstreams": {"main": provider(upstream, "dashscope", **settings)}, "models": {"*": "main"}}


def essence(answer) -> Essence:
    assert answer.status == 200, answer
    return essence_in("openai", answer)


def sent(upstream, number: int = 1) -> dict:
    return json.loads(upstream.exchange(number).request.body)
