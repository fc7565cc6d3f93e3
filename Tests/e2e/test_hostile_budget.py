# SPDX-License-Identifier: MIT
"""Holders of issued keys who look for a way to spend more than their budget."""

import json

import pytest

import keyring
import proc
import scripts
from client import chat, request
from issued import shared, start, used  # noqa: F401
from translating import ask, translation

WORDS = " ".join(f"word{n}" for n in range(400))


@pytest.mark.parametrize("caller", ["anthropic", "openai", "responses"])
def test_who_leaves_before_the_last_count_pays_for_what_came(edges, upstreams, shared, caller):
    """Anthropic tells the prompt's tokens first, with one of the answer's, and the answer's last."""
    upstream = upstreams(vendor="anthropic")
    edge = edges(translation(upstream, "anthropic", callers="issued"), env=shared)
    key = keyring.Keyring(edge.state).issue(tpd=100_000)
    gate = upstream.gate()
    upstream.script(scripts.stalling(100, gate))
    client = edge.dial()
    client.send(ask(caller, WORDS, True, "edge-model", key.bearer))
    client.read_head()
    client.read_until(b"word60")
    client.reset()
    record, = edge.records(1)
    assert (record["ended"], record["estimated"]) == ("gone", 1)
    assert record["input"] == 9 and record["output"] >= 60, record
    proc.wait_until(lambda: used(edge) == record["input"] + record["output"], "the charge")


@pytest.mark.parametrize("limit", [0, -1, -9_000_000_000_000_000_000, "many", 1.5])
@pytest.mark.parametrize("endpoint", ["chat/completions", "completions", "responses"])
def test_no_limit_is_no_small_limit(edges, upstream, shared, endpoint, limit):
    """Some upstreams take a limit of 0 or below, or one that is no number, for none: so does the budget."""
    edge, keys = start(edges, upstream, shared, upstream_quirks=["responses"])
    key = keys.issue(tpd=1000)
    gate = upstream.gate()
    upstream.script(*(scripts.hold(gate) for _ in range(6)))
    said = {"completions": {"prompt": "hello", "max_tokens": limit},
            "responses": {"input": "hello", "max_output_tokens": limit},
            "chat/completions": {"messages": [{"role": "user", "content": "hello"}], "max_tokens": limit}}
    body = {"model": "gpt-4o", **said[endpoint]}
    client = edge.dial()
    client.send(request("POST", f"/v1/{endpoint}", body, key.bearer))
    upstream.heard()
    assert edge.dial().ask(chat("gpt-4o", "hello", key.bearer)).status == 429, "nothing is left meanwhile"


@pytest.mark.parametrize("members", [
    {"n": 500, "max_tokens": 40}, {"max_tokens": 1, "max_completion_tokens": 5000},
    {"max_completion_tokens": 1, "max_tokens": 5000}], ids=["answers", "newer", "older"])
def test_what_we_do_not_understand_is_reserved_too(edges, upstream, shared, members):
    """A conversation that we cannot read goes on as it is, and costs what it asks for; of two limits the larger one may hold."""
    edge, keys = start(edges, upstream, shared)
    said = [{"role": "critic", "content": "hello"}]
    answer = edge.ask(chat("gpt-4o", "hello", keys.issue(tpd=1000).bearer, messages=said, **members))
    assert (answer.status, answer.get("x-edgefilter-code")) == (429, "225"), answer
    assert upstream.exchanges == []


def form(*parts: tuple[str, bytes]) -> bytes:
    fields = (b'--b\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n' % (name.encode(), value) for name, value in parts)
    return b"".join(fields) + b"--b--\r\n"


FORM = "Content-Type: multipart/form-data; boundary=b"


