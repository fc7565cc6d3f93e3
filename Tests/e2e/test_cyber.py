# SPDX-License-Identifier: MIT
"""Cyber-OpenAI's document (000), item by item: a chat engine over WebSocket behind every dialect's callers."""

import json
import re

import anthropic
import pytest

import keyring
import sdk
from client import chat, request
from cyber import ENA, SECRET, engine, free, losses, token_of  # noqa: F401
from edge import free_port
from exchange import PATIENCE
from translating import CALLERS, DIALECTS, ask

ORIGINS = "https://example.com,https://app.example.com"
DOCUMENTED = {"model": "ena-test", "stream": True, "temperature": 0.7, "max_tokens": 1000,
              "messages": [{"role": "system", "content": "系统提示"}, {"role": "user", "content": "用户消息"}]}


def environment(engine, **more: str) -> dict[str, str]:
    """The documented file, but for the address and port that `listen` is told."""
    return {"CYBER_ENGINE_HOST": "127.0.0.1", "CYBER_ENGINE_PORT": str(engine.port), "SECRET_KEY": SECRET,
            "ALLOWED_ORIGINS": ORIGINS, "LOG_LEVEL": "INFO", **more}


@pytest.fixture
def edge(edges, engine, tmp_path):
    """As documented, with a key that its operator has issued."""
    (tmp_path / "run").mkdir()
    running = edges("{}", env=environment(engine, RUNTIME_DIRECTORY=str(tmp_path / "run")))
    running.key = keyring.Keyring(running.state).issue()
    return running


def test_documented_stream(edge, engine):
    answer = edge.ask(request("POST", "/v1/chat/completions", DOCUMENTED, edge.key.bearer))
    assert (answer.status, answer.get("content-type")) == (200, "text/event-stream; charset=utf-8"), answer
    *events, end = answer.events
    chunks = [json.loads(event) for event in events]
    assert end == "[DONE]"
    for one in chunks:
        assert (one["object"], one["model"], one["id"][:9]) == ("chat.completion.chunk", "ena-test", "chatcmpl-")
        assert isinstance(one["created"], int) and one["choices"][0]["index"] == 0
    assert chunks[0]["choices"][0]["delta"]["role"] == "assistant"
    assert "".join(one["choices"][0]["delta"].get("content", "") for one in chunks) == "You said: 用户消息"
    assert [one["choices"][0]["finish_reason"] for one in chunks] == [None] * (len(chunks) - 1) + ["stop"]
    assert losses(answer) == {"temperature", "max_tokens"}
    assert engine.heard_contents == [(token_of(edge.key.text), "System: 系统提示\n\nUser: 用户消息")]


def test_documented_whole_answer(edge):
    answer = edge.ask(request("POST", "/v1/chat/completions", {**DOCUMENTED, "stream": False}, edge.key.bearer))
    assert answer.status == 200, answer
    told = answer.json
    assert (told["object"], told["model"], told["id"][:9]) == ("chat.completion", "ena-test", "chatcmpl-")
    choice, = told["choices"]
    assert (choice["index"], choice["message"]["role"], choice["finish_reason"]) == (0, "assistant", "stop")
    assert choice["message"]["content"] == "You said: 用户消息"
    assert set(told["usage"]) >= {"prompt_tokens", "completion_tokens", "total_tokens"}
    assert min(told["usage"]["prompt_tokens"], told["usage"]["completion_tokens"]) > 0


def test_documented_models(edge, engine):
    line = edge.key.bearer
    assert edge.ask(request("GET", "/v1/models", None, line)).json == {"object": "list", "data": [
        {"id": "ena-test", "object": "model", "created": 1686935002, "owned_by": "organization-owner"}]}
    assert edge.ask(request("GET", "/v1/models/ena-test", None, line)).json["owned_by"] == "organization-owner"
    assert edge.ask(request("GET", "/v1/models/nobody", None, line)).error["code"] == "model_not_found"
    assert engine.requests == []


