# SPDX-License-Identifier: MIT
"""What goes wrong between a caller of one dialect and an upstream of another, and what the caller hears of it."""

import collections
import json
import time

import pytest

import api
import grammar
import scripts
from client import Answer, request
from edge import free_port
from exchange import heartbeats
from small_model import pieces
from translating import CALLERS, DIALECTS, MODEL, ask, provider, translation

ROUTES = [(caller, dialect) for caller in CALLERS for dialect in DIALECTS]
TRANSLATED = [route for route in ROUTES if route[0] != route[1]]
# Where it is the caller's side alone, or the upstream's, that matters.
READ = [route for route in TRANSLATED if route[1] != "dashscope"]
EACH = [*READ, ("openai", "dashscope")]
WORDS = "You said: one two three"


@pytest.fixture(params=TRANSLATED, ids="-".join)
def route(request):
    return request.param


@pytest.fixture
def upstream(route, upstreams):
    return upstreams(vendor=DIALECTS[route[1]].vendor)


@pytest.fixture
def edge(route, upstream, edges):
    return edges(translation(upstream, route[1]))


def essence(dialect: str, answer: Answer, is_relayed: bool = False) -> grammar.Essence:
    """What an answer says, once its grammar is checked."""
    return grammar.read(dialect, "event-stream" in answer.get("content-type"), answer.body, is_relayed)


def said(dialect: str, answer: Answer) -> str:
    found = essence(dialect, answer)
    assert not found.error, found.error
    return found.text


def error_of(dialect: str, answer: Answer) -> dict:
    found = essence(dialect, answer)
    assert found.error, answer
    return found.error


# Streams that break off

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
    assert upstream.exchange().heard.wait(1)
    assert edge.records(1)[0]["ended"] == "complete"


# Several upstreams

@pytest.fixture
def second(upstreams):
    return upstreams(vendor="openai")


def pair(upstream, second, dialect: str, **first) -> dict:
    """A model of two upstreams, of which the second speaks Chat."""
    config = translation(upstream, dialect, upstreams={"second": provider(second, "openai")},
                         **{f"upstream_{name}": value for name, value in {"retries": 0, **first}.items()})
    config["models"][MODEL] = [config["models"][MODEL], "second/gpt-4o"]
    return config


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("kind, status", [("rate", 429), ("fault", 500), ("overloaded", None)])
@pytest.mark.parametrize("route", ROUTES, ids="-".join)
def test_next_upstream_after_an_error(edges, upstream, second, route, stream, kind, status):
    edge = edges(pair(upstream, second, route[1]))
    upstream.script(scripts.failing(kind, retry_after="30"))
    answer = edge.ask(ask(route[0], stream=stream))
    assert said(route[0], answer) == "You said: hello"
    record, = edge.records(1)
    status = status or (529 if route[1] == "anthropic" else 503)
    assert record["attempts"][0] == f"main:{status}"
    assert (len(record["attempts"]), record["attempts"][1].partition(":")[0]) == (2, "second")
    assert (record["upstream"], record["status"], record["ended"]) == ("second", 200, "complete")


@pytest.mark.parametrize("stream", [False, True])
def test_next_upstream_when_refused(edges, upstream, second, route, stream):
    edge = edges(pair(upstream, second, route[1], base_url=f"http://127.0.0.1:{free_port()}/v1"))
    assert said(route[0], edge.ask(ask(route[0], stream=stream))) == "You said: hello"
    record, = edge.records(1)
    assert [attempt.partition(":")[0] for attempt in record["attempts"]] == ["main", "second"]


@pytest.mark.parametrize("stream", [False, True])
def test_next_upstream_when_silent(edges, upstream, second, route, stream):
    """The first byte does not come in its time."""
    edge = edges(pair(upstream, second, route[1], timeout={"first_byte": "200ms"}))
    upstream.script(scripts.hold(upstream.gate()))
    assert said(route[0], edge.ask(ask(route[0], stream=stream))) == "You said: hello"
    upstream.connection(upstream.exchange()).wait_closed()
    assert len(edge.records(1)[0]["attempts"]) == 2


