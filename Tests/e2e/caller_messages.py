# SPDX-License-Identifier: MIT
"""Anthropic's SDK as a caller of Messages."""

import anthropic

import serve
from caller import HELP, PACKED, PLACE, TOOL, Ask, Called, Caller, Got
from small_model import Usage


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