@pytest.mark.parametrize("null", [False, True])
@pytest.mark.parametrize("dialect", CALLERS)
def test_default_model(edge, engine, dialect, null):
    """It is documented, so a request need not name one, nor a long one whose name may still come."""
    for text in ("hello", "h" * 120_000):
        body = json.loads(ask(dialect, text, False).partition(b"\r\n\r\n")[2])
        body.pop("model")
        answer = edge.ask(request("POST", f"/v1{DIALECTS[dialect].path}", body | ({"model": None} if null else {}),
                                  edge.key.bearer))
        assert answer.status == 200 and answer.json["model"] == "ena-test", answer
    assert {json.loads(exchange.request.body)["model"] for exchange in engine.exchanges} == {"ena-test"}
    assert [(record["model"], record["used"]) for record in edge.records(2)] == [("ena-test", "ena-test")] * 2


@pytest.mark.parametrize("line, code", [("X: y", "301"), ("Authorization: Bearer sk-your-api-key", "302")])
def test_documented_keys(edge, engine, line, code):
    """Every request needs one that was issued, the list of models too."""
    for sent in (request("POST", "/v1/chat/completions", DOCUMENTED, line), request("GET", "/v1/models", None, line)):
        answer = edge.ask(sent)
        assert (answer.status, answer.get("x-edgefilter-code")) == (401, code), answer
    assert engine.requests == []


@pytest.mark.parametrize("origin, is_listed", [("https://example.com", True), ("https://app.example.com", True),
                                               ("https://evil.example", False)])
def test_allowed_origins(edge, origin, is_listed):
    """On a preflight, an answer, a stream and an error."""
    preflight = request("OPTIONS", "/v1/chat/completions", None, f"Origin: {origin}",
                        "Access-Control-Request-Method: POST")
    lines = f"Origin: {origin}", edge.key.bearer
    for sent in (preflight, chat(ENA, "hello", *lines), chat(ENA, "hello", *lines, stream=True),
                 chat(ENA, "fail fault", *lines)):
        allowed = edge.ask(sent).get("access-control-allow-origin")
        assert allowed == (origin if is_listed else None)


def test_engine_by_default_is_the_documented_one(edges):
    """Nothing is there: the caller hears so, with the number of an upstream that cannot be reached."""
    edge = edges("{}", env={"CYBER_ENGINE_HOST": "127.0.0.1", "SECRET_KEY": SECRET})
    shown = edge.tool("check").stdout.decode()
    assert "ws://127.0.0.1:6898" in shown and "profile: cyber" in shown
    assert SECRET not in shown


def test_connection_is_checked(edges, free, engine):
    """Without a conversation, and so without a caller's token."""
    found = free.tool("check", "--connect")
    assert found.returncode == 0, found
    assert re.search(rf"main: {engine.url}\n  name: .* ms\n  TCP: .* ms", found.stdout.decode())
    assert engine.requests == []
    nobody = {"dialect": "cyber", "base_url": f"ws://127.0.0.1:{free_port()}", "key": SECRET}
    failed = edges({"upstreams": {"main": nobody}}).tool("check", "--connect")
    assert failed.returncode != 0 and b"failed: Backend request failed" in failed.stdout


def test_openai_sdk(edge):
    client = sdk.client(f"{edge.url}/v1", edge.key.text)
    whole = client.chat.completions.create(model="ena-test", messages=sdk.HELLO)
    assert whole.choices[0].message.content == "You said: one two three"
    stream = client.chat.completions.create(model="ena-test", messages=sdk.HELLO, stream=True,
                                            stream_options={"include_usage": True})
    parts = list(stream)
    assert "".join(part.choices[0].delta.content or "" for part in parts if part.choices) == "You said: one two three"
    assert parts[-1].usage.completion_tokens > 0
    assert [model.id for model in client.models.list()] == ["ena-test"]
    answer = client.responses.create(model="ena-test", input="one two three")
    assert answer.output_text == "You said: one two three"
    with client.responses.stream(model="ena-test", input="one two three") as events:
        events.until_done()
        assert events.get_final_response().output_text == "You said: one two three"


def test_anthropic_sdk(edge):
    client = anthropic.Anthropic(base_url=edge.url, api_key=edge.key.text, max_retries=0, timeout=PATIENCE)
    asked = {"model": "ena-test", "max_tokens": 100, "messages": sdk.HELLO}
    assert client.messages.create(**asked).content[0].text == "You said: one two three"
    with client.messages.stream(**asked) as stream:
        assert "".join(stream.text_stream) == "You said: one two three"
        assert stream.get_final_message().stop_reason == "end_turn"
    assert [model.id for model in client.models.list()] == ["ena-test"]
