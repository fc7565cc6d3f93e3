# SPDX-License-Identifier: MIT
"""The vendors' SDKs, whichever versions are installed, each as a caller that is asked in one way and answers in one.

Streams go through the SDKs' own `stream()` helpers, the strictest parsers there are.
"""

import json
from dataclasses import dataclass, field, replace
from types import SimpleNamespace

import anthropic
import openai

import serve
from small_model import Usage
from translating import DIALECTS, EYES, MODEL, THINKER, translation

PACKED = ("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg"
          "==")
DATA_URL = f"data:image/png;base64,{PACKED}"
PLACE = {"type": "object", "properties": {"city": {"type": "string"}, "unit": {"type": "string", "enum": ["c", "f"]}},
         "required": ["city", "unit"], "additionalProperties": False}
TOOL, HELP = "get_weather", "The weather of a place"


@dataclass
class Called:
    """A call of a tool, as the SDK understood it."""

    id: str
    name: str
    arguments: dict


@dataclass
class Got:
    """An answer, as the SDK understood it. `turn` is what goes back as history."""

    text: str = ""
    thought: str = ""
    refusal: str = ""
    calls: list[Called] = field(default_factory=list)
    stop: str = "end"
    stopped_at: str | None = None
    usage: Usage = field(default_factory=Usage)
    model: str = ""
    turn: object = None


@dataclass
class Ask:
    """A question. `results` answer the calls of `earlier`: (text, is an error, has the picture)."""

    text: str
    picture: bool = False
    tools: bool = False
    choice: str | None = None
    one_call: bool = False
    schema: dict | None = None
    thinks: bool = False
    limit: int | None = None
    stops: list[str] = field(default_factory=list)
    system: str | None = None
    earlier: Got | None = None
    results: list[tuple[str, bool, bool]] = field(default_factory=list)
    extra: dict = field(default_factory=dict)

    def then(self, earlier: Got, *results: tuple[str, bool, bool]) -> "Ask":
        """The next round: the same question, the answer to it, and what its calls gave."""
        return replace(self, earlier=earlier, results=list(results))


class Caller:
    """An SDK. `heads` are those of all answers, in order."""

    def __init__(self, library, base_url: str, key: str):
        self.heads: list = []
        note = {"response": [lambda response: self.heads.append(response.headers)]}
        http = library.DefaultHttpxClient(event_hooks=note)
        kind = library.OpenAI if library is openai else library.Anthropic
        self.sdk = kind(base_url=base_url, api_key=key, max_retries=0, timeout=20, http_client=http)

    def close(self) -> None:
        self.sdk.close()


class ChatCaller(Caller):
    """`openai`, Chat Completions."""

    name, library, vendor = "openai", openai, "openai"

    def __init__(self, root: str, key: str = serve.CALLER_KEY):
        super().__init__(openai, f"{root}/v1", key)

    def ask(self, model: str, ask: Ask, stream: bool) -> Got:
        given = {"model": model, "messages": self.messages(ask), **self.wants(ask), **ask.extra}
        if not stream:
            return self.understand(self.sdk.chat.completions.create(**given))
        with self.sdk.chat.completions.stream(**given, stream_options={"include_usage": True}) as events:
            events.until_done()
            return self.understand(events.current_completion_snapshot)

    def raw(self, model: str, ask: Ask):
        """The events of a stream as they come."""
        yield from self.sdk.chat.completions.create(model=model, messages=self.messages(ask), stream=True)

    @staticmethod
    def wants(ask: Ask) -> dict:
        wants: dict = {}
        if ask.tools:
            wants["tools"] = [{"type": "function", "function": {
                "name": TOOL, "description": HELP, "parameters": PLACE, "strict": True}}]
        if ask.choice:
            named = {"type": "function", "function": {"name": TOOL}}
            wants["tool_choice"] = named if ask.choice == "named" else {"any": "required"}.get(ask.choice, ask.choice)
        wants |= {"parallel_tool_calls": False} if ask.one_call else {}
        wants |= {"reasoning_effort": "low"} if ask.thinks else {}
        wants |= {"max_tokens": ask.limit} if ask.limit else {}
        wants |= {"stop": ask.stops} if ask.stops else {}
        if ask.schema:
            wants["response_format"] = {"type": "json_schema", "json_schema": {
                "name": "place", "schema": ask.schema, "strict": True}}
        return wants

    @staticmethod
    def messages(ask: Ask) -> list:
        parts = [{"type": "text", "text": ask.text}, {"type": "image_url", "image_url": {"url": DATA_URL}}]
        turns: list = [{"role": "system", "content": ask.system}] if ask.system else []
        turns.append({"role": "user", "content": parts if ask.picture else ask.text})
        if ask.earlier:
            turns.append(ask.earlier.turn)
            turns += [{"role": "tool", "tool_call_id": call.id, "content": text}
                      for call, (text, _, _) in zip(ask.earlier.calls, ask.results)]
        return turns

    @staticmethod
    def understand(found) -> Got:
        choice, usage = found.choices[0], found.usage
        message = choice.message
        calls = [Called(call.id, call.function.name, json.loads(call.function.arguments))
                 for call in message.tool_calls or []]
        stop = {"stop": "end", "length": "length", "tool_calls": "calls",
                "content_filter": "refusal"}[choice.finish_reason]
        got = Got(message.content or "", getattr(message, "reasoning_content", None) or "", message.refusal or "",
                  calls, "refusal" if message.refusal else stop, model=found.model)
        prompt, answer = usage.prompt_tokens_details, usage.completion_tokens_details  # an estimate has neither
        got.usage = Usage(usage.prompt_tokens, prompt.cached_tokens if prompt else 0,
                          getattr(prompt, "cache_write_tokens", None) or 0,
                          usage.completion_tokens, answer.reasoning_tokens if answer else 0)
        assert usage.total_tokens == usage.prompt_tokens + usage.completion_tokens
        kept = message.model_dump(exclude_none=True)
        got.turn = {name: kept[name] for name in ("role", "content", "tool_calls", "reasoning_content") if name in kept}
        for call in got.turn.get("tool_calls", []):
            call.pop("index", None)
            call["function"].pop("parsed_arguments", None)
        return got


