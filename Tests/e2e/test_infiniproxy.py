# SPDX-License-Identifier: MIT
"""Every example of InfiniProxy's document, by its own .env: Claude's API and OpenAI's in front of an OpenAI upstream.

Left out here, since they need issued keys or the admin socket, and tested where those are:
creating and removing users and keys (`/admin/users`, `/admin/api-keys`), `GET /admin`, `GET /usage/me`,
`GET /usage/api-key/{id}`, `/settings/model`, and that a key which was not issued is refused once some are.
"""

import base64
import json

import anthropic
import openai
import pytest

import api
import document
import profiles
import scripts
import sdk
from client import request
from edge import free_port

PORT = 8000
MODEL = "glm-4.6"
CLAUDE = "claude-3-5-sonnet-20241022"
HELLO = [{"role": "user", "content": "你好！"}]
SAID = "You said: 你好！"
MESSAGES = r"""curl -X POST http://localhost:8000/v1/messages \
  -H "Content-Type: application/json" \
  -H "Authorization: Bearer sk-abc123..." \
  -d '{
    "model": "claude-3-5-sonnet-20241022",
    "max_tokens": 1024,
    "messages": [
      {
        "role": "user",
        "content": "你好！"
      }
    ]
  }'"""
CHAT = r"""curl -X POST http://localhost:8000/v1/chat/completions \
  -H "Content-Type: application/json" \
  -H "Authorization: Bearer sk-abc123..." \
  -d '{
    "model": "glm-4.6",%s
    "messages": [
      {
        "role": "user",
        "content": "你好！"
      }
    ]
  }'"""


@pytest.fixture
def backend(upstreams):
    """The document's backend: below /maas/v1, with one model."""
    found = upstreams(prefix="/maas/v1")
    found.models = [MODEL]
    found.keys = {profiles.KEY}
    return found


@pytest.fixture
def proxy(edges, backend, tmp_path):
    """An edgefilter started with the document's .env; its backend and port are ours."""
    port = free_port()
    text = profiles.filled(profiles.original("infiniproxy"), tmp_path).read_text()
    assert "https://cloud.infini-ai.com/maas/v1/chat/completions" in text and "PROXY_PORT=8000" in text
    text = text.replace("https://cloud.infini-ai.com", f"http://{backend.authority}")
    return edges(text.replace("PROXY_PORT=8000", f"PROXY_PORT={port}"), "environment", port=port)


@pytest.fixture(params=["", "/v1"])
def claude(request, proxy):
    """Anthropic's SDK; its clients may have /v1 in their base URL, which comes twice then."""
    with anthropic.Anthropic(base_url=proxy.url + request.param, api_key="sk-abc123", max_retries=0) as found:
        yield found


@pytest.fixture
def chat(proxy):
    with sdk.client(f"{proxy.url}/v1", "sk-abc123") as found:
        yield found


def sent(backend, number: int = 1) -> dict:
    heard = backend.exchange(number).request
    assert heard.target == "/maas/v1/chat/completions"
    assert heard.all("authorization") == [f"Bearer {profiles.KEY}"]
    assert heard.all("x-api-key") == []
    return json.loads(bytes(heard.body))


def test_listens_where_it_says(proxy):
    proxy.wait_stderr(rf"listens on 127\.0\.0\.1:{proxy.port}")


def test_information(proxy):
    page = document.told(proxy, "curl http://localhost:8000/", PORT)
    assert page["name"] and page["version"]
    assert {"POST /v1/messages", "POST /v1/chat/completions", "GET /health"} <= set(page["endpoints"])
    assert profiles.KEY not in json.dumps(page)


def test_health(proxy, backend):
    page = document.told(proxy, "curl http://localhost:8000/health", PORT)
    assert page["status"] == "healthy"
    assert sorted(page) == ["service", "status", "timestamp", "version"]
    assert backend.exchanges == []


