# SPDX-License-Identifier: MIT
"""No key is written anywhere (promise 7), wherever its owner puts it and whatever the log is asked to tell."""

import json

import pytest

import api
import scripts
from client import chat, request
from edge import configuration, contents

TOLD = {"bodies": True, "request_headers": True, "response_headers": True}
OWN = f"Authorization: Bearer {api.CALLER_KEY}"


def written(edge) -> bytes:
    """Everything that is on a disk or was said."""
    files = contents(edge.folder / "state", edge.folder / "run")
    return b"\n".join([*files, *(line.encode() for line in edge.stderr)])


def test_in_a_field_of_another_name(edges, upstream):
    edge = edges(configuration(upstream, log=TOLD))

    def script(x) -> None:
        x.body.read()
        api.respond_json(x, {"data": []}, 200, ("x-debug", x.request.get("authorization")))
    upstream.script(script)
    edge.ask(chat("gpt-4", "x", OWN, f"X-Debug: {api.CALLER_KEY}"))
    edge.transcripts.clear()
    edge.wait_stderr(r"Request headers.*X-Debug: \*\*\*")
    edge.wait_stderr(r"Response headers.*x-debug: Bearer \*\*\*")
    assert api.OPERATOR_KEY.encode() not in written(edge)
    assert api.CALLER_KEY.encode() not in written(edge)


@pytest.mark.parametrize("shown", [8, len(api.CALLER_KEY) - 1])
def test_at_the_end_of_a_body_that_is_cut(edges, upstream, shown):
    asked = {"model": "gpt-4", "messages": [{"role": "user", "content": api.CALLER_KEY}]}
    start = json.dumps(asked).index(api.CALLER_KEY)
    edge = edges(configuration(upstream, log={**TOLD, "max_body_length": start + shown}))
    edge.ask(request("POST", "/v1/chat/completions", asked, OWN))
    edge.transcripts.clear()
    edge.wait_stderr(r'Request body - .*"content": "\*\*\*$')
    assert api.CALLER_KEY[:shown].encode() not in written(edge)


def test_a_body_that_is_cut_keeps_its_last_words(edges, upstream):
    edge = edges(configuration(upstream, log={**TOLD, "max_body_length": 18}))
    edge.ask(chat("gpt-4", "x", OWN))
    edge.wait_stderr('Request body - {"model": "gpt-4",$')


def test_a_field_of_ours_may_be_a_credential(edges, upstream, tmp_path):
    """`headers` takes the references that `key` takes; before, the reference itself went upstream."""
    secret = "abcdef-0123456789 of ours"
    (tmp_path / "site").write_text(f"{secret}\n")
    edge = edges(configuration(upstream, upstream_headers={"X-Site": "${credential:site}"}, log=TOLD),
                 env={"CREDENTIALS_DIRECTORY": str(tmp_path)})
    upstream.script(scripts.whole(json.dumps({"you": secret}).encode()))
    edge.ask(chat("gpt-4"))
    edge.transcripts.clear()
    assert upstream.exchange().request.get("x-site") == secret
    edge.wait_stderr("Response body")
    assert secret.encode() not in written(edge)
    told = edge.tool("check").stdout.decode()
    assert "${credential:site}" in told and secret not in told


def test_in_an_answer_that_repeats_a_secret_field(edges, upstream):
    """A cookie of the operator's is a secret as well."""
    cookie = "session=0123456789abcdef"
    edge = edges(configuration(upstream, upstream_headers={"Cookie": cookie}, log=TOLD))
    upstream.script(scripts.whole(json.dumps({"you": cookie}).encode()))
    edge.ask(chat("gpt-4"))
    edge.wait_stderr("Response body")
    assert cookie.encode() not in written(edge)


@pytest.mark.parametrize("target, model", [
    ("/v1/chat/completions", f"my-{api.CALLER_KEY}"),
    (f"/v1/chat/completions?key={api.CALLER_KEY}", "gpt-4"),
    (f"/v1/{api.CALLER_KEY}/x", "gpt-4"),
    (f"/v1/models/{api.CALLER_KEY}", "gpt-4"),
])
def test_in_the_place_of_something_else(edges, upstream, target, model):
    edge = edges(configuration(upstream))
    edge.ask(request("POST", target, {"model": model, "messages": []}, OWN))
    edge.transcripts.clear()
    record, = edge.records(1)
    edge.wait_stderr("Request completed")
    assert "***" in record["endpoint"] + record["model"] or "?" in target
    assert api.CALLER_KEY.encode() not in written(edge)


def test_a_word_is_no_key(edges, upstream):
    """Many clients are given any word for a key; it must not make holes in names."""
    edge = edges(configuration(upstream))
    edge.ask(chat("gpt-4", "x", "Authorization: Bearer gpt-4"))
    record, = edge.records(1)
    assert (record["model"], record["used"]) == ("gpt-4", "gpt-4-turbo")
