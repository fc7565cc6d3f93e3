# SPDX-License-Identifier: MIT
"""Holders of issued keys who look for a way around what their key allows."""

import json
import threading

import pytest

import keyring
import proc
import scripts
from client import chat, request
from edge import configuration
from issued import at_once, shared, start, used  # noqa: F401

WORDS = [{"role": "user", "content": "hello"}]


@pytest.mark.parametrize("limits", [{"models": ["gpt-4o"]}, {"tpd": 1000}], ids=["models", "tokens"])
@pytest.mark.parametrize("target", ["/v1/batches", "/v1/messages/batches", "/v1/threads/runs", "/v1/assistants",
                                    "/v1/evals", "/v1/fine_tuning/jobs", "/v1/Chat/completions", "/other/chat"])
def test_a_name_opens_no_endpoint_that_does_not_go_by_it(edges, upstream, shared, target, limits):
    """A batch that names an allowed model runs others all the same, and nobody counts what they come to."""
    edge, keys = start(edges, upstream, shared, upstream_account="open")
    key = keys.issue(**limits)
    answer = edge.ask(request("POST", target, {"model": "gpt-4o", "input_file_id": "file-1"}, key.bearer))
    assert (answer.status, answer.get("x-edgefilter-code")) == (403, "222"), answer
    assert upstream.exchanges == []


@pytest.mark.parametrize("target", [
    "/v1/%63hat/completions", "/v1/chat/completions/", "/v1//chat/completions", "/v1/v1/chat/completions",
    "//v1/chat//completions", "/v1/chat/%63ompletion%73", "/%76%31/chat/completions", "/chat/completions"])
def test_one_endpoint_by_its_other_names(edges, upstream, shared, target):
    """An upstream decodes a path before it looks at it: so do we, where that makes an endpoint of it."""
    edge, keys = start(edges, upstream, shared, limits={"per_address": {"minute": 1}}, trusted_proxies=["127.0.0.1"])
    key = keys.issue(tpd=1000, models=["gpt-4o"])
    body = {"model": "gpt-4o", "messages": WORDS, "max_tokens": 100}
    answer = edge.ask(request("POST", target, body, key.bearer, "X-Forwarded-For: 203.0.113.9"))
    assert answer.status == 200, answer
    assert used(edge) == 12
    assert edge.ask(request("POST", target, {**body, "model": "gpt-4"}, key.bearer)).status == 403
    assert edge.ask(request("POST", target, {**body, "max_tokens": 990}, key.bearer,
                            "X-Forwarded-For: 203.0.113.10")).status == 429
    late = edge.ask(request("POST", target, body, key.bearer, "X-Forwarded-For: 203.0.113.9"))
    assert late.get("x-edgefilter-code") == "226", "the same endpoint for the address, too"
    assert upstream.exchange().request.target == "/v1/chat/completions"


@pytest.mark.parametrize("body", [
    '{"model":"gpt-4o","messages":%s,"model":"gpt-4"}', '{"model":"gpt-4","messages":%s,"model":"gpt-4o"}',
    '{"mod\\u0065l":"gpt-4","model":"gpt-4o","messages":%s}', '{"model":"gpt-4o","messages":%s,"models":["gpt-4"]}',
    '{"models":["gpt-4"],"model":"gpt-4o","messages":%s}', '{"model":"gpt-4o","fallbacks":["gpt-4"],"messages":%s}',
    '{"model":"gpt-4o","f\\u0061llbacks":[{"gpt-4o":["gpt-4"]}],"messages":%s}',
    '{"model":"gpt-4o","MODEL":"gpt-4","messages":%s}', '{"Model":"gpt-4","model":"gpt-4o","messages":%s}',
    '{"Mod\\u0065L":"gpt-4","messages":%s}', '{"model":"gpt-4o","Fallbacks":["gpt-4"],"messages":%s}',
    '{"model":"gpt-4o ","messages":%s}', '{"model":"GPT-4O","messages":%s}', '{"model":"gpt-4o\\u0000","messages":%s}',
    '{"model":"gpt-4\\u043e","messages":%s}', '{"model":"\\ufeffgpt-4o","messages":%s}',
    '{"model":["gpt-4"],"messages":%s}', '{"model":null,"messages":%s}', '{"messages":%s}'])
def test_no_second_name(edges, upstream, shared, body):
    """Some upstreams take a list of models, of which the first that answers is used."""
    edge, keys = start(edges, upstream, shared)
    key = keys.issue(models=["gpt-4o"])
    data = (body % json.dumps(WORDS)).encode()
    answer = edge.ask(request("POST", "/v1/chat/completions", data, key.bearer, "Content-Type: application/json"))
    assert answer.status in (400, 403), answer
    assert not any(exchange.body.read() for exchange in upstream.exchanges)


def test_the_default_model_is_within_the_list(edges, upstream, shared):
    """Where a pattern forces a name, the key's own model is forced instead: its holder must not choose any."""
    edge, keys = start(edges, upstream, shared, models={"*": "main/gpt-4-turbo"})
    key = keys.issue(models=["gpt-4o", "gpt-5"])

    def choose(model: str):
        return edge.ask(request("PUT", "/settings/model", {"model_name": model}, key.bearer))
    refused = choose("gpt-4")
    assert (refused.status, refused.error["param"]) == (403, "model_name"), refused
    assert choose("gpt-5").status == 200
    assert edge.ask(chat("gpt-4o", "x", key.bearer)).status == 200
    edge.records(3)
    keys.limit(key, models=["gpt-4o"], default_model="gpt-5")
    assert edge.ask(chat("gpt-4o", "x", key.bearer)).status == 200
    nameless = request("POST", "/v1/chat/completions", {"messages": WORDS}, key.bearer)
    assert edge.ask(nameless).status == 403
    assert [record["used"] for record in edge.records(5) if record["used"]] == ["gpt-5", "gpt-4-turbo"]


