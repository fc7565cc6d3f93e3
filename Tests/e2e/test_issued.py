# SPDX-License-Identifier: MIT
"""Issued keys: who is served, who is not, and in which words."""

import time

import anthropic
import openai
import pytest

import api
import keyring
import proc
from client import chat, request
from edge import configuration, contents
from issued import shared, start  # noqa: F401
from logged import SHA256
from translating import ask, translation

CODES = {"malformed": 217, "unknown": 218, "revoked": 219, "expired": 220, "removed": 221}


@pytest.mark.parametrize("way", ["listen", "inetd"])
@pytest.mark.parametrize("field", ["Authorization: Bearer {}", "x-api-key: {}", "api-key: {}"])
def test_a_key_in_each_field(edges, upstream, shared, way, field):
    edge, keys = start(edges, upstream, shared, way)
    key = keys.issue()
    answer = edge.ask(chat("gpt-4", "hello", field.format(key.text)))
    assert answer.status == 200, answer
    assert answer.get("x-ratelimit-limit-requests") is None, "a key without limits is told none"
    record, = edge.records(1)
    assert (record["key_id"], record["user"]) == (key.id, key.user)
    assert upstream.exchange().request.get("authorization") == f"Bearer {api.OPERATOR_KEY}"
    assert key.text not in repr(upstream.exchange().request.fields)
    assert key.text.encode() not in b"".join(contents(edge.state))


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
@pytest.mark.sdk
def test_the_sdks(edges, upstreams, shared, stream):
    upstream = upstreams()
    edge = edges(translation(upstream, "openai", callers="issued"), env=shared)
    key = keyring.Keyring(edge.state).issue(rpm=100, tpd=100_000)
    said = [{"role": "user", "content": "hello"}]
    with openai.OpenAI(base_url=f"{edge.url}/v1", api_key=key.text, max_retries=0) as client:
        got = client.chat.completions.with_raw_response.create(model="edge-model", messages=said, stream=stream)
        parsed = got.parse()
        text = "".join(chunk.choices[0].delta.content or "" for chunk in parsed if chunk.choices) \
            if stream else parsed.choices[0].message.content
        assert text == "You said: hello"
        assert got.headers["x-ratelimit-limit-requests"] == "100"
        assert got.headers["x-ratelimit-remaining-requests"] == "99"
        assert [model.id for model in client.models.list()]
    for options in ({"api_key": key.text}, {"auth_token": key.text}):
        with anthropic.Anthropic(base_url=edge.url, max_retries=0, **options) as client:
            make = client.messages.with_raw_response.create
            got = make(model="edge-model", max_tokens=100, messages=said, stream=stream)
            parsed = got.parse()
            text = "".join(event.delta.text for event in parsed if event.type == "content_block_delta") \
                if stream else parsed.content[0].text
            assert text == "You said: hello"
            assert got.headers["anthropic-ratelimit-requests-limit"] == "100"
            assert got.headers["anthropic-ratelimit-requests-reset"].endswith("Z")
    assert {record["key_id"] for record in edge.records(4)} == {key.id}


def refused(kind: str, keys: keyring.Keyring) -> str:
    """A key that is not good, and why."""
    if kind == "unknown":
        return keyring.make()
    key = keys.issue(expires=int(time.time()) - 1) if kind == "expired" else keys.issue()
    if kind == "revoked":
        keys.revoke(key)
    if kind == "removed":
        keys.remove(key.user)
    if kind == "malformed":
        return key.text[:-1] + ("0" if key.text[-1] != "0" else "1")
    return key.text


