# SPDX-License-Identifier: MIT
"""OpenAI's SDK as a caller of Responses."""

import json

import openai

import serve
from caller import DATA_URL, HELP, PLACE, TOOL, Ask, Called, Caller, Got
from small_model import Usage


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
