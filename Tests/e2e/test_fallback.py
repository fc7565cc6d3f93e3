# SPDX-License-Identifier: MIT
"""A request is tried at the next upstream, while nothing has gone to the caller and it is not to blame."""

import json
import os
import signal

import pytest

import api
import scripts
from client import chat, request
from edge import free_port


def configured(targets, *upstreams, **settings) -> dict:
    """Upstreams `a`, `b` …, and one pattern that leads to all of them."""
    table = {name: {"dialect": "openai", "base_url": url, "key": api.OPERATOR_KEY, "retries": 0,
                    "timeout": {"connect": "2s", "first_byte": "60s", "silence": "60s"}}
             for name, url in zip("abc", upstreams)}
    return {"upstreams": table, "models": {"*": targets}, **settings}


@pytest.fixture
def pair(upstreams, edges):
    """Two upstreams, in order, and the edge in front."""
    one, two = upstreams(), upstreams()
    return one, two, edges(configured(["a", "b/gpt-4o"], one.url, two.url))


@pytest.mark.parametrize("script", [
    scripts.error(500), scripts.error(503), scripts.error(529),
    scripts.error(429, "requests", "rate_limit_exceeded"), scripts.cut(),
    scripts.error(429, retry_after="9")])
@pytest.mark.parametrize("streamed", [False, True])
def test_next_upstream(pair, script, streamed):
    one, two, edge = pair
    one.script(script)
    answer = edge.ask(chat("gpt-4-turbo", stream=streamed))
    assert answer.status == 200 and b"gpt-4o" not in answer.body and b"gpt-4-turbo" in answer.body
    assert json.loads(bytes(one.requests[0].body))["model"] == "gpt-4-turbo"
    assert json.loads(bytes(two.requests[0].body))["model"] == "gpt-4o"
    record, = edge.records(1)
    assert (record["upstream"], record["used"], record["status"]) == ("b", "gpt-4o", 200)
    first, second = record["attempts"]
    assert first.startswith("a:") and second == "b:200"


def test_a_handler_that_dies_tells_what_it_tried(upstreams, edges, tmp_path):
    one, two = upstreams(), upstreams()
    (tmp_path / "run").mkdir()
    edge = edges(configured(["a", "b"], one.url, two.url), env={"RUNTIME_DIRECTORY": str(tmp_path / "run")})
    one.script(scripts.error(503))
    two.script(scripts.hold(two.gate()))
    client = edge.dial()
    client.send(chat("gpt-4"))
    two.heard()
    os.kill(edge.handler(client), signal.SIGKILL)
    record, = edge.records(1)
    assert (record["ended"], record["upstream"], record["attempts"]) == ("killed", "b", ["a:503", "b:0"])
    # Nothing of it is left for the next one on that slot.
    one.script(scripts.hold(one.gate()))
    client = edge.dial()
    client.send(chat("gpt-4"))
    one.heard(2)
    os.kill(edge.handler(client), signal.SIGKILL)
    record = edge.records(2)[1]
    assert (record["ended"], record["upstream"]) == ("killed", "a") and "attempts" not in record
    edge.stderr.clear()


def test_no_connection(upstreams, edges):
    two = upstreams()
    edge = edges(configured(["a", "b"], f"http://127.0.0.1:{free_port()}/v1", two.url))
    assert edge.ask(chat("gpt-4-turbo")).status == 200
    assert edge.records(1)[0]["attempts"] == ["a:e401", "b:200"]


def test_no_first_byte(upstreams, edges):
    one, two = upstreams(), upstreams()
    config = configured(["a", "b"], one.url, two.url)
    config["upstreams"]["a"]["timeout"]["first_byte"] = "200ms"
    edge = edges(config)
    one.script(scripts.hold(one.gate()))
    assert edge.ask(chat("gpt-4-turbo", stream=True)).status == 200
    assert edge.records(1)[0]["attempts"] == ["a:e403", "b:200"]


@pytest.mark.parametrize("script, status", [
    (scripts.error(400, "invalid_request_error"), 400), (scripts.error(401), 401),
    (scripts.error(404), 404), (scripts.error(429, "insufficient_quota", "insufficient_quota"), 429),
    (scripts.error(402), 402)])
def test_the_caller_is_to_blame(pair, script, status):
    """T168: and what costs money that is not there, is not tried elsewhere either."""
    one, two, edge = pair
    one.script(script)
    answer = edge.ask(chat("gpt-4-turbo"))
    assert answer.status == status and "scripted" in answer.error["message"]
    assert two.exchanges == [] and "attempts" not in edge.records(1)[0]


@pytest.mark.parametrize("code, asked", [("insufficient_quota", 0), ("rate_limit_exceeded", 1)])
def test_a_long_refusal_is_read_to_its_end(pair, code, asked):
    """What it is about may stand behind many words."""
    one, two, edge = pair
    told = {"error": {"message": "long " * 4000, "type": code, "param": None, "code": code}}
    one.script(scripts.whole(json.dumps(told).encode(), status=429, framing="chunked"))
    answer = edge.ask(chat("gpt-4-turbo"))
    assert (answer.status, len(two.exchanges)) == (200 if asked else 429, asked)
    if not asked:
        assert answer.json == told


def test_all_fail(pair):
    one, two, edge = pair
    one.script(scripts.error(500))
    two.script(scripts.error(503))
    answer = edge.ask(chat("gpt-4-turbo"))
    assert answer.status == 503 and answer.error["message"] == "scripted 503"
    assert edge.records(1)[0]["attempts"] == ["a:500", "b:503"]