def test_messages_by_curl(proxy, backend):
    answer = document.told(proxy, MESSAGES, PORT)
    assert (answer["type"], answer["role"], answer["model"]) == ("message", "assistant", CLAUDE)
    assert answer["content"] == [{"type": "text", "text": SAID}]
    assert answer["stop_reason"] == "end_turn"
    assert (answer["usage"]["input_tokens"], answer["usage"]["output_tokens"]) == (5, 3)
    assert answer["usage"]["cache_read_input_tokens"] == 4
    assert sent(backend)["model"] == MODEL


@pytest.mark.parametrize("more", ["", '\n    "max_tokens": 1024,'])
def test_chat_by_curl(proxy, backend, more):
    answer = document.told(proxy, CHAT % more, PORT)
    assert (answer["object"], answer["model"]) == ("chat.completion", MODEL)
    assert answer["choices"][0]["message"]["content"] == SAID
    assert (answer["choices"][0]["finish_reason"], answer["usage"]["total_tokens"]) == ("stop", 12)
    assert sent(backend) == {"model": MODEL, "messages": HELLO, **({"max_tokens": 1024} if more else {})}


@pytest.mark.parametrize("model", [MODEL, "gpt-4"])
def test_openai_sdk(chat, backend, model):
    answer = chat.chat.completions.create(model=model, messages=HELLO)
    assert (answer.choices[0].message.content, answer.model) == (SAID, model)
    chunks = list(chat.chat.completions.create(model=model, messages=HELLO, stream=True))
    assert "".join(c.choices[0].delta.content or "" for c in chunks) == SAID
    assert [sent(backend, number)["model"] for number in (1, 2)] == [MODEL, MODEL]


def test_the_claude_sdk(claude, backend):
    """It sends x-api-key; with a base URL that ends in /v1 the path is /v1/v1/messages."""
    answer = claude.messages.create(model=CLAUDE, max_tokens=1024, messages=HELLO)
    assert (answer.content[0].text, answer.model, answer.stop_reason) == (SAID, CLAUDE, "end_turn")
    assert sent(backend)["model"] == MODEL


def test_streams_which_the_original_did_not(claude, backend):
    with claude.messages.stream(model=CLAUDE, max_tokens=1024, messages=HELLO) as stream:
        assert "".join(stream.text_stream) == SAID
        final = stream.get_final_message()
    assert (final.stop_reason, final.usage.output_tokens, final.model) == ("end_turn", 3, CLAUDE)
    assert sent(backend)["stream"] is True


def test_system_blocks_and_parameters(claude, backend):
    claude.messages.create(
        model=CLAUDE, max_tokens=77, system="Be brief.", stop_sequences=["END"],
        extra_body={"temperature": 0.5, "top_p": 0.9},
        messages=[{"role": "user", "content": [{"type": "text", "text": "one"}, {"type": "text", "text": "two"}]},
                  {"role": "assistant", "content": "three"}, {"role": "user", "content": "four"}])
    asked = sent(backend)
    assert asked["messages"][0] == {"role": "system", "content": "Be brief."}
    assert [turn["role"] for turn in asked["messages"]] == ["system", "user", "assistant", "user"]
    assert "one" in str(asked["messages"][1]) and "two" in str(asked["messages"][1])
    assert (asked["temperature"], asked["top_p"], asked["stop"]) == (0.5, 0.9, ["END"])
    assert 77 in (asked.get("max_tokens"), asked.get("max_completion_tokens"))


TOOL = {"name": "weather", "description": "Tells the weather.",
        "input_schema": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}}


@pytest.mark.parametrize("is_streamed", [False, True])
def test_tools_and_their_results(claude, is_streamed):
    def ask(messages: list):
        wanted = {"model": CLAUDE, "max_tokens": 1024, "tools": [TOOL], "messages": messages}
        if not is_streamed:
            return claude.messages.create(**wanted)
        with claude.messages.stream(**wanted) as stream:
            return stream.get_final_message()
    turns = [{"role": "user", "content": "weather Rome, Oslo"}]
    first = ask(turns)
    calls = [block for block in first.content if block.type == "tool_use"]
    assert first.stop_reason == "tool_use"
    assert [(call.name, list(call.input.values())) for call in calls] == [("weather", ["Rome"]), ("weather", ["Oslo"])]
    results = [{"type": "tool_result", "tool_use_id": call.id, "content": f"{n} degrees"}
               for n, call in enumerate(calls)]
    second = ask([*turns, {"role": "assistant", "content": [block.model_dump() for block in first.content]},
                  {"role": "user", "content": results}])
    assert second.stop_reason == "end_turn"
    assert all(f"{n} degrees" in second.content[0].text for n in range(2))


