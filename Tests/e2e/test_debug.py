# SPDX-License-Identifier: MIT
"""The debug mode of the replaced systems, by the variable of each: what becomes of a request is told in full, and no key."""

import re

import pytest

import api
import neko
import scripts
from client import chat, request
from edge import configuration
from translating import ask, translation

DETAILS = r"Request details - ID: req_\w+, Dialects: (.*)$"


@pytest.mark.parametrize("variables", [{"DEBUG": "true"}, {"FLASK_DEBUG": "True"}, {"LOG_LEVEL": "DEBUG"}], ids=lambda one: next(iter(one)))
def test_a_request_in_full(edges, upstream, variables):
    edge = edges(translation(upstream, "openai"), env=variables)
    edge.ask(ask("anthropic", "hello", False, "edge-model", f"x-api-key: {api.CALLER_KEY}", top_k=5))
    told = re.search(DETAILS, edge.wait_stderr(DETAILS))[1]
    assert told == ("anthropic to openai, Model: edge-model, Used: gpt-4o, Upstream: main, Stop: finished, "
                    "Tokens: 9 in, 3 out, Losses: top_k, Ended: complete")


def test_a_failure_by_its_message(edges, upstream):
    edge = edges(configuration(upstream, log={"level": "debug"}))
    upstream.script(scripts.cut())
    edge.ask(chat("gpt-4"))
    edge.wait_stderr(r"Request failed - Code: 406, Message: Backend request failed: ")
    edge.ask(request("PUT", "/health", b""))
    edge.wait_stderr(r"Request failed - Code: 207, Message: PUT is not supported on /health; use GET\.$")


def test_no_key_in_a_message(edges, upstream):
    """The caller reads in the answer what it sent; the log does not have it."""
    edge = edges(configuration(upstream, models={"gpt-4": "main"}, log={"level": "debug"}))
    own = f"Authorization: Bearer {api.CALLER_KEY}"
    assert edge.ask(chat(f"my-{api.CALLER_KEY}", "x", own)).status == 404
    edge.wait_stderr(r"Request failed - Code: 205, Message: .*my-\*\*\*")
    edge.wait_stderr("Request details")
    edge.transcripts.clear()
    assert api.CALLER_KEY not in "\n".join(edge.stderr)


def test_sessions_that_begin_and_switch(edges, upstreams, tmp_path):
    found = neko.start(edges, upstreams, tmp_path, config={"limits": neko.EMPTY["limits"]}, FLASK_DEBUG="True")
    session = neko.session_of(found.edge.ask(neko.chat("say one")))
    neko.settled(found, 1)
    found.edge.ask(neko.chat("say two", neko.OTHER, session_id=session))
    neko.settled(found, 2)
    found.edge.wait_stderr(" - Session switched")
    told = [line.partition(" - Session ")[2] for line in found.edge.stderr if " - Session " in line]
    assert told == [f"begun - ID: {session}, Model: Orange Cat", f"switched - ID: {session}, Model: Exotic Shorthair"]


def test_nothing_of_it_without(edge):
    edge.ask_in_turn(chat("gpt-4"), request("PUT", "/health", b""))
    edge.records(2)
    edge.wait_stderr("Status: 405")
    assert not [line for line in edge.stderr if "details" in line or "failed" in line]