@pytest.mark.parametrize("callers", ["issued", "open", None])
@pytest.mark.parametrize("kind", CODES)
def test_a_key_that_is_not_good(edges, upstream, shared, kind, callers):
    settings = {"callers": callers} if callers else {}
    edge = edges(configuration(upstream, **settings), env=shared)
    text = refused(kind, keyring.Keyring(edge.state))
    answer = edge.ask(chat("gpt-4", "hello", f"Authorization: Bearer {text}"))
    assert (answer.status, answer.get("x-edgefilter-code")) == (401, str(CODES[kind]))
    assert answer.error["code"] == "invalid_api_key"
    assert text not in str(answer)
    told = edge.ask(ask("anthropic", "hello", False, "gpt-4", f"x-api-key: {text}"))
    assert (told.status, told.json["error"]["type"]) == (401, "authentication_error")
    assert told.json["error"]["message"] == answer.error["message"]
    assert upstream.exchanges == []


def test_a_mistyped_key_says_so(edges, upstream, shared):
    edge, keys = start(edges, upstream, shared)
    message = edge.ask(chat("gpt-4", "x", f"x-api-key: {refused('malformed', keys)}")).error["message"]
    assert "mistyped" in message


def test_issued_keys_are_demanded(edges, upstream, shared):
    """000: every request, the list of models too; what touches no upstream is everybody's."""
    edge, keys = start(edges, upstream, shared)
    key = keys.issue()
    for sent in (chat("gpt-4"), request("GET", "/v1/models"), request("GET", "/v1/models/gpt-4o"),
                 request("GET", "/v1/files/a/content")):
        answer = edge.ask(sent)
        assert (answer.status, answer.error["code"]) == (401, "missing_api_key"), answer
    assert edge.ask(chat("gpt-4", "x", f"Authorization: Bearer {api.CALLER_KEY}")).error["code"] == "invalid_api_key"
    assert edge.ask(request("GET", "/v1/models", None, key.bearer)).status == 200
    assert edge.ask(request("GET", "/health")).status == 200
    assert len(upstream.exchanges) == 1


def test_cyber_openai_demands_keys(edges, upstreams, shared):
    """000: `Authorization: Bearer sk-…`, for every request, GET /v1/models too; its environment alone says so."""
    engine = upstreams(vendor="cyber", prefix="")
    edge = edges("{}", env={"CYBER_ENGINE_HOST": "127.0.0.1", "CYBER_ENGINE_PORT": str(engine.port),
                            "SECRET_KEY": "a1b2c3d4e5f6-e2e-cyber-secret", **shared})
    key = keyring.Keyring(edge.state).issue(models=["ena-*"])
    for sent in (chat("ena-test"), request("GET", "/v1/models"), request("GET", "/v1/models/ena-test")):
        assert edge.ask(sent).status == 401
    models = edge.ask(request("GET", "/v1/models", None, key.bearer)).json["data"]
    assert [(model["id"], model["owned_by"]) for model in models] == [("ena-test", "organization-owner")]
    answer = edge.ask(chat("ena-test", "hello", key.bearer))
    assert answer.json["choices"][0]["message"]["content"] == "You said: hello"
    assert edge.ask(chat("other", "hello", key.bearer)).status == 403
    assert edge.ask(request("GET", "/health")).status == 200
    assert {record.get("key_id") for record in edge.records(7)} == {None, key.id}


def test_a_revoked_key_on_a_kept_connection(edges, upstream, shared):
    edge, keys = start(edges, upstream, shared)
    key, other = keys.issue(), keys.issue()
    client = edge.dial()
    assert client.ask(chat("gpt-4", "one", key.bearer)).status == 200
    keys.revoke(key)
    models = request("GET", "/v1/models", None, key.bearer)
    assert client.ask(models).status == 401
    assert client.ask(chat("gpt-4", "three", other.bearer)).status == 200, "who holds a good key goes on"
    assert client.ask(chat("gpt-4", "four", key.bearer)).status == 401
    assert client.is_closed(), "nobody reads the body of a stranger"


def test_limits_that_change_hold_at_once(edges, upstream, shared):
    edge, keys = start(edges, upstream, shared)
    key = keys.issue()
    client = edge.dial()
    assert client.ask(chat("gpt-4", "one", key.bearer)).status == 200
    keys.limit(key, models=["glm-*"])
    answer = client.ask(chat("gpt-4", "two", key.bearer))
    assert (answer.status, answer.error["code"], answer.error["param"]) == (403, "model_not_found", "model")
    assert "glm-*" in answer.error["message"]


