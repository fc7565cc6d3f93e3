# SPDX-License-Identifier: MIT
"""What the document of Relay Bartender promises, with its own configuration file."""

import pytest

import api
import scripts
from bartender import MAPPING, file
from client import chat, request
from edge import free_port


@pytest.mark.parametrize("path", ["", "/", "/v1", "/v1/"])
def test_base_url_in_each_form(edges, upstream, path):
    assert edges(file(upstream, path=path)).ask(chat("gpt-4")).status == 200
    assert upstream.exchange().request.target == "/v1/chat/completions"


@pytest.mark.parametrize("asked, used", [("gpt-4", "gpt-4-turbo"), ("gpt-3.5-turbo", "gpt-4o"),
                                         ("gpt-4o", "gpt-4o")])
def test_mapping(edges, upstream, asked, used):
    answer = edges(file(upstream)).ask(chat(asked))
    assert answer.json["model"] == asked
    assert f'"{used}"'.encode() in bytes(upstream.exchange().request.body)


CONVERSATIONS = {"/v1/chat/completions": {"messages": [{"role": "user", "content": "x"}]},
                 "/v1/responses": {"input": "x"}}


@pytest.mark.parametrize("mapping", ["", " null", " {}", MAPPING])
def test_override(edges, upstream, mapping):
    edge = edges(file(upstream, override="gpt-4o", mapping=mapping))
    for path, said in CONVERSATIONS.items():
        answer = edge.ask(request("POST", path, {"model": "mine", **said}))
        assert (answer.status, answer.json["model"]) == (200, "mine"), answer
    assert all(b'"gpt-4o"' in bytes(heard.body) for heard in upstream.requests)


def test_no_mapping_at_all(edges, upstream):
    assert edges(file(upstream, mapping="")).ask(chat("gpt-4o")).status == 200


@pytest.mark.parametrize("lines", [(), ("Authorization: Bearer anything",),
                                   (f"Authorization: Bearer {api.CALLER_KEY}",)])
def test_key_is_hidden_and_put_in(edges, upstream, lines):
    assert edges(file(upstream)).ask(chat("gpt-4", "x", *lines)).status == 200
    assert upstream.exchange().request.all("authorization") == [f"Bearer {api.OPERATOR_KEY}"]


def test_empty_key_lets_the_callers_through(edges, upstream):
    edge = edges(file(upstream, key=""))
    assert edge.ask(chat("gpt-4", "x", f"Authorization: Bearer {api.CALLER_KEY}")).status == 200
    assert upstream.exchange().request.all("authorization") == [f"Bearer {api.CALLER_KEY}"]


@pytest.mark.parametrize("asked, heard", [
    ("/proxy/v1/models", "/v1/models"), ("/v1/models?a=b", "/v1/models?a=b"),
    ("/status/x?y=z", "/status/x?y=z"), ("/v1/fine_tuning/jobs", "/v1/fine_tuning/jobs"),
])
def test_every_path(edges, upstream, asked, heard):
    upstream.script(scripts.whole(b"{}"))
    assert edges(file(upstream)).ask(request("GET", asked)).status == 200
    assert upstream.exchange().request.target == heard


def test_health(edges, upstream):
    answer = edges(file(upstream)).ask(request("GET", "/health"))
    assert answer.json == {"status": "ok", "service": "relay-bartender"}
    assert upstream.exchanges == []


def test_timeout(edges, upstream):
    upstream.script(scripts.hold(upstream.gate()))
    answer = edges(file(upstream, timeout=1)).ask(chat("gpt-4"))
    assert (answer.status, answer.error["type"], answer.error["code"]) == \
        (504, "relay_error", "timeout")
    assert answer.error["message"].startswith("Backend request timeout: ")


def test_backend_error(edges, upstream):
    upstream.script(scripts.cut())
    answer = edges(file(upstream)).ask(chat("gpt-4"))
    assert (answer.status, answer.error["type"], answer.error["code"]) == \
        (502, "relay_error", "backend_error")
    assert answer.error["message"].startswith("Backend request failed: ")


def test_cors_with_callers_keys(edges, upstream):
    answer = edges(file(upstream, key="")).ask(request(
        "OPTIONS", "/v1/chat/completions", None, "Origin: https://a.example",
        "Access-Control-Request-Method: POST"))
    assert (answer.status, answer.get("access-control-allow-origin")) == (204, "*")
    methods = answer.get("access-control-allow-methods").replace(" ", "").split(",")
    assert set(methods) >= {"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
    headers = answer.get("access-control-allow-headers").lower()
    assert all(name in headers for name in ("content-type", "authorization", "x-requested-with"))
    assert answer.get("access-control-max-age") == "3600"


def test_listens_where_the_file_says(edges, upstream):
    port = free_port()
    edge = edges(file(upstream, port=port), "configured", port=port)
    assert edge.ask(chat("gpt-4")).status == 200


def test_logging_masks(edges, upstream):
    """All of the original's verbose logging on: bodies appear, keys do not."""
    text = file(upstream) + "logging:\n" + "".join(
        f"  {name}: true\n" for name in ("enabled", "request_headers", "request_body",
                                         "response_headers", "response_body", "mask_sensitive"))
    edge = edges(text + "  max_body_length: 2000\n")
    edge.ask(chat("gpt-4", "tell me", f"Authorization: Bearer {api.CALLER_KEY}"))
    edge.wait_stderr("Request completed")
    assert "tell me" in "\n".join(edge.stderr)
