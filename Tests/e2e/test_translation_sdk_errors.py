# SPDX-License-Identifier: MIT
"""Errors and streams that break off, as each SDK of each upstream dialect understands them."""

import pytest

import scripts
from api_chat import FAILURES
from caller import Ask
from callers import ROUTES, TRANSLATED, reach, reached, route, stream  # noqa: F401

pytestmark = pytest.mark.sdk

# What each caller gets of each kind of error: its SDK's exception, and the status.
OPENAI_ERRORS = {
    "invalid": ("BadRequestError", 400), "overflow": ("BadRequestError", 400), "missing": ("NotFoundError", 404),
    "conflict": ("ConflictError", 409), "large": ("APIStatusError", 413), "rate": ("RateLimitError", 429),
    "quota": ("RateLimitError", 429), "fault": ("InternalServerError", 500),
    "overloaded": ("InternalServerError", 503), "key": ("AuthenticationError", 401),
    "permission": ("PermissionDeniedError", 403)}
ANTHROPIC_ERRORS = {
    "invalid": ("BadRequestError", 400), "overflow": ("BadRequestError", 400), "missing": ("NotFoundError", 404),
    "conflict": ("ConflictError", 409), "large": ("RequestTooLargeError", 413), "rate": ("RateLimitError", 429),
    "quota": ("APIStatusError", 402), "fault": ("InternalServerError", 500),
    "overloaded": ("OverloadedError", 529), "key": ("AuthenticationError", 401),
    "permission": ("PermissionDeniedError", 403)}
ERRORS = {"openai": OPENAI_ERRORS, "responses": OPENAI_ERRORS, "anthropic": ANTHROPIC_ERRORS}


@pytest.mark.parametrize("kind", OPENAI_ERRORS)
def test_errors(upstreams, edges, route, stream, kind):
    found = reach(*route, upstreams, edges, **({} if route[1] == "direct" else {"upstream_key": "caller"}))
    name, status = ERRORS[route[0]][kind]
    with pytest.raises(getattr(found.caller.library, name)) as caught:
        found.caller.ask(found.model, Ask(f"fail {kind}"), stream)
    error = caught.value
    assert (error.status_code, bool(error.request_id)) == (status, True)
    if kind == "overflow":
        told = str(error.body)
        assert "prompt is too long" in told if route[0] == "anthropic" else error.code == "context_length_exceeded"
    if kind == "rate":
        assert error.response.headers["retry-after"] == "7"
    if kind == "quota" and route in TRANSLATED:
        assert error.response.headers["x-should-retry"] == "false"
    found.caller.close()


@pytest.mark.parametrize("route", TRANSLATED, ids="-".join)
@pytest.mark.parametrize("kind", ["key", "permission"])
def test_t131_errors_of_the_operators_key(upstreams, edges, route, stream, kind):
    """A key of ours that is refused is our fault, not the caller's."""
    found = reach(*route, upstreams, edges)
    with pytest.raises(found.caller.library.InternalServerError) as caught:
        found.caller.ask(found.model, Ask(f"fail {kind}"), stream)
    assert caught.value.status_code == 502
    assert found.upstream.authority not in str(caught.value.body)
    found.caller.close()


@pytest.mark.parametrize("kind", ["overloaded", "fault"])
def test_t137_error_in_mid_stream(reached, route, kind):
    gate, seen = reached.upstream.gate(), []
    reached.upstream.script(scripts.stalling(5 if route[1] != "openai" else 3, gate))
    with pytest.raises(reached.caller.library.APIError) as caught:
        for event in reached.caller.raw(reached.model, Ask(f"break {kind}")):
            seen.append(event)
            gate.set()
    assert seen, "the stream had not begun"
    told = str(caught.value.body) + str(caught.value)
    if route[0] == "anthropic":
        assert {"overloaded": "overloaded_error", "fault": "api_error"}[kind] in told
    assert "verloaded" in told if kind == "overloaded" else "error" in told.lower()
    if reached.edge:
        record, = reached.edge.records(1)
        assert record["ended"] != "complete"


def is_end(event) -> bool:
    """Whether the SDK takes this for the end of a complete answer."""
    choices = getattr(event, "choices", None)
    return bool(choices and choices[0].finish_reason) or getattr(event, "type", "") in (
        "message_stop", "response.completed")


@pytest.mark.parametrize("route", [route for route in ROUTES if route[1] != "direct"], ids="-".join)
@pytest.mark.parametrize("how", ["cut", "end"])
def test_t88_every_cut_is_an_exception_of_the_sdk(reached, how):
    """The SDK raises for a stream that broke off, wherever it did, and never sees the end of a complete one."""
    for count in range(1, 40):
        reached.upstream.script(scripts.breaking(count, how))
        events = []
        try:
            events.extend(reached.caller.raw(reached.model, Ask("one two three")))
            break
        except reached.caller.library.APIError:
            assert not [event for event in events if is_end(event)]
    assert is_end(events[-1]) or is_end(events[-2])
    assert count >= 6, f"complete after {count} events"


@pytest.mark.parametrize("route", [each for each in TRANSLATED if each[1] != "dashscope" or each[0] == "openai"],
                         ids="-".join)
@pytest.mark.parametrize("kind", FAILURES)
def test_failures_are_recorded(upstreams, edges, route, kind):
    found = reach(*route, upstreams, edges)
    with pytest.raises(found.caller.library.APIStatusError) as caught:
        found.caller.ask(found.model, Ask(f"fail {kind}"), False)
    record, = found.edge.records(1)
    assert record["status"] == caught.value.status_code
    assert 400 < record["code"] < 500
    assert caught.value.response.headers["x-edgefilter-code"] == str(record["code"])
    found.caller.close()
