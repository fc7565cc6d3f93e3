# SPDX-License-Identifier: MIT
"""Each SDK against each upstream dialect, streamed and whole; and against its own vendor's stand-in, as a control."""

import pytest

from caller import PLACE, TOOL, Ask
from callers import ROUTES, TRANSLATED, reach, reached, route, stream  # noqa: F401
from small_model import CACHED, Usage

pytestmark = pytest.mark.sdk
NUMBERS = " ".join(f"w{number}" for number in range(30))


def check_record(found, route, model: str, usage: Usage, number: int = 1) -> None:
    """The record of the last request tells the same as the answer."""
    if not found.edge:
        return
    record = found.edge.records(number)[-1]
    told = Usage(record["input"], record["cached"], usage.written, record["output"], record["reasoning"])
    assert (record["client"], record["dialect"], record["status"], record["code"], record["ended"]) \
        == (*route, 200, 0, "complete")
    assert (record["model"], told) == (model, usage)


def test_text(reached, route, stream):
    got = reached.caller.ask(reached.model, Ask("hello", system="Be brief."), stream)
    assert (got.text, got.stop, got.model) == ("You said: hello", "end", reached.model)
    assert got.usage == Usage()
    check_record(reached, route, reached.model, Usage())


def test_usage_from_the_cache(reached, route, stream):
    got = reached.caller.ask(reached.model, Ask("hello cached"), stream)
    assert got.usage == CACHED
    check_record(reached, route, reached.model, CACHED)


def test_two_parallel_calls_and_their_results(reached, stream):
    ask = Ask("ask weather Rome, Oslo", tools=True)
    got = reached.caller.ask(reached.model, ask, stream)
    assert got.stop == "calls"
    assert got.text == f"I ask {TOOL}."
    assert [(call.name, call.arguments["city"]) for call in got.calls] == [(TOOL, "Rome"), (TOOL, "Oslo")]
    assert len({call.id for call in got.calls}) == 2
    then = reached.caller.ask(reached.model, ask.then(got, ("sunny", False, False), ("wet", False, False)), stream)
    assert (then.text, then.stop, then.calls) == ("Results: sunny; wet", "end", [])


def test_calls_without_a_word(reached, stream):
    got = reached.caller.ask(reached.model, Ask("weather Rome", tools=True), stream)
    assert (got.text, got.stop, len(got.calls)) == ("", "calls", 1)


@pytest.mark.parametrize("choice, count", [("any", 2), ("named", 2), ("auto", 2), ("none", 0)])
def test_tool_choice(reached, stream, choice, count):
    got = reached.caller.ask(reached.model, Ask("weather Rome, Oslo", tools=True, choice=choice), stream)
    assert len(got.calls) == count
    assert len(reached.upstream.requests) == 1


def test_one_call_at_a_time(reached, stream):
    got = reached.caller.ask(reached.model, Ask("weather Rome, Oslo", tools=True, one_call=True), stream)
    assert [call.arguments["city"] for call in got.calls] == ["Rome"]


def test_image(reached, stream):
    got = reached.caller.ask(reached.eyes, Ask("look", picture=True), stream)
    assert got.text == "I see image/png of 70 bytes 6b7fa434"


@pytest.mark.parametrize("route", [route for route in ROUTES if route[0] != "openai"], ids="-".join)
def test_image_in_a_result(reached, stream):
    ask = Ask("weather Rome", tools=True)
    got = reached.caller.ask(reached.eyes, ask, stream)
    then = reached.caller.ask(reached.eyes, ask.then(got, ("a map:", False, True)), stream)
    assert then.text.startswith("Results: a map:")
    assert then.text.endswith(" [image/png of 70 bytes 6b7fa434]")


@pytest.mark.parametrize("route", [route for route in ROUTES if route[0] == "anthropic"], ids="-".join)
def test_t15_failed_result(reached, stream):
    ask = Ask("weather Rome", tools=True)
    got = reached.caller.ask(reached.model, ask, stream)
    then = reached.caller.ask(reached.model, ask.then(got, ("no such place", True, False)), stream)
    assert then.text == "Results: failed: no such place"


def test_thinking(reached, route, stream):
    got = reached.caller.ask(reached.thinker, Ask("think hard", thinks=True), stream)
    assert (got.thought, got.text) == ("First I look, then I leap.", "You said: think hard")


def test_thoughts_nobody_asked_for(reached, stream):
    got = reached.caller.ask(reached.thinker, Ask("think hard"), stream)
    assert (got.thought, got.text) == ("", "You said: think hard")


def test_thoughts_come_back_with_results(reached, stream):
    """What an upstream wants back (text, signature, sealed item) gets back to it through any caller."""
    ask = Ask("think weather Rome, Oslo", tools=True, thinks=True)
    got = reached.caller.ask(reached.thinker, ask, stream)
    assert got.thought == "First I look, then I leap."
    then = reached.caller.ask(reached.thinker, ask.then(got, ("sunny", False, False), ("wet", False, False)), stream)
    assert then.text == "Results: sunny; wet"


