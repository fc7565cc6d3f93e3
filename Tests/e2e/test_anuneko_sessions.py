# SPDX-License-Identifier: MIT
"""Sessions at AnuNeko: whose they are, what goes wrong in them, and what is done after the caller has gone."""

import json
import os

import pytest

import api
import neko
import proc
import scripts
from client import request
from neko import CAT, calls, chat, found, rested, session_of, settled, text_of  # noqa: F401

KEYS = ["Authorization: Bearer one", "Authorization: Bearer two"]


def listed(found, *lines: str) -> list[str]:
    return [one["id"] for one in found.edge.ask(request("GET", "/sessions", None, *lines)).json["sessions"]]


def limited(edges, upstreams, folder, **limits):
    return neko.start(edges, upstreams, folder, config={**neko.EMPTY, "limits": {**neko.EMPTY["limits"], **limits}})


def abandon(found, stream: bytes) -> None:
    """Asks for a stream whose site stalls in its midst, and goes away there."""
    gate = found.upstream.gate()
    number = len(found.upstream.exchanges)
    before = [] if b"session_id" in stream else [api.answer, api.answer]
    found.upstream.script(*before, scripts.stalling(4, gate))
    client = found.edge.dial()
    client.send(stream)
    client.read_head()
    client.read_until(b"You")
    found.upstream.heard(number + len(before) + 1)
    client.close()


# Whose they are

def test_no_caller_sees_or_uses_the_session_of_another(found):
    session = session_of(found.edge.ask(chat("say one", CAT, KEYS[0])))
    for lines in ([KEYS[1]], []):
        assert listed(found, *lines) == []
        assert found.edge.ask(request("DELETE", f"/sessions/{session}", None, *lines)).status == 404
        assert session_of(found.edge.ask(chat("say two", CAT, *lines, session_id=session))) != session
    assert listed(found, KEYS[0]) == [session]
    settled(found, 3)
    assert [chat.texts for chat in found.site.chats.values()] == [["say one"], ["say two"], ["say two"]]


def test_no_key_is_written(found):
    session = session_of(found.edge.ask(chat("say one", CAT, "Authorization: Bearer a-key-of-a-caller")))
    settled(found, 1)
    rested(found, session)
    everything = [file for file in found.run.rglob("*") if file.is_file()] + [*found.edge.state.rglob("*.jsonl")]
    for file in everything:
        for secret in ("a-key-of-a-caller", neko.TOKEN):
            assert secret.encode() not in file.read_bytes() and secret not in file.name


@pytest.mark.parametrize("content", [
    b"", b"{", b"[]", b"\xff" * 100, b"x" * (1 << 20), b"[" * 5000, b'{"upstream":7,"chat":[],"created":"x"}',
    b'{"upstream":"anuneko","chat":"../../x","created":9e99}', b'{"upstream":"anuneko","chat":"a b\\n","created":-5}',
    b'{"upstream":"other","chat":"x","created":1}'])
def test_files_that_hold_anything(found, content):
    session = session_of(found.edge.ask(chat("say one")))
    settled(found, 1)
    rested(found, session).write_bytes(content)
    assert found.edge.ask(request("GET", "/sessions")).status == 200
    assert text_of(found.edge.ask(chat("say two", session_id=session))) == "two"
    settled(found, 2)
    assert len(found.site.chats) == 2


def test_old_sessions_are_forgotten(found):
    session = session_of(found.edge.ask(chat("say one")))
    settled(found, 1)
    file = rested(found, session)
    os.utime(file, (1, 1))
    assert listed(found) == [] and not file.exists()
    assert session_of(found.edge.ask(chat("say two", session_id=session))) != session


def test_sessions_of_a_caller_are_bounded(edges, upstreams, tmp_path):
    found = limited(edges, upstreams, tmp_path, sessions_per_caller=3)
    other = session_of(found.edge.ask(chat("say one", CAT, KEYS[1])))
    made = [session_of(found.edge.ask(chat("say one", CAT, KEYS[0]))) for _ in range(5)]
    left = listed(found, KEYS[0])
    assert len(left) == 3 and set(left) <= set(made)
    assert listed(found, KEYS[1]) == [other]


