# SPDX-License-Identifier: MIT
"""The stand-ins are as strict as the vendors: each rule refuses what breaks it, and says so in the vendor's way."""

import copy

import pytest

import rules_chat
import rules_messages
import rules_responses
import serve
from caller import DATA_URL, PACKED, PLACE
from client import Client, request
from refusal import Refused
from small_model import sealed

HI = {"role": "user", "content": "hi"}
CALL = {"id": "call_a", "type": "function", "function": {"name": "w", "arguments": "{}"}}
CALLING = {"role": "assistant", "content": None, "tool_calls": [CALL]}
TOLD = {"role": "tool", "tool_call_id": "call_a", "content": "sunny"}
FUNCTION = {"type": "function", "function": {"name": "w", "parameters": {"type": "object", "properties": {}}}}


def chat(*turns, model: str = "gpt-4o", **members) -> dict:
    return {"model": model, "messages": list(turns) or [HI], **members}


GOOD_CHAT = [
    chat(), chat(HI, CALLING, TOLD), chat(HI, CALLING, TOLD, HI), chat(HI, {"role": "assistant", "content": ""}),
    chat({"role": "user", "content": [{"type": "image_url", "image_url": {"url": DATA_URL}}]}),
    chat(tools=[FUNCTION], tool_choice="required", parallel_tool_calls=False), chat(stop=None, tools=None, n=None),
    chat(model="gpt-5", max_completion_tokens=5, temperature=1),
    chat(HI, {**CALLING, "reasoning_content": ""}, TOLD, model="reasoner", reasoning_effort="high"),
    chat(stream=True, stream_options={"include_usage": True}),
]
BAD_CHAT = [
    (chat(top_k=5), "Unknown parameter: 'top_k'"), ({"model": "gpt-4o"}, "'messages'"),
    (chat({"role": "robot", "content": "x"}), "messages[0].role"), (chat({"role": "user"}), "messages[0].content"),
    (chat({"role": "user", "content": []}), "messages[0].content"), (chat({"role": "user", "content": 7}), "content"),
    (chat({"role": "user", "content": [{"type": "input_text", "text": "x"}]}), "messages[0].content[0].type"),
    (chat({"role": "user", "content": "x", "cache_control": {}}), "messages[0].cache_control"),
    (chat(HI, {"role": "assistant", "content": "x", "reasoning_content": "y"}), "messages[1].reasoning_content"),
    (chat(HI, {"role": "assistant", "content": "x", "tool_calls": []}), "messages[1].tool_calls"),
    (chat(HI, {"role": "assistant", "content": None}), "expected a string, got null"),
    (chat(HI, CALLING), "must be followed by tool messages"), (chat(HI, CALLING, HI, TOLD), "must be followed by"),
    (chat(HI, TOLD), "must be a response to a preceeding message"), (chat(HI, CALLING, TOLD, TOLD), "must be a response"),
    (chat(HI, {**CALLING, "tool_calls": [CALL, CALL]}, TOLD), "Duplicate"),
    (chat(HI, CALLING, {**TOLD, "content": [{"type": "image_url", "image_url": {"url": DATA_URL}}]}), "type"),
    (chat(HI, CALLING, {**TOLD, "tool_call_id": ""}), "tool_call_id"),
    (chat({"role": "user", "content": [{"type": "image_url", "image_url": {"url": PACKED}}]}), "image"),
    (chat({"role": "user", "content": [{"type": "image_url", "image_url": {
        "url": DATA_URL.replace("png", "jpeg")}}]}), "image"),
    (chat(stream_options={"include_usage": True}), "stream_options"), (chat(parallel_tool_calls=False), "parallel"),
    (chat(tool_choice="auto"), "tool_choice"), (chat(tools=[]), "tools"), (chat(n=0), "'n'"), (chat(n=129), "'n'"),
    (chat(tools=[FUNCTION, FUNCTION]), "unique"), (chat(tools=[{"type": "web_search"}]), "tools[0].type"),
    (chat(tools=[FUNCTION], tool_choice={"type": "function", "function": {"name": "z"}}), "not found in 'tools'"),
    (chat(tools=[FUNCTION], tool_choice={"type": "any"}), "tool_choice"),
    (chat(tools=[FUNCTION], tool_choice="any"), "tool"),
    (chat(tools=[{"type": "function", "function": {"name": "a.b"}}]), "name"),
    (chat(tools=[{"type": "function", "function": {"name": "x" * 65}}]), "name"),
    (chat(tools=[{"type": "function", "function": {"name": "w", "parameters": {}}}]), "type: \"object\""),
    (chat(tools=[{"type": "function", "function": {"name": "w", "parameters": {"type": "object"}}}]), "properties"),
    (chat(tools=[{"type": "function", "function": {"name": "w", "strict": True, "parameters": {
        "type": "object", "properties": {}}}}]), "additionalProperties"),
    (chat(response_format={"type": "json_object"}), "json"), (chat(response_format={"type": "xml"}), "response_format"),
    (chat(response_format={"type": "json_schema", "json_schema": {"name": "x y", "schema": {}}}), "name"),
    (chat(response_format={"type": "json_schema", "json_schema": {"name": "x", "strict": True, "schema": {
        "type": "object", "properties": {"a": {}}, "required": [], "additionalProperties": False}}}), "required"),
    (chat(model="gpt-5", max_tokens=5), "max_completion_tokens"), (chat(model="gpt-5", temperature=0), "temperature"),
    (chat(model="gpt-5", stop="x"), "stop"), (chat(stop=list("abcde")), "stop"), (chat(temperature=2.5), "temperature"),
    (chat(max_tokens=0), "max_tokens"), (chat(top_logprobs=2), "logprobs"), (chat(user="x" * 65), "user"),
    (chat(model="reasoner", max_completion_tokens=5), "Extra inputs"),
    (chat({"role": "developer", "content": "x"}, model="reasoner"), "developer"),
    (chat(HI, CALLING, TOLD, model="reasoner", reasoning_effort="high"), "reasoning_content is missing"),
]


