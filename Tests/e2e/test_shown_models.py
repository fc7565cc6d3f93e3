# SPDX-License-Identifier: MIT
"""The holder of a key that may use some models only sees those, and hears nothing of others, there or not."""

import json

import anthropic
import openai
import pytest

import keyring
import scripts
from client import request
from edge import configuration
from issued import shared, start  # noqa: F401

SECRET = {"object": "list", "models": [{"name": "secret-one"}], "data": [
    {"id": "gpt-4o", "object": "model", "context": 1_000.0, "owned_by": "x"}, {"id": "secret-two", "object": "model"},
    {"object": "model"}, {"id": 7}], "note": "secret-three", "first_id": "secret-two", "last_id": "secret-two", "has_more": True}


def shown(answer) -> list[str]:
    return [model["id"] for model in answer.json["data"]]


@pytest.mark.parametrize("way", ["listen", "inetd"])
def test_a_list_in_its_own_words(edges, upstream, shared, way):
    """What is said of an allowed model stays as it was said."""
    edge, keys = start(edges, upstream, shared, way, models={"mine": "main/a", "other": "main/b", "*": "main"})
    key = keys.issue(models=["gpt-4o", "mine"])
    upstream.script(scripts.whole(json.dumps(SECRET).encode()))
    answer = edge.ask(request("GET", "/v1/models?limit=1&after_id=x", None, key.bearer))
    assert (answer.status, shown(answer)) == (200, ["mine", "gpt-4o"])
    assert b'"context": 1000.0' in answer.body
    assert b"secret" not in answer.body and b"other" not in answer.body
    assert (answer.json["first_id"], answer.json["last_id"], answer.json["has_more"]) == ("mine", "gpt-4o", False)
    head = edge.ask(request("HEAD", "/v1/models", None, key.bearer))
    assert head.status == 200


def test_an_answer_that_is_no_list(edges, upstream, shared):
    edge, keys = start(edges, upstream, shared)
    key = keys.issue(models=["gpt-4o"])
    for body in (b'{"models":["secret"]}', b'["secret"]', b"secret", b'{"data":{"secret":1}}'):
        upstream.script(scripts.whole(body))
        answer = edge.ask(request("GET", "/v1/models", None, key.bearer))
        assert (answer.status, b"secret" in answer.body) == (502, False)


def test_compressed_or_refused(edges, upstream, shared):
    edge, keys = start(edges, upstream, shared)
    key = keys.issue(models=["gpt-4o"])
    upstream.script(scripts.whole(scripts.compressed(SECRET), ("content-encoding", "gzip")), scripts.error(500))
    assert shown(edge.ask(request("GET", "/v1/models", None, key.bearer))) == ["gpt-4o"]
    assert edge.ask(request("GET", "/v1/models", None, key.bearer)).status >= 500


@pytest.mark.parametrize("dialect", ["openai", "anthropic", "responses", "echo"])
@pytest.mark.parametrize("caller", ["openai", "anthropic"])
def test_each_dialect(edges, upstreams, shared, dialect, caller):
    if dialect == "echo":
        edge = edges({"upstreams": {"main": {"dialect": "echo", "key": "none"}}, "callers": "issued"}, env=shared)
    else:
        upstream = upstreams(vendor="anthropic" if dialect == "anthropic" else "openai")
        edge = edges(configuration(upstream, upstream_dialect=dialect, models={
            "mine": "main", "hidden": "main", "*": "main"}, callers="issued"), env=shared)
    keys = keyring.Keyring(edge.state)
    mine, hidden = ("echo", "echo-slow") if dialect == "echo" else ("mine", "hidden")
    key, free = keys.issue(models=[mine, "nothing-like-it"]), keys.issue()
    kind = {"openai": lambda text: openai.OpenAI(base_url=f"{edge.url}/v1", api_key=text, max_retries=0),
            "anthropic": lambda text: anthropic.Anthropic(base_url=edge.url, api_key=text, max_retries=0)}[caller]
    with kind(key.text) as client:
        assert [model.id for model in client.models.list()] == [mine]
    with kind(free.text) as client:
        everything = [model.id for model in client.models.list()]
    assert hidden in everything and len(everything) > 1


def test_where_only_the_operators_names_count(edges, upstream, shared):
    edge, keys = start(edges, upstream, shared, models={"mine": "main/a", "other": "main/b"})
    key = keys.issue(models=["m*"])
    assert shown(edge.ask(request("GET", "/v1/models", None, key.bearer))) == ["mine"]
    assert upstream.exchanges == []


@pytest.mark.parametrize("dialect", ["openai", "anthropic"])
def test_there_or_not_sounds_the_same(edges, upstreams, shared, dialect):
    upstream = upstreams(vendor=dialect)
    edge = edges(configuration(upstream, upstream_dialect=dialect, callers="issued",
                               models={"known": "main/gpt-4-turbo", "gpt-4o": "main"}), env=shared)
    key = keyring.Keyring(edge.state).issue(models=["gpt-4o"])

    def told(name: str, *lines: str) -> list:
        body = {"model": name, "max_tokens": 9, "messages": [{"role": "user", "content": "x"}]}
        asked = [request("GET", f"/v1/models/{name}", None, key.bearer, *lines),
                 request("HEAD", f"/v1/models/{name}", None, key.bearer, *lines),
                 *(request("POST", path, body, key.bearer) for path in ("/v1/chat/completions", "/v1/messages")),
                 request("POST", "/v1/messages/count_tokens", body, key.bearer),
                 request("POST", "/v1/embeddings", {**body, "input": "x"}, key.bearer),
                 request("POST", "/v1/responses", {"model": name, "input": "x"}, key.bearer),
                 request("PUT", "/settings/model", {"model_name": name}, key.bearer)]
        found = [edge.ask(one) for one in asked]
        ids = ("x-request-id", "request-id", "date")
        return [(answer.status, answer.body.replace(name.encode(), b"NAME").replace(
            (answer.get("request-id") or "-").encode(), b"ID"),
            [(name, value) for name, value in answer.fields if name.lower() not in (*ids, "content-length")])
            for answer in found]
    for lines in ((), ("anthropic-version: 2023-06-01",)):
        assert told("known", *lines) == told("other", *lines)
    assert upstream.exchanges == []