def test_all_sessions_are_bounded(edges, upstreams, tmp_path):
    found = limited(edges, upstreams, tmp_path, sessions=4)
    for number in range(12):
        found.edge.ask(chat("say one", CAT, f"Authorization: Bearer key-{number}"))
    proc.wait_until(lambda: not found.edge.handlers(), "nothing is left to write")
    assert len([*found.run.glob("sessions/*-*-*-*-*-*")]) <= 4


def test_without_a_directory(edges, upstreams, tmp_path):
    """Served all the same, each request in a session of its own, and said once."""
    nowhere = tmp_path / "nowhere"
    found = neko.start(edges, upstreams, tmp_path, RUNTIME_DIRECTORY=str(nowhere))
    if os.access("/run/edgefilter", os.W_OK):
        pytest.skip("this machine has a runtime directory")
    session = session_of(found.edge.ask(chat("say one")))
    assert session_of(found.edge.ask(chat("say two", session_id=session))) != session
    settled(found, 2)
    assert found.edge.ask(request("GET", "/sessions")).json == {"sessions": [], "total": 0}
    assert len([line for line in found.edge.stderr if "No directory for sessions" in line]) == 1


@pytest.mark.parametrize("way", ["inetd", "activate", "activate-accept"])
def test_ways(edges, upstreams, tmp_path, way):
    """A handler without an acceptor is locked out of nearly all files, and has its sessions."""
    found = neko.start(edges, upstreams, tmp_path, way)
    session = session_of(found.edge.ask(chat("say one")))
    settled(found, 1)
    assert session_of(found.edge.ask(chat("say two", session_id=session))) == session
    settled(found, 2)
    assert listed(found) == [session] and len(found.edge.ask(request("GET", "/v1/models")).json["data"]) == 2
    rested(found, session)
    assert found.edge.ask(request("DELETE", f"/sessions/{session}")).status == 200


# One at a time

def test_two_requests_in_one_session(found):
    """The second waits for the first."""
    session = session_of(found.edge.ask(chat("say one")))
    settled(found, 1)
    gate = found.upstream.gate()
    found.upstream.script(scripts.stalling(4, gate))
    first, second = found.edge.dial(), found.edge.dial()
    first.send(chat("one two three", session_id=session, stream=True))
    found.upstream.heard(5)
    second.send(chat("say two", session_id=session))
    assert text_of(found.edge.ask(chat("say other"))) == "other", "other sessions do not wait"
    held = found.site.chats[next(iter(found.site.chats))]
    assert held.texts == ["say one", "one two three"]
    gate.set()
    assert text_of(first.answer()) == "You said: one two three"
    assert text_of(second.answer()) == "two"
    settled(found, 4)
    assert held.texts == ["say one", "one two three", "say two"]


def test_two_requests_in_one_session_for_too_long(edges, upstreams, tmp_path):
    found = limited(edges, upstreams, tmp_path, session_wait="100ms")
    session = session_of(found.edge.ask(chat("say one")))
    settled(found, 1)
    proc.wait_until(lambda: not found.edge.handlers(), "the session is let go of")
    found.upstream.script(scripts.stalling(4, found.upstream.gate()))
    first = found.edge.dial()
    first.send(chat("one two three", session_id=session, stream=True))
    found.upstream.heard(5)
    answer = found.edge.ask(chat("say two", session_id=session))
    assert (answer.status, answer.get("x-edgefilter-code"), answer.error["param"]) == (409, "438", "session_id")


# Branches

def test_abandoned_stream(found):
    """The branch of an answer whose caller has gone is chosen, and the next turn works."""
    session = session_of(found.edge.ask(chat("say one")))
    settled(found, 1)
    abandon(found, chat("one two three", session_id=session, stream=True))
    settled(found, 2)
    assert text_of(found.edge.ask(chat("say two", session_id=session))) == "two"
    settled(found, 3)
    held, = found.site.chats.values()
    assert held.texts == ["say one", "one two three", "say two"]
    assert [record["ended"] for record in found.edge.records(3)] == ["complete", "gone", "complete"]
    proc.wait_until(lambda: not found.edge.handlers(), "no handler is left")


