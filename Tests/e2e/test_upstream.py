# SPDX-License-Identifier: MIT
"""The scripted upstream itself: it refuses what the real one refuses, and notices a bad proxy."""

import pytest

import api
from client import Client, request
from exchange import PATIENCE

KEY = f"Authorization: Bearer {api.OPERATOR_KEY}"
PATH = "/v1/chat/completions"
HI = [{"role": "user", "content": "hi"}]
CHAT = {"model": "gpt-4o", "messages": HI}


def ask(upstream, data: bytes):
    client = Client(("127.0.0.1", upstream.port))
    answer = client.ask(data)
    client.close()
    return answer


def post(upstream, body, *lines: str, path: str = PATH) -> bytes:
    return request("POST", path, body, KEY, *lines, host=upstream.authority)


@pytest.mark.parametrize("body, status, code", [
    (CHAT, 200, None),
    ({"messages": HI}, 400, "missing_required_parameter"),
    ({"model": "gpt-4o"}, 400, "missing_required_parameter"),
    ({"model": 5, "messages": HI}, 400, "invalid_type"),
    ({"model": "gpt-4o", "messages": "hi"}, 400, "invalid_type"),
    ({"model": "mystery", "messages": HI}, 404, "model_not_found"),
    ({**CHAT, "stream_options": {}}, 400, None),
])
def test_bodies(upstream, body, status, code):
    answer = ask(upstream, post(upstream, body))
    assert answer.status == status
    if status != 200:
        assert answer.error["code"] == code


@pytest.mark.parametrize("body", [b"{", b"[]", b'{"a":NaN}', b'"\xff"', b"[" * 9999])
def test_bad_json(upstream, body):
    answer = ask(upstream, post(upstream, body, "Content-Type: application/json"))
    assert answer.status == 400


@pytest.mark.parametrize("method, path, line, status", [
    ("GET", "/v1/models", "X: y", 401), ("GET", "/v1/models", "Authorization: Basic eA==", 401),
    ("GET", "/v1/models", "Authorization: Bearer sk-e2e-unknown", 401),
    ("GET", "/v1/models", KEY, 200), ("DELETE", "/v1/models", KEY, 405),
    ("GET", "/models", KEY, 404), ("GET", "/v1/nonsense", KEY, 404), ("POST", PATH, KEY, 415),
])
def test_heads(upstream, method, path, line, status):
    data = request(method, path, None, line, host=upstream.authority)
    assert ask(upstream, data).status == status


@pytest.mark.parametrize("line", [
    "Connection: keep-alive", "TE: trailers", "Upgrade: h2c", "Expect: 100-continue",
    "Proxy-Authorization: x", "Accept-Encoding: gzip, deflate, br", "Host: x", KEY,
])
def test_proxy_faults(upstream, line):
    ask(upstream, request("GET", "/v1/models", None, KEY, line, host=upstream.authority))
    assert len(upstream.faults) >= 1
    upstream.faults.clear()


@pytest.mark.parametrize("lines", [
    ["Content-Length: 2", "Transfer-Encoding: chunked"], ["Transfer-Encoding: gzip"],
    ["Content-Length: +2"], ["X : y"], [" folded"],
])
def test_malformed(upstream, lines):
    client = Client(("127.0.0.1", upstream.port))
    client.send(request("POST", PATH, None, KEY, *lines, host=upstream.authority) + b"{}")
    assert client.is_closed()
    assert upstream.connections[0].closed.wait(PATIENCE)
    assert len(upstream.faults) == 1
    upstream.faults.clear()