@pytest.mark.parametrize("stream", [False, True])
def test_next_upstream_when_cut_before_the_first_byte(edges, upstream, second, route, stream):
    edge = edges(pair(upstream, second, route[1]))
    upstream.script(*[scripts.cut()] * 2)
    assert said(route[0], edge.ask(ask(route[0], stream=stream))) == "You said: hello"


def test_t168_no_next_upstream_after_the_first_byte(edges, upstream, second, route):
    edge = edges(pair(upstream, second, route[1]))
    upstream.script(scripts.breaking(6))
    answer = edge.ask(ask(route[0], "one two three four", stream=True))
    assert answer.status == 200
    error_of(route[0], answer)
    assert second.requests == []
    assert "attempts" not in edge.records(1)[0], "one alone is not listed"


@pytest.mark.parametrize("kind", ["invalid", "overflow", "key", "missing", "large", "quota"])
def test_t168_no_next_upstream_for_what_is_final(edges, upstream, second, route, kind):
    """Neither the request's own fault nor money is better elsewhere."""
    edge = edges(pair(upstream, second, route[1]))
    upstream.script(scripts.failing(kind))
    error_of(route[0], edge.ask(ask(route[0])))
    assert second.requests == []


def test_weights(edges, upstream, second, route):
    config = pair(upstream, second, route[1])
    config["models"][MODEL] = {f"main/{DIALECTS[route[1]].model}": 4, "second/gpt-4o": 1}
    edge, client = edges(config), None
    for _ in range(60):
        client = client or edge.dial()
        assert said(route[0], client.ask(ask(route[0]))) == "You said: hello"
    went = collections.Counter(record["upstream"] for record in edge.records(60))
    assert went["main"] > went["second"] > 0, went


@pytest.mark.parametrize("stream", [False, True])
def test_retry_after_within_the_budget(edges, upstream, route, stream):
    """What says when to come back is asked again then, and not before."""
    edge = edges(translation(upstream, route[1], upstream_retries=1))
    upstream.script(scripts.failing("rate", retry_after="1"))
    begun = time.monotonic()
    assert said(route[0], edge.ask(ask(route[0], stream=stream))) == "You said: hello"
    assert time.monotonic() - begun >= 1
    assert [attempt.partition(":")[0] for attempt in edge.records(1)[0]["attempts"]] == ["main", "main"]


@pytest.mark.parametrize("route", EACH, ids="-".join)
@pytest.mark.parametrize("told, heard", [
    ("7", "7"), ("86400", "60"), ("0", None), ("-5", None), ("inf", None), ("soon", None),
    ("Thu, 01 Jan 1970 00:00:00 GMT", None), ("Fri, 31 Dec 2100 23:59:59 GMT", "60")])
def test_t134_t211_retry_after(edges, upstream, route, told, heard):
    edge = edges(translation(upstream, route[1], upstream_retries=0))
    upstream.script(scripts.failing("rate", retry_after=told))
    answer = edge.ask(ask(route[0]))
    assert (answer.status, answer.get("retry-after")) == (429, heard)


# Requests that are wrong

CHAT_CALL = {"id": "call_a", "type": "function", "function": {"name": "w", "arguments": "{}"}}
HI = {"role": "user", "content": "hi"}


def turns(dialect: str, *added) -> dict:
    return {"input" if dialect == "responses" else "messages": [HI, *added]}