PIXEL = base64.b64encode(base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==")).decode()


def test_images_which_the_original_had_not(claude, backend):
    source = {"type": "base64", "media_type": "image/png", "data": PIXEL}
    claude.messages.create(model=CLAUDE, max_tokens=100, messages=[
        {"role": "user", "content": [{"type": "image", "source": source}, {"type": "text", "text": "What is it?"}]}])
    assert f"data:image/png;base64,{PIXEL}" in json.dumps(sent(backend))


REASONS = {"stop": "end_turn", "length": "max_tokens", "content_filter": "refusal"}


@pytest.mark.parametrize("reason", REASONS)
def test_stop_reasons(claude, backend, reason):
    choice = {"index": 0, "message": {"role": "assistant", "content": "So"}, "finish_reason": reason}
    backend.script(scripts.whole(json.dumps(
        {"id": "c", "object": "chat.completion", "created": 1, "model": MODEL, "choices": [choice],
         "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}}).encode()))
    answer = claude.messages.create(model=CLAUDE, max_tokens=9, messages=HELLO)
    assert (answer.stop_reason, answer.content[0].text) == (REASONS[reason], "So")


def test_reasoning_content(claude, backend):
    message = {"role": "assistant", "content": "Four.", "reasoning_content": "Two and two."}
    backend.script(scripts.whole(json.dumps(
        {"id": "c", "object": "chat.completion", "created": 1, "model": MODEL,
         "choices": [{"index": 0, "message": message, "finish_reason": "stop"}]}).encode()))
    answer = claude.messages.create(model=CLAUDE, max_tokens=2000, messages=HELLO,
                                    thinking={"type": "enabled", "budget_tokens": 1024})
    assert [(block.type, getattr(block, "thinking", None) or block.text) for block in answer.content] == \
        [("thinking", "Two and two."), ("text", "Four.")]


def test_count_tokens(claude, backend):
    assert claude.messages.count_tokens(model=CLAUDE, messages=HELLO).input_tokens > 0
    assert backend.exchanges == []


def test_errors_have_the_callers_form(claude, chat, backend):
    backend.script(scripts.error(400, "invalid_request_error"), scripts.error(429, "requests", retry_after="3"))
    with pytest.raises(anthropic.BadRequestError) as caught:
        claude.messages.create(model=CLAUDE, max_tokens=9, messages=HELLO)
    assert caught.value.body["error"]["type"] == "invalid_request_error"
    with pytest.raises(openai.RateLimitError):
        chat.chat.completions.create(model=MODEL, messages=HELLO)


def test_a_refused_key_of_ours_is_not_the_callers_fault(claude, backend):
    backend.keys = set()
    with pytest.raises(anthropic.InternalServerError) as caught:
        claude.messages.create(model=CLAUDE, max_tokens=9, messages=HELLO)
    assert caught.value.status_code == 502
    assert profiles.KEY not in str(caught.value)


def test_other_machines_need_a_key(proxy):
    """A field that says so makes this caller one: the documented text, in the form of each dialect."""
    for path in ("/v1/messages", "/v1/chat/completions"):
        answer = proxy.ask(request("POST", path, {"model": MODEL, "max_tokens": 9, "messages": HELLO},
                                   "X-Forwarded-For: 192.0.2.1"))
        assert answer.status == 401
        assert answer.json["error"]["message"] == \
            "Missing API key. Include 'Authorization: Bearer <your-api-key>' header."


def test_no_key_is_written(proxy, backend):
    document.told(proxy, MESSAGES, PORT)
    proxy.records(1)
    assert profiles.KEY not in "\n".join(proxy.stderr) + "\n".join(proxy.lines())
    assert api.OPERATOR_KEY not in json.dumps(sent(backend))
