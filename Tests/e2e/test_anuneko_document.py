# SPDX-License-Identifier: MIT
"""The examples of AnuNeko OpenAI's document by the programs that it shows, started with its own .env.

Its `session_id=…` in the SDK's call is one that the SDK refuses; `extra_body` stands for it, as in test_anuneko_faults.py.
Left out by name: `Access-Control-Allow-Origin: *` and the zeros of `usage`, which are deliberate deviations.
"""

import json

import pytest
import requests

import api_anuneko
import document
import profiles
import sdk
from edge import free_port
from exchange import PATIENCE
from neko import CAT, OTHER

PORT = 8000
CHAT = r"""curl -X POST http://localhost:8000/v1/chat/completions \
  -H "Content-Type: application/json" \
  -d '{
    "model": "mihoyo-orange_cat",
    "messages": [{"role": "user", "content": "你好"}]
  }'"""


@pytest.fixture
def site(upstreams):
    found = upstreams(vendor="anuneko", prefix="")
    found.site = api_anuneko.Site()
    found.cookies = [api_anuneko.COOKIE]
    return found


@pytest.fixture
def server(edges, site):
    """The document's file of variables as it stands, comment behind a value and all, but for secrets, address and port."""
    port = free_port()
    text = profiles.original("anuneko-openai").read_text()
    for sample, own in (("your_token_here", api_anuneko.TOKEN), ("your_cookie_here", api_anuneko.COOKIE),
                        ("FLASK_PORT=8000", f"FLASK_PORT={port}")):
        assert text.count(sample) == 1
        text = text.replace(sample, own)
    return edges(f"{text}ANUNEKO_BASE_URL={site.url}\n", "environment", port=port)


@pytest.fixture
def client(server):
    with sdk.client(f"{server.url}/v1", "dummy-key") as found:
        yield found


def test_curl(server):
    health = document.told(server, "curl http://localhost:8000/health", PORT)
    assert (sorted(health), health["version"]) == (["status", "timestamp", "version"], "1.0.0")
    listed = document.told(server, "curl http://localhost:8000/v1/models", PORT)
    assert [model["id"] for model in listed["data"]] == [CAT, OTHER]
    answer = document.told(server, CHAT, PORT)
    assert {"id", "object", "created", "model", "choices", "usage", "session_id"} <= set(answer)
    choice, = answer["choices"]
    assert (choice["index"], choice["message"]["role"], choice["finish_reason"]) == (0, "assistant", "stop")
    assert choice["message"]["content"] == "You said: 你好"
    sessions = document.told(server, "curl http://localhost:8000/sessions", PORT)
    assert (sessions["total"], sessions["sessions"][0]["id"]) == (1, answer["session_id"])
    gone = document.told(server, f"curl -X DELETE http://localhost:8000/sessions/{answer['session_id']}", PORT)
    assert gone == {"status": "success", "message": "会话已删除"}


def test_quick_start(client, site):
    response = client.chat.completions.create(
        model="mihoyo-orange_cat", messages=[{"role": "user", "content": "你好，请介绍一下你自己"}])
    assert response.choices[0].message.content == "You said: 你好，请介绍一下你自己"
    stream = client.chat.completions.create(
        model="mihoyo-orange_cat", messages=[{"role": "user", "content": "请写一首关于春天的诗"}], stream=True)
    said = [chunk.choices[0].delta.content for chunk in stream if chunk.choices[0].delta.content is not None]
    assert "".join(said) == "You said: 请写一首关于春天的诗"
    assert [(model.id, model.anuneko_model) for model in client.models.list().data] == [(CAT, "Orange Cat"), (OTHER, "Exotic Shorthair")]
    assert len(site.site.chats) == 2, "each without a session_id begins one"


def test_a_standard_http_client(server):
    """The document's own loop over the lines of a stream."""
    response = requests.post(f"{server.url}/v1/chat/completions", timeout=PATIENCE, stream=True, json={
        "model": "mihoyo-orange_cat", "messages": [{"role": "user", "content": "你好"}], "stream": True})
    assert response.headers["Content-Type"].startswith("text/event-stream")
    assert (response.headers["Cache-Control"], response.headers["Connection"]) == ("no-cache", "keep-alive")
    said, ended = "", False
    for line in response.iter_lines():
        if line and line.decode("utf-8").startswith("data: "):
            data = line.decode("utf-8")[6:]
            if data == "[DONE]":
                ended = True
                break
            chunk = json.loads(data)
            assert (chunk["object"], chunk["model"]) == ("chat.completion.chunk", CAT)
            said += chunk["choices"][0]["delta"].get("content", "")
    response.close()
    assert ended and said == "You said: 你好"


@pytest.mark.parametrize("body, message", [(None, "请求体不能为空"), ('{"messages": []}', "messages 不能为空"),
                                           ('{"messages": [{"role": "system", "content": "x"}]}', "未找到用户消息")])
def test_errors(server, body, message):
    answer = requests.post(f"{server.url}/v1/chat/completions", timeout=PATIENCE, data=body,
                           headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.headers["Content-Type"]) == (400, "application/json")
    error = answer.json()["error"]
    assert (error["type"], error["message"]) == ("invalid_request_error", message)
