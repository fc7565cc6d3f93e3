# SPDX-License-Identifier: MIT
"""The stand-in for DashScope: what the vendor's own SDK makes of it, and what it refuses."""

import json

import dashscope
import pytest

import api
import api_dashscope
import corpora
import rules_dashscope
from caller import DATA_URL
from client import Client, request
from refusal import Refused

HI = [{"role": "user", "content": "hello"}]
TOOL = {"type": "function", "function": {"name": "w", "description": "d", "parameters": {
    "type": "object", "properties": {"city": {"type": "string"}}}}}


@pytest.fixture
def upstream(upstreams):
    found = upstreams(vendor="dashscope")
    found.expects_proxy = False
    return found


@pytest.fixture
def generate(upstream):
    def call(kind=dashscope.Generation, **members):
        return kind.call(**{"model": "qwen-plus", "messages": HI, "api_key": api.CALLER_KEY,
                            "base_address": upstream.url, "result_format": "message", **members})
    return call


def text_of(response) -> str:
    content = response.output.choices[0].message.content
    return "".join(part["text"] for part in content) if isinstance(content, list) else content


def test_whole(generate):
    response = generate()
    assert (response.status_code, response.code, text_of(response)) == (200, "", "You said: hello")
    assert (response.request_id, response.usage.total_tokens) == (api_dashscope.REQUEST_ID, 12)
    assert response.output.choices[0].finish_reason == "stop"


def test_the_form_of_a_text(generate):
    response = generate(model="farui-plus", result_format=None)
    assert (response.output.text, response.output.finish_reason) == ("You said: hello", "stop")


def test_stream_of_pieces(generate):
    steps = list(generate(stream=True, incremental_output=True))
    assert [text_of(step) for step in steps] == ["", "You", " said:", " hello", ""]
    assert [step.output.choices[0].finish_reason for step in steps] == ["null"] * 4 + ["stop"]


def test_stream_that_repeats_itself(generate):
    steps = [text_of(step) for step in generate(stream=True)]
    assert steps == ["", "You", "You said:", "You said: hello", "You said: hello"]


@pytest.mark.parametrize("incremental", [False, True])
def test_calls(generate, incremental):
    messages = [{"role": "user", "content": "weather Rome, Oslo"}]
    whole = generate(messages=messages, tools=[TOOL], parallel_tool_calls=True)
    calls = whole.output.choices[0].message.tool_calls
    assert [json.loads(call["function"]["arguments"])["city"] for call in calls] == ["Rome", "Oslo"]
    assert len(generate(messages=messages, tools=[TOOL]).output.choices[0].message.tool_calls) == 1
    steps = list(generate(messages=messages, tools=[TOOL], stream=True, incremental_output=incremental))
    told = [step.output.choices[0].message.get("tool_calls") or [] for step in steps]
    if incremental:
        assert "".join(call["function"]["arguments"] for calls in told for call in calls) == '{"city": "Rome"}'
    else:
        assert told[-1][0]["function"]["arguments"] == '{"city": "Rome"}'
    answered = [*messages, {"role": "assistant", "content": "", "tool_calls": calls},
                *({"role": "tool", "tool_call_id": call["id"], "content": "sunny"} for call in calls)]
    assert text_of(generate(messages=answered, tools=[TOOL])) == "Results: sunny; sunny"


def test_thoughts(generate):
    asked = {"messages": [{"role": "user", "content": "think hard"}], "enable_thinking": True}
    steps = list(generate(**asked, stream=True, incremental_output=True))
    thoughts = "".join(step.output.choices[0].message.get("reasoning_content") or "" for step in steps)
    assert (thoughts, "".join(map(text_of, steps))) == ("First I look, then I leap.", "You said: think hard")
    assert generate(**asked).status_code == 400


