# SPDX-License-Identifier: MIT
"""Cyber-OpenAI's document (000), item by item: a chat engine over WebSocket behind every dialect's callers."""

import hashlib
import hmac
import json
import re

import anthropic
import pytest
import websockets.exceptions
import websockets.sync.client

import api
import api_cyber
import grammar
import keyring
import sdk
from client import Answer, request
from edge import WAYS, free_port
from translating import CALLERS, DIALECTS, ask

SECRET = "a1b2c3d4e5f6-e2e-cyber-secret"
ORIGINS = "https://example.com,https://app.example.com"
DOCUMENTED = {"model": "ena-test", "stream": True, "temperature": 0.7, "max_tokens": 1000,
              "messages": [{"role": "system", "content": "系统提示"}, {"role": "user", "content": "用户消息"}]}


@pytest.fixture
def engine(upstreams):
    return upstreams(vendor="cyber", prefix="")


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


@pytest.fixture
def free(edges, engine):
    """The same engine behind a file that asks for no keys on loopback."""
    return edges({"upstreams": {"main": {"dialect": "cyber", "base_url": engine.url, "key": SECRET}}})


def token_of(key: str, secret: str = SECRET) -> str:
    hashed = hashlib.sha256(key.encode()).digest() if key else b""
    return hmac.new(secret.encode(), hashed, "sha256").hexdigest()


def chat(text: str = "hello", *lines: str, **members) -> bytes:
    body = {"model": "ena-test", "messages": [{"role": "user", "content": text}], **members}
    return request("POST", "/v1/chat/completions", body, *lines)


def losses(answer: Answer) -> set[str]:
    return set((answer.get("x-edgefilter-loss") or "").split(", ")) - {""}


# The document

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
    for sent in (preflight, chat("hello", *lines), chat("hello", *lines, stream=True), chat("fail fault", *lines)):
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


# Conversations

def test_each_caller_has_a_conversation(free, engine):
    """No two keys share a token; those without one share theirs; no token gives a key away."""
    lines = [f"Authorization: Bearer {api.CALLER_KEY}", "Authorization: Bearer another", "x-api-key: another", "X: y"]
    for line in lines:
        assert free.ask(chat("hello", line)).status == 200
    tokens = [token for token, _ in engine.heard_contents]
    assert tokens == [token_of(api.CALLER_KEY), token_of("another"), token_of("another"), token_of("")]


@pytest.mark.parametrize("key, quirks, line, token", [
    (SECRET, ["token"], "X: y", SECRET), ("caller", [], "Authorization: Bearer a/b c%", "a/b c%"),
    ("none", [], "Authorization: Bearer k", token_of("k", ""))])
def test_token_configured(edges, engine, key, quirks, line, token):
    main = {"dialect": "cyber", "base_url": engine.url, "key": key, "quirks": quirks}
    edge = edges({"upstreams": {"main": main}})
    assert edge.ask(chat("hello", line)).status == 200
    assert engine.heard_contents == [(token, "hello")]


def test_own_token_without_a_key_is_refused(edges, engine):
    edge = edges({"upstreams": {"main": {"dialect": "cyber", "base_url": engine.url, "key": "caller"}}})
    answer = edge.ask(chat())
    assert (answer.status, answer.get("x-edgefilter-code")) == (401, "301")
    assert engine.requests == []


TURNS = [{"role": "user", "content": "one"}, {"role": "assistant", "content": "two"},
         {"role": "user", "content": "/clear"}]


@pytest.mark.parametrize("messages, content", [
    ([TURNS[0]], "one"), (TURNS[:2] + [{"role": "user", "content": "three"}], "User: one\n\nAssistant: two\n\nUser: three"),
    (TURNS, "/clear"), ([{"role": "system", "content": "S"}, TURNS[2]], "/clear"),
    ([TURNS[0], {"role": "system", "content": "late"}], "System: late\n\nUser: one"),
    ([{"role": "user", "content": "/etc/passwd is a file"}], "/etc/passwd is a file"),
    ([TURNS[0], TURNS[1], {"role": "user", "content": "/etc/passwd?"}],
     "User: one\n\nAssistant: two\n\nUser: /etc/passwd?")])
def test_turns_in_one_content(free, engine, messages, content):
    answer = free.ask(request("POST", "/v1/chat/completions", {"model": "ena-test", "messages": messages}))
    assert answer.status == 200, answer
    assert engine.heard_contents[0][1] == content


@pytest.mark.parametrize("command", ["/help", "/clear", "/version"])
@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("dialect", CALLERS)
def test_commands(free, dialect, command, stream):
    assert said(dialect, free.ask(asking(dialect, command, stream))) == api_cyber.COMMANDS[command]