def test_a_key_without_a_list_may_name_more(edges, upstream, shared):
    edge, keys = start(edges, upstream, shared)
    upstream.script(scripts.whole(b'{"id":"1","object":"chat.completion","choices":[]}'))
    assert edge.ask(chat("gpt-4o", "x", keys.issue(rpm=9).bearer, models=["gpt-4"])).status == 200


@pytest.mark.parametrize("members", [{"n": 9_000_000_000_000_000_000, "max_tokens": 10}, {"n": 500},
                                     {"max_tokens": 9_000_000_000_000_000_000}, {"n": 2, "max_tokens": 600}])
def test_many_answers_are_many(edges, upstream, shared, members):
    """What is asked for several times costs several times, however often that is."""
    edge, keys = start(edges, upstream, shared)
    answer = edge.ask(chat("gpt-4o", "hello", keys.issue(tpd=1000).bearer, **members))
    assert (answer.status, answer.get("x-edgefilter-code")) == (429, "225"), answer


@pytest.mark.parametrize("members", [{"max_tokens": 400}, {"max_tokens": 40, "n": 10}, {"max_tokens": 40, "best_of": 10}])
def test_completions_reserve_what_they_may_come_to(edges, upstream, shared, members):
    edge, keys = start(edges, upstream, shared)
    key = keys.issue(tpd=1000)
    gate = upstream.gate()
    upstream.script(*(scripts.hold(gate) for _ in range(8)))
    sent = request("POST", "/v1/completions", {"model": "gpt-4o", "prompt": "hello", **members}, key.bearer)
    seen = []
    threads = [threading.Thread(target=lambda: seen.append(edge.dial().ask(sent).status)) for _ in range(8)]
    for thread in threads:
        thread.start()
    proc.wait_until(lambda: len(seen) >= 6, "the refused ones")
    gate.set()
    for thread in threads:
        thread.join()
    assert sorted(seen) == [200] * 2 + [429] * 6


def test_what_runs_in_the_background_is_not_for_a_budget(edges, upstreams, shared):
    """Its usage is told to another request."""
    upstream = upstreams()
    edge = edges(configuration(upstream, callers="issued", upstream_quirks=["responses"]), env=shared)
    key = keyring.Keyring(edge.state).issue(tpd=100_000)
    body = {"model": "gpt-4o", "input": "hello", "background": True}
    answer = edge.ask(request("POST", "/v1/responses", body, key.bearer))
    assert answer.status == 403, answer
    assert upstream.exchanges == []


@pytest.mark.parametrize("field", ["x-api-key: Bearer {}", "Authorization: Bearer \t{}", 'Authorization: Bearer "{}"',
                                   "api-key: {} ", "Authorization: Bearer x {}", "x-api-key: key={}"])
@pytest.mark.parametrize("settings", [{"upstream_key": "caller"}, {"upstream_key": "caller", "callers": "open"},
                                      {"callers": "upstream"}], ids=["caller", "open", "upstream"])
def test_a_key_of_ours_in_wrapping_paper(edges, upstream, shared, settings, field):
    """Where upstreams get the caller's own key, one of ours goes to none, whatever stands around it."""
    edge = edges(configuration(upstream, **settings), env=shared)
    key = keyring.Keyring(edge.state).issue()
    answer = edge.ask(chat("gpt-4", "x", field.format(key.text)))
    assert answer.status == 401, answer
    assert upstream.exchanges == []


def test_usage_that_nobody_can_have(edges, upstream, shared):
    """What an upstream says was used may be anything; sums hold."""
    edge, keys = start(edges, upstream, shared)
    key = keys.issue(tpd=1000)
    most = 9_223_372_036_854_775_807
    body = {"id": "1", "object": "chat.completion", "choices": [], "usage": {
        "prompt_tokens": most, "completion_tokens": most, "total_tokens": most,
        "prompt_tokens_details": {"cached_tokens": most}}}
    for _ in range(3):
        upstream.script(scripts.whole(json.dumps(body).encode()))
        assert edge.ask(chat("gpt-4o", "hello", keys.issue().bearer)).status == 200
    upstream.script(scripts.whole(json.dumps(body).encode()))
    assert edge.ask(chat("gpt-4o", "hello", key.bearer)).status == 200
    edge.records(4)
    assert edge.ask(chat("gpt-4o", "hello", key.bearer, max_tokens=1)).status == 429
    records = edge.records(5)
    assert all(record["ended"] == "complete" for record in records[:4])
    assert json.loads(edge.tool("usage", "--json").stdout)["total"]["requests"] == 5


def test_who_opens_the_connection_again_counts_on(edges, upstream, shared):
    """Kept connections, new ones, pipelined requests and requests that end early are the same to a limit."""
    edge, keys = start(edges, upstream, shared, limits={"per_source": 512})
    key = keys.issue(rpm=20)
    gate = upstream.gate()
    upstream.script(*(scripts.hold(gate) for _ in range(5)))
    for count in range(5):
        client = edge.dial()
        client.send(chat("gpt-4o", "x", key.bearer, stream=True))
        upstream.heard(count + 1)
        client.reset()
    kept = edge.dial()
    kept.send(chat("gpt-4o", "x", key.bearer) * 5)
    assert [kept.answer().status for _ in range(5)] == [200] * 5
    statuses = at_once(20, lambda: edge.dial().ask(chat("gpt-4o", "x", key.bearer)).status)
    assert sorted(statuses) == [200] * 10 + [429] * 10
    assert kept.ask(chat("gpt-4o", "x", key.bearer)).status == 429
