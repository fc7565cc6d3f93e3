# SPDX-License-Identifier: MIT
"""Holders of issued keys who look for a way to spend more than their budget."""

import json

import pytest

import keyring
import proc
import scripts
from client import chat, request
from issued import shared, start, used  # noqa: F401
from translating import ask, translation

WORDS = " ".join(f"word{n}" for n in range(400))


@pytest.mark.parametrize("caller", ["anthropic", "openai", "responses"])
def test_who_leaves_before_the_last_count_pays_for_what_came(edges, upstreams, shared, caller):
    """Anthropic tells the prompt's tokens first, with one of the answer's, and the answer's last."""
    upstream = upstreams(vendor="anthropic")
    edge = edges(translation(upstream, "anthropic", callers="issued"), env=shared)
    key = keyring.Keyring(edge.state).issue(tpd=100_000)
    gate = upstream.gate()
    upstream.script(scripts.stalling(100, gate))
    client = edge.dial()
    client.send(ask(caller, WORDS, True, "edge-model", key.bearer))
    client.read_head()
    client.read_until(b"word60")
    client.reset()
    record, = edge.records(1)
    assert (record["ended"], record["estimated"]) == ("gone", 1)
    assert record["input"] == 9 and record["output"] >= 60, record
    proc.wait_until(lambda: used(edge) == record["input"] + record["output"], "the charge")