def message(*turns, model: str = "claude-sonnet-4-5", **members) -> dict:
    return {"model": model, "max_tokens": 2000, "messages": list(turns) or [HI], **members}


def says(role: str, *blocks) -> dict:
    return {"role": role, "content": list(blocks)}


TEXT = {"type": "text", "text": "x"}
USE = {"type": "tool_use", "id": "toolu_a", "name": "w", "input": {}}
RESULT = {"type": "tool_result", "tool_use_id": "toolu_a", "content": "sunny"}
TOOL = {"name": "w", "input_schema": {"type": "object"}}
IMAGE = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": PACKED}}
THOUGHT = {"type": "thinking", "thinking": "hm", "signature": sealed("hm")}
NEW = "claude-opus-5"
GOOD_MESSAGES = [
    message(), message(says("user", TEXT, IMAGE)), message(HI, says("assistant", USE), says("user", RESULT, TEXT)),
    message(HI, says("assistant", THOUGHT, USE), says("user", RESULT), tools=[TOOL],
            thinking={"type": "enabled", "budget_tokens": 1024}),
    message(HI, HI, says("assistant", TEXT), says("assistant", USE), says("user", RESULT)),
    message(HI, says("assistant", TEXT)), message(says("user", {**TEXT, "cache_control": {"type": "ephemeral"}})),
    message(HI, says("system", TEXT), model=NEW), message(HI, says("assistant", USE), says("user", RESULT),
                                                          says("system", TEXT), model=NEW),
    message(model=NEW, thinking={"type": "adaptive"}, output_config={"effort": "high"}),
    message(tools=[TOOL], tool_choice={"type": "any", "disable_parallel_tool_use": True}),
    message(output_config={"format": {"type": "json_schema", "schema": PLACE}}),
]
BAD_MESSAGES = [
    (message(seed=1), "seed: Extra inputs are not permitted"), (message(n=1), "n: Extra inputs"),
    ({"model": "m", "messages": [HI]}, "max_tokens: Field required"), (message(max_tokens=0), "max_tokens"),
    (message(max_tokens=64_001), "max_tokens: 64001 > 64000"), (message(temperature=1.5), "temperature"),
    (message(temperature=1, model=NEW), "deprecated"), (message(temperature=1, top_p=1), "cannot both"),
    (message(stop_sequences=["\n"]), "stop_sequences.0"), (message(messages=[]), "messages"),
    (message({"role": "tool", "content": "x"}), "messages.0.role"), (message({"role": "user"}), "content: Field required"),
    (message({"role": "user", "content": ""}), "non-empty content"), (message(says("user")), "non-empty content"),
    (message(says("user", {"type": "text", "text": ""})), "text content blocks must be non-empty"),
    (message(says("user", {"type": "input_text", "text": "x"})), "messages.0.content.0.type"),
    (message(says("user", {**TEXT, "colour": 1})), "messages.0.content.0.colour: Extra inputs"),
    (message(says("assistant", TEXT)), "first message must use"), (message(says("user", USE)), "messages.0.content.0.type"),
    (message(HI, says("assistant", {"type": "text", "text": "x "})), "trailing whitespace"),
    (message(HI, says("assistant", TEXT), model=NEW), "prefill"), (message(HI, says("assistant", IMAGE)), "type"),
    (message(HI, says("assistant", USE)), "without `tool_result` blocks immediately after"),
    (message(HI, says("assistant", USE), HI), "without `tool_result` blocks immediately after"),
    (message(HI, says("assistant", USE), says("user", TEXT, RESULT)), "immediately after"),
    (message(HI, says("user", RESULT)), "unexpected `tool_use_id`"),
    (message(HI, says("assistant", USE), says("user", RESULT, RESULT)), "single result"),
    (message(HI, says("assistant", USE, USE), says("user", RESULT)), "unique"),
    (message(HI, says("assistant", USE), says("user", RESULT), says("assistant", USE), says("user", RESULT)), "unique"),
    (message(HI, says("assistant", {**USE, "id": "call|1"}), says("user", RESULT)), "id"),
    (message(HI, says("assistant", {**USE, "input": "{}"}), says("user", RESULT)), "input"),
    (message(HI, says("assistant", {**USE, "name": "a.b"}), says("user", RESULT)), "name"),
    (message(HI, says("system", TEXT)), "Unexpected role"), (message(says("system", TEXT), HI, model=NEW), "user"),
    (message(HI, says("assistant", USE), says("system", TEXT), says("user", RESULT), model=NEW), "system message"),
    (message(HI, says("system", TEXT), HI, model=NEW), "system message"),
    (message(says("user", {**IMAGE, "source": {**IMAGE["source"], "media_type": "image/jpeg"}})), "does not match"),
    (message(says("user", {**IMAGE, "source": {**IMAGE["source"], "media_type": "image/svg+xml"}})), "media_type"),
    (message(says("user", {**IMAGE, "source": {**IMAGE["source"], "data": "a b"}})), "invalid base64"),
    (message(HI, says("assistant", {**THOUGHT, "signature": ""}, TEXT), HI), "Invalid `signature`"),
    (message(HI, says("assistant", {**THOUGHT, "signature": "eflt1:e30"}, TEXT), HI), "Invalid `signature`"),
    (message(HI, says("assistant", {"type": "redacted_thinking", "data": "eflt1:e30"}, TEXT), HI), "Invalid `data`"),
    (message(HI, says("assistant", USE), says("user", RESULT), thinking={"type": "enabled", "budget_tokens": 1024}),
     "Expected `thinking`"),
    (message(thinking={"type": "enabled", "budget_tokens": 2000}), "must be greater"),
    (message(thinking={"type": "enabled", "budget_tokens": 100}), "budget_tokens"),
    (message(thinking={"type": "adaptive"}), "adaptive thinking is not supported"),
    (message(thinking={"type": "enabled", "budget_tokens": 1024}, model=NEW), "thinking.type.enabled"),
    (message(thinking={"type": "enabled", "budget_tokens": 1024}, tools=[TOOL], tool_choice={"type": "any"}), "forces"),
    (message(tool_choice={"type": "auto"}), "while providing tools"), (message(tools=[TOOL, TOOL]), "unique"),
    (message(tools=[TOOL], tool_choice={"type": "tool", "name": "z"}), "not found"),
    (message(tools=[TOOL], tool_choice={"type": "required"}), "tool_choice"),
    (message(tools=[TOOL], tool_choice={"type": "none", "disable_parallel_tool_use": True}), "Extra inputs"),
    (message(tools=[{"name": "w", "input_schema": {}}]), "input_schema.type: Field required"),
    (message(tools=[{"name": "w"}]), "input_schema: Field required"),
    (message(tools=[{**TOOL, "input_schema": {"type": "object", "anyOf": []}}]), "oneOf, allOf, or anyOf"),
    (message(tools=[{"type": "function", "function": {}}]), "tools.0.type"),
    (message(tools=[{**TOOL, "name": "a.b"}]), "name"), (message(metadata={"user_id": "x" * 257}), "user_id"),
    (message(says("user", *[{**TEXT, "cache_control": {"type": "ephemeral"}}] * 5)), "maximum of 4 blocks"),
    (message(system=[{"type": "text"}]), "system.0.text"),
    (message(output_config={"effort": "high"}), "effort"),
    (message({"role": "user", "content": "x" * 5_000_000}), "prompt is too long: "),
]