BAD_TURNS = {
    "openai": [
        ({"role": "robot", "content": "x"}, "messages.1.role"), ({"role": "user", "content": 7}, "messages.1.content"),
        ({"content": "x"}, "messages.1.role"), ("x", "messages.1"),
        ({"role": "user", "content": [{"type": "poem"}]}, "messages.1.content.0.type"),
        ({"role": "user", "content": [{"type": "text", "text": 7}]}, "messages.1.content.0.text"),
        ({"role": "tool", "content": "x"}, "messages.1.tool_call_id"),
        ({"role": "tool", "content": "x", "tool_call_id": ""}, "messages.1.tool_call_id"),
        ({"role": "tool", "content": "x", "tool_call_id": "call_z"}, "messages.1"),
        ({"role": "assistant", "tool_calls": [CHAT_CALL]}, "messages.1.tool_calls.0"),
        ({"role": "assistant", "tool_calls": [{**CHAT_CALL, "id": ""}]}, "messages.1.tool_calls.0.id"),
        ({"role": "assistant", "tool_calls": {"id": "x"}}, "messages.1.tool_calls"),
    ],
    "anthropic": [
        ({"role": "robot", "content": "x"}, "messages.1.role"), ({"role": "user", "content": 7}, "messages.1.content"),
        ({"content": "x"}, "messages.1.role"), ("x", "messages.1"),
        ({"role": "user", "content": [{"type": "poem"}]}, "messages.1.content.0.type"),
        ({"role": "user", "content": [{"text": "x"}]}, "messages.1.content.0.type"),
        ({"role": "user", "content": [{"type": "text", "text": 7}]}, "messages.1.content.0.text"),
        ({"role": "user", "content": [{"type": "tool_result"}]}, "messages.1.content.0.tool_use_id"),
        ({"role": "user", "content": [{"type": "tool_result", "tool_use_id": ""}]}, "messages.1.content.0.tool_use_id"),
        ({"role": "user", "content": [{"type": "tool_result", "tool_use_id": "toolu_z"}]}, "messages.1.content.0"),
        ({"role": "assistant", "content": [{"type": "tool_use", "id": "t", "name": "w", "input": {}}]},
         "messages.1.content.0"),
        ({"role": "assistant", "content": [{"type": "tool_use", "id": "", "name": "w", "input": {}}]},
         "messages.1.content.0.id"),
    ],
    "responses": [
        ({"role": "robot", "content": "x"}, "input.1.role"), ({"role": "user", "content": 7}, "input.1.content"),
        ({"content": "x"}, "input.1"), ("x", "input.1"),
        ({"role": "user", "content": [{"type": "poem"}]}, "input.1.content.0.type"),
        ({"role": "user", "content": [{"type": "input_text", "text": 7}]}, "input.1.content.0.text"),
        ({"type": "function_call_output", "output": "x"}, "input.1.call_id"),
        ({"type": "function_call_output", "output": "x", "call_id": ""}, "input.1.call_id"),
        ({"type": "function_call_output", "output": "x", "call_id": "call_z"}, "input.1"),
        ({"type": "function_call", "call_id": "c", "name": "w", "arguments": "{}"}, "input.1"),
        ({"type": "function_call", "call_id": "", "name": "w", "arguments": "{}"}, "input.1.call_id"),
    ],
}


def refusal(edge, upstream, dialect: str, sent: bytes) -> str:
    """The words with which edgefilter itself refuses a request, of which the upstream hears nothing."""
    answer = edge.ask(sent)
    assert answer.status == 400, answer
    error = error_of(dialect, answer)
    assert (answer.get("x-edgefilter-code") or "").startswith("2"), answer
    assert upstream.requests == []
    return f"{error['message']} {error.get('param')}"


@pytest.mark.parametrize("route, turn, path", [
    (route, turn, path) for route in READ for turn, path in BAD_TURNS[route[0]]])
def test_bad_turns(edge, upstream, route, turn, path):
    told = refusal(edge, upstream, route[0], ask(route[0], **turns(route[0], turn)))
    assert path in told


def test_bad_turn_far_inside(edge, upstream, route):
    """The path counts as the caller does."""
    added = [HI, HI, {"role": "user", "content": [{"type": "poem"}]}]
    name = "input" if route[0] == "responses" else "messages"
    assert f"{name}.3.content.0.type" in refusal(edge, upstream, route[0], ask(route[0], **turns(route[0], *added)))


