# SPDX-License-Identifier: MIT
"""What went wrong in other gateways, as their users and their advisories tell it: each test is named after what went wrong there.

Most of it is shown elsewhere; here is what was shown nowhere.
"""

import gzip
import hashlib
import json
import zlib
from types import SimpleNamespace

import pytest
import websockets.exceptions
import websockets.sync.client

import api
import keyring
import proc
import scripts
import sdk
from administration import HASH, House
from client import chat, request
from edge import configuration
from issued import shared, start  # noqa: F401
from messages import events
from routes import READ
from test_hostile_vendor import STOP, USAGE, A, B, call, chunk, wire
from translating import DIALECTS, HI, MODEL, ask, pair, said, translation

# Dialects whose callers need a translation in front of an OpenAI look-alike.
FOREIGN = ["anthropic", "responses"]


@pytest.fixture(params=FOREIGN)
def caller(request):
    return request.param


@pytest.fixture(params=[False, True], ids=["whole", "stream"])
def stream(request):
    return request.param


@pytest.fixture
def front(edges, upstreams):
    """A look-alike of OpenAI, and the edgefilter in front of it."""
    upstream = upstreams()
    return SimpleNamespace(upstream=upstream, edge=edges(translation(upstream, "openai")))


def streamed(*chunks):
    return scripts.whole(wire(*chunks), framing="chunked", kind="text/event-stream")


# Streams and calls.

def test_a_malformed_chunk_skipped_the_fallback(edges, upstreams, caller, stream):
    """litellm #40404."""
    one, two = upstreams(), upstreams()
    edge = edges(pair(one, two, "openai"))
    one.script(streamed("data: {\n", A, B, STOP))
    assert said(caller, edge.ask(ask(caller, stream=stream))) == "You said: hello"
    assert edge.records(1)[0]["attempts"] == ["main:e406", "second:200"]


def test_a_character_was_split_over_chunks(front, caller, stream):
    """litellm #18842, claude-code-router PR #1672: a byte a packet, of characters of two, three and four."""
    text = "é 模型 😀"
    lines = [json.dumps(chunk(content=text), ensure_ascii=False), json.dumps(STOP), "[DONE]"]
    front.upstream.script(scripts.dripping("".join(f"data: {line}\n\n" for line in lines).encode(), "text/event-stream"))
    assert said(caller, front.edge.ask(ask(caller, stream=stream))) == text


@pytest.mark.sdk
@pytest.mark.parametrize("arguments, status", [('{"a":', "incomplete"), ('{"a":1}', "completed")])
def test_a_call_that_the_limit_cut_was_final(front, stream, arguments, status):
    """CLIProxyAPI: agents run a call that is completed, whatever the response around it says."""
    asked = call(arguments, name="w", id="i")
    front.upstream.script(streamed(chunk(content="I ask."), chunk(tool_calls=[asked]), chunk("length")))
    tool = {"type": "function", "name": "w", "strict": False, "parameters": {"type": "object", "properties": {}}}
    with sdk.client(f"{front.edge.url}/v1") as client:
        got = client.responses.create(model=MODEL, input="x", tools=[tool], stream=stream)
        told = list(got) if stream else []
        got = told[-1].response if stream else got
    assert (got.status, got.incomplete_details.reason) == ("incomplete", "max_output_tokens")
    assert [item.status for item in got.output] == ["completed", status]
    assert got.output[1].arguments == arguments
    done = [event.item.status for event in told if event.type == "response.output_item.done"]
    assert done == (["completed", status] if stream else [])


@pytest.mark.sdk
def test_a_text_that_the_limit_cut_was_complete(front, stream):
    with sdk.client(f"{front.edge.url}/v1") as client:
        got = client.responses.create(model=MODEL, input="say " + "word " * 30, max_output_tokens=16, stream=stream)
        got = list(got)[-1].response if stream else got
    assert (got.status, got.output[0].status) == ("incomplete", "incomplete")


# Usage.

def usage(answer, caller: str) -> dict:
    """What a caller is told at the end."""
    if "event-stream" not in answer.get("content-type"):
        return answer.json["usage"]
    if caller == "anthropic":
        return events(answer)[-2][1]["usage"]
    return json.loads(answer.body.decode().rstrip().rpartition("data: ")[2])["response"]["usage"]


