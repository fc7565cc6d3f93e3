# SPDX-License-Identifier: MIT
"""Claude Code and Codex, the real programs: against their own vendor's stand-in, and through an edgefilter."""

import pytest

import scripts
from agent import Claude, Codex, OwnCodex
from mind import Mind


@pytest.fixture(params=[Claude, Codex], ids=["claude", "codex"])
def kind(request):
    return request.param


@pytest.fixture(params=["direct", "edge"])
def staged(request, kind, stage):
    return stage(kind, request.param)


def check_edge(edge, statuses: set[int]) -> None:
    """All that the agent asked was answered, by translation."""
    if edge is None:
        return
    records = [record for record in edge.parsed() if record["method"] == "POST"]
    assert records and {record["status"] for record in records} <= statuses, records


def test_plain_answer(kind, staged):
    agent, upstream, edge = staged
    upstream.mind = Mind(kind)
    ended = agent.ask("greet me")
    assert (ended.status, ended.said) == (0, "Good day, agent."), ended
    check_edge(edge, {200})


def test_tool_round_trip(kind, staged):
    agent, upstream, edge = staged
    upstream.mind = Mind(kind, "echo probe-$((40+2))")
    ended = agent.ask("go")
    assert ended.status == 0, ended
    assert ended.said.endswith("It printed probe-42."), ended
    check_edge(edge, {200})


def test_two_parallel_calls(kind, staged):
    agent, upstream, edge = staged
    upstream.mind = Mind(kind, "echo probe-$((40+2))", "echo probe-$((50+3))")
    ended = agent.ask("go")
    assert ended.status == 0, ended
    assert ended.said.endswith("It printed probe-42 and probe-53."), ended
    check_edge(edge, {200})


@pytest.mark.parametrize("how", ["cut", "reset", "end"])
def test_upstream_that_fails_in_mid_stream_and_recovers(kind, staged, how):
    agent, upstream, edge = staged
    upstream.mind = Mind(kind, "echo probe-$((40+2))")
    upstream.script(scripts.breaking(3, how))
    ended = agent.ask("go")
    assert ended.status == 0, ended
    assert ended.said.endswith("It printed probe-42."), ended
    assert len(upstream.requests) >= 3
    check_edge(edge, {200})


def test_context_counts_tokens(stage):
    """Two dozen counts at once, over many connections, none of which reaches a provider that would bill them."""
    agent, upstream, edge = stage(Claude, "edge")
    upstream.mind = Mind(Claude)
    ended = agent.ask("/context")
    assert ended.status == 0, ended
    counts = [record for record in edge.parsed() if record["endpoint"].startswith("/v1/messages/count_tokens")]
    assert len(counts) > 10
    assert {record["status"] for record in counts} == {200}
    assert not [request for request in upstream.requests if "count" in request.path]


def test_everything_that_claude_asks_beside_its_work(stage):
    """With all its traffic on, what is no conversation is answered too, and disturbs nothing."""
    agent, upstream, edge = stage(Claude, "edge")
    upstream.mind = Mind(Claude)
    ended = agent.ask("greet me", CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC="")
    assert (ended.status, ended.said) == (0, "Good day, agent."), ended
    assert {record["status"] for record in edge.parsed()} == {200}, edge.parsed()


def test_codex_takes_http_at_once(stage):
    """Where we stand in its own provider's place it asks for a WebSocket first: once, without a second attempt."""
    agent, upstream, edge = stage(OwnCodex, "edge")
    upstream.mind = Mind(Codex)
    ended = agent.ask("greet me")
    assert (ended.status, ended.said) == (0, "Good day, agent."), ended
    asked = [(record["method"], record["status"]) for record in edge.parsed() if record["endpoint"] == "/v1/responses"]
    assert set(asked) == {("GET", 426), ("POST", 200)}
    assert "Reconnecting" not in ended.err