def test_abandoned_first_stream(found):
    """The session was told in the first chunk; it goes on."""
    abandon(found, chat("one two three", stream=True))
    settled(found, 1)
    session, = listed(found)
    assert text_of(found.edge.ask(chat("say two", session_id=session))) == "two"
    assert len(found.site.chats) == 1


def test_next_request_on_the_connection_waits_for_the_branch(found):
    gate = found.upstream.gate()
    found.upstream.script(api.answer, api.answer, api.answer, scripts.hold(gate))
    client = found.edge.dial()
    session = session_of(client.ask(chat("say one")))
    found.upstream.heard(4)
    client.send(chat("say two", session_id=session))
    found.edge.records(1)
    assert calls(found.upstream) == ["chat", "select_model", "stream", "select-choice"]
    gate.set()
    assert text_of(client.answer()) == "two"
    settled(found, 2)


@pytest.mark.parametrize("faults", [[scripts.cut()] * 2, [scripts.cut(by_reset=True)] * 2,
                                    [scripts.whole(b"no", status=500)], [scripts.whole(b"{}", status=404)]],
                         ids=["cut", "reset", "500", "404"])
def test_branch_that_could_not_be_chosen(found, faults):
    """The next turn chooses it first. A kept connection that turns out to be dead counts for nothing."""
    found.upstream.script(api.answer, api.answer, api.answer, *faults)
    session = session_of(found.edge.ask(chat("say one")))
    found.edge.wait_stderr("was not told that its answer was taken")
    assert text_of(found.edge.ask(chat("say two", session_id=session))) == "two"
    settled(found, 2)
    assert calls(found.upstream)[3 + len(faults):] == ["select-choice", "stream", "select-choice"]
    assert len(found.edge.records(2)) == 2


def reopened(found, session: str) -> None:
    """Makes the site forget that a branch was chosen, which the session's file does not know."""
    rested(found, session)
    for held in found.site.chats.values():
        held.open = held.chosen.pop()
    found.site.settled.clear()


@pytest.mark.parametrize("stream", [False, True])
def test_choice_shown(found, stream):
    """An earlier branch is chosen, and the question asked once more."""
    session = session_of(found.edge.ask(chat("say one")))
    settled(found, 1)
    reopened(found, session)
    assert text_of(found.edge.ask(chat("say two", session_id=session, stream=stream))) == "two"
    settled(found, 2)
    assert calls(found.upstream)[4:] == ["stream", "select-choice", "stream", "select-choice"]
    record = found.edge.records(2)[1]
    assert (record["status"], record["code"], record["ended"]) == (200, 0, "complete")


def test_choice_shown_twice(found):
    """Once is enough: the caller hears of the second."""
    session = session_of(found.edge.ask(chat("say one")))
    settled(found, 1)
    shown = scripts.whole(b'{"code":"chat_choice_shown"}\n', kind="text/event-stream")
    found.upstream.script(shown, scripts.whole(b'{"ok":true}'), shown)
    answer = found.edge.ask(chat("say two", session_id=session))
    assert (answer.status, answer.get("x-edgefilter-code")) == (409, "418")


def test_choice_shown_of_an_unknown_answer(found):
    """Without an answer whose branch could be chosen the session gets a new chat."""
    session = session_of(found.edge.ask(chat("say one")))
    settled(found, 1)
    reopened(found, session)
    file, = found.run.glob(f"sessions/*-{session}")
    file.write_text(json.dumps({**json.loads(file.read_text()), "receipt": ""}))
    answer = found.edge.ask(chat("say two", session_id=session))
    assert (text_of(answer), session_of(answer)) == ("two", session)
    assert len(found.site.chats) == 2


def test_chat_that_the_site_has_forgotten(found):
    session = session_of(found.edge.ask(chat("say one")))
    settled(found, 1)
    found.site.chats.clear()
    turns = [{"role": "user", "content": "one"}, {"role": "assistant", "content": "two"},
             {"role": "user", "content": "say three"}]
    answer = found.edge.ask(chat(session_id=session, messages=turns))
    assert (text_of(answer), session_of(answer)) == ("three", session)
    held, = found.site.chats.values()
    assert held.texts == ["User: one\n\nAssistant: two\n\nUser: say three"], "all of it, since the new chat knows nothing"
