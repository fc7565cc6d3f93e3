# SPDX-License-Identifier: MIT
"""The OpenAI SDK, whichever version is installed, pointed at an edgefilter or straight upstream."""

import importlib
from types import SimpleNamespace

import openai

import api
import edge as starting
from exchange import PATIENCE

HELLO = [{"role": "user", "content": "one two three"}]


def client(base_url: str, key: str = api.CALLER_KEY, **options) -> openai.OpenAI:
    return openai.OpenAI(base_url=base_url, api_key=key, max_retries=0, timeout=PATIENCE, **options)


def over_unix(path: str) -> openai.OpenAI:
    """The SDK over a unix socket; its HTTP library changed its name with version 3."""
    base = openai.DefaultHttpxClient.__bases__[0].__module__.partition(".")[0]
    transport = importlib.import_module(base).HTTPTransport(uds=path)
    return client("http://localhost/v1", http_client=openai.DefaultHttpxClient(transport=transport))


def reach(way: str, upstream, edges, **settings) -> SimpleNamespace:
    """A client for a way of starting; `direct` goes to the upstream itself, as a control."""
    if way == "direct":
        upstream.expects_proxy = False
        return SimpleNamespace(openai=client(upstream.url), edge=None)
    running = edges(starting.configuration(upstream, **settings), way)
    found = over_unix(running.address) if way == "unix" else client(f"{running.url}/v1")
    return SimpleNamespace(openai=found, edge=running)
