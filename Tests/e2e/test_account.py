# SPDX-License-Identifier: MIT
"""Holders of issued keys share the operator's account at a provider: what one of them puts there is not another's."""

import json

import pytest

import api
import keyring
import scripts
from client import chat, request
from edge import configuration
from issued import shared, start  # noqa: F401

JSON = "Content-Type: application/json"
WORDS = [{"role": "user", "content": "hello"}]
WHOLE = b'{"id":"1","object":"chat.completion","model":"gpt-4o","choices":[]}'
ACCOUNT = [
    ("GET", "/v1/files"), ("POST", "/v1/files"), ("GET", "/v1/files/file-1/content"), ("DELETE", "/v1/files/file-1"),
    ("GET", "/v1/batches"), ("POST", "/v1/batches"), ("POST", "/v1/batches/b/cancel"), ("POST", "/v1/uploads"),
    ("GET", "/v1/responses/resp_1"), ("DELETE", "/v1/responses/resp_1"), ("POST", "/v1/responses/resp_1/cancel"),
    ("GET", "/v1/responses/resp_1/input_items"), ("GET", "/v1/responses"), ("GET", "/v1/conversations/conv_1/items"),
    ("POST", "/v1/conversations"), ("GET", "/v1/chat/completions"), ("GET", "/v1/chat/completions/c/messages"),
    ("DELETE", "/v1/chat/completions/c"), ("POST", "/v1/chat/completions/c"), ("POST", "/v1/assistants"),
    ("POST", "/v1/threads/runs"), ("GET", "/v1/vector_stores"), ("POST", "/v1/vector_stores/v/search"),
    ("POST", "/v1/fine_tuning/jobs"), ("DELETE", "/v1/models/ft:gpt-4o:org::1"), ("GET", "/v1/containers/c/files"),
    ("POST", "/v1/evals"), ("GET", "/v1/organization/admin_api_keys"), ("POST", "/v1/organization/invites"),
    ("POST", "/v1/realtime/client_secrets"), ("POST", "/v1/realtime/sessions"), ("POST", "/v1/videos"),
    ("GET", "/v1/messages/batches"), ("POST", "/v1/messages/batches"), ("GET", "/v1/messages/batches/b/results"),
    ("GET", "/v1/skills"), ("POST", "/v1/load_lora_adapter"), ("POST", "/slots/0"), ("GET", "/metrics/x"),
    ("DELETE", "/api/delete"), ("GET", "/v1/whatever/is/new"), ("OPTIONS", "/v1/files"), ("HEAD", "/v1/files/file-1"),
    # The same by other names.
    ("GET", "/v1/%66iles"), ("GET", "//v1//files"), ("GET", "/V1/files"), ("GET", "/files"), ("GET", "/v1/v1/files"),
    ("GET", "/v1/files?model=gpt-4o"), ("GET", "/v1/models/..;/files"), ("GET", "/v1/models/%252e%252e/files"),
    ("GET", "/v1/models/x%3b/..%3b/..;a=b/files")]


@pytest.mark.parametrize("callers", ["issued", "open", None])
@pytest.mark.parametrize("dialect", ["openai", "anthropic"])
def test_the_account_is_nobodys_who_shares_it(edges, upstreams, shared, dialect, callers):
    upstream = upstreams(vendor=dialect)
    own = {"upstream_quirks": ["responses"]} if dialect == "openai" else {}
    edge = edges(configuration(upstream, upstream_dialect=dialect, **own, **({"callers": callers} if callers else {})),
                 env=shared)
    mine = [] if callers == "open" else [keyring.Keyring(edge.state).issue().bearer]
    refused = 0
    for method, target in ACCOUNT:
        answer = edge.ask(request(method, target, {"model": "gpt-4o"} if method == "POST" else None, *mine))
        told = (answer.status, answer.get("x-edgefilter-code"))
        # Climbing is refused to everybody; what no provider of this dialect has is not there.
        assert told in [(403, "237"), (404, "206"), (405, "207")] or told == (400, "101") and "models/" in target, (method, target, answer)
        refused += told[0] == 403
        if told[0] == 403 and method != "HEAD":
            assert "account: open" in answer.json["error"]["message"]
    assert upstream.exchanges == []
    assert refused > (40 if dialect == "openai" else 2)


def test_in_the_callers_own_words(edges, upstreams, shared):
    edge = edges(configuration(upstreams(vendor="anthropic"), upstream_dialect="anthropic", callers="issued"), env=shared)
    key = keyring.Keyring(edge.state).issue()
    told = edge.ask(request("GET", "/v1/messages/batches", None, f"x-api-key: {key.text}", "anthropic-version: 2023-06-01"))
    assert (told.status, told.json["type"], told.json["error"]["type"]) == (403, "error", "permission_error")
    assert "account: open" in told.json["error"]["message"]


def test_a_long_body_is_not_read_for_it(edges, upstream, shared):
    edge, keys = start(edges, upstream, shared)
    client = edge.dial()
    client.send(request("POST", "/v1/files", None, "Content-Length: 30000000", "Expect: 100-continue", keys.issue().bearer))
    answer = client.answer()
    assert (answer.status, answer.interim, answer.closes) == (403, [], True)


