# SPDX-License-Identifier: MIT
"""AnuNeko's sessions under attack, and its site when it fails in each phase of an answer."""

import json
import os
import signal
import threading

import pytest

import api
import neko
import proc
import scripts
from client import request
from exchange import PATIENCE
from neko import CAT, chat, found, rested, session_of, settled, text_of  # noqa: F401
from translating import ask, expect_error


# Names of sessions

@pytest.mark.parametrize("name", [
    None, "", 7, 1e400, True, [], {}, "../../../etc/passwd", "../models-anuneko", "lock", "a\0b", "x" * 100_000, "-" * 36,
    "." * 36], ids=repr)
def test_names_that_are_none(found, name):
    """They begin a new session, as a name does which nobody knows."""
    body = json.dumps({"model": CAT, "messages": [{"role": "user", "content": "say one"}], "session_id": name})
    answer = found.edge.ask(request("POST", "/v1/chat/completions", body.replace("Infinity", "1e400").encode()))
    assert text_of(answer) == "one" and len(session_of(answer)) == 36
    settled(found, 1)


@pytest.mark.parametrize("name", ["..%2fmodels-anuneko", "../sessions/lock", "%2e%2e/%2e%2e", "%00", "lock", "models-anuneko",
                                  "x" * 4000, "-" * 36, "%"])
def test_names_that_lead_elsewhere(found, name):
    assert found.edge.ask(request("GET", "/v1/models")).status == 200
    session = session_of(found.edge.ask(chat("say one")))
    settled(found, 1)
    rested(found, session)
    before = sorted(file.name for file in found.run.glob("sessions/*"))
    answer = found.edge.ask(request("DELETE", f"/sessions/{name}"))
    assert answer.status in (400, 404, 405), answer
    assert sorted(file.name for file in found.run.glob("sessions/*")) == before
    assert text_of(found.edge.ask(chat("say two", session_id=session))) == "two"


def test_a_link_leads_nowhere(found, tmp_path):
    """Somebody else's file is not written through it."""
    session = session_of(found.edge.ask(chat("say one")))
    settled(found, 1)
    file = rested(found, session)
    victim = tmp_path / "victim"
    victim.write_bytes(held := file.read_bytes())
    file.unlink()
    file.symlink_to(victim)
    assert text_of(found.edge.ask(chat("say two", session_id=session))) == "two"
    settled(found, 2)
    assert victim.read_bytes() == held


def test_many_requests_in_one_session(found):
    """One after the other, each of them once, in whatever order."""
    session = session_of(found.edge.ask(chat("say one")))
    settled(found, 1)
    clients = [found.edge.dial() for _ in range(6)]
    for number, client in enumerate(clients):
        client.send(chat(f"say number{number}", session_id=session, stream=bool(number % 2)))
    assert {text_of(client.answer()) for client in clients} == {f"number{number}" for number in range(6)}
    settled(found, 7)
    held, = found.site.chats.values()
    assert sorted(held.texts) == ["say number0", "say number1", "say number2", "say number3", "say number4", "say number5",
                                  "say one"]


# While a branch is chosen

def choosing(found):
    """A conversation whose branch is being chosen; its session, its handler, and the gate at which the site waits."""
    gate = found.upstream.gate()
    found.upstream.script(api.answer, api.answer, api.answer, scripts.hold(gate))
    client = found.edge.dial()
    session = session_of(client.ask(chat("say one")))
    found.upstream.heard(4)
    return session, found.edge.handler(client), gate


def test_handler_that_is_killed(found):
    """What it had not done is done by the next turn; nothing holds the session."""
    session, handler, gate = choosing(found)
    os.kill(handler, signal.SIGKILL)
    proc.wait_until(lambda: handler not in found.edge.handlers(), "the handler is gone")
    assert text_of(found.edge.ask(chat("say two", session_id=session))) == "two"
    settled(found, 2)
    gate.set()
    held, = found.site.chats.values()
    assert held.texts == ["say one", "say two"]
    assert [record["ended"] for record in found.edge.records(2)] == ["complete", "complete"]


def test_acceptor_that_is_told_to_stop(found):
    """It waits for what is left to do."""
    _, handler, gate = choosing(found)
    os.kill(found.edge.pid, signal.SIGTERM)
    proc.wait_until(lambda: not proc.is_listening(found.edge.port), "no more are taken")
    assert handler in found.edge.handlers()
    gate.set()
    settled(found, 1)
    found.edge.process.wait(PATIENCE)
    assert [record["ended"] for record in found.edge.records(1)] == ["complete"]


# Each fault in each phase

HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
LINE = b'data: {"msg_id":"m1","v":"Well"}\n'


def chunked(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


PHASES = {"before the head": b"", "inside the head": HEAD[:30], "after the head": HEAD,
          "inside a line": HEAD + chunked(LINE + LINE[:12]), "after a line": HEAD + chunked(LINE)}


def broken(phase: str, how: str, gate: threading.Event):
    """The beginning of an answer, up to a phase, and then what `how` says."""
    def script(x):
        x.body.read()
        x.raw(PHASES[phase])
        if how == "silence":
            x.wait(gate)
        if how == "garbage":
            x.raw(b"\xff\xfe\0nonsense\r\n\r\n" * 8)
        while how == "oversized" and "head" not in phase:
            x.raw(chunked(b"x" * 65536))
        while how == "oversized":
            x.raw(b"x" * 65536)
        x.cut(how == "reset")
    return script


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("phase", PHASES)
@pytest.mark.parametrize("how", ["close", "reset", "silence", "garbage", "oversized"])
def test_faults_of_the_connection(edges, upstreams, tmp_path, phase, how, stream):
    upstream = upstreams(vendor="anuneko", prefix="")
    own = {"dialect": "anuneko", "base_url": upstream.url, "key": neko.TOKEN, "retries": 0,
           "timeout": {"connect": "2s", "first_byte": "300ms", "silence": "300ms"}}
    edge = edges({"upstreams": {"cat": own}, "limits": {"event": "1MiB"}}, env=neko.environment(upstream, tmp_path))
    gate = upstream.gate()
    # A kept connection that dies without a word is tried again.
    upstream.script(api.answer, api.answer, *[broken(phase, how, gate)] * (1 if "line" in phase else 2))
    answer = edge.ask(ask("openai", "one two three", stream, CAT))
    gate.set()
    expect_error(edge, answer)


@pytest.mark.parametrize("stream", [False, True])
def test_caller_that_goes_before_the_first_line(found, stream):
    """The site has begun an answer of which nobody knows the name: the session goes on in a new chat."""
    session = session_of(found.edge.ask(chat("say one")))
    settled(found, 1)
    gate = found.upstream.gate()
    found.upstream.script(scripts.stalling(0, gate))
    client = found.edge.dial()
    client.send(chat("one two three", session_id=session, stream=stream))
    found.upstream.heard(5)
    client.close()
    proc.wait_until(lambda: not found.edge.handlers(), "the handler is gone")
    turns = [{"role": "user", "content": "one"}, {"role": "assistant", "content": "two"},
             {"role": "user", "content": "say three"}]
    answer = found.edge.ask(chat(session_id=session, messages=turns, stream=stream))
    assert (text_of(answer), session_of(answer)) == ("three", session)
    assert text_of(found.edge.ask(chat("say four", session_id=session))) == "four"
    assert [held.texts for held in found.site.chats.values()] == [
        ["say one", "one two three"], ["User: one\n\nAssistant: two\n\nUser: say three", "say four"]]