def test_not_after_the_head(pair):
    one, two, edge = pair
    one.script(scripts.stream(["a", "b"], ending="cut"))
    answer = edge.ask(chat("gpt-4-turbo", stream=True))
    assert answer.status == 200 and "relay_error" in answer.events[-2]
    assert two.exchanges == []


def test_a_body_too_long_to_keep(pair):
    one, two, edge = pair
    one.script(scripts.error(500))
    answer = edge.ask(chat("gpt-4-turbo", text="x" * (2 * api.MIB)))
    assert answer.status == 500 and two.exchanges == []


def test_when_to_come_back(upstreams, edges):
    """A short wait is kept, once; then the next one is asked."""
    one, two = upstreams(), upstreams()
    config = configured(["a", "b"], one.url, two.url)
    config["upstreams"]["a"]["retries"] = 1
    edge = edges(config)
    one.script(scripts.error(429, retry_after="1"))
    assert edge.ask(chat("gpt-4-turbo")).status == 200
    assert len(one.exchanges) == 2 and two.exchanges == []
    edge.records(1)
    one.script(scripts.error(429, retry_after="1"), scripts.error(429, retry_after="1"))
    assert edge.ask(chat("gpt-4-turbo")).status == 200
    first, second = edge.records(2)
    assert first["attempts"] == ["a:429", "a:200"]
    assert second["attempts"] == ["a:429", "a:429", "b:200"]


def test_one_upstream_alone_is_passed_on(upstreams, edges):
    """Same dialect, nowhere else to go: the refusal is the caller's to handle, as it came."""
    one = upstreams()
    edge = edges(configured("a", one.url))
    one.script(scripts.error(429, retry_after="1"))
    answer = edge.ask(chat("gpt-4-turbo"))
    assert (answer.status, answer.get("retry-after"), len(one.exchanges)) == (429, "1", 1)
    assert answer.get("x-should-retry") is None


def test_shares(upstreams, edges):
    one, two = upstreams(), upstreams()
    edge = edges(configured({"a": 3, "b": 1}, one.url, two.url))
    client = edge.dial()
    for _ in range(160):
        assert client.ask(chat("gpt-4-turbo")).status == 200
    assert len(one.exchanges) + len(two.exchanges) == 160
    assert len(one.exchanges) > len(two.exchanges) > 0


def test_no_model_no_other_upstream(pair):
    """What may change something and names no model is tried at one upstream alone; reading is not."""
    one, two, edge = pair
    one.script(scripts.error(500), scripts.error(500))
    assert edge.ask(request("POST", "/v1/files", {"a": 1})).status == 500
    assert two.exchanges == []
    assert edge.ask(request("GET", "/v1/models")).status == 200
    assert len(two.exchanges) == 1


def test_early_ping(upstreams, edges):
    """A relayed stream that has not begun: its head goes out, with comments; an error is an event."""
    one = upstreams()
    edge = edges(configured("a", one.url, limits={"early_ping": "200ms", "ping": "200ms"}))
    gate = one.gate()
    one.script(scripts.hold(gate), scripts.hold(gate, scripts.error(500)), scripts.hold(gate))
    client = edge.dial()
    client.send(chat("gpt-4-turbo", stream=True))
    head = client.read_head()
    assert head.status == 200 and head.get("content-type") == "text/event-stream; charset=utf-8"
    one.heard()
    gate.set()
    body = client.read_body(head)
    assert body.startswith(b": keep-alive\n\n") and body.endswith(b"data: [DONE]\n\n")
    gate.clear()
    client.send(chat("gpt-4-turbo", stream=True))
    head = client.read_head()
    gate.set()
    *_, error, done = client.read_body(head).decode().strip().split("\n\n")
    assert done == "data: [DONE]" and "scripted 500" in error
    # A caller who waits for a whole answer gets no head before it.
    gate.clear()
    client = edge.dial()
    client.send(chat("gpt-4-turbo"))
    one.heard(3)
    gate.set()
    assert client.answer().json["object"] == "chat.completion"


def test_not_without_permission(upstreams, edges):
    """Whoever may not use the operator's key hears of the failure, and reaches nobody else."""
    one, two = upstreams(), upstreams()
    config = configured(["a", "b"], one.url, two.url, callers="issued")
    config["upstreams"]["a"]["key"] = "caller"
    edge = edges(config)
    one.script(scripts.error(503))
    assert edge.ask(chat("gpt-4-turbo")).status == 503
    assert not two.requests
    assert edge.records(1)[0]["upstream"] == "a"


@pytest.mark.parametrize("host, status", [("127.0.0.1", 200), ("localhost", 503)])
def test_a_callers_own_key_goes_to_one_host(upstreams, edges, host, status):
    """What a caller pays one provider with is no affair of another's."""
    one, two = upstreams(), upstreams()
    two.expects_proxy = False
    config = configured(["a", "b"], one.url, two.url.replace("127.0.0.1", host))
    for upstream in config["upstreams"].values():
        upstream["key"] = "caller"
    edge = edges(config)
    one.script(scripts.error(503))
    line = f"Authorization: Bearer {api.CALLER_KEY}"
    answer = edge.ask(request("POST", "/v1/chat/completions", {
        "model": "gpt-4-turbo", "messages": [{"role": "user", "content": "x"}]}, line))
    assert answer.status == status
    assert len(two.requests) == (1 if status == 200 else 0)
