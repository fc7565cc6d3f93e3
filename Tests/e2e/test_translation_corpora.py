# SPDX-License-Identifier: MIT
"""Recordings of real clients and real providers, put through `edgefilter translate`."""

import json

import pytest

import corpora
import edge as starting
import grammar
import rules_chat
import rules_messages
import rules_responses

CHECKS = {"openai": rules_chat.check, "anthropic": rules_messages.check, "responses": rules_responses.check}
# The models of each dialect whose rules differ, and the quirks an operator sets for them.
MODELS = [("openai", "gpt-4o", []), ("openai", "gpt-5", ["max_completion_tokens", "no_sampling"]),
          ("openai", "reasoner", ["deepseek"]), ("anthropic", "claude-sonnet-4-5", []),
          ("anthropic", "claude-opus-5", []), ("responses", "gpt-4o", []), ("responses", "gpt-5", ["no_sampling"])]
# It continues a thread that only its provider knows: its results have no calls.
THREADED = {"anthropic-sdk-10": ["repair_history"]}


def translate(caller: str, upstream: str, body: bytes, *flags: str, quirks=()):
    words = [word for quirk in quirks for word in ("--quirk", quirk)]
    done = starting.run("translate", "--from", caller, "--to", upstream, *words, *flags, stdin=body)
    assert done.returncode in (0, 1), done.stderr.decode()
    return done


@pytest.mark.parametrize("upstream, model, quirks", MODELS, ids=[f"{name}-{model}" for name, model, _ in MODELS])
@pytest.mark.parametrize("asked", corpora.requests(), ids=str)
def test_requests(asked, upstream, model, quirks):
    """Each request of a real client is read, and what is written of it passes the strict rules of its provider."""
    body = json.dumps({**asked.body, "model": model}).encode()
    done = translate(asked.dialect, upstream, body, quirks=[*quirks, *THREADED.get(asked.name, [])])
    assert done.returncode == 0, done.stdout.decode() + done.stderr.decode()
    written = json.loads(done.stdout)
    CHECKS[upstream](written)
    assert written["model"] == model
    assert bool(written.get("stream")) == bool(asked.body.get("stream"))


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
    for count in sorted({1, 2, 3, len(events) // 2}):
        if count < len(events) - 2:
            cut = type(answer)(answer.name, answer.dialect, b"".join(each + b"\n\n" for each in events[:count]))
            assert answered(cut, caller, True).error, f"cut after {count} of {len(events)} events"
