# SPDX-License-Identifier: MIT
"""The DashScope gateway by its one variable: its default model, its list of models, and whose key goes where."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

import api
from client import chat, request
from dashscope_front import config, essence, sent, upstream  # noqa: F401
from exchange import LONG

CHAT = "/v1/chat/completions"
KEY = f"Authorization: Bearer {api.CALLER_KEY}"
KEYS = [f"sk-dashscope-caller-{number:02}-{number * 7919:06}" for number in range(20)]


@pytest.fixture
def gateway(edges, upstream):
    limits = {"limits": {"per_source": 250}}  # of which 200 come at once
    return edges(json.dumps(limits), env={"DASHSCOPE_BASE_URL": f"http://{upstream.authority}"})


@pytest.mark.parametrize("stream", [False, True])
def test_an_unknown_model_is_the_default_one(gateway, upstream, stream):
    answer = gateway.ask(chat("gpt-4", "hello", KEY, stream=stream))
    assert essence(answer).text == "You said: hello"
    assert (answer.get("x-edgefilter-loss"), sent(upstream)["model"]) == ("model", "farui-plus")
    record, = gateway.records(1)
    assert (record["model"], record["used"]) == ("gpt-4", "farui-plus")
    assert gateway.ask(chat("qwen-plus", "hello", KEY)).get("x-edgefilter-loss") is None
    assert sent(upstream, 2)["model"] == "qwen-plus"


def nameless(stream: bool = False) -> bytes:
    body = {"messages": [{"role": "user", "content": "hello"}], "stream": stream}
    return request("POST", CHAT, body, KEY)


@pytest.mark.parametrize("stream", [False, True])
def test_a_request_without_a_model_is_for_the_default_one(gateway, upstream, stream):
    answer = gateway.ask(nameless(stream))
    assert (essence(answer).text, answer.get("x-edgefilter-loss")) == ("You said: hello", None)
    assert sent(upstream)["model"] == "farui-plus"
    record, = gateway.records(1)
    assert (record["model"], record["used"]) == ("farui-plus", "farui-plus")
    # Nothing stands in for the model of embeddings.
    assert gateway.ask(request("POST", "/v1/embeddings", {"input": "one"}, KEY)).error["param"] == "model"


@pytest.mark.parametrize("quirks, model", [([], "farui-plus"), (["default_model=qwen-plus"], "qwen-plus")])
def test_the_operators_own_default_model(edges, upstream, quirks, model):
    file = config(upstream, key="caller", quirks=quirks)
    assert edges({"profile": "dashscope-gateway", **file}).ask(nameless()).status == 200
    assert sent(upstream)["model"] == model
    # Nowhere else, and not where no route leads there.
    assert edges(file).ask(nameless()).error["param"] == "model"
    closed = edges({"profile": "dashscope-gateway", **file, "models": {"mine": "main/qwen-max"}})
    assert closed.ask(nameless()).error["param"] == "model"


def test_models(gateway, upstream):
    listed = gateway.ask(request("GET", "/v1/models", None, KEY))
    assert [model["id"] for model in listed.json["data"]] == ["farui-plus"]
    assert gateway.ask(request("GET", "/v1/models/farui-plus", None, KEY)).json["id"] == "farui-plus"
    assert gateway.ask(request("GET", "/v1/models/gpt-4", None, KEY)).status == 404
    assert upstream.requests == []


def test_two_callers_keys_never_mix(gateway, upstream):
    """200 streams at once, 20 keys: each request bears its own caller's, each caller gets its own answer."""
    upstream.keys = set(KEYS)
    gate, everybody = upstream.gate(), threading.Barrier(201, timeout=LONG)
    heard: dict[str, str] = {}

    def script(x):
        asked = json.loads(x.body.read())
        text = asked["input"]["messages"][-1]["content"]
        heard[text] = x.request.get("authorization")
        everybody.wait()
        x.wait(gate)
        api.answer(x)

    upstream.script(*[script] * 200)

    def call(number: int) -> str:
        key = KEYS[number % 20]
        asked = chat("farui-plus", f"say {number} of {key}", f"Authorization: Bearer {key}", stream=True)
        return essence(gateway.dial().ask(asked)).text

    with ThreadPoolExecutor(200) as pool:
        answers = pool.map(call, range(200))
        everybody.wait()
        gate.set()
        got = list(answers)
    for number in range(200):
        key = KEYS[number % 20]
        assert got[number] == f"{number} of {key}"
        assert heard[f"say {number} of {key}"] == f"Bearer {key}"
    assert len({record["key"] for record in gateway.records(200)}) == 20
