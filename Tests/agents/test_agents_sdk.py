# SPDX-License-Identifier: MIT
"""The Agents SDK: whole loops of an agent, over Chat and over Responses, in front of each upstream dialect."""

import asyncio

import agents
import openai
import pytest

from agent import KEY
from translating import DIALECTS, MODEL, translation
from upstream import Upstream

MODELS = {"openai": agents.OpenAIChatCompletionsModel, "responses": agents.OpenAIResponsesModel}
agents.set_tracing_disabled(True)


@agents.function_tool
def get_weather(city: str) -> str:
    """The weather of a place."""
    return f"sunny in {city}"


@pytest.fixture(params=["direct", *DIALECTS])
def dialect(request):
    return request.param


@pytest.fixture(params=MODELS)
def caller(request):
    return request.param


@pytest.fixture
def place(dialect, caller, upstream_of, edges):
    """Where the SDK calls, and for which model."""
    upstream: Upstream = upstream_of(DIALECTS[caller if dialect == "direct" else dialect].vendor)
    if dialect == "direct":
        upstream.expects_proxy = False
        return f"http://{upstream.authority}/v1", DIALECTS[caller].model
    return f"{edges(translation(upstream, dialect)).url}/v1", MODEL


async def converse(place, caller: str, words: str, stream: bool) -> str:
    base_url, model = place
    async with openai.AsyncOpenAI(base_url=base_url, api_key=KEY, max_retries=0) as sdk:
        agent = agents.Agent(name="e2e", instructions="Be brief.", tools=[get_weather],
                             model=MODELS[caller](model=model, openai_client=sdk))
        if not stream:
            return (await agents.Runner.run(agent, words)).final_output
        result = agents.Runner.run_streamed(agent, words)
        async for _ in result.stream_events():
            pass
        return result.final_output


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
@pytest.mark.parametrize("words, answer", [
    ("hello", "You said: hello"), ("weather Rome", "Results: sunny in Rome"),
    ("ask weather Rome, Oslo", "Results: sunny in Rome; sunny in Oslo"),
])
def test_loop(place, caller, stream, words, answer):
    assert asyncio.run(converse(place, caller, words, stream)) == answer