def asking(dialect: str, text: str = "hello", stream: bool = False, **members) -> bytes:
    turn = {"role": "user", "content": text}
    body = {"model": "ena-test", "stream": stream, **members}
    body |= {"input": [turn]} if dialect == "responses" else {"messages": [turn]}
    body |= {"max_tokens": 100} if dialect == "anthropic" else {}
    version = ["anthropic-version: 2023-06-01"] if dialect == "anthropic" else []
    return request("POST", f"/v1{DIALECTS[dialect].path}", body, *version)


def said(dialect: str, answer: Answer) -> str:
    assert answer.status == 200, answer
    found = grammar.read(dialect, "event-stream" in answer.get("content-type"), answer.body, False)
    assert not found.error, found.error
    return found.text


# Callers of every dialect

@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("stream", [False, True])
def test_every_way_of_starting(edges, engine, way, stream):
    edge = edges({"upstreams": {"main": {"dialect": "cyber", "base_url": engine.url, "key": SECRET}}}, way)
    for dialect in CALLERS:
        assert said(dialect, edge.ask(asking(dialect, "one two three", stream))) == "You said: one two three"
    for record in edge.records(3):
        assert (record["upstream"], record["dialect"], record["status"]) == ("main", "cyber", 200)
        assert (record["ended"], record["stop"], record["code"]) == ("complete", "finished", 0)
        assert (record["estimated"], record["input"] > 0, record["output"] > 0) == (1, True, True)


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
    client = anthropic.Anthropic(base_url=edge.url, api_key=edge.key.text, max_retries=0, timeout=20)
    asked = {"model": "ena-test", "max_tokens": 100, "messages": sdk.HELLO}
    assert client.messages.create(**asked).content[0].text == "You said: one two three"
    with client.messages.stream(**asked) as stream:
        assert "".join(stream.text_stream) == "You said: one two three"
        assert stream.get_final_message().stop_reason == "end_turn"
    assert [model.id for model in client.models.list()] == ["ena-test"]


def test_losses(free, engine):
    tool = {"type": "function", "function": {"name": "w", "parameters": {"type": "object", "properties": {}}}}
    picture = {"type": "image_url", "image_url": {"url": "data:image/png;base64,aGk="}}
    turns = [{"role": "user", "content": [{"type": "text", "text": "see"}, picture]}]
    answer = free.ask(request("POST", "/v1/chat/completions", {
        "model": "ena-test", "messages": turns, "tools": [tool], "top_p": 0.5, "seed": 3, "user": "u",
        "response_format": {"type": "json_object"}, "stop": ["zzz"]}))
    assert answer.status == 200, answer
    assert losses(answer) == {"messages[].content[].image_url", "tools", "top_p", "seed", "user", "response_format.type"}
    assert engine.heard_contents[0][1] == "see"
    record, = free.records(1)
    assert {"images", "tools", "top_p", "seed", "user", "json_object"} == set(record["losses"])


def test_strict_refuses_what_would_be_lost(edges, engine):
    main = {"dialect": "cyber", "base_url": engine.url, "key": SECRET}
    edge = edges({"upstreams": {"main": main}, "strict": True})
    assert edge.ask(chat()).status == 200
    assert edge.ask(chat(temperature=1)).error["param"] == "temperature"
    assert len(engine.requests) == 1


@pytest.mark.parametrize("stream", [False, True])
def test_stop_strings_are_ours(free, stream):
    answer = free.ask(chat("one two three", stream=stream, stop=["two"]))
    assert said("openai", answer) == "You said: one "
    assert losses(answer) == set()


# The stand-in, by a real client

def test_engine_serves_websockets(engine):
    engine.expects_proxy = False
    with websockets.sync.client.connect(f"ws://{engine.authority}/a%2Fb") as socket:
        socket.send(json.dumps({"content": "one two", "model": "ena-large"}))
        found = [json.loads(socket.recv())]
        while found[-1]["choices"][0]["finish_reason"] is None:
            found.append(json.loads(socket.recv()))
    assert "".join(one["choices"][0]["delta"].get("content", "") for one in found) == "You said: one two"
    assert {one["model"] for one in found} == {"ena-large"}
    assert engine.heard_contents == [("a/b", "one two")]


@pytest.mark.parametrize("path, status", [("/", 404), ("/a/b", 404), ("/a:b", 400)])
def test_engine_refuses_other_paths(engine, path, status):
    engine.expects_proxy = False
    with pytest.raises(websockets.exceptions.InvalidStatus) as refused:
        websockets.sync.client.connect(f"ws://{engine.authority}{path}")
    assert refused.value.response.status_code == status
