# SPDX-License-Identifier: MIT
"""A caller that waits for a stream hears that it waits, whatever its provider is busy with before the first word."""

from types import SimpleNamespace

import pytest

import api
import api_cyber
import cyber
import grammar
import neko
import proc
import scripts
from client import request
from cyber import caller, configured, plainly  # noqa: F401
from neko import CAT, calls, settled
from translating import PINGS, WORDS, ask, translation

SOON = {"ping": "100ms", "early_ping": "100ms"}


def pinged(edge, caller: str, gate, model: str, pings: int = 2) -> grammar.Essence:
    """What a stream says of which the caller heard so many pings before the gate was opened."""
    client = edge.dial()
    client.send(ask(caller, "one two three", True, model))
    head = client.read_head()
    assert (head.status, head.get("content-type")) == (200, "text/event-stream; charset=utf-8")
    seen = b"".join(client.read_until(PINGS[caller]) for _ in range(pings))
    gate.set()
    return grammar.read(caller, True, seen + client.read_chunks())


@pytest.fixture
def site(edges, upstreams, tmp_path):
    """The chat site, and callers in front of it who soon want a sign of life."""
    return neko.start(edges, upstreams, tmp_path, config={**neko.EMPTY, "limits": {**neko.EMPTY["limits"], **SOON}})


@pytest.mark.parametrize("slow", [0, 1, 2, 3], ids=["list", "chat", "model", "conversation"])
def test_calls_before_a_conversation(site, caller, slow):
    gate = site.upstream.gate()
    site.upstream.script(*[api.answer] * slow, scripts.hold(gate))
    found = pinged(site.edge, caller, gate, neko.OTHER)
    assert (found.error, found.text) == (None, WORDS)
    settled(site, 1)
    assert calls(site.upstream)[:4] == ["view", "chat", "select_model", "stream"]
    record, = site.edge.records(1)
    assert (record["status"], record["ended"]) == (200, "complete")


def test_each_call_slow(site, caller):
    """It is one wait, however many calls it is made of."""
    gates = [site.upstream.gate() for _ in range(3)]
    site.upstream.script(*[scripts.hold(gate) for gate in gates])
    client = site.edge.dial()
    client.send(ask(caller, "one two three", True, CAT))
    head = client.read_head()
    seen = b""
    for gate in gates:
        seen += client.read_until(PINGS[caller])
        gate.set()
    assert grammar.read(caller, True, seen + client.read_chunks()).text == WORDS


def test_session_is_the_same_all_along(site):
    gate = site.upstream.gate()
    site.upstream.script(scripts.hold(gate))
    client = site.edge.dial()
    client.send(neko.chat("one two three", stream=True))
    head = client.read_head()
    seen = client.read_until(b": ")
    gate.set()
    head.body = seen + client.read_chunks()
    name = neko.session_of(head)
    assert neko.session_of(site.edge.ask(neko.chat("again", session_id=name))) == name


@pytest.mark.parametrize("fault", [scripts.whole(b'{"message":"broken"}', status=500), scripts.cut(), scripts.whole(b"{}")],
                         ids=["500", "cut", "nothing"])
def test_no_conversation_after_all(site, caller, fault):
    gate = site.upstream.gate()
    site.upstream.script(scripts.hold(gate, fault), scripts.cut(), scripts.cut())
    found = pinged(site.edge, caller, gate, CAT, 1)
    assert found.error and found.stop is None
    record, = site.edge.records(1)
    assert (record["status"], record["ended"]) == (200, "failed")
    assert "stream" not in calls(site.upstream)


@pytest.mark.parametrize("word, status", [("chat_choice_shown", 409), ("chat_not_found", 404)])
def test_conversation_is_mended_behind_the_head(site, word, status):
    """The site has forgotten the chat, or waits for a choice: the caller's stream goes on."""
    name = neko.session_of(site.edge.ask(neko.chat("first")))
    settled(site, 1)
    gate = site.upstream.gate()
    told = scripts.whole(b'{"code":"%b","message":"no"}' % word.encode(), status=status)
    site.upstream.script(scripts.hold(gate, told))
    client = site.edge.dial()
    client.send(neko.chat("one two three", stream=True, session_id=name))
    head = client.read_head()
    seen = client.read_until(b": ")
    gate.set()
    head.body = seen + client.read_chunks()
    assert (neko.text_of(head), neko.session_of(head)) == (WORDS, name)


@pytest.fixture
def busy(site):
    """A session in which a request waits at a gate, and that gate."""
    name = neko.session_of(site.edge.ask(neko.chat("first")))
    settled(site, 1)
    gate = site.upstream.gate()
    site.upstream.script(scripts.hold(gate))
    first, before = site.edge.dial(), len(site.upstream.exchanges)
    first.send(neko.chat("say one", session_id=name))
    site.upstream.heard(before + 1)
    return SimpleNamespace(site=site, name=name, gate=gate, first=first)