@pytest.mark.parametrize("settings", [{}, {"upstream_quirks": ["responses"]}], ids=["chat", "responses"])
@pytest.mark.parametrize("kind", [FORM, "Content-Type: multipart/form-data", "Content-Type: Multipart/Form-Data;boundary=b;boundary=b"])
@pytest.mark.parametrize("endpoint", ["chat/completions", "completions", "embeddings", "responses", "messages"])
def test_json_in_front_of_a_form(edges, upstream, shared, endpoint, kind, settings):
    """Some upstreams read the first JSON text of a body, whatever its type; a form begins where its first boundary stands."""
    edge, keys = start(edges, upstream, shared, **settings)
    hidden = json.dumps({"model": "gpt-4", "messages": [], "previous_response_id": "resp_1"}).encode()
    body = hidden + b"\r\n" + form(("model", b"gpt-4o"))
    for key in (keys.issue(models=["gpt-4o"]), keys.issue(tpd=1000), keys.issue()):
        answer = edge.ask(request("POST", f"/v1/{endpoint}", body, key.bearer, kind))
        assert (answer.status, answer.get("x-edgefilter-code")) == (400, "201"), answer
    assert not any(exchange.body.read() for exchange in upstream.exchanges)


def test_json_in_front_of_a_form_where_forms_are_taken(edges, upstream, shared):
    edge, keys = start(edges, upstream, shared)
    key = keys.issue(models=["gpt-4o"])
    body = b' {"model":"gpt-4"}\r\n' + form(("model", b"gpt-4o"))
    answer = edge.ask(request("POST", "/v1/images/edits", body, key.bearer, FORM))
    assert (answer.status, answer.get("x-edgefilter-code")) == (400, "201"), answer
    assert not any(exchange.body.read() for exchange in upstream.exchanges)


@pytest.mark.parametrize("name", ["previou\u017f_re\u017fpon\u017fe_id", "PREVIOU\u017f_response_id"])
def test_letters_that_some_upstreams_fold(edges, upstream, shared, name):
    """What is written in Go takes U+017F for an s, and U+212A for a k, in the name of a member."""
    edge, keys = start(edges, upstream, shared, upstream_quirks=["responses"])
    body = json.dumps({"model": "gpt-4o", "input": "hello", name: "resp_1"}, ensure_ascii=False).encode()
    answer = edge.ask(request("POST", "/v1/responses", body, keys.issue().bearer, "Content-Type: application/json"))
    assert (answer.status, answer.get("x-edgefilter-code")) == (403, "237"), answer


@pytest.mark.parametrize("name", ["fallbac\u212as", "fallback\u017f", "model\u017f", "fallbac\\u212as"])
def test_other_models_in_folded_letters(edges, upstream, shared, name):
    edge, keys = start(edges, upstream, shared)
    body = f'{{"model":"gpt-4o","{name}":["gpt-4"],"messages":[]}}'.encode()
    answer = edge.ask(request("POST", "/v1/chat/completions", body, keys.issue(models=["gpt-4o"]).bearer))
    assert (answer.status, answer.get("x-edgefilter-code")) == (403, "222"), answer


@pytest.mark.parametrize("field", ["X-HTTP-Method-Override: DELETE", "X-HTTP-Method: PUT", "x-method-override: POST",
                                   "X-Original-URL: /v1/files", "X-Rewrite-URL: /v1/files", "X-Original-Method: POST"])
def test_no_other_request_in_a_field(edges, upstream, shared, field):
    """Some frameworks take the method and the path of a request from such fields, whatever its first line says."""
    edge, keys = start(edges, upstream, shared)
    assert edge.ask(request("GET", "/v1/models", None, keys.issue().bearer, field)).status == 200
    assert upstream.exchange().request.get(field.partition(":")[0]) is None


@pytest.mark.parametrize("header", [
    b"Content-Disposition: form-data;\r\n name=\"model\"", b"Content-Disposition:\r\n\tform-data; name=\"model\"",
    b"Content-Disposition: form-data; name*=utf-8''model", b"Content-Disposition: form-data; name=\"x\"; name=\"model\"",
    b"Content-Disposition: form-data; x=\"" + b"x" * 5000 + b"\"; name=\"model\"",
    b"Content-Disposition: form-data; name=\"x\"\r\nContent-Disposition: form-data; name=\"model\"",
    b"Content-Disposition: attachment; name=\"model\"", b"Content-Disposition: form-data; name=\"model\"; filename=\"x\""],
    ids=["folded", "folded first", "extended", "twins", "long", "two fields", "attachment", "file"])