class ResponsesCaller(Caller):
    """`openai`, Responses."""

    name, library, vendor = "responses", openai, "openai"

    def __init__(self, root: str, key: str = serve.CALLER_KEY):
        super().__init__(openai, f"{root}/v1", key)

    def ask(self, model: str, ask: Ask, stream: bool) -> Got:
        given = {"model": model, "input": self.items(ask), **self.wants(ask), **ask.extra}
        if not stream:
            return self.understand(self.sdk.responses.create(**given))
        ended = None
        with self.sdk.responses.stream(**given) as events:
            for event in events:
                ended = event if event.type in ("response.completed", "response.incomplete") else ended
        assert ended is not None, "a stream without its end"
        return self.understand(ended.response)

    def raw(self, model: str, ask: Ask):
        yield from self.sdk.responses.create(model=model, input=self.items(ask), stream=True)

    @staticmethod
    def wants(ask: Ask) -> dict:
        wants: dict = {"store": False}
        if ask.tools:
            wants["tools"] = [{"type": "function", "name": TOOL, "description": HELP, "parameters": PLACE,
                               "strict": True}]
        if ask.choice:
            named = {"type": "function", "name": TOOL}
            wants["tool_choice"] = named if ask.choice == "named" else {"any": "required"}.get(ask.choice, ask.choice)
        wants |= {"parallel_tool_calls": False} if ask.one_call else {}
        wants |= {"max_output_tokens": ask.limit} if ask.limit else {}
        wants |= {"instructions": ask.system} if ask.system else {}
        if ask.thinks:
            wants |= {"reasoning": {"effort": "low", "summary": "auto"}, "include": ["reasoning.encrypted_content"]}
        if ask.schema:
            wants["text"] = {"format": {"type": "json_schema", "name": "place", "schema": ask.schema, "strict": True}}
        return wants

    @staticmethod
    def items(ask: Ask) -> list:
        parts = [{"type": "input_text", "text": ask.text}, {"type": "input_image", "image_url": DATA_URL}]
        items: list = [{"role": "user", "content": parts if ask.picture else ask.text}]
        if ask.earlier:
            items += ask.earlier.turn
            items += [{"type": "function_call_output", "call_id": call.id, "output": ResponsesCaller.output(*result)}
                      for call, result in zip(ask.earlier.calls, ask.results)]
        return items

    @staticmethod
    def output(text: str, _, has_picture: bool):
        parts = [{"type": "input_text", "text": text}, {"type": "input_image", "image_url": DATA_URL}]
        return parts if has_picture else text

    @staticmethod
    def understand(found) -> Got:
        got = Got(model=found.model)
        reason = found.incomplete_details.reason if found.incomplete_details else None
        got.stop = {"max_output_tokens": "length", "content_filter": "refusal"}.get(reason, "end")
        for item in found.output:
            ResponsesCaller.understand_item(got, item)
        got.usage = Usage(found.usage.input_tokens, found.usage.input_tokens_details.cached_tokens,
                          getattr(found.usage.input_tokens_details, "cache_write_tokens", None) or 0,
                          found.usage.output_tokens, found.usage.output_tokens_details.reasoning_tokens)
        assert found.usage.total_tokens == found.usage.input_tokens + found.usage.output_tokens
        got.turn = [item.model_dump(exclude_none=True, exclude={"parsed_arguments"}) for item in found.output]
        return got

    @staticmethod
    def understand_item(got: Got, item) -> None:
        if item.type == "reasoning":
            got.thought += "".join(part.text for part in item.summary)
        elif item.type == "function_call":
            got.calls.append(Called(item.call_id, item.name, json.loads(item.arguments)))
            got.stop = "calls" if got.stop == "end" else got.stop
        elif item.type == "message":
            got.text += "".join(part.text for part in item.content if part.type == "output_text")
            got.refusal += "".join(part.refusal for part in item.content if part.type == "refusal")
            got.stop = "refusal" if got.refusal else got.stop


