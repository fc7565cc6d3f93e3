# SPDX-License-Identifier: MIT
"""Limits of keys and of addresses: exact under parallel calls, told in every dialect, settled whatever happens."""

import os
import signal
import threading

import pytest

import keyring
import proc
import scripts
from client import Client, chat, request
from edge import configuration
from issued import at_once, shared, start, used  # noqa: F401
from translating import ask, translation


def ask_alone(edge, data: bytes):
    client = Client(edge.address)
    try:
        return client.ask(data)
    finally:
        client.close()


@pytest.mark.parametrize("way", ["listen", "inetd"])
def test_exactly_so_many_pass(edges, upstream, shared, way):
    """200 parallel calls against 50 requests a minute: exactly 50 pass."""
    edge, keys = start(edges, upstream, shared, way, limits={"connections": 512, "per_source": 512})
    key = keys.issue(rpm=50)
    calls = 200 if way == "listen" else 80
    answers = at_once(calls, lambda: ask_alone(edge, request("GET", "/v1/models", None, key.bearer)))
    statuses = sorted(answer.status for answer in answers)
    assert statuses == [200] * 50 + [429] * (calls - 50)
    assert len(upstream.exchanges) == 50
    passed = [answer for answer in answers if answer.status == 200]
    assert sorted(int(answer.get("x-ratelimit-remaining-requests")) for answer in passed) == list(range(50))


def test_what_a_limited_caller_hears(edges, upstream, shared):
    edge, keys = start(edges, upstream, shared)
    key = keys.issue(rpm=1)
    edge.ask(chat("gpt-4", "x", key.bearer))
    answer = edge.ask(chat("gpt-4", "x", key.bearer))
    assert (answer.status, answer.get("x-edgefilter-code")) == (429, "224")
    assert (answer.error["type"], answer.error["code"]) == ("requests", "rate_limit_exceeded")
    assert "1 requests per minute" in answer.error["message"]
    wait = int(answer.get("retry-after"))
    assert 0 < wait <= 60 and f"{wait} s" in answer.error["message"]
    assert answer.get("x-ratelimit-limit-requests") == "1"
    assert answer.get("x-ratelimit-remaining-requests") == "0"
    assert answer.get("x-ratelimit-reset-requests") in (f"{wait}s", "1m0s")
    told = edge.ask(ask("anthropic", "x", False, "gpt-4", key.bearer))
    assert (told.status, told.json["error"]["type"]) == (429, "rate_limit_error")
    assert told.get("anthropic-ratelimit-requests-remaining") == "0"
    assert told.get("x-ratelimit-limit-requests") is None
    assert len(upstream.exchanges) == 1


def test_fields_of_the_operators_own_account_stay_here(edges, upstream, shared):
    edge, keys = start(edges, upstream, shared)
    key, free = keys.issue(rpm=9), keys.issue()

    def answer(x) -> None:
        x.body.read()
        x.head(200, ("content-type", "application/json"), ("x-ratelimit-limit-requests", "10000"),
               ("x-ratelimit-remaining-tokens", "77"), framing=2)
        x.send(b"{}")
    upstream.script(answer, answer)
    limited = edge.ask(request("GET", "/v1/models", None, key.bearer))
    assert limited.all("x-ratelimit-limit-requests") == ["9"]
    assert limited.get("x-ratelimit-remaining-tokens") is None
    assert edge.ask(request("GET", "/v1/models", None, free.bearer)).get("x-ratelimit-remaining-tokens") == "77"


def test_tokens_a_day(edges, upstream, shared):
    """The stand-in bills 9 and 3 tokens a conversation."""
    edge, keys = start(edges, upstream, shared)
    key = keys.issue(tpd=1000)
    answer = edge.ask(chat("gpt-4", "hello", key.bearer, max_tokens=100))
    assert answer.status == 200
    assert answer.get("x-ratelimit-limit-tokens") == "1000"
    assert 880 <= int(answer.get("x-ratelimit-remaining-tokens")) < 900
    assert used(edge) == 12
    late = edge.ask(chat("gpt-4", "hello", key.bearer, max_tokens=990))
    assert (late.status, late.error["type"], late.get("x-edgefilter-code")) == (429, "tokens", "225")
    assert late.get("x-should-retry") == "false" and int(late.get("retry-after")) <= 86400
    assert "988 are left" in late.error["message"]
    assert used(edge) == 12, "what was refused took nothing"
    assert edge.ask(chat("gpt-4", "hello", key.bearer)).status == 200, "who names no limit takes what is left"
    assert used(edge) == 24
    assert [record.get("estimated") for record in edge.records(3)] == [None, None, None]