@pytest.mark.parametrize("stream", [False, True])
def test_multimodal(generate, upstream, stream):
    seen = {"model": "qwen-vl-max", "messages": [{"role": "user", "content": [{"text": "look"}, {"image": DATA_URL}]}]}
    found = dashscope.MultiModalConversation.call(api_key=api.CALLER_KEY, base_address=upstream.url, stream=stream,
                                                  **({"incremental_output": True} if stream else {}), **seen)
    told = "".join(map(text_of, found)) if stream else text_of(found)
    assert told == "I see image/png of 70 bytes 6b7fa434"


def test_embeddings(upstream):
    found = dashscope.TextEmbedding.call(model="text-embedding-v4", input=["a", "b"], dimension=64,
                                         api_key=api.CALLER_KEY, base_address=upstream.url)
    assert {entry["text_index"]: entry["embedding"] for entry in found.output["embeddings"]} == {
        0: api_dashscope.vector("a", 64), 1: api_dashscope.vector("b", 64)}


@pytest.mark.parametrize("form", [form for form in api_dashscope.ERROR_FORMS if form != "mislabelled"])
@pytest.mark.parametrize("kind", ["invalid", "rate", "fault", "inspected"])
def test_errors(generate, upstream, kind, form):
    """The SDK reads an error in each form; within a stream of status 200 it does not see the status."""
    upstream.error_form = form
    status, code, message, _ = api_dashscope.FAILURES[kind]
    asked = [{"role": "user", "content": f"fail {kind}"}]
    whole = generate(messages=asked)
    assert (whole.status_code, whole.code, whole.message) == (status, code, message)
    first, *more = generate(messages=asked, stream=True, incremental_output=True)
    assert more == [] and first.status_code != 200
    assert code in (first.code, first.message) or message in first.message


def test_broken_stream(generate):
    steps = list(generate(messages=[{"role": "user", "content": "break inspected"}], stream=True, incremental_output=True))
    assert (steps[-1].code, steps[-1].status_code == 200) == ("DataInspectionFailed", False)
    assert "".join(map(text_of, steps[:-1])).startswith("It was")


def test_bad_key(generate):
    assert (found := generate(api_key="sk-nobody")).status_code == 401 and found.code == "InvalidApiKey"


def asked(*turns, model: str = "qwen-plus", **parameters) -> dict:
    return {"model": model, "input": {"messages": list(turns) or HI}, "parameters": {"result_format": "message",
                                                                                     **parameters}}


USER = HI[0]
CALL = {"id": "a", "type": "function", "function": {"name": "w", "arguments": "{}"}}
CALLING = {"role": "assistant", "content": "", "tool_calls": [CALL]}
TOLD = {"role": "tool", "tool_call_id": "a", "content": "sunny"}
SEARCH = {"type": "function", "function": {"name": "search"}}
GOOD = [
    asked(), asked({"role": "system", "content": "s"}, USER), asked(USER, CALLING, TOLD), asked(tools=[TOOL]),
    asked(USER, {"role": "assistant", "content": "x", "partial": True}), asked(temperature=0, top_p=1, max_tokens=32768),
    asked(model="farui-plus", top_p=0.9, max_tokens=2000), asked(model="qwen-max", seed=0, stop=["x"], n=4),
    asked({"role": "user", "content": "in json"}, response_format={"type": "json_object"}),
]
BAD = [
    ({"model": "qwen-plus", "messages": HI, "parameters": {}}, "must exist"), ({**asked(), "tools": [TOOL]}, "tools"),
    (asked(stream=True), "stream"), (asked(temperature=2), "temperature"), (asked(top_p=0), "top_p"),
    (asked(top_p=1, model="farui-plus"), "top_p"), (asked(max_tokens=2001, model="farui-plus"), "[1, 2000]"),
    (asked(max_tokens=0), "max_tokens"), (asked(seed=-1), "seed"), (asked(n=5), "n"), (asked(frequency_penalty=0), "freq"),
    (asked(logit_bias={}), "logit_bias"), (asked(user="u"), "user"), (asked(presence_penalty=3), "presence"),
    (asked(USER, {"role": "assistant", "content": "x"}), "role in last message"),
    (asked({"role": "system", "content": "x"}), "role of user"), (asked(USER, {"role": "system", "content": "x"}), "begin"),
    (asked({"role": "developer", "content": "x"}, USER), "role"), (asked({"role": "user", "content": ""}), "content"),
    (asked({"role": "user", "content": [{"text": "x"}]}), "content"), (asked(model="qwen-vl-max"), "url error"),
    (asked(model="gpt-4"), "does not exist"), (asked(USER, TOLD), "preceeding"), (asked(USER, CALLING, USER), "followed"),
    (asked(USER, USER, model="farui-plus"), "in turn"), (asked(tools=[TOOL], model="farui-plus"), "not supported"),
    (asked(tools=[SEARCH]), "[search]"), (asked(tools=[TOOL], tool_choice="required"), "tool_choice"),
    (asked(tools=[TOOL], tool_choice={"type": "function", "function": {"name": "z"}}), "tool_choice"),
    (asked(tools=[TOOL], result_format="text"), "result_format"), (asked(enable_thinking=True), "non-streaming"),
    (asked(enable_thinking=True, model="qwen-max"), "enable_thinking"), (asked(model="qwq-plus"), "stream mode"),
    (asked(response_format={"type": "json_object"}), "'json'"), (asked(top_logprobs=6), "top_logprobs"),
    (asked(model="farui-strict", stop="x"), "stop"), (asked(thinking_budget=0), "thinking_budget"),
]


