# SPDX-License-Identifier: MIT
"""What an engine over WebSocket hears of a conversation, whose it is, and what is lost or left to edgefilter."""

import pytest

import api
import api_cyber
from client import chat, request
from cyber import ENA, SECRET, engine, free, losses, token_of  # noqa: F401
from edge import WAYS
from translating import CALLERS, ask, said


def test_each_caller_has_a_conversation(free, engine):
    """No two keys share a token; those without one share theirs; no token gives a key away."""
    lines = [f"Authorization: Bearer {api.CALLER_KEY}", "Authorization: Bearer another", "x-api-key: another", "X: y"]
    for line in lines:
        assert free.ask(chat(ENA, "hello", line)).status == 200
    tokens = [token for token, _ in engine.heard_contents]
    assert tokens == [token_of(api.CALLER_KEY), token_of("another"), token_of("another"), token_of("")]


@pytest.mark.parametrize("key, quirks, line, token", [
    (SECRET, ["token"], "X: y", SECRET), ("caller", [], "Authorization: Bearer a/b c%", "a/b c%"),
    ("none", [], "Authorization: Bearer k", token_of("k", ""))])
def test_token_configured(edges, engine, key, quirks, line, token):
    main = {"dialect": "cyber", "base_url": engine.url, "key": key, "quirks": quirks}
    edge = edges({"upstreams": {"main": main}})
    assert edge.ask(chat(ENA, "hello", line)).status == 200
    assert engine.heard_contents == [(token, "hello")]


def test_own_token_without_a_key_is_refused(edges, engine):
    edge = edges({"upstreams": {"main": {"dialect": "cyber", "base_url": engine.url, "key": "caller"}}})
    answer = edge.ask(chat(ENA))
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
    assert said(dialect, free.ask(ask(dialect, command, stream, ENA))) == api_cyber.COMMANDS[command]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("stream", [False, True])
def test_every_way_of_starting(edges, engine, way, stream):
    edge = edges({"upstreams": {"main": {"dialect": "cyber", "base_url": engine.url, "key": SECRET}}}, way)
    for dialect in CALLERS:
        assert said(dialect, edge.ask(ask(dialect, "one two three", stream, ENA))) == "You said: one two three"
    for record in edge.records(3):
        assert (record["upstream"], record["dialect"], record["status"]) == ("main", "cyber", 200)
        assert (record["ended"], record["stop"], record["code"]) == ("complete", "finished", 0)
        assert (record["estimated"], record["input"] > 0, record["output"] > 0) == (1, True, True)


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
    assert edge.ask(chat(ENA)).status == 200
    assert edge.ask(chat(ENA, temperature=1)).error["param"] == "temperature"
    assert len(engine.requests) == 1


@pytest.mark.parametrize("stream", [False, True])
def test_stop_strings_are_ours(free, stream):
    answer = free.ask(chat(ENA, "one two three", stream=stream, stop=["two"]))
    assert said("openai", answer) == "You said: one "
    assert losses(answer) == set()