@pytest.mark.parametrize("route", READ, ids="-".join)
@pytest.mark.parametrize("members, path", [
    ({"messages": [], "input": []}, "messages|input"), ({"messages": None, "input": None}, "messages|input"),
    ({"messages": 7, "input": 7}, "messages|input"), ({"tools": 7}, "tools"), ({"tools": [7]}, "tools.0"),
({"tools": [{"type": "function", "function": 7, "name": 7}, {"name": 7, "input_schema": {}}]}, "tools."),
    ({"stream": "yes"}, "stream"),
    ({"temperature": "warm"}, "temperature"), ({"tool_choice": 7}, "tool_choice"),
    ({"max_tokens": -1, "max_output_tokens": -1}, "max_tokens|max_output_tokens"),
    ({"max_tokens": "many", "max_output_tokens": "many"}, "max_tokens|max_output_tokens"),
])
def test_bad_members(edge, upstream, route, members, path):
    mine = {"openai": ("messages", "max_tokens"), "anthropic": ("messages", "max_tokens"),
            "responses": ("input", "max_output_tokens")}[route[0]]
    kept = {name: value for name, value in members.items()
            if name in mine or name not in ("messages", "input", "max_tokens", "max_output_tokens")}
    told = refusal(edge, upstream, route[0], ask(route[0], **kept))
    assert any(each in told for each in path.split("|"))


def raw(dialect: str, members: bytes) -> bytes:
    """A request whose JSON is written by hand."""
    said_so = b'"input":"x"' if dialect == "responses" else b'"messages":[{"role":"user","content":"x"}]'
    limit = b'"max_tokens":10,' if dialect == "anthropic" else b""
    body = b'{"model":"%b",%b%b%b}' % (MODEL.encode(), limit, said_so, members)
    lines = ["Content-Type: application/json"] + (["anthropic-version: 2023-06-01"] if dialect == "anthropic" else [])
    return request("POST", f"/v1{DIALECTS[dialect].path}", body, *lines)


@pytest.mark.parametrize("route", READ, ids="-".join)
@pytest.mark.parametrize("members", [
    b',"metadata":' + b"[" * 10_000 + b"]" * 10_000, b',"metadata":' + b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
    b',"user":"\xff\xfe"', b',"user":"\xed\xa0\x80"', b',"x":01', b',"x":1,}', b',"x":nan', b",",
], ids=["arrays", "objects", "utf-8", "surrogate", "number", "comma", "nan", "end"])
def test_t165_json_that_is_none(edge, upstream, route, members):
    refusal(edge, upstream, route[0], raw(route[0], members))


@pytest.mark.parametrize("route", EACH, ids="-".join)
@pytest.mark.parametrize("number", [b"1" * 5000, b"1e999999999", b"-" + b"9" * 400, b"1." + b"0" * 5000 + b"1"])
@pytest.mark.parametrize("name", ["temperature", "seed", "top_k", "unheard_of"])
def test_t166_huge_numbers(edge, route, name, number):
    """Refused or carried or lost, as it comes; never a crash, never a 5xx of ours."""
    answer = edge.ask(raw(route[0], b',"%b":%b' % (name.encode(), number)))
    assert answer.status in (200, 400), answer
    assert edge.ask(ask(route[0])).status == 200


UNPAIRED = {
    "openai": [[{"role": "assistant", "content": None, "tool_calls": [CHAT_CALL]}, HI],
               [{"role": "tool", "tool_call_id": "call_z", "content": "late"}, HI]],
    "anthropic": [[{"role": "assistant", "content": [{"type": "tool_use", "id": "t", "name": "w", "input": {}}]}, HI],
                  [{"role": "user", "content": [{"type": "tool_result", "tool_use_id": "z", "content": "late"},
                                                {"type": "text", "text": "hi"}]}]],
    "responses": [[{"type": "function_call", "call_id": "c", "name": "w", "arguments": "{}"}, HI],
                  [{"type": "function_call_output", "call_id": "z", "output": "late"}, HI]],
}


