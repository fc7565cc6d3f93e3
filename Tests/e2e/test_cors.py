# SPDX-License-Identifier: MIT
"""CORS: open where the caller's key matters, listed origins where keyless callers are served."""

import pytest

import api
import scripts
from client import chat, request
from edge import configuration

FOREIGN = "Origin: https://evil.example"
LISTED = "https://app.example.com"
KEY = f"Authorization: Bearer {api.CALLER_KEY}"


def preflight(origin: str, *lines: str) -> bytes:
    return request("OPTIONS", "/v1/chat/completions", None, f"Origin: {origin}",
                   "Access-Control-Request-Method: POST",
                   "Access-Control-Request-Headers: authorization, content-type", *lines)


@pytest.fixture
def bring_your_key(edges, upstream):
    return edges(configuration(upstream, upstream_key="caller"))


def test_preflight_where_callers_bring_their_key(bring_your_key, upstream):
    answer = bring_your_key.ask(preflight("https://any.example"))
    assert (answer.status, answer.body) == (204, b"")
    assert answer.get("access-control-allow-origin") == "*"
    assert "POST" in answer.get("access-control-allow-methods")
    assert "authorization" in answer.get("access-control-allow-headers").lower()
    assert answer.get("access-control-max-age") == "3600"
    assert answer.get("access-control-allow-credentials") is None
    assert upstream.exchanges == []


@pytest.mark.parametrize("script", [api.answer, scripts.stream(["a"]), scripts.error(429),
                                    scripts.cut()])
def test_fields_stand_on_every_answer(bring_your_key, upstream, script):
    upstream.script(script)
    answer = bring_your_key.ask(chat("gpt-4", "x", KEY, FOREIGN, stream=True))
    assert answer.all("access-control-allow-origin") == ["*"]


def test_a_page_may_read_every_field(bring_your_key, upstream):
    """`Retry-After` and what a translation lost, too."""
    upstream.script(scripts.error(429), api.answer)
    assert bring_your_key.ask(chat("gpt-4", "x", KEY, FOREIGN)).all("access-control-expose-headers") == ["*"]
    assert bring_your_key.ask(chat("gpt-4", "x", KEY)).all("access-control-expose-headers") == []


def test_upstreams_own_fields_do_not_double_ours(bring_your_key, upstream):
    upstream.script(scripts.whole(b"{}", ("access-control-allow-origin", "https://u.example")))
    answer = bring_your_key.ask(chat("gpt-4", "x", KEY, FOREIGN))
    assert answer.all("access-control-allow-origin") == ["*"]


@pytest.mark.parametrize("line", [FOREIGN, "Origin: null", "Sec-Fetch-Site: cross-site"])
def test_web_pages_cannot_spend_the_operators_key(edge, upstream, line):
    answer = edge.ask(chat("gpt-4", "x", line))
    assert answer.status == 403
    assert answer.get("access-control-allow-origin") is None
    assert answer.error["message"]
    assert upstream.exchanges == []
    assert edge.records(1)[0]["status"] == 403


def test_host_of_another_name(edge, upstream):
    """DNS rebinding: a page's own name that points at loopback."""
    asked = {"model": "gpt-4", "messages": [{"role": "user", "content": "x"}]}
    answer = edge.ask(request("POST", "/v1/chat/completions", asked, host="evil.example"))
    assert answer.status in (403, 421)
    assert upstream.exchanges == []


def test_no_origin_is_unaffected(edge):
    assert edge.ask(chat("gpt-4")).status == 200


def test_listed_origin(edges, upstream):
    edge = edges(configuration(upstream, cors=[LISTED]))
    answer = edge.ask(chat("gpt-4", "x", f"Origin: {LISTED}"))
    assert answer.status == 200
    assert answer.get("access-control-allow-origin") == LISTED
    assert "origin" in (answer.get("vary") or "").lower()
    assert edge.ask(preflight(LISTED)).get("access-control-allow-origin") == LISTED
    assert edge.ask(chat("gpt-4", "x", FOREIGN)).status == 403
    assert edge.ask(preflight("https://evil.example")).get("access-control-allow-origin") is None


def test_opened_to_all(edges, upstream):
    edge = edges(configuration(upstream, cors=["*"]))
    answer = edge.ask(chat("gpt-4", "x", FOREIGN))
    assert (answer.status, answer.get("access-control-allow-origin")) == (200, "*")


def test_options_that_is_no_preflight(edge, upstream):
    answer = edge.ask(request("OPTIONS", "/v1/files"))
    assert answer.status in (200, 204)
    assert len(upstream.exchanges) <= 1
