# SPDX-License-Identifier: MIT
"""Answers that break off, say nothing or are errors, between a caller of one dialect and an upstream of another."""

import json

import pytest

import api
import scripts
from exchange import PATIENCE
from routes import EACH, ROUTES, edge, route, upstream  # noqa: F401
from small_model import pieces
from translating import WORDS, ask, error_of, essence, said


@pytest.mark.parametrize("how", ["cut", "reset", "end"])
@pytest.mark.parametrize("route", ROUTES, ids="-".join)
def test_t88_t89_stream_cut_at_every_event(edge, upstream, route, how):
    """Each ends in an error of the caller's dialect, behind what had come; none is taken for a whole answer."""
    for count in range(40):
        upstream.script(scripts.breaking(count, how))
        found = essence(route[0], edge.ask(ask(route[0], "one two three", stream=True)), route[0] == route[1])
        assert WORDS.startswith(found.text)
        if not found.error:
            break
        assert found.stop is None
    assert found.text == WORDS
    assert count >= len(pieces(WORDS)) + 2, f"complete after {count} events"
    assert count <= upstream.exchanges[-1].events
    assert [record["ended"] for record in edge.records(count + 1)].count("complete") == 1


@pytest.mark.parametrize("route", ROUTES, ids="-".join)
def test_t88_open_call_is_not_closed_by_a_cut(edge, upstream, route):
    """Arguments that broke off are never handed over as a call."""
    tools = {"openai": {"type": "function", "function": {"name": "w", "parameters": {
                 "type": "object", "properties": {"city": {"type": "string"}}}}},
             "responses": {"type": "function", "name": "w", "strict": False, "parameters": {
                 "type": "object", "properties": {"city": {"type": "string"}}}},
             "anthropic": {"name": "w", "input_schema": {
                 "type": "object", "properties": {"city": {"type": "string"}}}}}
    for count in range(3, 7):
        upstream.script(scripts.breaking(count))
        answer = edge.ask(ask(route[0], "weather Constantinople", stream=True, tools=[tools[route[0]]]))
        found = essence(route[0], answer, route[0] == route[1])
        assert found.error and found.calls == []


@pytest.mark.parametrize("kind, status", [("fault", 500), ("overloaded", 503), ("invalid", 400), ("rate", 429)])
def test_t87_error_instead_of_a_stream(edge, upstream, route, kind, status):
    upstream.script(scripts.failing(kind))
    answer = edge.ask(ask(route[0], stream=True))
    assert answer.get("content-type") == "application/json"
    expected = 529 if (route[0], kind) == ("anthropic", "overloaded") else status
    assert answer.status == expected, answer
    error_of(route[0], answer)


@pytest.mark.parametrize("route", EACH, ids="-".join)
@pytest.mark.parametrize("body", [b"", b"<html><b>Bad gateway</b></html>", b"[]", b"null", b'{"detail":"no"}',
                                  b'{"error":"no"}', b'{"error":{"code":7}}', b"\xff\xfe"])
@pytest.mark.parametrize("status", [200, 400, 502])
def test_t133_bodies_that_say_nothing(edge, upstream, route, status, body):
    upstream.script(scripts.whole(body, status=status))
    answer = edge.ask(ask(route[0]))
    assert answer.status == (400 if status == 400 else answer.status) and answer.status >= 400, answer
    assert "<" not in str(error_of(route[0], answer))


@pytest.mark.parametrize("whole", [b"{}", b'{"id":"x"}', b'{"choices":[]}', b'{"choices":null}'])
def test_t50_answers_without_an_answer(edge, upstream, route, whole):
    upstream.script(scripts.whole(whole))
    answer = edge.ask(ask(route[0]))
    assert answer.status == 502, answer
    error_of(route[0], answer)


def test_t86_whole_answer_to_a_stream(edge, upstream, route):
    """An upstream that cannot stream answers whole; the caller has its stream."""
    def script(x):
        asked = json.loads(x.body.read())
        x.request.body[:] = json.dumps({name: value for name, value in asked.items()
                                        if name not in ("stream", "stream_options")}).encode()
        x.request.fields[:] = [field for field in x.request.fields if field[0].lower() != "x-dashscope-sse"]
        api.answer(x)
    upstream.script(script)
    answer = edge.ask(ask(route[0], "one two three", stream=True))
    assert "event-stream" in answer.get("content-type")
    assert said(route[0], answer) == WORDS


def test_t204_nothing_is_awaited_behind_the_end(edge, upstream, route):
    """The caller's body ends with the last event, whenever the upstream's may."""
    upstream.script(scripts.lingering(upstream.gate()))
    answer = edge.ask(ask(route[0], "one two three", stream=True))
    assert said(route[0], answer) == WORDS
    assert upstream.exchange().heard.wait(PATIENCE)
    assert edge.records(1)[0]["ended"] == "complete"