@pytest.mark.parametrize("number", [0, 1], ids=["call", "result"])
def test_t111_repair_history(edges, upstream, route, number):
    """What has lost its other half is mended where the operator says so; the strict stand-in accepts the outcome."""
    edge = edges(translation(upstream, route[1], upstream_quirks=["repair_history"]))
    answer = edge.ask(ask(route[0], **turns(route[0], *UNPAIRED[route[0]][number])))
    assert answer.status == 200, answer


@pytest.mark.parametrize("number", [0, 1], ids=["call", "result"])
def test_t111_unpaired_is_refused(edge, upstream, route, number):
    refusal(edge, upstream, route[0], ask(route[0], **turns(route[0], *UNPAIRED[route[0]][number])))


@pytest.mark.parametrize("route", [route for route in TRANSLATED if route[0] == "anthropic"], ids="-".join)
def test_t16_unknown_block_in_a_result(edge, upstream, route):
    """Its JSON goes on as text, and the loss is told."""
    use = {"type": "tool_use", "id": "toolu_1", "name": "w", "input": {}}
    result = {"type": "tool_result", "tool_use_id": "toolu_1", "content": [{"type": "poem", "verse": "O rose"}]}
    answer = edge.ask(ask("anthropic", messages=[HI, {"role": "assistant", "content": [use]},
                                                 {"role": "user", "content": [result]}]))
    assert "O rose" in said("anthropic", answer)
    assert answer.get("x-edgefilter-loss")


@pytest.mark.parametrize("route", [route for route in TRANSLATED if route[0] != "anthropic"], ids="-".join)
@pytest.mark.parametrize("arguments", ["{not json", "", "[]", '"x"', "null"])
def test_t43_t106_history_arguments_that_are_no_object(edge, route, arguments):
    calls = {"openai": [{"role": "assistant", "content": None, "tool_calls": [
                 {"id": "call_a", "type": "function", "function": {"name": "w", "arguments": arguments}}]},
                        {"role": "tool", "tool_call_id": "call_a", "content": "sunny"}],
             "responses": [{"type": "function_call", "call_id": "call_a", "name": "w", "arguments": arguments},
                           {"type": "function_call_output", "call_id": "call_a", "output": "sunny"}]}
    answer = edge.ask(ask(route[0], **turns(route[0], *calls[route[0]])))
    assert said(route[0], answer) == "Results: sunny"


def test_t36_t129_unknown_members(edge, route):
    """Never refused by us, never sent on: the stand-in would refuse them."""
    answer = edge.ask(ask(route[0], unheard_of={"deep": [1]}, another=None))
    assert said(route[0], answer) == "You said: hello"
    assert "unheard_of" in answer.get("x-edgefilter-loss")


def test_t164_null_is_absence(edge, route):
    nulls = dict.fromkeys(["tools", "tool_choice", "temperature", "top_p", "stop", "stop_sequences", "metadata",
                           "thinking", "stream_options", "response_format", "reasoning", "system",
                           "instructions", "parallel_tool_calls", "n", "user", "service_tier"])
    answer = edge.ask(ask(route[0], **nulls))
    assert said(route[0], answer) == "You said: hello"
    assert answer.get("x-edgefilter-loss") is None


# A caller that goes away

@pytest.mark.parametrize("stream", [False, True])
def test_t95_cancel_before_the_first_byte(edge, upstream, route, stream):
    upstream.script(scripts.hold(upstream.gate()))
    client = edge.dial()
    client.send(ask(route[0], stream=stream))
    exchange = upstream.heard()
    gone = heartbeats()
    client.close()
    assert upstream.connection(exchange).wait_closed() - gone < 1
    assert edge.records(1)[0]["ended"] == "gone"


