# SPDX-License-Identifier: MIT
"""Every example of the document of AnuNeko OpenAI, with its own environment; then what it does not promise.

Left to others by name: `/metrics` and the limits by address (the live page).
"""

import json
import re

import pytest

import neko
import scripts
from callers import stream  # noqa: F401
from client import request
from edge import free_port
from neko import CAT, OTHER, calls, chat, found, rested, session_of, settled, text_of  # noqa: F401

UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


# The examples

def test_curl_health(found):
    answer = found.edge.ask(request("GET", "/health"))
    assert (answer.status, answer.json["status"]) == (200, "healthy")


def test_curl_models(found):
    answer = found.edge.ask(request("GET", "/v1/models"))
    assert answer.status == 200, answer
    made = answer.json["data"][0]["created"]
    assert answer.json == {
        "object": "list",
        "data": [{"id": CAT, "object": "model", "created": made, "owned_by": "anuneko", "permission": [],
                  "root": CAT, "parent": None, "anuneko_model": "Orange Cat", "anuneko_model_id": 0},
                 {"id": OTHER, "object": "model", "created": made, "owned_by": "anuneko", "permission": [],
                  "root": OTHER, "parent": None, "anuneko_model": "Exotic Shorthair", "anuneko_model_id": 1}],
        "anuneko_api_response": {"user": {"name": "e2e"}, "models": ["Orange Cat", "Exotic Shorthair"]}}


def test_curl_chat(found):
    """Without a stream, without a session, without a key."""
    answer = found.edge.ask(chat())
    assert answer.status == 200, answer
    told = answer.json
    assert told["object"] == "chat.completion" and told["model"] == CAT
    assert told["choices"][0]["message"]["content"] == "You said: 你好"
    assert told["choices"][0]["finish_reason"] == "stop"
    assert {name: type(number) for name, number in told["usage"].items()} == {
        "prompt_tokens": int, "completion_tokens": int, "total_tokens": int}
    assert UUID.fullmatch(told["session_id"])
    settled(found, 1)
    assert calls(found.upstream) == ["chat", "select_model", "stream", "select-choice"]
    record, = found.edge.records(1)
    assert (record["client"], record["dialect"], record["status"], record["code"], record["ended"]) \
        == ("openai", "anuneko", 200, 0, "complete")
    assert record["estimated"] == 1 and record["output"] > 0


def test_document_request(found):
    """The request of its document: what the site has no place for is told, and nothing else."""
    messages = [{"role": "system", "content": "You are a helpful assistant."},
                {"role": "user", "content": "你好，请介绍一下你自己"}]
    answer = found.edge.ask(request("POST", "/v1/chat/completions", {
        "model": CAT, "messages": messages, "temperature": 0.7, "max_tokens": 1000, "stream": False}))
    assert answer.status == 200
    assert sorted(answer.get("x-edgefilter-loss").split(", ")) == ["max_tokens", "temperature"]
    sent, = next(iter(found.site.chats.values())).texts
    assert sent == "You are a helpful assistant.\n\n你好，请介绍一下你自己"


def test_stream(found):
    answer = found.edge.ask(chat("one two three", stream=True))
    assert text_of(answer) == "You said: one two three"
    assert (answer.get("cache-control"), answer.get("connection")) == ("no-cache", "keep-alive")
    assert answer.get("content-type").startswith("text/event-stream")
    assert UUID.fullmatch(session_of(answer))
    finishes = [chunk["choices"][0]["finish_reason"] for chunk in neko.events(answer)]
    assert finishes[-1] == "stop" and not any(finishes[:-1])
    settled(found, 1)