def test_parallel_calls_pass_no_budget(edges, upstream, shared):
    """Of calls that may each take a tenth, no more than ten are under way at once."""
    edge, keys = start(edges, upstream, shared, limits={"per_source": 512})
    key = keys.issue(tpd=1000)
    gate = upstream.gate()
    upstream.script(*(scripts.hold(gate) for _ in range(40)))
    results = []
    threads = [threading.Thread(target=lambda: results.append(
        ask_alone(edge, chat("gpt-4", "hello", key.bearer, max_tokens=94)).status)) for _ in range(40)]
    for thread in threads:
        thread.start()
    proc.wait_until(lambda: len(results) >= 30, "the refused ones")
    upstream.exchange(10)
    gate.set()
    for thread in threads:
        thread.join()
    assert sorted(results) == [200] * 10 + [429] * 30
    edge.records(40)
    assert used(edge) == 120


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
def test_the_reservation_of_a_killed_handler_is_settled(edges, upstream, shared, stream):
    edge, keys = start(edges, upstream, shared)
    key = keys.issue(tpd=1000)
    gate = upstream.gate()
    upstream.script(scripts.hold(gate))
    client = edge.dial()
    client.send(chat("gpt-4", "hello", key.bearer, max_tokens=500, stream=stream))
    upstream.heard()
    assert used(edge) > 500
    os.kill(edge.handler(client), signal.SIGKILL)
    record, = edge.records(1)
    assert (record["ended"], record["key_id"], record["user"]) == ("killed", key.id, key.user)
    assert used(edge) == record["input"] + record["output"] < 50
    assert edge.ask(chat("gpt-4", "hello", key.bearer, max_tokens=900)).status == 200


def test_the_reservation_of_a_lost_handler_is_settled(edges, upstream, shared):
    """Without an acceptor, by whoever takes its slot next."""
    edge, keys = start(edges, upstream, shared, "inetd")
    key = keys.issue(tpd=1000)
    gate = upstream.gate()
    upstream.script(scripts.hold(gate))
    client = edge.dial()
    client.send(chat("gpt-4", "hello", key.bearer, max_tokens=500))
    upstream.heard()
    assert used(edge) > 500
    os.kill(handler := edge.handler(client), signal.SIGKILL)
    assert client.is_closed()
    proc.wait_until(lambda: proc.is_dead(handler), "that it has let go of its slot, too")
    assert edge.ask(chat("gpt-4", "hello", key.bearer, max_tokens=900)).status == 200
    lost, whole = edge.records(2)
    assert (lost["ended"], lost["key_id"]) == ("lost", key.id)
    assert used(edge) == sum(record["input"] + record["output"] for record in (lost, whole))


def test_who_goes_early_pays_all_the_same(edges, upstream, shared):
    """The usage comes last in a stream: who leaves before it, or asks for none, is charged by an estimate."""
    edge, keys = start(edges, upstream, shared)
    key = keys.issue(tpd=100_000)
    upstream.script(scripts.stream([f"word{n} " for n in range(50)]))
    assert edge.ask(chat("gpt-4", "hello " * 100, key.bearer, stream=True)).status == 200
    record, = edge.records(1)
    assert record["estimated"] == 1 and record["input"] > 100 and record["output"] >= 50
    assert used(edge) == record["input"] + record["output"]
    gate = upstream.gate()
    upstream.script(scripts.hold(gate))
    client = edge.dial()
    client.send(chat("gpt-4", "hello " * 100, key.bearer, stream=True))
    upstream.heard(2)
    client.reset()
    gone = edge.records(2)[1]
    assert (gone["ended"], gone["estimated"]) == ("gone", 1) and gone["input"] > 100
    proc.wait_until(lambda: used(edge) == sum(r["input"] + r["output"] for r in (record, gone)), "the charge")


def test_what_the_upstream_refuses_costs_nothing(edges, upstream, shared):
    edge, keys = start(edges, upstream, shared)
    key = keys.issue(tpd=1000)
    upstream.script(scripts.cut())
    assert edge.ask(chat("gpt-4", "hello", key.bearer)).status >= 500
    assert used(edge) == 0


def test_a_budget_outlives_its_file(edges, upstream, shared):
    """A reboot, or a hand that removes it: the records of the day are what counts."""
    edge, keys = start(edges, upstream, shared)
    key = keys.issue(tpd=1000)
    for _ in range(3):
        assert edge.ask(chat("gpt-4", "hello", key.bearer, max_tokens=10)).status == 200
    edge.records(3)
    file, = edge.state.glob("budgets-*")
    file.unlink()
    answer = edge.ask(chat("gpt-4", "hello", key.bearer, max_tokens=980))
    assert answer.status == 429 and "964 are left" in answer.error["message"]
    assert [file.name for file in edge.state.glob("budgets-*")] == [file.name], "no draft is left"


@pytest.mark.parametrize("dialect", ["anthropic", "responses"])
def test_budgets_of_translated_conversations(edges, upstreams, shared, dialect):
    upstream = upstreams()
    edge = edges(translation(upstream, "openai", callers="issued"), env=shared)
    key = keyring.Keyring(edge.state).issue(tpd=5000)
    for stream in (False, True):
        assert edge.ask(ask(dialect, "hello", stream, "edge-model", key.bearer)).status == 200
    records = edge.records(2)
    assert used(edge) == sum(record["input"] + record["output"] for record in records) > 0
    assert edge.ask(ask(dialect, "hello", False, "edge-model", key.bearer, **(
        {"max_tokens": 9000} if dialect == "anthropic" else {"max_output_tokens": 9000}))).status == 429


