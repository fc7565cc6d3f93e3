# SPDX-License-Identifier: MIT
"""Embeddings of OpenAI's callers, made by DashScope's native API."""

import pytest

import sdk
from api_dashscope import vector
from client import request
from dashscope_front import config, edge, sent, upstream  # noqa: F401


@pytest.mark.parametrize("form", ["float", "base64"])
def test_embeddings(edge, upstream, form):
    made = sdk.client(f"{edge.url}/v1").embeddings.create(
        model="text-embedding-v4", input=["a", "bcd"], dimensions=64, encoding_format=form)
    # The SDK unpacks what it asked for itself only.
    if form == "float":
        assert [entry.embedding for entry in made.data] == [vector("a", 64), vector("bcd", 64)]
    assert (made.model, made.usage.total_tokens, [entry.index for entry in made.data]) == ("text-embedding-v4", 4, [0, 1])
    record, = edge.records(1)
    plain = sdk.client(f"{edge.url}/v1").embeddings.create(model="text-embedding-v4", input="a")
    assert plain.data[0].embedding == vector("a", 1024)
    assert sent(upstream)["parameters"] == {"dimension": 64}
    edge.records(2)
    assert (record["input"], record["dialect"], record["ended"]) == (4, "dashscope", "complete")


@pytest.mark.parametrize("members, param", [
    ({"input": [[1, 2]]}, "input.0"), ({"input": [1, 2]}, "input.0"), ({"input": 7}, "input"), ({}, "input"),
    ({"input": []}, "input"), ({"input": ""}, "input"), ({"input": ["a"] * 11}, "input"),
    ({"input": "a", "dimensions": 0}, "dimensions"), ({"input": "a", "encoding_format": "hex"}, "encoding_format")])
def test_embeddings_that_cannot_be(edge, upstream, members, param):
    answer = edge.ask(request("POST", "/v1/embeddings", {"model": "text-embedding-v4", **members}))
    assert (answer.status, answer.error["param"]) == (400, param), answer
    assert upstream.requests == []


def test_what_embeddings_lose_is_told(edges, upstream):
    edge = edges({**config(upstream), "models": {"mine": "main/text-embedding-v4"}})
    body = {"model": "mine", "input": "a", "user": "u", "input_type": "query", "truncate": None}
    answer = edge.ask(request("POST", "/v1/embeddings", body))
    assert (answer.status, answer.get("x-edgefilter-loss")) == (200, "user, input_type"), answer
    # The caller's own name comes back.
    assert (answer.json["model"], sent(upstream)["model"]) == ("mine", "text-embedding-v4")
    record, = edge.records(1)
    assert (record["model"], record["used"]) == ("mine", "text-embedding-v4")
    strict = edges({**config(upstream), "strict": True})
    answer = strict.ask(request("POST", "/v1/embeddings", {**body, "model": "text-embedding-v4"}))
    assert (answer.status, answer.error["param"]) == (400, "user")
    assert len(upstream.requests) == 1


def test_embeddings_refused_by_the_provider(edge):
    missing = edge.ask(request("POST", "/v1/embeddings", {"model": "text-embedding-v9", "input": "a"}))
    assert (missing.status, missing.error["code"]) == (404, "ModelNotFound")
    wrong = edge.ask(request("POST", "/v1/embeddings", {"model": "text-embedding-v4", "input": "a", "dimensions": 3}))
    assert wrong.status == 400 and "dimension" in wrong.error["message"]
    assert edge.ask(request("GET", "/v1/embeddings")).status == 405