def test_sessions(found, stream):
    """A session goes on, is listed, and is forgotten."""
    first = found.edge.ask(chat("say one", stream=stream))
    session = session_of(first)
    second = found.edge.ask(chat("say two", stream=stream, session_id=session))
    assert (text_of(second), session_of(second)) == ("two", session)
    assert second.get("x-edgefilter-loss") is None
    held, = found.site.chats.values()
    assert held.texts == ["say one", "say two"]
    settled(found, 2)
    assert calls(found.upstream) == ["chat", "select_model", "stream", "select-choice", "stream", "select-choice"]
    for path in ("/sessions", "/sessions/"):
        told = found.edge.ask(request("GET", path)).json
        one, = told["sessions"]
        assert told["total"] == 1 and sorted(one) == ["created_at", "has_anuneko_chat", "id", "model"]
        assert (one["id"], one["model"], one["has_anuneko_chat"]) == (session, CAT, True)
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}", one["created_at"])
    rested(found, session)
    gone = found.edge.ask(request("DELETE", f"/sessions/{session}"))
    assert (gone.status, gone.json) == (200, {"status": "success", "message": "会话已删除"})
    again = found.edge.ask(request("DELETE", f"/sessions/{session}"))
    assert (again.status, again.json) == (404, {"status": "error", "message": "会话不存在"})
    assert found.edge.ask(request("GET", "/sessions")).json == {"sessions": [], "total": 0}


def test_model_switch(found):
    """A session whose model is another than the request's is switched, and keeps its first name in the list."""
    session = session_of(found.edge.ask(chat("say one")))
    answer = found.edge.ask(chat("say two", OTHER, session_id=session))
    assert answer.json["model"] == OTHER
    held, = found.site.chats.values()
    assert held.model == "Exotic Shorthair"
    settled(found, 2)
    assert calls(found.upstream)[4:] == ["view", "select_model", "stream", "select-choice"]
    assert found.edge.ask(request("GET", "/sessions")).json["sessions"][0]["model"] == CAT


def test_unknown_session_begins_a_new_one(found):
    for name in ("no-such-session", "../../etc/passwd", "0" * 36, "", "x" * 5000):
        answer = found.edge.ask(chat("say one", session_id=name))
        assert answer.status == 200 and session_of(answer) != name
    assert len(found.site.chats) == 5


def test_no_model_is_the_orange_cat(found):
    answer = found.edge.ask(request("POST", "/v1/chat/completions", {"messages": [{"role": "user", "content": "你好"}]}))
    assert (answer.status, answer.json["model"]) == (200, CAT)
    settled(found, 1)
    listed = found.edge.ask(request("GET", "/sessions"))
    assert [session["model"] for session in listed.json["sessions"]] == [CAT]


def test_unknown_model_is_the_orange_cat(found):
    answer = found.edge.ask(chat("say one", "gpt-4"))
    assert answer.json["model"] == "gpt-4"
    held, = found.site.chats.values()
    assert held.model == "Orange Cat"


def test_longer_conversation_without_a_session(found):
    turns = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "one"},
             {"role": "assistant", "content": "two"},
             {"role": "user", "content": [{"type": "text", "text": "say "}, {"type": "text", "text": "three"}]}]
    answer = found.edge.ask(request("POST", "/v1/chat/completions", {"model": CAT, "messages": turns}))
    held, = found.site.chats.values()
    assert held.texts == ["System: Be brief.\n\nUser: one\n\nAssistant: two\n\nUser: say \nthree"]
    # In the session that was begun so, only the last user's text goes on.
    turns += [{"role": "assistant", "content": "three"}, {"role": "user", "content": "say four"},
              {"role": "assistant", "content": "fo"}]
    found.edge.ask(request("POST", "/v1/chat/completions", {
        "model": CAT, "messages": turns, "session_id": session_of(answer)}))
    assert held.texts[1:] == ["say four"]


# Models

def test_one_model(found):
    answer = found.edge.ask(request("GET", f"/v1/models/{OTHER}"))
    assert (answer.status, answer.json["id"], answer.json["anuneko_model_id"]) == (200, OTHER, 1)
    answer = found.edge.ask(request("GET", "/v1/models/gpt-4"))
    assert (answer.status, answer.error["code"], answer.error["message"]) \
        == (404, "model_not_found", "Model gpt-4 not found")


def test_models_are_asked_for_once(found):
    for _ in range(3):
        assert len(found.edge.ask(request("GET", "/v1/models")).json["data"]) == 2
    found.edge.ask(chat("say one", OTHER))
    assert calls(found.upstream).count("view") == 1
    kept, = found.run.glob("sessions/models-*")
    assert json.loads(kept.read_text())["models"] == ["Orange Cat", "Exotic Shorthair"]


@pytest.mark.parametrize("script", [scripts.cut(), scripts.whole(b"<html>", status=502), scripts.whole(b"[]"),
                                    scripts.whole(b'{"models":[]}'), scripts.whole(b"")])
