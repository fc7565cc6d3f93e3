# SPDX-License-Identifier: MIT
"""Requests that are wrong in a dialect that is translated: refused with the place, mended, or carried with a loss."""

import pytest

from client import request
from routes import EACH, READ, TRANSLATED, edge, route, upstream  # noqa: F401
from translating import DIALECTS, HI, MODEL, ask, error_of, said, translation

CHAT_CALL = {"id": "call_a", "type": "function", "function": {"name": "w", "arguments": "{}"}}


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


def test_t164_nothing_is_sent_for_what_is_absent(edge, upstream, route):
    """Some providers refuse a null where they would take nothing."""
    assert edge.ask(ask(route[0], "hello", True)).status == 200
    assert b"null" not in bytes(upstream.exchange().request.body)


@pytest.mark.parametrize("route", [route for route in TRANSLATED if route[0] == "anthropic"], ids="-".join)
def test_t110_results_behind_words_and_twice(edge, upstream, route):
    """The results come first, and of several for one call the last."""
    use = {"type": "tool_use", "id": "toolu_1", "name": "w", "input": {}}
    result = {"type": "tool_result", "tool_use_id": "toolu_1"}
    added = [{"role": "assistant", "content": [use]},
             {"role": "user", "content": [{"type": "text", "text": "and so"}, {**result, "content": "rain"},
                                          {**result, "content": "sun"}]}]
    assert said("anthropic", edge.ask(ask("anthropic", **turns("anthropic", *added)))) == "Results: sun"


@pytest.mark.parametrize("route", [route for route in TRANSLATED if route[0] == "anthropic"], ids="-".join)
def test_t27_tools_that_the_provider_runs(edge, upstream, route):
    """Where another provider answers they are a loss, and no error."""
    tools = [{"type": "web_search_20250305", "name": "web_search", "max_uses": 3},
             {"name": "w", "input_schema": {"type": "object", "properties": {}}}]
    answer = edge.ask(ask("anthropic", tools=tools))
    assert said("anthropic", answer) == "You said: hello"
    assert "tools" in answer.get("x-edgefilter-loss")


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


@pytest.mark.parametrize("route", READ, indirect=True, ids="-".join)
def test_more_values_than_are_read(edge, upstream, route):
    """A short text may hold very many values, and each takes room: said at once, in the caller's words."""
    caller, _ = route
    answer = edge.ask(ask(caller, "x", False, MODEL, x=[1] * (1 << 20)))
    assert (answer.status, answer.get("x-edgefilter-code")) == (413, "204"), answer
    assert "1048576 values" in error_of(caller, answer)["message"]
    assert upstream.exchanges == []