def test_addresses(edges, upstream, shared):
    """By the client's address, which only a listed proxy may name; on conversations only."""
    edge = edges(configuration(upstream, callers="open", trusted_proxies=["127.0.0.1"],
                               limits={"per_address": {"minute": 2, "hour": 3}}), env=shared)

    def statuses(count: int, *fields: str, source: str = "127.0.0.1") -> list[int]:
        return [edge.dial(source=source).ask(chat("gpt-4", "x", *fields)).status for _ in range(count)]
    assert statuses(3, source="127.0.0.5") == [200, 200, 429]
    assert statuses(1, "X-Forwarded-For: 203.0.113.7", source="127.0.0.5") == [429], "nobody's word but a proxy's"
    assert statuses(3, "X-Forwarded-For: 203.0.113.7") == [200, 200, 429]
    assert statuses(3, "X-Forwarded-For: 2001:db8:1:2::1") == [200, 200, 429]
    assert statuses(1, "X-Forwarded-For: 2001:db8:1:2:ffff::9") == [429], "the same /64"
    assert statuses(1, "X-Forwarded-For: 2001:db8:1:3::1") == [200]
    assert edge.dial(source="127.0.0.5").ask(request("GET", "/v1/models")).status == 200
    answer = edge.dial(source="127.0.0.5").ask(chat("gpt-4"))
    assert (answer.get("x-edgefilter-code"), answer.error["code"]) == ("226", "rate_limit_exceeded")
    assert 0 < int(answer.get("retry-after")) <= 60
    assert len(upstream.exchanges) == 8


@pytest.mark.parametrize("way", ["listen", "inetd"])
def test_clients_of_a_proxy_at_once(edges, upstream, shared, way):
    """Of whom a listed proxy brings `per_source` counts the requests that run, and not the proxy's connections."""
    edge = edges(configuration(upstream, callers="open", trusted_proxies=["127.0.0.1"],
                               limits={"per_source": 2}), way, env=shared)
    far, near = "X-Forwarded-For: 2001:db8:1:2::1", "X-Forwarded-For: 2001:db8:1:2:ffff::9"
    for _ in range(4):
        assert edge.dial().ask(chat("gpt-4", "x", far)).status == 200, "a kept connection is no request"
    gate = upstream.gate()
    upstream.script(scripts.hold(gate), scripts.hold(gate))
    held = [edge.dial() for _ in range(2)]
    for count, client in enumerate(held):
        client.send(chat("gpt-4", "x", far))
        upstream.heard(5 + count)
    refused = edge.ask(chat("gpt-4", "x", near))
    assert (refused.status, refused.get("x-edgefilter-code"), refused.get("retry-after")) == (429, "238", "1")
    assert refused.error["code"] == "rate_limit_exceeded" and "2 requests running" in refused.error["message"]
    told = edge.ask(ask("anthropic", "x", False, "gpt-4", near))
    assert (told.status, told.json["error"]["type"]) == (429, "rate_limit_error")
    assert edge.ask(chat("gpt-4", "x", "X-Forwarded-For: 203.0.113.7")).status == 200
    assert len(upstream.exchanges) == 7, "who is refused costs nothing"
    os.kill(handler := edge.handler(held[0]), signal.SIGKILL)
    proc.wait_until(lambda: proc.is_dead(handler), "that it has let go of its place")
    assert edge.ask(chat("gpt-4", "x", near)).status == 200
    upstream.script(scripts.hold(gate))
    held.append(edge.dial())
    held[-1].send(chat("gpt-4", "x", near))
    upstream.heard(9)
    assert edge.ask(chat("gpt-4", "x", near)).status == 429
    gate.set()
    assert [client.answer().status for client in held[1:]] == [200, 200]
    proc.wait_until(lambda: edge.ask(chat("gpt-4", "x", near)).status == 200, "a free place")


def test_a_proxy_that_is_not_listed_is_one_source(edges, upstream, shared):
    edge = edges(configuration(upstream, callers="open", limits={"per_source": 2}), env=shared)
    kept = [edge.dial(source="127.0.0.5") for _ in range(2)]
    for number, client in enumerate(kept):
        assert client.ask(chat("gpt-4", "x", f"X-Forwarded-For: 203.0.113.{number}")).status == 200
    assert edge.dial(source="127.0.0.5").answer().get("x-edgefilter-code") == "501"


def test_windows_outlive_a_reload(edges, upstream, shared):
    edge, keys = start(edges, upstream, shared)
    key = keys.issue(rpm=2)
    assert edge.ask(chat("gpt-4", "x", key.bearer)).status == 200
    os.kill(edge.pid, signal.SIGHUP)
    proc.wait_until(lambda: sum("listens on" in line for line in edge.stderr) == 2, "the reload")
    assert edge.ask(chat("gpt-4", "x", key.bearer)).status == 200
    assert edge.ask(chat("gpt-4", "x", key.bearer)).status == 429