def test_t95_cancel_in_mid_stream(edge, upstream, route):
    upstream.script(scripts.stalling(6 if route[1] == "dashscope" else 7, upstream.gate()))
    client = edge.dial()
    client.send(ask(route[0], "one two three", stream=True))
    client.read_head()
    client.read_until(b"said")
    exchange = upstream.heard()
    gone = heartbeats()
    client.close()
    assert upstream.connection(exchange).wait_closed() - gone < 1
    record, = edge.records(1)
    assert (record["status"], record["ended"]) == (200, "gone")


def test_t95_cancel_while_another_is_waited_for(edges, upstream, second, route):
    edge = edges(pair(upstream, second, route[1]))
    upstream.script(scripts.failing("fault"))
    second.script(scripts.hold(second.gate()))
    client = edge.dial()
    client.send(ask(route[0]))
    exchange = second.heard()
    gone = heartbeats()
    client.close()
    assert second.connection(exchange).wait_closed() - gone < 1


# Silence

PINGS = {"openai": b": ", "anthropic": b"event: ping\ndata: ", "responses": b": "}


@pytest.mark.parametrize("events", [0, 6], ids=["before", "inside"])
def test_t91_t153_t169_pings(edges, upstream, route, events):
    edge = edges(translation(upstream, route[1], limits={"ping": "100ms", "early_ping": "100ms"}))
    gate = upstream.gate()
    upstream.script(scripts.stalling(events, gate))
    client = edge.dial()
    client.send(ask(route[0], "one two three", stream=True))
    head = client.read_head()
    seen = client.read_until(PINGS[route[0]])
    seen += client.read_until(PINGS[route[0]])
    gate.set()
    head.body = seen + client.read_chunks()
    assert said(route[0], head) == WORDS


def test_t169_silence_ends_in_an_error(edges, upstream, route):
    timeout = {"connect": "2s", "first_byte": "2s", "silence": "300ms"}
    edge = edges(translation(upstream, route[1], upstream_timeout=timeout))
    upstream.script(scripts.stalling(6, upstream.gate()))
    answer = edge.ask(ask(route[0], "one two three", stream=True))
    assert answer.status == 200
    error_of(route[0], answer)
    assert edge.records(1)[0]["code"] == 404


# Heads

FOREIGN = ["anthropic-beta: context-management-2025-06-27", "anthropic-beta: per-turn-control-2026-07-01",
           "anthropic-dangerous-direct-browser-access: true", "X-Claude-Code-Session-Id: s1", "x-app: cli",
           "OpenAI-Organization: org-1", "OpenAI-Project: p1", "X-Stainless-Lang: python", "cookie: a=b",
           "originator: codex", "session-id: s", "x-codex-window-id: w", "x-client-request-id: c",
           "Accept-Encoding: br, zstd", "User-Agent: somebody/1.0"]
KEYS = [f"x-api-key: {api.CALLER_KEY}", f"Authorization: Bearer {api.CALLER_KEY}"]


def test_t157_t159_nothing_of_the_caller_reaches_another_vendor(edge, upstream, route):
    assert edge.ask(ask(route[0], "hello", False, MODEL, *FOREIGN, *KEYS)).status == 200
    heard = upstream.exchange().request
    names = {name.lower() for name, _ in heard.fields}
    version = {"anthropic-version"} if route[1] == "anthropic" else set()
    foreign = {line.partition(":")[0].lower() for line in FOREIGN} - {"accept-encoding", "user-agent"}
    assert not names & foreign
    assert {name for name in names if name.startswith("anthropic-")} == version
    assert api.CALLER_KEY not in str(heard.fields)
    key = "x-api-key" if route[1] == "anthropic" else "authorization"
    assert api.OPERATOR_KEY in heard.get(key)
    assert heard.get("x-api-key" if key == "authorization" else "authorization") is None
    assert "br" not in (heard.get("accept-encoding") or "")


