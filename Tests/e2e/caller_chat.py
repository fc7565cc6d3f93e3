# SPDX-License-Identifier: MIT
"""OpenAI's SDK as a caller of Chat Completions."""

import json

import openai

import serve
from caller import DATA_URL, HELP, PLACE, TOOL, Ask, Called, Caller, Got
from small_model import Usage


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