def test_schema(reached, stream):
    got = reached.caller.ask(reached.model, Ask("where?", schema=PLACE), stream)
    assert (got.text, got.stop, got.calls) == ('{"city": "Rome", "unit": "c"}', "end", [])


# DashScope tells a refusal as it tells anything else.
@pytest.mark.parametrize("route", [route for route in ROUTES if route[1] != "dashscope"], ids="-".join)
@pytest.mark.parametrize("asked, text", [("refuse", ""), ("refuse late", "Well, ")])
def test_refusal(reached, route, stream, asked, text):
    got = reached.caller.ask(reached.model, Ask(asked), stream)
    assert got.stop == "refusal"
    assert got.text.startswith(text)
    # Anthropic's explanation is no part of the answer: it stands for one where nothing else was said.
    if not text or route[1] != "anthropic":
        assert "I will not do that." in got.text + got.refusal


def test_length(reached, stream):
    got = reached.caller.ask(reached.model, Ask(f"say {NUMBERS}", limit=16), stream)
    assert (got.text, got.stop) == (NUMBERS[:NUMBERS.index(" w16")], "length")


@pytest.mark.parametrize("route", [route for route in ROUTES if route[0] != "responses"], ids="-".join)
def test_stop_sequence(reached, route, stream):
    got = reached.caller.ask(reached.model, Ask("say alpha STOP omega", stops=["STOP"]), stream)
    assert got.text == "alpha "
    tells = route[0] == "anthropic" and route[1] not in ("openai", "dashscope")  # these do not say which it was (T47)
    assert (got.stop, got.stopped_at) == (("stop", "STOP") if tells else ("end", None))


@pytest.mark.parametrize("route", [route for route in ROUTES if route[0] == "anthropic"], ids="-".join)
def test_t30_many_stop_sequences(reached, stream):
    stops = ["one", "two", "three", "four", "STOP"]
    got = reached.caller.ask(reached.model, Ask("say alpha STOP omega", stops=stops), stream)
    assert got.text == "alpha "


LOSSES = {"openai": ({"seed": 7}, "seed"), "anthropic": ({"extra_body": {"top_k": 5}}, "top_k"),
          "responses": ({"max_tool_calls": 3}, "max_tool_calls")}
# What DashScope knows too is no loss there.
DASHSCOPE_LOSSES = {**LOSSES, "openai": ({"frequency_penalty": 0.5}, "frequency_penalty"),
                    "anthropic": ({"service_tier": "standard_only"}, "service_tier")}


def losses(route) -> tuple[dict, str]:
    """Something that does not arrive, and its name."""
    return (DASHSCOPE_LOSSES if route[1] == "dashscope" else LOSSES)[route[0]]


@pytest.mark.parametrize("route", TRANSLATED, ids="-".join)
def test_losses_are_told(upstreams, edges, route, stream):
    found = reach(*route, upstreams, edges)
    extra, name = losses(route)
    found.caller.ask(found.model, Ask("hello", extra=extra), stream)
    assert name in found.caller.heads[-1]["x-edgefilter-loss"]
    record, = found.edge.records(1)
    assert name in str(record["losses"])
    found.caller.close()


@pytest.mark.parametrize("route", TRANSLATED, ids="-".join)
def test_strict_refuses_losses(upstreams, edges, route, stream):
    found = reach(*route, upstreams, edges, strict=True)
    extra, name = losses(route)
    with pytest.raises(found.caller.library.BadRequestError) as caught:
        found.caller.ask(found.model, Ask("hello", extra=extra), stream)
    assert name in str(caught.value.body)
    assert found.upstream.requests == []
    assert found.caller.ask(found.model, Ask("hello"), stream).text == "You said: hello"
    found.caller.close()


@pytest.mark.parametrize("route", TRANSLATED, ids="-".join)
def test_many_on_one_connection(reached):
    """Whole answers: one SDK gives its connection up at the end of a stream."""
    for _ in range(3):
        assert reached.caller.ask(reached.model, Ask("hello"), False).text == "You said: hello"
    assert len(reached.upstream.connections) == 1
    assert len(reached.edge.handlers()) == 1


@pytest.mark.parametrize("route", [route for route in ROUTES if route[0] == "anthropic"], ids="-".join)
def test_t161_count_tokens(reached):
    few, many = (reached.caller.sdk.messages.count_tokens(
        model=reached.model, messages=[{"role": "user", "content": text}]).input_tokens for text in ("hi", "hi " * 999))
    assert 0 < few < 30 < many


def test_t162_models(reached):
    listed = [model.id for model in reached.caller.sdk.models.list()]
    assert reached.model in listed
    assert reached.caller.sdk.models.retrieve(reached.model).id == reached.model