class MessagesCaller(Caller):
    """`anthropic`, Messages."""

    name, library, vendor = "anthropic", anthropic, "anthropic"
    STOPS = {"end_turn": "end", "max_tokens": "length", "tool_use": "calls", "stop_sequence": "stop",
             "refusal": "refusal"}

    def __init__(self, root: str, key: str = serve.CALLER_KEY):
        super().__init__(anthropic, root, key)

    def ask(self, model: str, ask: Ask, stream: bool) -> Got:
        given = {"model": model, "max_tokens": ask.limit or 4000, "messages": self.messages(ask), **self.wants(ask),
                 **ask.extra}
        if not stream:
            return self.understand(self.sdk.messages.create(**given))
        with self.sdk.messages.stream(**given) as events:
            return self.understand(events.get_final_message())

    def raw(self, model: str, ask: Ask):
        yield from self.sdk.messages.create(model=model, max_tokens=4000, messages=self.messages(ask), stream=True)

    @staticmethod
    def wants(ask: Ask) -> dict:
        wants: dict = {}
        if ask.tools:
            wants["tools"] = [{"name": TOOL, "description": HELP, "input_schema": PLACE}]
        if ask.choice or ask.one_call:
            named = {"type": "tool", "name": TOOL}
            wants["tool_choice"] = named if ask.choice == "named" else {"type": ask.choice or "auto"}
            wants["tool_choice"] |= {"disable_parallel_tool_use": True} if ask.one_call else {}
        wants |= {"thinking": {"type": "enabled", "budget_tokens": 1024}} if ask.thinks else {}
        wants |= {"stop_sequences": ask.stops} if ask.stops else {}
        wants |= {"system": ask.system} if ask.system else {}
        if ask.schema:
            wants["output_config"] = {"format": {"type": "json_schema", "schema": ask.schema}}
        return wants

    @staticmethod
    def image() -> dict:
        return {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": PACKED}}

    @staticmethod
    def messages(ask: Ask) -> list:
        words = {"type": "text", "text": ask.text}
        turns: list = [{"role": "user", "content": [words, MessagesCaller.image()] if ask.picture else ask.text}]
        if ask.earlier:
            turns.append({"role": "assistant", "content": ask.earlier.turn})
            turns.append({"role": "user", "content": [
                MessagesCaller.result(call, *result) for call, result in zip(ask.earlier.calls, ask.results)]})
        return turns

    @staticmethod
    def result(call: Called, text: str, is_error: bool, has_picture: bool) -> dict:
        parts = [{"type": "text", "text": text}, MessagesCaller.image()]
        return {"type": "tool_result", "tool_use_id": call.id, "content": parts if has_picture else text,
                **({"is_error": True} if is_error else {})}

    @staticmethod
    def understand(found) -> Got:
        kept = [block.model_dump(exclude_none=True) for block in found.content]
        got = Got(stop=MessagesCaller.STOPS[found.stop_reason], stopped_at=found.stop_sequence, model=found.model)
        got.text = "".join(block["text"] for block in kept if block["type"] == "text")
        got.thought = "".join(block["thinking"] for block in kept if block["type"] == "thinking")
        got.calls = [Called(block["id"], block["name"], block["input"]) for block in kept
                     if block["type"] == "tool_use"]
        details = found.to_dict().get("stop_details") or {}
        got.refusal = details.get("explanation") or ""
        usage = found.usage.to_dict()
        cached, written = usage["cache_read_input_tokens"], usage["cache_creation_input_tokens"]
        got.usage = Usage(usage["input_tokens"] + cached + written, cached, written, usage["output_tokens"],
                          (usage.get("output_tokens_details") or {}).get("thinking_tokens") or 0)
        got.turn = [{name: value for name, value in block.items() if name not in ("parsed_output", "citations")}
                    for block in kept]
        return got


CALLERS = {kind.name: kind for kind in (ChatCaller, ResponsesCaller, MessagesCaller)}


def reach(caller: str, dialect: str, upstreams, edges, **settings) -> SimpleNamespace:
    """A caller in front of an edgefilter; `direct` goes to its own vendor's stand-in, as a control."""
    kind = CALLERS[caller]
    if dialect == "direct":
        upstream = upstreams(vendor=kind.vendor)
        upstream.expects_proxy = False
        names = DIALECTS[caller]
        return SimpleNamespace(caller=kind(f"http://{upstream.authority}"), upstream=upstream, edge=None,
                               model=names.model, thinker=names.thinker, eyes=names.model)
    upstream = upstreams(vendor=DIALECTS[dialect].vendor)
    running = edges(translation(upstream, dialect, **settings))
    return SimpleNamespace(caller=kind(running.url), upstream=upstream, edge=running, model=MODEL, thinker=THINKER,
                           eyes=EYES)