def test_models_that_a_key_allows(edges, upstream, shared):
    edge, keys = start(edges, upstream, shared, upstream_account="open")
    key = keys.issue(models=["gpt-4o", "claude-*"])
    assert edge.ask(chat("gpt-4o", "x", key.bearer)).status == 200
    assert edge.ask(chat("gpt-4", "x", key.bearer)).status == 403
    told = edge.ask(ask("anthropic", "x", False, "gpt-4", key.bearer))
    assert (told.status, told.json["error"]["type"]) == (403, "permission_error")
    blind = edge.ask(request("POST", "/v1/files", {"purpose": "batch"}, key.bearer))
    assert blind.status == 403, "a request that names no model would escape the list"
    assert edge.ask(request("GET", "/v1/files/a/content", None, key.bearer)).status == 200


def test_the_default_model_of_a_key(edges, upstream, shared):
    edge, keys = start(edges, upstream, shared, models={"exact": "main/gpt-4-turbo", "*": "main/gpt-4-turbo"})
    key = keys.issue(default_model="gpt-4o")
    body = {"messages": [{"role": "user", "content": "hello"}]}
    for answer in edge.ask_in_turn(
            request("POST", "/v1/chat/completions", body, key.bearer),
            request("POST", "/v1/messages", {**body, "max_tokens": 100}, key.bearer), chat("anything", "x", key.bearer)):
        assert answer.status == 200, answer
    assert edge.ask(chat("exact", "x", key.bearer)).json["model"] == "exact"
    used = [record["used"] for record in edge.records(4)]
    assert used == ["gpt-4o", "gpt-4o", "gpt-4o", "gpt-4-turbo"]


def test_a_key_of_ours_is_never_passed_on(edges, upstream, shared):
    """Where the upstream wants the caller's own key, ours is refused, and goes nowhere."""
    for settings in ({"upstream_key": "caller", "callers": "open"}, {"upstream_key": "caller"},
                     {"callers": "upstream"}):
        edge = edges(configuration(upstream, **settings), env=shared)
        key = keyring.Keyring(edge.state).issue()
        answer = edge.ask(chat("gpt-4", "x", key.bearer))
        assert (answer.status, answer.get("x-edgefilter-code")) == (401, "223")
    assert upstream.exchanges == []


def test_keyless_callers_are_served_beside_holders(edges, upstream, shared):
    """Promise 8 as before; a key that is shown is counted all the same."""
    edge = edges(configuration(upstream), env=shared)
    key = keyring.Keyring(edge.state).issue(rpm=1)
    answers = edge.ask_in_turn(
        chat("gpt-4"), chat("gpt-4", "x", f"Authorization: Bearer {api.CALLER_KEY}"),
        chat("gpt-4", "x", key.bearer), chat("gpt-4", "x", key.bearer))
    assert [answer.status for answer in answers] == [200, 200, 200, 429]
    records = edge.records(4)
    assert [record.get("key_id") for record in records] == [None, None, key.id, key.id]
    assert records[1]["key"] == SHA256


def test_who_guesses_keys_waits(edges, upstream, shared):
    """Each wrong key takes a connection, and after a few of them the source is turned away."""
    edge, keys = start(edges, upstream, shared)
    seen = []
    while 429 not in seen and len(seen) < 8:
        client = edge.dial(source="127.0.0.3")
        answer = client.ask(chat("gpt-4", "x", f"x-api-key: {keyring.make()}"))
        seen.append(answer.status)
        assert answer.closes
        client.close()
        proc.wait_until(lambda: not edge.handlers(), "the handler's end")
    assert seen[:3] == [401, 401, 401] and seen[-1] == 429, seen
    assert edge.dial(source="127.0.0.4").ask(chat("gpt-4", "x", keys.issue().bearer)).status == 200
