# SPDX-License-Identifier: MIT
"""DashScope's own ways, seen through edgefilter: paths, streams that repeat themselves, models that only stream, keys."""

import json

import pytest

import api
import api_dashscope
import grammar
import rules_dashscope
import scripts
from api_dashscope import REQUEST_ID, frame_of
from client import chat
from dashscope_front import WORDS, config, edge, essence, sent, upstream  # noqa: F401
from small_model import think

TEXT, MULTIMODAL = "text-generation", "multimodal-generation"
TOOL = {"type": "function", "function": {"name": "w", "parameters": {
    "type": "object", "properties": {"city": {"type": "string"}}}}}


@pytest.mark.parametrize("stream", [False, True])
def test_d1_d39_d40_a_stream_by_its_field(edge, upstream, stream):
    """One [DONE], a chunk of usage without choices, and no other sign upstream than the field."""
    more = {"stream": True, "stream_options": {"include_usage": True}} if stream else {}
    answer = edge.ask(chat("qwen-plus", f"say {WORDS}", **more))
    assert essence(answer).text == WORDS
    heard = upstream.exchange().request
    assert heard.get("x-dashscope-sse") == ("enable" if stream else None)
    assert heard.get("accept") == ("text/event-stream" if stream else "application/json")
    assert "stream" not in json.dumps(sent(upstream))
    if stream:
        assert answer.body.count(b"data: [DONE]") == 1
        *_, last, done = answer.events
        assert (json.loads(last)["choices"], json.loads(last)["usage"]["total_tokens"], done) == ([], 12, "[DONE]")


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("quirks", [[], ["cumulative"]])
def test_d4_d11_streams_that_repeat_themselves(edges, upstream, stream, quirks):
    edge = edges(config(upstream, quirks=quirks))
    answer = edge.ask(chat("qwen-72b-chat", f"say {WORDS}", stream=stream))
    assert essence(answer).text == WORDS
    calls = essence(edge.ask(chat("qwen-72b-chat", "ask weather Rome, Oslo", stream=stream, tools=[TOOL]))).calls
    assert [arguments["city"] for _, arguments in calls] == ["Rome", "Oslo"]
    if stream:
        assert sent(upstream)["parameters"]["incremental_output"] is not bool(quirks)
        assert sent(upstream, 2)["parameters"]["incremental_output"] is False


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("form", api_dashscope.ERROR_FORMS)
def test_d35_the_other_path_is_tried_and_remembered(edge, upstream, stream, form):
    upstream.error_form = form
    client = edge.dial()
    for _ in range(2):
        assert essence(client.ask(chat("tongyi-eyes", "hello", stream=stream))).text == "You said: hello"
    paths = [x.request.path.split("/")[-2] for x in upstream.exchanges]
    assert paths == [TEXT, MULTIMODAL, MULTIMODAL]
    first, second = edge.records(2)
    assert [attempt.partition(":")[0] for attempt in first["attempts"]] == ["main", "main"]
    assert "attempts" not in second


def test_d35_a_path_that_is_wrong_both_times(edge, upstream):
    refused = scripts.whole(json.dumps({"code": "InvalidParameter", "message": "url error, please check url！"}).encode(),
                            status=400)
    upstream.script(refused, refused)
    answer = edge.ask(chat("qwen-plus"))
    assert (answer.status, len(upstream.exchanges)) == (400, 2)
    assert "url error" in answer.error["message"]


@pytest.mark.parametrize("model", ["qwen-vl-max", "qwen3.8-max"])
def test_the_path_by_the_name(edge, upstream, model):
    assert essence(edge.ask(chat(model, "hello", stream=True))).text == "You said: hello"
    assert upstream.exchange().request.path.split("/")[-2] == MULTIMODAL


@pytest.mark.parametrize("stream", [False, True])
def test_d36_a_model_that_thinks_is_asked_for_a_stream(edge, upstream, stream):
    answer = edge.ask(chat("qwq-plus", "think hard", stream=stream))
    found = essence(answer)
    assert found.text == "You said: think hard"
    assert "First I look" in answer.body.decode() or stream
    heard = upstream.exchange().request
    assert (heard.get("x-dashscope-sse"), heard.get("accept")) == ("enable", "text/event-stream")


def test_a_model_that_turns_out_to_stream_only(edge, upstream):
    client = edge.dial()
    for _ in range(2):
        assert essence(client.ask(chat("kimi-streams", "hello"))).text == "You said: hello"
    assert [x.request.get("x-dashscope-sse") for x in upstream.exchanges] == [None, "enable", "enable"]


def test_d57_farui_is_asked_once_more_without_what_it_refuses(edge, upstream):
    answer = edge.ask(chat("farui-strict", "say alpha STOP omega", stop=["STOP"]))
    assert essence(answer).text == "alpha "
    assert answer.get("x-edgefilter-loss") == "stop"
    answer = edge.ask(chat("farui-strict", "hello", temperature=0.7))
    assert (essence(answer).text, answer.get("x-edgefilter-loss")) == ("You said: hello", "temperature")
    assert edge.ask(chat("farui-strict", "hello", temperature=0.7, stop=["x"])).status == 400
    assert [len(record.get("attempts", [])) for record in edge.records(3)] == [2, 2, 2]