@pytest.mark.parametrize("target", ["/v1/chat/completions", "/v1/completions", "/v1/embeddings", "/v1/moderations",
                                    "/v1/images/generations", "/v1/audio/speech", "/v1/rerank", "/chat/completions"])
def test_what_is_answered_from_the_request_alone(edges, upstream, shared, target):
    edge, keys = start(edges, upstream, shared)
    upstream.script(scripts.whole(WHOLE))
    answer = edge.ask(request("POST", target, {"model": "gpt-4o", "messages": WORDS, "input": "x"}, keys.issue().bearer))
    assert answer.status == 200, answer
    assert len(upstream.exchanges) == 1


@pytest.mark.parametrize("account, callers, issued, status", [
    ("open", "issued", True, 200), ("open", "open", False, 200), ("local", None, False, 200), (None, None, False, 200),
    ("local", None, True, 403), ("closed", None, False, 403), ("local", "open", False, 403)])
def test_the_operator_says_whose_it_is(edges, upstream, shared, account, callers, issued, status):
    settings = {"upstream_account": account} if account else {}
    settings |= {"callers": callers} if callers else {}
    edge = edges(configuration(upstream, **settings), env=shared)
    lines = [keyring.Keyring(edge.state).issue().bearer] if issued else []
    assert edge.ask(request("GET", "/v1/files/a/content", None, *lines)).status == status
    assert len(upstream.exchanges) == (status == 200)
    asked = chat("gpt-4o", "x", *lines, messages=[{"role": "user", "content": [{"type": "file", "file": {"file_id": "f"}}]}])
    if status == 403:
        assert edge.ask(asked).status == 403


def test_the_callers_own_account_is_theirs(edges, upstream, shared):
    for settings in ({"upstream_key": "caller", "upstream_account": "closed"}, {"callers": "upstream"}):
        edge = edges(configuration(upstream, **settings), env=shared)
        lines = [f"Authorization: Bearer {api.CALLER_KEY}"]
        assert edge.ask(request("GET", "/v1/files/a/content", None, *lines)).status == 200
        upstream.script(scripts.whole(WHOLE))
        refers = request("POST", "/v1/responses", {"model": "gpt-4o", "input": "x", "previous_response_id": "resp_1"}, *lines)
        assert edge.ask(refers).status in (200, 400)


def responses(edges, upstream, shared, **settings):
    return start(edges, upstream, shared, upstream_quirks=["responses"], **settings)


FILE = {"type": "input_file", "file_id": "file-1"}
KEPT = [
    ("responses", {"previous_response_id": "resp_1"}), ("responses", {"conversation": "conv_1"}),
    ("responses", {"conversation": {"id": "conv_1"}}), ("responses", {"prompt": {"id": "pmpt_1"}}),
    ("responses", {"input": [{"type": "item_reference", "id": "msg_1"}]}), ("responses", {"input": [{"id": "msg_1"}]}),
    ("responses", {"input": [{"type": None, "id": "msg_1"}]}),
    ("responses", {"input": [{"id": "msg_1"}, {"role": "user", "content": "x"}]}),
    ("responses", {"input": [{"role": "user", "content": [FILE]}]}),
    ("responses", {"input": [{"type": "function_call_output", "call_id": "c", "output": [FILE]}]}),
    ("responses", {"tools": [{"type": "file_search", "vector_store_ids": ["vs_1"]}]}),
    ("responses", {"tools": [{"type": "code_interpreter", "container": "cntr_1"}]}),
    ("responses", {"tools": [{"type": "code_interpreter", "container": {"type": "auto", "file_ids": ["file-1"]}}]}),
    ("chat", {"messages": [{"role": "user", "content": [{"type": "file", "file": {"file_id": "file-1"}}]}]}),
    ("chat", {"messages": [{"role": "assistant", "audio": {"id": "audio_1"}}]}),
    ("chat", {"data_sources": [{"type": "azure_search"}]}),
    ("images/edits", {"images": [{"file_id": "file-1"}]}),
    ("messages", {"messages": [{"role": "user", "content": [
        {"type": "document", "source": {"type": "file", "file_id": "file-1"}}]}]}),
    ("messages", {"messages": [{"role": "user", "content": [{"type": "container_upload", "file_id": "file-1"}]}]}),
    ("messages", {"messages": [{"role": "user", "content": [{"type": "tool_result", "tool_use_id": "t", "content": [
        {"type": "document", "source": {"type": "file", "file_id": "file-1"}}]}]}]}),
    ("messages", {"container": "container_1"}), ("messages", {"container": {"skills": []}})]


def house(edges, upstreams, shared, path: str, **settings):
    dialect = "anthropic" if path == "messages" else "openai"
    upstream = upstreams(vendor=dialect) if dialect == "anthropic" else upstreams()
    edge = edges(configuration(upstream, models={"*": "main"}, callers="issued", upstream_dialect=dialect,
                               **({} if dialect == "anthropic" else {"upstream_quirks": ["responses"]}), **settings),
                 env=shared)
    return edge, upstream, keyring.Keyring(edge.state).issue()


