# SPDX-License-Identifier: MIT
"""The DashScope gateway's document: every example of it, by its one variable alone, and what it says comes back."""

import hashlib
import json
import re
import subprocess

import pytest

import api
import sdk
from client import chat, request
from dashscope_front import sent, upstream  # noqa: F401
from exchange import LONG

SYSTEM, HELLO, POEM = "你是一个有用的AI助手。", "你好！", "写一首短诗"
KEY = f"Authorization: Bearer {api.CALLER_KEY}"
MESSAGES = [{"role": "system", "content": SYSTEM}, {"role": "user", "content": HELLO}]


@pytest.fixture
def edge(edges, upstream):
    return edges("", env={"DASHSCOPE_BASE_URL": f"http://{upstream.authority}"})


def test_sdk_whole(edge, upstream):
    with sdk.client(f"{edge.url}/v1") as client:
        response = client.chat.completions.create(model="farui-plus", messages=MESSAGES, temperature=0.7, max_tokens=100)
    assert response.choices[0].message.content == f"You said: {HELLO}"
    assert (response.model, response.choices[0].finish_reason, response.usage.total_tokens) == ("farui-plus", "stop", 12)
    assert sent(upstream) == {"model": "farui-plus", "input": {"messages": MESSAGES}, "parameters": {
        "result_format": "message", "max_tokens": 100, "temperature": 0.7}}


def test_sdk_stream(edge, upstream):
    """The document's own loop."""
    text = ""
    with sdk.client(f"{edge.url}/v1") as client:
        stream = client.chat.completions.create(
            model="farui-plus", messages=[{"role": "user", "content": POEM}], stream=True)
        for chunk in stream:
            if chunk.choices[0].delta.content is not None:
                text += chunk.choices[0].delta.content
    assert text == f"You said: {POEM}"
    assert sent(upstream)["parameters"] == {"result_format": "message", "incremental_output": True}


def curl(edge, *arguments: str) -> bytes:
    done = subprocess.run(["curl", "-sS", "--noproxy", "*", *arguments], capture_output=True, timeout=LONG, check=True)
    return done.stdout


def post(edge, **members) -> bytes:
    return curl(edge, "-N", "-X", "POST", f"{edge.url}/v1/chat/completions", "-H", "Content-Type: application/json",
                "-H", KEY, "-d", json.dumps({"model": "farui-plus", **members}, ensure_ascii=False, indent=2))


def test_curl_whole(edge):
    told = json.loads(post(edge, messages=MESSAGES, temperature=0.7, max_tokens=100))
    assert (told["object"], told["choices"][0]["message"]["content"]) == ("chat.completion", f"You said: {HELLO}")


def test_curl_stream(edge):
    blocks = post(edge, messages=[{"role": "user", "content": POEM}], stream=True).decode().split("\n\n")
    assert blocks[-2:] == ["data: [DONE]", ""]
    chunks = [json.loads(block.removeprefix("data: ")) for block in blocks[:-2]]
    assert "".join(chunk["choices"][0]["delta"].get("content") or "" for chunk in chunks) == f"You said: {POEM}"
    assert chunks[-1]["choices"][0]["finish_reason"] == "stop"


def test_parameters(edge, upstream):
    answer = edge.ask(chat("farui-plus", "say alpha STOP", KEY, temperature=1.5, top_p=0.5, max_tokens=7, stop=["STOP"]))
    assert answer.json["choices"][0]["message"]["content"] == "alpha "
    assert sent(upstream)["parameters"] == {
        "result_format": "message", "max_tokens": 7, "temperature": 1.5, "top_p": 0.5, "stop": ["STOP"]}
    assert answer.get("x-edgefilter-loss") is None


def test_pages(edge, upstream):
    health = json.loads(curl(edge, f"{edge.url}/health"))
    assert isinstance(health.pop("timestamp"), int)
    assert health == {"status": "healthy", "service": "DashScope to OpenAI API Gateway"}
    about = json.loads(curl(edge, f"{edge.url}/"))
    assert "POST /v1/chat/completions" in about["endpoints"] and about["usage"]
    models = json.loads(curl(edge, f"{edge.url}/v1/models", "-H", KEY))
    assert (models["object"], [model["id"] for model in models["data"]]) == ("list", ["farui-plus"])
    assert upstream.requests == []


@pytest.mark.parametrize("line, code", [
    ("X-Nothing: here", "missing_authorization"), ("Authorization: Basic eDp5", "invalid_authorization_format"),
    ("Authorization: Bearer short", "invalid_api_key"), ("Authorization: Bearer sk-unknown-to-dashscope", "invalid_api_key")])
def test_keys_that_are_none(edge, upstream, line, code):
    answer = edge.ask(chat("farui-plus", HELLO, line))
    assert (answer.status, answer.error["type"], answer.error["code"]) == (401, "authentication_error", code)
    assert len(upstream.requests) == ("unknown" in line)


@pytest.mark.parametrize("kind, status", [("invalid", 400), ("rate", 429), ("fault", 500), ("inspected", 400)])
def test_errors_of_the_provider(edge, kind, status):
    for stream in (False, True):
        answer = edge.ask(chat("farui-plus", f"fail {kind}", KEY, stream=stream))
        assert (answer.status, answer.error["type"]) == (status, "dashscope_error")


def test_every_origin_may_call(edge):
    origin = "Origin: https://app.example"
    answer = edge.ask(chat("farui-plus", HELLO, KEY, origin, stream=True))
    assert answer.get("access-control-allow-origin") == "*"
    asked = request("OPTIONS", "/v1/chat/completions", None, origin, "Access-Control-Request-Method: POST",
                    "Access-Control-Request-Headers: authorization, content-type")
    assert edge.ask(asked).status in (200, 204)


def test_log(edge):
    """The document's two lines, with the first eight digits of the key's MD5 and the key nowhere."""
    assert edge.ask(chat("farui-plus", HELLO, KEY)).status == 200
    digest = hashlib.md5(api.CALLER_KEY.encode()).hexdigest()[:8]
    started = edge.wait_stderr("Request started")
    completed = edge.wait_stderr("Request completed")
    assert started.endswith(f"Request started - IP: 127.0.0.1, Method: POST, Path: /v1/chat/completions, "
                            f"API Key Hash: {digest}")
    assert re.search(rf"Request completed - IP: 127\.0\.0\.1, Status: 200, Time: \d+\.\d\ds, API Key Hash: {digest}$",
                     completed)