@pytest.mark.parametrize("route", [("anthropic", "anthropic")], ids="-".join)
def test_t159_anthropic_fields_reach_anthropic(edge, upstream, route):
    assert edge.ask(ask("anthropic", "hello", False, MODEL, *FOREIGN[:2], *KEYS)).status == 200
    heard = upstream.exchange().request
    assert "context-management-2025-06-27" in ",".join(heard.all("anthropic-beta"))
    assert "per-turn-control-2026-07-01" in ",".join(heard.all("anthropic-beta"))
    assert heard.get("anthropic-version") == "2023-06-01"
    assert heard.get("x-api-key") == api.OPERATOR_KEY
    assert api.CALLER_KEY not in str(heard.fields)


@pytest.mark.parametrize("route", [("anthropic", dialect) for dialect in DIALECTS], ids="-".join)
def test_t158_query_is_kept_for_anthropic_alone(edge, upstream, route):
    sent = ask("anthropic").replace(b"/v1/messages ", b"/v1/messages?beta=true ", 1)
    assert edge.ask(sent).status == 200
    assert upstream.exchange().request.query == ("beta=true" if route[1] == "anthropic" else "")


@pytest.mark.parametrize("route", [("anthropic", "anthropic")], ids="-".join)
def test_t160_relay_between_anthropics_is_transparent(edge, upstream, route):
    """Whatever the events are, they pass as they are."""
    odd = (b'event: message_start\ndata: {"type": "message_start", "message": {"usage":{"input_tokens":1}} }  \n\n'
           b'event: unheard_of\ndata: {"type":"unheard_of"}\n\n: comment\n\n'
           b'event: content_block_delta\ndata: {"type":"content_block_delta","delta":{"type":"new_delta"}}\n\n'
           b'event: message_stop\ndata: {"type":"message_stop"}\n\n')
    upstream.script(scripts.whole(odd, framing="chunked", kind="text/event-stream"))
    body = (b'{ "model":"claude-sonnet-4-5" ,"max_tokens":1.0e1,"messages":[{"role":"user","content":"\\u00e9"}],'
            b'"unheard_of":[1,2] ,"stream":true}')
    answer = edge.ask(request("POST", "/v1/messages", body.replace(b"claude-sonnet-4-5", MODEL.encode()),
                              "Content-Type: application/json", "anthropic-version: 2023-06-01"))
    assert answer.body == odd
    assert bytes(upstream.exchange().request.body) == body


def test_t163_accept_json_and_stream(edge, route):
    answer = edge.ask(ask(route[0], "hello", True, MODEL, "Accept: application/json"))
    assert answer.get("content-type").startswith("text/event-stream")
    assert said(route[0], answer) == "You said: hello"


def test_t167_answer_before_the_body_was_read(edge, upstream, route):
    error = {"message": "too large", "type": "request_too_large" if route[1] == "anthropic" else "invalid_request_error"}
    body = json.dumps({"type": "error", "error": error}).encode()
    upstream.script(scripts.refusing_early(body, 413))
    answer = edge.ask(ask(route[0], "x" * 3_000_000))
    assert answer.status == 413, answer
    error_of(route[0], answer)


def test_t135_request_ids(edge, route):
    """Ours is told; Anthropic's callers find it in the body of an error too."""
    answer = edge.ask(ask(route[0], "fail invalid"))
    name = "request-id" if route[0] == "anthropic" else "x-request-id"
    assert answer.get(name) == edge.records(1)[0]["id"]
    if route[0] == "anthropic":
        assert answer.json["request_id"] == answer.get(name)


# What is no conversation

@pytest.mark.parametrize("route", [("anthropic", dialect) for dialect in DIALECTS], ids="-".join)
@pytest.mark.parametrize("method, target, status", [
    ("HEAD", "/api/hello", 200), ("GET", "/api/hello", 200), ("HEAD", "/some/prefix/api/hello", 200),
    ("HEAD", "/", 200), ("POST", "/api/event_logging/batch", 200)])