def spelled(value, otherwise: bool) -> bytes:
    """JSON, or the same with each name's letters escaped."""
    def name(text: str) -> str:
        return '"' + "".join(f"\\u{ord(letter):04x}" for letter in text) + '"'
    if isinstance(value, dict):
        pairs = (f"{name(key) if otherwise else json.dumps(key)}:{spelled(item, otherwise).decode()}"
                 for key, item in value.items())
        return f"{{{','.join(pairs)}}}".encode()
    if isinstance(value, list):
        return f"[{','.join(spelled(item, otherwise).decode() for item in value)}]".encode()
    return (name(value) if otherwise and isinstance(value, str) else json.dumps(value)).encode()


@pytest.mark.parametrize("otherwise", [False, True], ids=["plain", "escaped"])
@pytest.mark.parametrize("path, members", KEPT)
def test_what_is_kept_there_is_named_in_no_request(edges, upstreams, shared, path, members, otherwise):
    edge, upstream, key = house(edges, upstreams, shared, path)
    usual = {"messages": WORDS} if path != "responses" else {"input": "hello"}
    limit = {"max_tokens": 9} if path == "messages" else {}
    body = spelled({"model": "gpt-4o", **usual, **limit, **members}, otherwise)
    target = "/v1/" + {"chat": "chat/completions"}.get(path, path)
    answer = edge.ask(request("POST", target, body, JSON, key.bearer))
    assert (answer.status, answer.get("x-edgefilter-code")) == (403, "237"), answer
    assert "account: open" in answer.json["error"]["message"]
    assert upstream.exchanges == []


INNOCENT = [
    ("responses", {"previous_response_id": None, "conversation": None, "prompt": None, "store": True}),
    ("responses", {"input": [{"type": "message", "id": "msg_1", "role": "assistant", "content": "x"}]}),
    ("responses", {"input": [{"role": "user", "id": "msg_1", "content": "x"}]}),
    ("responses", {"input": [{"type": "function_call", "id": "fc_1", "call_id": "c", "name": "f",
                              "arguments": "{\"file_id\":\"x\"}"}]}),
    ("responses", {"tools": [{"type": "function", "name": "f", "parameters": {
        "type": "object", "properties": {"file_id": {"type": "string"}, "container": {"type": "string"}}}}]}),
    ("chat", {"store": True, "metadata": {"file_id": "x", "previous_response_id": "y"}}),
    ("chat", {"messages": [{"role": "user", "content": "file_id previous_response_id"}]}),
    ("messages", {"messages": [{"role": "assistant", "content": [
        {"type": "tool_use", "id": "t", "name": "f", "input": {"file_id": "x", "container": "y"}}]}]}),
]


@pytest.mark.parametrize("path, members", INNOCENT)
def test_what_only_looks_like_it(edges, upstreams, shared, path, members):
    edge, upstream, key = house(edges, upstreams, shared, path)
    usual = {"messages": WORDS} if path != "responses" else {"input": "hello"}
    limit = {"max_tokens": 9} if path == "messages" else {}
    upstream.script(scripts.whole(WHOLE))
    target = "/v1/" + {"chat": "chat/completions"}.get(path, path)
    sent = json.dumps({"model": "gpt-4o", **usual, **limit, **members}).encode()
    answer = edge.ask(request("POST", target, sent, JSON, key.bearer))
    assert answer.status == 200, answer
    assert upstream.exchange().body.read() == sent


def test_a_reference_behind_much_else(edges, upstreams, shared):
    """What began to go up is cut off: no provider acts on a body that does not end."""
    edge, upstream, key = house(edges, upstreams, shared, "chat")
    fill = [{"role": "user", "content": "x" * 1000} for _ in range(2000)]
    late = {"role": "user", "content": [{"type": "file", "file": {"file_id": "file-1"}}]}
    answer = edge.ask(chat("gpt-4o", "x", key.bearer, messages=[*fill, late]))
    assert (answer.status, answer.get("x-edgefilter-code")) == (403, "237"), answer


def test_many_short_items(edges, upstreams, shared):
    edge, upstream, key = house(edges, upstreams, shared, "responses")
    upstream.script(scripts.whole(WHOLE))
    items = [{"type": "message", "id": "m", "role": "user", "content": "a"} for _ in range(20_000)]
    answer = edge.ask(request("POST", "/v1/responses", {"model": "gpt-4o", "input": items}, key.bearer))
    assert answer.status == 200, answer


def test_what_an_account_is_called_stays_here(edges, upstream, shared):
    edge, keys = start(edges, upstream, shared)
    named = {"openai-organization": "acme-corp", "openai-project": "proj_1", "anthropic-organization-id": "o-1"}
    upstream.script(scripts.whole(WHOLE, *named.items()))
    answer = edge.ask(chat("gpt-4o", "x", keys.issue().bearer))
    assert answer.status == 200
    assert [answer.get(name) for name in named] == [None] * 3
