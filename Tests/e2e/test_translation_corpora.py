# SPDX-License-Identifier: MIT
"""Recordings of real clients and real providers, put through `edgefilter translate`."""

import json
import re

import pytest

import corpora
import edge as starting
import grammar
import rules_chat
import rules_messages
import rules_responses

CHECKS = {"openai": rules_chat.check, "anthropic": rules_messages.check, "responses": rules_responses.check}
# The models of each dialect whose rules differ, and the quirks an operator sets for them.
MODELS = [("openai", "gpt-4o", []), ("openai", "gpt-5", ["openai", "no_sampling"]),
          ("openai", "reasoner", ["deepseek"]), ("anthropic", "claude-sonnet-4-5", ["max_output=64000"]),
          ("anthropic", "claude-opus-5", []), ("responses", "gpt-4o", []), ("responses", "gpt-5", ["no_sampling"])]
# These are wrong on purpose: what their SDK makes of a refusal was to be seen.
WRONG = ("openai-sdk-12", "openai1-sdk-12", "anthropic-sdk-12", "anthropic0-sdk-12")
# It goes on with a thread that its provider keeps; nobody else has it.
THREADED = "anthropic-sdk-10"
ASKED = [asked for asked in corpora.requests() if asked.name not in (*WRONG, THREADED)]
ODD = {asked.name: asked for asked in corpora.requests() if asked.name in (*WRONG, THREADED)}


def translate(caller: str, upstream: str, body: bytes, *flags: str, quirks=()):
    words = [word for quirk in quirks for word in ("--quirk", quirk)]
    done = starting.run("translate", "--from", caller, "--to", upstream, *words, *flags, stdin=body)
    assert done.returncode in (0, 1), done.stderr.decode()
    return done


@pytest.mark.parametrize("upstream, model, quirks", MODELS, ids=[f"{name}-{model}" for name, model, _ in MODELS])
@pytest.mark.parametrize("asked", ASKED, ids=str)
def test_requests(asked, upstream, model, quirks):
    """Each request of a real client is read, and what is written of it passes the strict rules of its provider."""
    body = json.dumps({**asked.body, "model": model}).encode()
    done = translate(asked.dialect, upstream, body, quirks=quirks)
    assert done.returncode == 0, done.stdout.decode() + done.stderr.decode()
    written = json.loads(done.stdout)
    CHECKS[upstream](written)
    assert written["model"] == model
    assert bool(written.get("stream")) == bool(asked.body.get("stream"))


@pytest.mark.parametrize("upstream", CHECKS)
@pytest.mark.parametrize("name", WRONG)
def test_wrong_requests(name, upstream):
    done = translate(ODD[name].dialect, upstream, json.dumps(ODD[name].body).encode())
    assert done.returncode == 1
    error = grammar.read(ODD[name].dialect, False, done.stdout).error
    assert "messages" in error["message"]


@pytest.mark.parametrize("upstream", ["openai", "responses"])
def test_thread_of_another_provider(upstream):
    done = translate("anthropic", upstream, json.dumps(ODD[THREADED].body).encode(), quirks=["repair_history"])
    assert done.returncode == 1
    assert "thread" in grammar.read("anthropic", False, done.stdout).error["message"]


def test_thread_of_the_same_provider():
    """It comes out as it went in: whoever keeps the thread knows the call to which the result belongs."""
    done = translate("anthropic", "anthropic", json.dumps(ODD[THREADED].body).encode(), quirks=["repair_history"])
    assert json.loads(done.stdout)["thread"] == ODD[THREADED].body["thread"]


def answered(answer, caller: str, is_stream: bool) -> grammar.Essence:
    flags = ["--reply", *(["--stream"] if is_stream else [])]
    done = translate(caller, answer.dialect, answer.body, *flags)
    if done.returncode or not is_stream:
        return grammar.read(caller, False, done.stdout.rstrip(b"\n"))
    return grammar.read(caller, True, done.stdout.rstrip(b"\n") + b"\n\n")


@pytest.mark.parametrize("caller", CHECKS)
@pytest.mark.parametrize("answer", corpora.answers(), ids=str)
def test_answers(answer, caller):
    """Each recorded answer obeys the caller's grammar and schema, streamed and whole, and both say the same."""
    whole, streamed = answered(answer, caller, False), answered(answer, caller, True)
    assert bool(whole.error) == bool(streamed.error)
    if not whole.error:
        assert streamed == whole


@pytest.mark.parametrize("caller", CHECKS)
@pytest.mark.parametrize("answer", [answer for answer in corpora.answers() if answer.is_stream], ids=str)
def test_answers_cut_short(answer, caller):
    """Wherever the upstream breaks off, the caller's stream ends in an error of its dialect."""
    events = answer.body.split(b"\n\n")[:-1]
    last = next((number for number, event in enumerate(events) if ends(event)), len(events))
    for count in sorted({1, 2, 3, last // 2, last - 1}):
        if 0 < count < last:
            cut = corpora.Answered(answer.name, answer.dialect, b"\n\n".join(events[:count]) + b"\n\n")
            assert answered(cut, caller, True).error, f"cut after {count} of {len(events)} events"


END = (b'"message_stop"', b'"message_delta"', b'"response.completed"', b'"response.incomplete"', b"[DONE]")


def ends(event: bytes) -> bool:
    """Whether an upstream may stop after this event; a recording may hold several answers."""
    finish = re.search(rb'"finish_reason": ?"', event)
    return any(word in event for word in END) or finish is not None