def test_usage_came_twice_and_was_counted_twice(front, caller, stream):
    """new-api #7472: with the finish, and again behind it."""
    front.upstream.script(streamed(A, B, {**STOP, "usage": USAGE}, {**STOP, "choices": [], "usage": USAGE}))
    answer = front.edge.ask(ask(caller, stream=stream))
    assert said(caller, answer) == "one two"
    told = usage(answer, caller)
    assert (told["input_tokens"], told["output_tokens"]) == (5, 2)
    record, = front.edge.records(1)
    assert (record["input"], record["output"]) == (5, 2)


def test_nobody_counted_and_clients_were_told_zero(front, caller, stream):
    """vercel/ai #17326; Codex, which makes room when its context fills, never would."""
    front.upstream.script(streamed(A, B, STOP))
    answer = front.edge.ask(ask(caller, "hello " * 100, stream=stream))
    counts = [usage(answer, caller)]
    if stream and caller == "anthropic":
        counts.append(events(answer)[0][1]["message"]["usage"])
    assert all(100 < told["input_tokens"] < 300 for told in counts)
    assert 0 < counts[0]["output_tokens"] < 50


def test_the_text_of_a_stream_was_kept(front):
    """new-api #5480: to count its tokens where the provider did not. 40 MB pass, and the handler grows by none of them."""
    gate, size = front.upstream.gate(), 40 << 20

    def script(x) -> None:
        x.body.read()
        api.stream_head(x)
        x.event(chunk(content="begin"))
        x.wait(gate)
        for _ in range(size // 100_000):
            x.event(chunk(content="word " * 20_000))
        x.event(STOP)
        x.event("[DONE]")
        x.end()
    front.upstream.script(script)
    client = front.edge.dial()
    client.send(ask("anthropic", stream=True))
    client.read_head()
    seen = len(client.read_until(b"begin"))
    handler = front.edge.handler(client)
    before = proc.peak_memory(handler)
    gate.set()
    while data := client.read_chunk():
        seen, last = seen + len(data), data
    assert seen > size and last.endswith(b'data: {"type":"message_stop"}\n\n')
    assert proc.peak_memory(handler) - before < 16 << 20


# Requests.

@pytest.mark.parametrize("caller, vendor", READ)
def test_a_compressed_request_was_refused(edges, upstreams, caller, vendor):
    """agentgateway #2402."""
    upstream = upstreams(vendor=DIALECTS[vendor].vendor)
    edge = edges(translation(upstream, vendor))
    head, _, body = ask(caller).partition(b"\r\n\r\n")
    packed = gzip.compress(body)
    kept = [line for line in head.split(b"\r\n") if not line.startswith(b"Content-Length")]
    answer = edge.ask(b"\r\n".join([*kept, b"Content-Encoding: gzip", b"Content-Length: %d" % len(packed), b"", packed]))
    assert said(caller, answer) == "You said: hello"
    assert upstream.exchange().request.get("content-encoding") is None


def test_eight_mebibytes_were_too_much(front, caller):
    """agentgateway #880, kortix/suna PR #6490; the limit is `limits.body`, 32 MiB."""
    text = "x" * (9 << 20)
    assert said(caller, front.edge.ask(ask(caller, text))) == f"You said: {text}"


@pytest.mark.parametrize("caller, vendor", [("responses", "openai"), ("responses", "responses"), ("openai", "openai"),
                                            ("anthropic", "openai")])
def test_a_websocket_was_asked_for_again_and_again(edges, upstreams, caller, vendor):
    """NVIDIA/NeMo-Relay PR #994, openai/codex #19821: 426 alone says that HTTP is the way."""
    upstream = upstreams(vendor=DIALECTS[vendor].vendor)
    edge = edges(translation(upstream, vendor, callers="upstream"))
    url, path = f"ws://127.0.0.1:{edge.port}", f"/v1{DIALECTS[caller].path}"
    for key, status in (({"Authorization": f"Bearer {api.CALLER_KEY}"}, 426), ({}, 401)):
        with pytest.raises(websockets.exceptions.InvalidStatus) as refused:
            websockets.sync.client.connect(url + path, additional_headers=key)
        assert refused.value.response.status_code == status
    told = edge.ask(request("GET", path, None, f"Authorization: Bearer {api.CALLER_KEY}", "Connection: keep-alive, Upgrade",
                            "Upgrade: websocket"))
    assert (told.status, told.get("upgrade"), told.get("x-edgefilter-code")) == (426, "HTTP/1.1", "105")
    assert upstream.exchanges == []
    assert sorted(record["code"] for record in edge.records(3)) == [105, 105, 301]


# Whoever chooses where we connect (promise 9).

ELSEWHERE = {
    "its target": {"target": "http://{}/v1/chat/completions"},
    "a path that begins with a host": {"target": "//{}/v1/chat/completions"},
    "a proxy's path": {"target": "/v1/proxy/http://{}/v1/chat/completions"},
    "what stands behind an @": {"target": "/@{}/v1/chat/completions"},
    "a member": {"members": {"api_base": "http://{}/v1", "base_url": "http://{}/v1"}},
    "a member within": {"members": {"extra_body": {"api_base": "http://{}/v1"}, "user_config": {"api_base": "http://{}/v1"}}},
    "a field": {"lines": ["X-Portkey-Custom-Host: http://{}/v1", "Helicone-Target-Url: http://{}", "X-Target-Url: http://{}/v1",
                          "X-Forwarded-Host: {}", "X-Original-Host: {}"]},
    "Host": {"host": "{}"},
}


@pytest.mark.parametrize("by", ELSEWHERE)
@pytest.mark.parametrize("dialect", ["openai", "anthropic"])
def test_the_caller_chose_the_host(edges, upstreams, dialect, by):
    """CVE-2024-6587, CVE-2025-66405, CVE-2025-59146 and their like: relayed or translated, it is the operator's word."""
    upstream, other = upstreams(vendor=DIALECTS[dialect].vendor), upstreams()
    edge = edges(translation(upstream, dialect, callers="open"))
    given = json.loads(json.dumps(ELSEWHERE[by]).replace("{}", other.authority))
    members = {"model": MODEL, "messages": [HI], **given.get("members", {})}
    upstream.script(scripts.error(500))  # What comes of it at the right place is no matter.
    edge.ask(request("POST", given.get("target", "/v1/chat/completions"), members, *given.get("lines", []),
                     host=given.get("host", "localhost")))
    edge.records(1)
    assert other.connections == []


# Keys.

def test_the_hash_was_as_good_as_the_key(edges, upstream, shared, tmp_path):  # noqa: F811
    """GHSA-69x8-hrgq-fjj8: who reads what is stored has no key yet."""
    edge, keys = start(edges, upstream, shared)
    digest = hashlib.sha256(keys.issue().text.encode()).hexdigest()
    for shown in (digest, f"sk-ef-{digest}", digest[:16]):
        assert edge.ask(chat("gpt-4", "x", f"Authorization: Bearer {shown}")).status == 401
    assert upstream.exchanges == []


def test_the_administrators_hash_was_as_good_as_the_key(edges, upstream, tmp_path):
    house = House(edges, upstream, tmp_path)
    assert house.ask("public", "GET", "/admin/users", None, f"Authorization: Bearer {HASH}").status == 401
    assert house.sign_in(key=HASH).status == 401


@pytest.mark.parametrize("kept", [20, 40, 48])
def test_keys_that_began_alike_were_one(edges, upstream, shared, kept):  # noqa: F811
    """CVE-2026-35030: the look-up went by the first 20 characters."""
    edge, keys = start(edges, upstream, shared)
    key = keys.issue()
    other = key.text[:kept] + next(text[kept:49] for text in iter(keyring.make, "") if text[kept] != key.text[kept])
    other += keyring.digits(zlib.crc32(other.encode()), 6)
    assert edge.ask(chat("gpt-4", "x", key.bearer)).status == 200
    told = edge.ask(chat("gpt-4", "x", f"Authorization: Bearer {other}"))
    assert (told.status, told.get("x-edgefilter-code")) == (401, "218")
    assert len(upstream.exchanges) == 1


@pytest.mark.parametrize("line", ["Authorization: Bearer ", "Authorization: Bearer", "x-api-key:", "Cookie: edgefilter-admin=",
                                  "Cookie: edgefilter-admin=.."])
def test_the_empty_secret_was_a_secret(edges, upstream, tmp_path, line):
    """CVE-2026-41432: even where the operator's hash is that of nothing."""
    house = House(edges, upstream, tmp_path, admin={"key": hashlib.sha256(b"").hexdigest()})
    assert house.ask("public", "GET", "/admin/users", None, line).status == 401
    told = house.sign_in(key="")
    assert (told.status, told.get("set-cookie")) == (400, None)