def test_another_request_in_the_session(busy):
    second = busy.site.edge.dial()
    second.send(neko.chat("one two three", stream=True, session_id=busy.name))
    head = second.read_head()
    assert (head.status, head.get("content-type")) == (200, "text/event-stream; charset=utf-8")
    seen = b"".join(second.read_until(PINGS["openai"]) for _ in range(2))
    busy.gate.set()
    assert neko.text_of(busy.first.answer()) == "one"
    head.body = seen + second.read_chunks()
    assert (neko.text_of(head), neko.session_of(head)) == (WORDS, busy.name)
    settled(busy.site, 3)
    assert [record["ended"] for record in busy.site.edge.records(3)] == ["complete"] * 3


def test_session_that_is_taken_away_meanwhile(busy):
    """The caller has read its name; it is the same."""
    second = busy.site.edge.dial()
    second.send(neko.chat("one two three", stream=True, session_id=busy.name))
    head = second.read_head()
    seen = second.read_until(PINGS["openai"])
    assert busy.site.edge.ask(request("DELETE", f"/sessions/{busy.name}")).status == 200
    busy.gate.set()
    head.body = seen + second.read_chunks()
    assert (neko.text_of(head), neko.session_of(head)) == (WORDS, busy.name)


def test_another_request_in_the_session_for_too_long(edges, upstreams, tmp_path):
    limits = {**neko.EMPTY["limits"], **SOON, "session_wait": "400ms"}
    site = neko.start(edges, upstreams, tmp_path, config={**neko.EMPTY, "limits": limits})
    name = neko.session_of(site.edge.ask(neko.chat("first")))
    settled(site, 1)
    proc.wait_until(lambda: not site.edge.handlers(), "the session is let go of")
    site.upstream.script(scripts.hold(site.upstream.gate()))
    before = len(site.upstream.exchanges)
    site.edge.dial().send(neko.chat("say one", session_id=name))
    site.upstream.heard(before + 1)
    second = site.edge.dial()
    second.send(neko.chat("one two three", stream=True, session_id=name))
    assert second.read_head().status == 200
    told = second.read_chunks()
    assert PINGS["openai"] in told and "another request" in grammar.read("openai", True, told).error["message"].lower()
    record, = site.edge.records(2)[1:]
    assert (record["status"], record["code"], record["ended"]) == (200, 438, "failed")


def test_whole_answers_have_no_signs(site):
    gate = site.upstream.gate()
    site.upstream.script(scripts.hold(gate), scripts.whole(b'{"message":"broken"}', status=500))
    client = site.edge.dial()
    client.send(neko.chat("hello"))
    site.upstream.heard()
    gate.wait(0.4)
    gate.set()
    assert client.answer().status >= 500


def test_list_of_models_is_whole(site):
    """It is a call of the same kind, for whoever asks for it."""
    gate = site.upstream.gate()
    site.upstream.script(scripts.hold(gate))
    client = site.edge.dial()
    client.send(b"GET /v1/models HTTP/1.1\r\nHost: localhost\r\n\r\n")
    site.upstream.heard()
    gate.wait(0.4)
    gate.set()
    assert client.answer().json["data"]


@pytest.mark.parametrize("phase", ["handshake", "message"])
def test_engine_before_its_first_word(edges, upstreams, caller, phase):
    engine = upstreams(vendor="cyber", prefix="")
    edge = edges(configured(engine, limits=SOON))
    gate = engine.gate()

    def script(x) -> None:
        if phase == "handshake":
            x.wait(gate)
        cyber.talking(lambda x, events: (x.wait(gate) if phase == "message" else None, plainly(x, events)))(x)
    engine.script(script)
    assert pinged(edge, caller, gate, cyber.MODEL).text == WORDS


def test_engine_that_refuses_behind_the_head(edges, upstreams, caller):
    engine = upstreams(vendor="cyber", prefix="")
    edge = edges(configured(engine, limits=SOON))
    gate = engine.gate()
    engine.script(lambda x: (x.wait(gate), api_cyber.fail(x, "overloaded")))
    assert pinged(edge, caller, gate, cyber.MODEL).error


@pytest.mark.parametrize("dialect", ["openai", "anthropic", "responses", "dashscope"])
def test_provider_before_its_head(edges, upstreams, caller, dialect):
    if caller == dialect:
        dialect = "dashscope"
    upstream = upstreams(vendor={"anthropic": "anthropic", "dashscope": "dashscope"}.get(dialect, "openai"))
    edge = edges(translation(upstream, dialect, limits=SOON))
    gate = upstream.gate()
    upstream.script(scripts.hold(gate))
    assert pinged(edge, caller, gate, cyber.MODEL).text == WORDS