def items(*found, **members) -> dict:
    return {"model": "gpt-4o", "input": list(found) or "hi", **members}


CALLED = {"type": "function_call", "call_id": "call_a", "name": "w", "arguments": "{}"}
OUTPUT = {"type": "function_call_output", "call_id": "call_a", "output": "sunny"}
REASONED = {"type": "reasoning", "id": "rs_1", "summary": [{"type": "summary_text", "text": "hm"}],
            "encrypted_content": sealed("hm")}
FLAT = {"type": "function", "name": "w", "parameters": PLACE}
GOOD_ITEMS = [
    items(), items(HI, CALLED, OUTPUT), items(HI, REASONED, CALLED, OUTPUT), items(HI, CALLED, HI, OUTPUT),
    items(HI, {"role": "assistant", "content": [{"type": "output_text", "text": "x"}]}),
    items(tools=[FLAT], tool_choice="required"), items(tools=[{"type": "web_search"}]),
    items(text={"format": {"type": "json_schema", "name": "x", "schema": PLACE, "strict": True}}),
    items({"role": "user", "content": [{"type": "input_image", "image_url": DATA_URL}]}),
]
BAD_ITEMS = [
    (items(messages=[]), "Unknown parameter: 'messages'"), (items(max_output_tokens=15), "max_output_tokens"),
    (items(stop="x"), "stop"), (items(seed=1), "seed"), (items(n=1), "'n'"), ({"model": "gpt-4o"}, "'input'"),
    (items({"role": "tool", "content": "x"}), "role"), (items({"type": "poem"}), "input[0].type"),
    (items({"role": "user", "content": [{"type": "text", "text": "x"}]}), "content[0].type"),
    (items({"role": "user", "content": [{"type": "output_text", "text": "x"}]}), "content[0].type"),
    (items(HI, {"role": "assistant", "content": [{"type": "input_text", "text": "x"}]}), "content[0].type"),
    (items({"role": "user", "content": [{"type": "input_image", "image_url": {"url": DATA_URL}}]}), "image_url"),
    (items({"role": "user", "content": [{"type": "input_image", "image_url": PACKED}]}), "image_url"),
    (items(HI, CALLED), "No tool output found for function call call_a"), (items(HI, OUTPUT), "No tool call found"),
    (items(HI, CALLED, CALLED, OUTPUT), "Duplicate"), (items(HI, {**CALLED, "id": "call_a"}, OUTPUT), "input[1].id"),
    (items(HI, {**CALLED, "arguments": {}}, OUTPUT), "arguments"), (items(HI, {**CALLED, "call_id": ""}, OUTPUT), "call_id"),
    (items(HI, REASONED), "without its required following item"), (items(HI, REASONED, HI), "required following item"),
    (items(HI, {**REASONED, "encrypted_content": "eflt1:e30"}, CALLED, OUTPUT), "could not be verified"),
    (items(HI, {name: REASONED[name] for name in ("type", "id", "summary")}, CALLED, OUTPUT), "not found"),
    (items(HI, {**REASONED, "id": "msg_1"}, CALLED, OUTPUT), "id"),
    (items(HI, {"id": "msg_1", "type": "item_reference"}), "not found"),
    (items(previous_response_id="resp_9"), "Previous response with id 'resp_9' not found"),
    (items(tool_choice="required"), "must be specified"), (items(tools=[FLAT, FLAT]), "unique"),
    (items(tools=[{"type": "function", "function": {"name": "w"}}]), "tools[0]"),
    (items(tools=[{"type": "function", "name": "w", "parameters": {"type": "object", "properties": {}}}]),
     "additionalProperties"),
    (items(tools=[{"type": "function", "name": "w", "parameters": {}, "strict": False}]), "type 'object'"),
    (items(tools=[FLAT], tool_choice={"type": "function", "name": "z"}), "not found in 'tools'"),
    (items(tools=[FLAT], tool_choice={"type": "function", "function": {"name": "w"}}), "tool_choice"),
    (items(text={"format": {"type": "json_schema", "json_schema": {}}}), "text.format"),
    (items(text={"format": {"type": "json_schema", "name": "x", "schema": {"type": "object"}, "strict": True}}), "schema"),
    (items(response_format={"type": "text"}), "response_format"), (items(reasoning={"effort": "huge"}), "effort"),
    (items(reasoning_effort="low"), "reasoning_effort"), (items(include=["x"]), "include[0]"),
    ({**items(temperature=0), "model": "gpt-5"}, "temperature"), (items(max_tokens=100), "max_tokens"),
]
GOOD = [(rules.check, asked) for rules, all_of_it in (
    (rules_chat, GOOD_CHAT), (rules_messages, GOOD_MESSAGES), (rules_responses, GOOD_ITEMS)) for asked in all_of_it]