def test_t161_side_traffic(edge, upstream, route, method, target, status):
    body = {"events": []} if method == "POST" else None
    assert edge.ask(request(method, target, body)).status == status
    assert upstream.requests == []


@pytest.mark.parametrize("route", [("anthropic", "openai"), ("anthropic", "responses")], ids="-".join)
def test_t161_count_tokens_is_estimated(edge, upstream, route):
    counts = []
    for text in ("hello", "hello " * 1000):
        said_so = [{"role": "user", "content": text}]
        answer = edge.ask(request("POST", "/v1/messages/count_tokens?beta=true",
                                  {"model": MODEL, "messages": said_so, "tools": []}, "anthropic-version: 2023-06-01"))
        assert (answer.status, list(answer.json)) == (200, ["input_tokens"]), answer
        counts.append(answer.json["input_tokens"])
    assert 0 < counts[0] < 20 and 700 < counts[1] < 3000, counts
    assert upstream.requests == []


@pytest.mark.parametrize("route", [("anthropic", "anthropic")], ids="-".join)
def test_count_tokens_of_anthropic_are_its_own(edge, upstream, route):
    answer = edge.ask(request("POST", "/v1/messages/count_tokens", {"model": MODEL, "messages": [HI]},
                              "anthropic-version: 2023-06-01"))
    assert (answer.status, answer.json) == (200, {"input_tokens": len(json.dumps([HI])) // 4})
    assert upstream.exchange().request.path == "/v1/messages/count_tokens"


@pytest.mark.parametrize("route", ROUTES, ids="-".join)
def test_t162_models_in_the_callers_form(edge, route):
    line = {"anthropic": "anthropic-version: 2023-06-01"}.get(route[0], "X-Y: z")
    listed = edge.ask(request("GET", "/v1/models?limit=1000", None, line)).json
    one = edge.ask(request("GET", f"/v1/models/{MODEL}", None, line)).json
    assert MODEL in [entry["id"] for entry in listed["data"]]
    assert one["id"] == MODEL
    if route[0] == "anthropic":
        assert {"has_more", "first_id", "last_id"} <= set(listed)
        assert (one["type"], bool(one["display_name"])) == ("model", True)
    else:
        assert (listed["object"], one["object"]) == ("list", "model")


def test_t162_api_key_alone_means_anthropic(edges, upstreams):
    edge = edges(translation(upstreams(), "openai"))
    listed = edge.ask(request("GET", "/v1/models", None, "x-api-key: k")).json
    assert "has_more" in listed


@pytest.mark.parametrize("route", [("openai", "anthropic"), ("openai", "responses")], ids="-".join)
def test_t214_input_instead_of_messages(edge, upstream, route):
    told = edge.ask(request("POST", "/v1/chat/completions", {"model": MODEL, "input": "x"}))
    assert (told.status, told.error["param"], told.error["code"]) == (400, "messages", "missing_required_parameter")
    assert upstream.requests == []


@pytest.mark.parametrize("route", [("openai", "anthropic"), ("openai", "responses")], ids="-".join)
def test_t123_several_answers(edge, upstream, route):
    assert "'n'" in refusal(edge, upstream, "openai", ask("openai", n=2))
    assert edge.ask(ask("openai", n=1)).status == 200


@pytest.mark.parametrize("route", [("responses", dialect) for dialect in ("openai", "anthropic")], ids="-".join)
@pytest.mark.parametrize("members, param", [
    ({"previous_response_id": "resp_1"}, "previous_response_id"), ({"conversation": "conv_1"}, "conversation"),
    ({"background": True}, "background")])
def test_t150_state_that_nobody_has(edge, upstream, route, members, param):
    assert param in refusal(edge, upstream, "responses", ask("responses", **members))