def test_models_when_the_site_does_not_answer(found, script):
    for _ in range(2):
        found.upstream.script(script)
        told = found.edge.ask(request("GET", "/v1/models")).json
        one, = told["data"]
        assert told["anuneko_api_response"] is None
        assert (one["id"], one["anuneko_model"], one["note"]) == (CAT, "Orange Cat", "default_model")
        assert "anuneko_model_id" not in one
    assert len(found.edge.ask(request("GET", "/v1/models")).json["data"]) == 2, "it answers again"


# Errors, in its words

def failed(answer) -> tuple[int, str, str]:
    return answer.status, answer.json["error"]["type"], answer.json["error"]["message"]


def post(body) -> bytes:
    return request("POST", "/v1/chat/completions", body, *([] if isinstance(body, dict) else
                                                           ["Content-Type: application/json"]))


@pytest.mark.parametrize("body, told", [
    (b"", "请求体不能为空"), ({"model": CAT, "messages": []}, "messages 不能为空"), ({"model": CAT}, "messages 不能为空"),
    ({"model": CAT, "messages": [{"role": "system", "content": "x"}]}, "未找到用户消息"),
    ({"model": CAT, "messages": [{"role": "user", "content": ""}]}, "未找到用户消息")])
def test_its_words(found, body, told):
    assert failed(found.edge.ask(post(body))) == (400, "invalid_request_error", told)
    assert calls(found.upstream) == []


def test_unknown_endpoint(found):
    for asked in (request("GET", "/nothing"), request("POST", "/v1/embeddings", {"model": CAT, "input": "x"})):
        status, _, message = failed(found.edge.ask(asked))
        assert (status, message) == (404, "端点不存在")


def test_site_that_cannot_be_reached(edges, upstreams, tmp_path):
    found = neko.start(edges, upstreams, tmp_path, ANUNEKO_BASE_URL=f"http://127.0.0.1:{free_port()}")
    status, kind, _ = failed(found.edge.ask(chat()))
    assert (status, kind) == (502, "server_error")


def test_refused_token(edges, upstreams, tmp_path):
    found = neko.start(edges, upstreams, tmp_path, ANUNEKO_TOKEN="a-token-that-ran-out")
    for answer in found.edge.ask_in_turn(chat(), request("GET", "/v1/models")):
        status, kind, message = failed(answer)
        assert (status, kind) == (502, "authentication_error") and "token" in message
    assert found.edge.records(2)[0]["code"] == 436


def test_body_too_large(edges, upstreams, tmp_path):
    found = neko.start(edges, upstreams, tmp_path, MAX_CONTENT_LENGTH="100")
    assert found.edge.ask(chat("x" * 200)).status == 413


def test_cookie(edges, upstreams, tmp_path):
    found = neko.start(edges, upstreams, tmp_path, ANUNEKO_COOKIE=neko.COOKIE)
    assert found.edge.ask(chat()).status == 200
    settled(found, 1)


def test_no_cookie_in_what_the_site_says(edges, upstreams, tmp_path):
    """It is as good as the token."""
    found = neko.start(edges, upstreams, tmp_path, ANUNEKO_COOKIE=neko.COOKIE)
    found.upstream.script(scripts.whole(json.dumps({"message": f"bad {neko.COOKIE}"}).encode(), status=400))
    assert found.edge.ask(chat("hello")).error["message"] == "bad ***"
    assert neko.COOKIE not in found.edge.tool("check").stdout.decode()


def test_check_connect(found):
    told = found.edge.tool("check", "--connect")
    assert told.returncode == 0 and b"key: accepted; models: mihoyo-orange_cat, mihoyo-exotic_shorthair" in told.stdout
    assert neko.TOKEN.encode() not in told.stdout + told.stderr


def test_token_of_the_caller(edges, upstreams, tmp_path):
    """Where callers bring their own token, it goes where the site wants it."""
    upstream = upstreams(vendor="anuneko", prefix="")
    own = {"dialect": "anuneko", "base_url": upstream.url, "key": "caller"}
    edge = edges({"upstreams": {"cat": own}}, env=neko.environment(upstream, tmp_path))
    assert text_of(edge.ask(chat("say one", CAT, f"Authorization: Bearer {neko.TOKEN}"))) == "one"