def test_no_second_name_in_a_form(edges, upstream, shared, header):
    """Where another reader may find a name that we do not."""
    edge, keys = start(edges, upstream, shared)
    first = b"--b\r\n" + header + b"\r\n\r\ngpt-4\r\n"
    for body in (first + form(("model", b"gpt-4o")), form(("model", b"gpt-4o"))[:-len(b"--b--\r\n")] + first + b"--b--\r\n"):
        answer = edge.ask(request("POST", "/v1/audio/transcriptions", body, keys.issue(models=["gpt-4o"]).bearer, FORM))
        assert (answer.status, answer.get("x-edgefilter-code")) == (400, "202"), answer
    assert upstream.exchanges == []


def test_a_name_without_an_end_in_a_form(edges, upstream, shared):
    edge, keys = start(edges, upstream, shared)
    body = form(("model", b"gpt-4o"))[:-len(b"--b--\r\n")] + b'--b\r\nContent-Disposition: form-data; name="model"\r\n\r\ngpt-4'
    answer = edge.ask(request("POST", "/v1/audio/transcriptions", body, keys.issue(models=["gpt-4o"]).bearer, FORM))
    assert (answer.status, answer.get("x-edgefilter-code")) == (400, "202"), answer


MANY = b"[" + b"1," * (1 << 20) + b"1]"


@pytest.mark.parametrize("endpoint", ["chat/completions", "responses", "embeddings"])
def test_what_cannot_be_read_is_not_spent(edges, upstream, shared, endpoint):
    """Who has a budget must not hide what a request comes to behind more values than are read."""
    edge, keys = start(edges, upstream, shared, upstream_quirks=["responses"])
    body = b'{"model":"gpt-4o","input":"hello","x":' + MANY + b',"background":true,"n":500}'
    key, free = keys.issue(tpd=1000), keys.issue()
    answer = edge.ask(request("POST", f"/v1/{endpoint}", body, key.bearer))
    assert (answer.status, answer.get("x-edgefilter-code")) == (413, "204"), answer
    assert "values" in answer.error["message"]
    assert upstream.exchanges == []
    upstream.script(scripts.whole(b"{}"))
    assert edge.ask(request("POST", f"/v1/{endpoint}", body, free.bearer)).status == 200, "what is not read is not counted"


def test_a_stream_of_fim_is_paid_for(edges, upstream, shared):
    """Mistral's completions of code tell what they cost at their end, like those of texts."""
    edge, keys = start(edges, upstream, shared)
    key = keys.issue(tpd=1000)
    body = {"model": "codestral", "prompt": "hello", "stream": True}
    assert edge.ask(request("POST", "/v1/fim/completions", {**body, "max_tokens": 2000}, key.bearer)).status == 429
    upstream.script(scripts.stream([f"word{n} " for n in range(50)]))
    assert edge.ask(request("POST", "/v1/fim/completions", body, key.bearer)).status == 200
    record = edge.records(2)[1]
    assert record["estimated"] == 1 and record["output"] >= 50, record


@pytest.mark.parametrize("model,status", [
    ("gpt-4o,claude-sonnet-4-5", 403), ("gpt-4o, claude-sonnet-4-5", 403), (",gpt-4o", 403), ("gpt-4o,gpt-5", 403),
    ("gpt-4o, gpt-4-turbo", 404), ("gpt-4o", 200)])
def test_several_names_in_one(edges, upstream, shared, model, status):
    """Some upstreams take names with commas between them: each must be allowed."""
    edge, keys = start(edges, upstream, shared)
    assert edge.ask(chat(model, "hello", keys.issue(models=["gpt-4*"]).bearer)).status == status