def test_d17_d18_d19_losses_are_told(edge, upstream):
    answer = edge.ask(chat("farui-plus", "hello", top_p=1, max_tokens=4000, frequency_penalty=1, user="u",
                           logit_bias={"1": 1}, tools=[TOOL], temperature=2))
    assert essence(answer).text == "You said: hello"
    told = set(answer.get("x-edgefilter-loss").split(", "))
    assert told == {"top_p", "max_tokens", "frequency_penalty", "user", "logit_bias", "tools", "temperature"}
    assert sent(upstream)["parameters"] == {"result_format": "message", "max_tokens": 2000, "temperature": 1.99}


def test_d46_a_tool_called_search(edge, upstream):
    tool = {"type": "function", "function": {**TOOL["function"], "name": "search"}}
    for stream in (False, True):
        found = essence(edge.ask(chat("qwen-plus", "weather Rome", tools=[tool], stream=stream)))
        assert [name for name, _ in found.calls] == ["search"]
    assert sent(upstream)["parameters"]["tools"][0]["function"]["name"] == "search_tool"


def test_d42_fields_of_the_operator_and_not_of_the_caller(edges, upstream):
    edge = edges(config(upstream, headers={"X-DashScope-WorkSpace": "ws_1"}))
    lines = ["X-DashScope-DataInspection: disable", "X-DashScope-SSE: enable", "X-DashScope-WorkSpace: ws_2"]
    assert edge.ask(chat("qwen-plus", "hello", *lines)).status == 200
    heard = upstream.exchange().request
    assert heard.all("x-dashscope-workspace") == ["ws_1"]
    assert heard.get("x-dashscope-datainspection") is None and heard.get("x-dashscope-sse") is None


@pytest.mark.parametrize("key, status", [(api.OPERATOR_KEY, 502), ("caller", 401)])
def test_d43_whose_key_is_refused(edges, upstream, key, status):
    upstream.keys = {"sk-of-another-region"}
    edge = edges(config(upstream, key=key))
    answer = edge.ask(chat("qwen-plus", "hello", f"Authorization: Bearer {api.CALLER_KEY}"))
    assert answer.status == status, answer


@pytest.mark.parametrize("form", api_dashscope.ERROR_FORMS)
@pytest.mark.parametrize("kind, status, code", [
    ("inspected", 400, "content_filter"), ("rate", 429, "rate_limit_exceeded"), ("quota", 429, "Arrearage"),
    ("overflow", 400, "context_length_exceeded"), ("fault", 500, None), ("key", 502, "backend_error")])
def test_d23_d24_d26_errors_have_their_status(edge, upstream, form, kind, status, code):
    upstream.error_form = form
    for stream in (False, True):
        answer = edge.ask(chat("qwen-plus", f"fail {kind}", stream=stream))
        assert (answer.status, answer.error["code"]) == (status, code), answer
        assert answer.get("content-type") == "application/json"
        assert kind == "key" or REQUEST_ID in answer.error["message"]
    assert len(upstream.exchanges) == 2, "it was asked again"


def test_d27_an_error_in_mid_stream(edge):
    answer = edge.ask(chat("qwen-plus", "break inspected", stream=True))
    found = grammar.read("openai", True, answer.body)
    assert found.error["code"] == "content_filter" and found.stop is None
    assert edge.records(1)[0]["ended"] == "failed"


@pytest.mark.parametrize("code", ["", None, 0])
def test_d51_codes_that_are_none(edge, upstream, code):
    said = {"code": code, "message": "", "output": {"choices": [
        {"message": {"content": WORDS}, "finish_reason": "stop"}]}, "usage": {"input_tokens": 1, "output_tokens": 1}}
    upstream.script(scripts.whole(json.dumps(said).encode()))
    assert essence(edge.ask(chat("qwen-plus"))).text == WORDS


def test_d49_an_event_in_many_lines(edge, upstream):
    frame = frame_of(1, {"output": {"choices": [{"message": {"content": WORDS}, "finish_reason": "stop"}]},
                         "usage": {"input_tokens": 1, "output_tokens": 1}})
    head, _, data = frame.partition("data:")
    lines = "".join(f"data:{data.strip()[at:at + 7]}\r\n" for at in range(0, len(data.strip()), 7))
    upstream.script(scripts.whole((head + lines + "\r\n").encode(), kind="text/event-stream"))
    assert essence(edge.ask(chat("qwen-plus", stream=True))).text.replace(" ", "") == WORDS.replace(" ", "")


def test_an_unknown_model_is_unknown_elsewhere(edge):
    assert edge.ask(chat("gpt-4")).status == 404


def test_the_stand_in_thinks(upstream):
    """What the tests above rely on: models of each kind."""
    assert {kind.thinks for kind in rules_dashscope.FAMILIES.values()} == {"never", "asked", "always"}
    assert upstream.mind is think