@pytest.mark.parametrize("wanted", GOOD)
def test_takes(wanted):
    rules_dashscope.check(wanted, "text", False)


@pytest.mark.parametrize("wanted, told", BAD)
def test_refuses(wanted, told):
    with pytest.raises(Refused) as caught:
        rules_dashscope.check(wanted, "text", False)
    assert told in caught.value.message


def test_refuses_a_thinker_that_repeats_itself():
    with pytest.raises(Refused) as caught:
        rules_dashscope.check(asked(model="qwq-plus", incremental_output=False), "text", True)
    assert "incremental_output" in caught.value.message


@pytest.mark.parametrize("texts", [[], [""], ["a"] * 11, "a", [1]])
def test_refuses_embeddings(texts):
    with pytest.raises(Refused):
        rules_dashscope.check_embeddings({"model": "text-embedding-v4", "input": {"texts": texts}})


@pytest.mark.parametrize("number", range(1, 6))
def test_takes_what_the_sdk_once_sent(upstream, number):
    """The captured requests of the corpus, as they were."""
    captured = json.loads((corpora.CORPORA / f"client-requests/dashscope-sdk-{number}.json").read_text())
    lines = [f"{name}: {value}" for name, value in captured["headers"]
             if name.lower() not in ("host", "authorization", "content-type", "content-length")]
    body = json.dumps(captured["body"]).encode()
    client = Client(("127.0.0.1", upstream.port))
    answer = client.ask(request("POST", captured["path"], body, *lines, f"Authorization: Bearer {api.CALLER_KEY}",
                                "Content-Type: application/json; charset=utf-8"))
    assert answer.status == 200 and b" hi" in answer.body, answer
    client.close()


def test_framing(upstream):
    """An event as the vendor writes it, and an error that is called JSON."""
    upstream.error_form = "mislabelled"
    path = "/api/v1/services/aigc/text-generation/generation"
    lines = [f"Authorization: Bearer {api.CALLER_KEY}", "X-DashScope-SSE: enable"]
    client = Client(("127.0.0.1", upstream.port))
    answer = client.ask(request("POST", path, asked(incremental_output=True), *lines))
    assert answer.body.startswith(b'id:1\nevent:result\n:HTTP_STATUS/200\ndata:{"output":')
    refused = client.ask(request("POST", path, asked(stream=True), *lines))
    assert (refused.status, refused.get("content-type")) == (400, "application/json")
    assert refused.body.startswith(b"id:1\nevent:error\n:HTTP_STATUS/400\ndata:{")
    client.close()
