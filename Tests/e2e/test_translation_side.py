# SPDX-License-Identifier: MIT
"""What is no conversation: what clients ask beside it, of an edgefilter whose upstream speaks another dialect."""

import json

import pytest

from client import request
from routes import ROUTES, edge, route, upstream  # noqa: F401
from translating import DIALECTS, HI, MODEL, translation


@pytest.mark.parametrize("route", [("anthropic", dialect) for dialect in DIALECTS], ids="-".join)
@pytest.mark.parametrize("method, target, status", [
    ("HEAD", "/api/hello", 200), ("GET", "/api/hello", 200), ("HEAD", "/some/prefix/api/hello", 200),
    ("HEAD", "/", 200), ("POST", "/api/event_logging/batch", 200)])
def test_t161_side_traffic(edge, upstream, route, method, target, status):
    body = {"events": []} if method == "POST" else None
    assert edge.ask(request(method, target, body)).status == status
    assert upstream.requests == []


@pytest.mark.parametrize("route", [("anthropic", "openai"), ("anthropic", "responses")], ids="-".join)
def test_t161_count_tokens_is_estimated(edge, upstream, route):
    counts = []
    for text in ("hello", "hello " * 1000):
        said_so = [{"role": "user", "content": text}]
        answer = edge.ask(request("POST", "/v1/messages/count_tokens?beta=true",
                                  {"model": MODEL, "messages": said_so, "tools": []}, "anthropic-version: 2023-06-01"))
        assert (answer.status, list(answer.json)) == (200, ["input_tokens"]), answer
        counts.append(answer.json["input_tokens"])
    assert 0 < counts[0] < 20 and 700 < counts[1] < 3000, counts
    assert upstream.requests == []


@pytest.mark.parametrize("route", [("anthropic", "anthropic")], ids="-".join)
def test_count_tokens_of_anthropic_are_its_own(edge, upstream, route):
    answer = edge.ask(request("POST", "/v1/messages/count_tokens", {"model": MODEL, "messages": [HI]},
                              "anthropic-version: 2023-06-01"))
    assert (answer.status, answer.json) == (200, {"input_tokens": len(json.dumps([HI])) // 4})
    assert upstream.exchange().request.path == "/v1/messages/count_tokens"


@pytest.mark.parametrize("route", ROUTES, ids="-".join)
def test_t162_models_in_the_callers_form(edge, route):
    line = {"anthropic": "anthropic-version: 2023-06-01"}.get(route[0], "X-Y: z")
    listed = edge.ask(request("GET", "/v1/models?limit=1000", None, line)).json
    one = edge.ask(request("GET", f"/v1/models/{MODEL}", None, line)).json
    assert MODEL in [entry["id"] for entry in listed["data"]]
    assert one["id"] == MODEL
    if route[0] == "anthropic":
        assert {"has_more", "first_id", "last_id"} <= set(listed)
        assert (one["type"], bool(one["display_name"])) == ("model", True)
    else:
        assert (listed["object"], one["object"]) == ("list", "model")


def test_t162_api_key_alone_means_anthropic(edges, upstreams):
    edge = edges(translation(upstreams(), "openai"))
    listed = edge.ask(request("GET", "/v1/models", None, "x-api-key: k")).json
    assert "has_more" in listed