BAD = [(rules.check, asked, words) for rules, all_of_it in (
    (rules_chat, BAD_CHAT), (rules_messages, BAD_MESSAGES), (rules_responses, BAD_ITEMS))
    for asked, words in all_of_it]


@pytest.mark.parametrize("check, asked", GOOD)
def test_accepted(check, asked):
    before = copy.deepcopy(asked)
    check(asked)
    assert asked == before, "the rules changed what they look at"


@pytest.mark.parametrize("check, asked, words", BAD)
def test_refused(check, asked, words):
    with pytest.raises(Refused) as caught:
        check(asked)
    assert 400 <= caught.value.status < 500
    assert words in caught.value.message


def test_new_version_refuses_sampling():
    with pytest.raises(Refused, match="deprecated"):
        rules_messages.check(message(temperature=1), "2026-10-21")


@pytest.mark.parametrize("asked, member", [
    (message(context_management={"edits": []}), "context_management"),
    (message({**HI, "output_config": {}}), "messages.0.output_config"),
])
def test_header_and_body_of_a_beta_are_a_pair(asked, member):
    with pytest.raises(Refused, match=f"{member}: Extra inputs are not permitted"):
        rules_messages.check(asked, betas="")
    rules_messages.check(asked, betas="context-management-2025-06-27,per-turn-control-2026-07-01")


@pytest.mark.parametrize("lines, status, kind", [
    (["anthropic-version: 2023-06-01"], 401, "authentication_error"),
    (["anthropic-version: 2023-06-01", "x-api-key: sk-wrong"], 401, "authentication_error"),
    ([f"x-api-key: {serve.CALLER_KEY}"], 400, "invalid_request_error"),
    ([f"x-api-key: {serve.CALLER_KEY}", "anthropic-version: 2019-01-01"], 400, "invalid_request_error"),
    ([f"x-api-key: {serve.CALLER_KEY}", "anthropic-version: 2026-10-21"], 200, None),
    ([f"Authorization: Bearer {serve.CALLER_KEY}", "anthropic-version: 2023-06-01"], 200, None),
])
def test_key_and_version_of_anthropic(upstreams, lines, status, kind):
    upstream = upstreams(vendor="anthropic")
    client = Client(("127.0.0.1", upstream.port))
    answer = client.ask(request("POST", "/v1/messages", message(), *lines, host=upstream.authority))
    client.close()
    assert (answer.status, answer.json.get("error", {}).get("type")) == (status, kind)
