# SPDX-License-Identifier: MIT
"""What the Chat Completions API demands of a request, and what the small model hears of it.

Models named `gpt-…` are OpenAI's and obey its rules; others are those of a compatible server (`reasoner…`, in the
manner of DeepSeek) that knows no `developer`, no `max_completion_tokens`, and wants its reasoning text back.
"""

import json
import re

from refusal import Refused, is_picture, refused_by_openai, split_data_url
from shape import (Wrong, anything, boolean, either, filled, integer, is_strict_schema, listed, mapping, matching,
                   members, null, number, one_of, optional, string, tagged)
from small_model import Heard, Image, Result

NAME = matching("[a-zA-Z0-9_-]{1,64}")
BREAKPOINT = optional({"prompt_cache_breakpoint": members({"mode": one_of("explicit")}, {"ttl": string})})
TEXT = members({"type": string, "text": string}, BREAKPOINT)
PARTS = {
    "text": TEXT,
    "image_url": members({"type": string, "image_url": members(
        {"url": filled}, {"detail": one_of("auto", "low", "high", "original")})}, BREAKPOINT),
    "input_audio": members({"type": string, "input_audio": members(
        {"data": filled, "format": one_of("wav", "mp3")})}, BREAKPOINT),
    "file": members({"type": string, "file": members({}, {
        "file_id": filled, "filename": filled, "file_data": filled})}, BREAKPOINT),
}
REFUSAL = members({"type": string, "refusal": string})
TEXTS = either(string, listed(tagged({"text": TEXT}), 1))
CALL = tagged({
    "function": members({"id": filled, "type": string, "function": members({"name": NAME, "arguments": string})}),
    "custom": members({"id": filled, "type": string, "custom": members({"name": NAME, "input": string})}),
})
ROLES = {
    "developer": members({"role": string, "content": TEXTS}, {"name": string}),
    "system": members({"role": string, "content": TEXTS}, {"name": string}),
    "user": members({"role": string, "content": either(string, listed(tagged(PARTS), 1))}, {"name": string}),
    "assistant": members({"role": string}, optional({
        "content": either(string, listed(tagged({"text": TEXT, "refusal": REFUSAL}), 1)), "refusal": string,
        "name": string, "audio": members({"id": filled}), "tool_calls": listed(CALL, 1),
        "function_call": members({"name": NAME, "arguments": string})})),
    "tool": members({"role": string, "content": TEXTS, "tool_call_id": filled}),
    "function": members({"role": string, "content": either(string, null), "name": NAME}),
}
FUNCTION = members({"name": NAME}, optional({
    "description": string, "parameters": mapping(anything), "strict": boolean}))
GRAMMAR = members({"type": string, "grammar": members({"syntax": one_of("lark", "regex"), "definition": filled})})
TOOLS = {
    "function": members({"type": string, "function": FUNCTION}),
    "custom": members({"type": string, "custom": members({"name": NAME}, optional({
        "description": string, "format": tagged({"text": members({"type": string}), "grammar": GRAMMAR})}))}),
}
NAMED = {kind: members({"type": string, kind: members({"name": NAME})}) for kind in ("function", "custom")}
CHOICE = either(one_of("none", "auto", "required"), tagged({**NAMED, "allowed_tools": members({
    "type": string, "allowed_tools": members({"mode": one_of("auto", "required"),
                                              "tools": listed(tagged(NAMED), 1)})})}))
FORMAT = tagged({
    "text": members({"type": string}), "json_object": members({"type": string}),
    "json_schema": members({"type": string, "json_schema": members({"name": NAME}, optional({
        "description": string, "schema": mapping(anything), "strict": boolean}))}),
})
TIERS = one_of("auto", "default", "flex", "scale", "priority", "fast")
REQUEST = members({"model": filled, "messages": listed(tagged(ROLES, "role"), 1)}, optional({
    "stream": boolean, "stream_options": members({}, {"include_usage": boolean, "include_obfuscation": boolean}),
    "max_completion_tokens": integer(1), "max_tokens": integer(1), "temperature": number(0, 2),
    "top_p": number(0, 1), "n": integer(1, 128), "stop": either(filled, listed(filled, 0, 4)),
    "presence_penalty": number(-2, 2), "frequency_penalty": number(-2, 2),
    "logit_bias": mapping(number(-100, 100)), "logprobs": boolean, "top_logprobs": integer(0, 20),
    "seed": integer(-(1 << 63)), "tools": listed(tagged(TOOLS), 1, 128), "tool_choice": CHOICE,
    "parallel_tool_calls": boolean, "functions": listed(FUNCTION, 1, 128), "function_call": anything,
    "response_format": FORMAT, "verbosity": one_of("low", "medium", "high"),
    "reasoning_effort": one_of("none", "minimal", "low", "medium", "high", "xhigh", "max"),
    "modalities": listed(one_of("text", "audio"), 1), "audio": anything, "prediction": anything,
    "web_search_options": anything, "service_tier": TIERS, "store": boolean,
    "metadata": mapping(string, 16), "user": matching(".{0,64}"), "safety_identifier": matching(".{0,64}"),
    "prompt_cache_key": string, "prompt_cache_options": anything,
    "prompt_cache_retention": one_of("in_memory", "24h"), "moderation": anything,
}))
SERVER_EXTRAS = optional({"top_k": integer(-1), "thinking": members({"type": one_of("enabled", "disabled")}),
                          "enable_thinking": boolean, "thinking_budget": integer(0)})


def is_openai(model: str) -> bool:
    return model.startswith("gpt-")


def is_reasoning(model: str) -> bool:
    """OpenAI's reasoning models, which sample as they like."""
    return model.startswith("gpt-5")


def check(asked: dict) -> None:
    """Raises `Refused` where the real API would."""
    lean = asked if is_openai(str(asked.get("model"))) else without_extras(asked)
    try:
        REQUEST(lean, ())
    except Wrong as wrong:
        raise refused_by_openai(wrong) from wrong
    for demand in (check_stream, check_limits, check_tools, check_format, check_turns, check_images, check_server):
        demand(asked)


def without_extras(asked: dict) -> dict:
    """What is left for OpenAI's rules when a compatible server took what is its own."""
    lean = {name: value for name, value in asked.items() if name not in SERVER_EXTRAS}
    lean["messages"] = [{name: value for name, value in turn.items() if name != "reasoning_content"}
                        if isinstance(turn, dict) and turn.get("role") == "assistant" else turn
                        for turn in asked.get("messages") or []]
    return lean


def refuse(message: str, param: str, code: str | None = None):
    raise Refused(400, message, code, param)


def check_stream(asked: dict) -> None:
    if asked.get("stream_options") is not None and not asked.get("stream"):
        refuse("The 'stream_options' parameter is only allowed when 'stream' is enabled.", "stream_options")


def check_limits(asked: dict) -> None:
    if asked.get("top_logprobs") is not None and not asked.get("logprobs"):
        refuse("'top_logprobs' needs 'logprobs'.", "top_logprobs")
    if not is_reasoning(asked["model"]):
        return
    if asked.get("max_tokens") is not None:
        refuse("Unsupported parameter: 'max_tokens' is not supported with this model. "
               "Use 'max_completion_tokens' instead.", "max_tokens", "unsupported_parameter")
    if asked.get("stop") is not None:
        refuse("Unsupported parameter: 'stop' is not supported with this model.", "stop", "unsupported_parameter")
    for name in ("temperature", "top_p"):
        if asked.get(name) not in (None, 1):
            refuse(f"Unsupported value: '{name}' does not support {asked[name]} with this model.", name,
                   "unsupported_value")


def check_tools(asked: dict) -> None:
    tools = asked.get("tools") or []
    for name in ("tool_choice", "parallel_tool_calls"):
        if asked.get(name) is not None and not tools:
            refuse(f"Invalid value for '{name}': '{name}' is only allowed when 'tools' are specified.", name)
    names = [tool[tool["type"]]["name"] for tool in tools]
    if len(set(names)) < len(names):
        refuse("Tool names must be unique.", "tools")
    for at, tool in enumerate(tools):
        function = tool.get("function") or {}
        check_schema(function, f"tools[{at}].function.parameters", "invalid_function_parameters")
    choice = asked.get("tool_choice")
    named = choice.get(choice["type"], {}).get("name") if isinstance(choice, dict) else None
    if named is not None and named not in names:
        refuse(f"Tool choice '{named}' not found in 'tools' parameter.", "tool_choice")


def check_schema(holder: dict, where: str, code: str | None, key: str = "parameters") -> None:
    schema = holder.get(key)
    if schema is not None and schema.get("type") != "object":
        refuse(f"Invalid schema: schema must be a JSON Schema of 'type: \"object\"', got {schema.get('type')!r}.",
               where, code)
    if schema is not None and "properties" not in schema and key == "parameters":
        refuse("Invalid schema: object schema missing properties.", where, code)
    if holder.get("strict") and not is_strict_schema(schema):
        refuse("Invalid schema: 'additionalProperties' is required to be supplied and to be false, and 'required' "
               "to include every key in properties.", where, code)


def check_format(asked: dict) -> None:
    form = asked.get("response_format") or {}
    if form.get("type") == "json_object" and "json" not in json.dumps(asked["messages"]).lower():
        refuse("'messages' must contain the word 'json' in some form, to use 'response_format' of type "
               "'json_object'.", "messages")
    if form.get("type") == "json_schema":
        if "schema" not in form["json_schema"]:
            refuse("Missing required parameter: 'response_format.json_schema.schema'.", "response_format")
        check_schema(form["json_schema"], "response_format", None, "schema")


def check_turns(asked: dict) -> None:
    """Calls and their results are neighbours."""
    waiting: list[str] = []
    for at, turn in enumerate(asked["messages"]):
        if turn["role"] == "tool":
            if turn["tool_call_id"] not in waiting:
                refuse("Invalid parameter: messages with role 'tool' must be a response to a preceeding message "
                       "with 'tool_calls'.", f"messages.[{at}].role")
            waiting.remove(turn["tool_call_id"])
            continue
        check_answered(waiting, at)
        calls = turn.get("tool_calls") or []
        waiting = [call["id"] for call in calls]
        if len(set(waiting)) < len(waiting):
            refuse("Duplicate tool call ids.", f"messages.[{at}].tool_calls")
        if turn["role"] == "assistant" and turn.get("content") is None and not calls \
                and turn.get("refusal") is None and turn.get("function_call") is None:
            refuse("Invalid value for 'content': expected a string, got null.", f"messages.[{at}].content")
    check_answered(waiting, len(asked["messages"]))


def check_answered(waiting: list[str], at: int) -> None:
    if waiting:
        refuse("An assistant message with 'tool_calls' must be followed by tool messages responding to each "
               "'tool_call_id'. The following tool_call_ids did not have response messages: "
               + ", ".join(waiting), f"messages.[{at}].role")


def check_images(asked: dict) -> None:
    for turn in asked["messages"]:
        for part in turn.get("content") if isinstance(turn.get("content"), list) else []:
            url = part["image_url"]["url"] if part["type"] == "image_url" else "https:"
            pair = split_data_url(url)
            if not (is_picture(*pair) if pair else url.startswith("https:")):
                refuse("Invalid image URL, or an unsupported image.", "messages", "invalid_image_url")


def check_server(asked: dict) -> None:
    """What a compatible server demands beyond that."""
    if is_openai(asked["model"]):
        return
    if asked.get("max_completion_tokens") is not None:
        refuse("max_completion_tokens: Extra inputs are not permitted", "max_completion_tokens")
    for at, turn in enumerate(asked["messages"]):
        if turn["role"] == "developer":
            refuse("unknown role 'developer'", f"messages[{at}].role")
        if turn.get("tool_calls") and thinks(asked) and turn.get("reasoning_content") is None:
            refuse(f"thinking is enabled but reasoning_content is missing in assistant tool call message at index {at}",
                   "messages")


def thinks(asked: dict) -> bool:
    """Whether a compatible server thinks aloud for this request."""
    if is_openai(asked["model"]):
        return False
    told = (asked.get("thinking") or {}).get("type") == "enabled" or asked.get("enable_thinking")
    return bool(told) or asked.get("reasoning_effort") not in (None, "none")


def hear(asked: dict) -> Heard:
    """The conversation as the model takes it."""
    heard = Heard(wants_thoughts=thinks(asked), limit=asked.get("max_completion_tokens") or asked.get("max_tokens"),
                  may_call_many=asked.get("parallel_tool_calls") is not False)
    stop = asked.get("stop")
    heard.stops = [stop] if isinstance(stop, str) else stop or []
    heard.tools = {tool[tool["type"]]["name"]: tool[tool["type"]].get("parameters") or {"type": "object"}
                   for tool in asked.get("tools") or []}
    heard.free = {tool["custom"]["name"] for tool in asked.get("tools") or [] if tool["type"] == "custom"}
    choice = asked.get("tool_choice")
    heard.forced = next(iter(heard.tools)) if choice == "required" else None
    if isinstance(choice, dict) and choice["type"] in ("function", "custom"):
        heard.forced = choice[choice["type"]]["name"]
    if choice == "none":
        heard.tools = {}
    heard.schema = ((asked.get("response_format") or {}).get("json_schema") or {}).get("schema")
    names: dict[str, str] = {}
    for turn in asked["messages"]:
        hear_turn(heard, turn, names)
    return heard


def hear_turn(heard: Heard, turn: dict, names: dict[str, str]) -> None:
    text = text_of(turn.get("content"))
    if turn["role"] in ("system", "developer"):
        heard.system.append(text)
    elif turn["role"] == "assistant":
        heard.results = []
        names.update({call["id"]: call[call["type"]]["name"] for call in turn.get("tool_calls") or []})
    elif turn["role"] == "tool":
        heard.results.append(hear_result(names[turn["tool_call_id"]], text))
    else:
        heard.text = text
        heard.texts.append(text)
        heard.images = [picture(part["image_url"]["url"]) for part in turn["content"]
                        if isinstance(part, dict) and part["type"] == "image_url"]


def hear_result(name: str, text: str) -> Result:
    """What a tool gave back; that it failed is told in its text."""
    failed = re.match(r"\[tool error\] ?", text)
    return Result(name, text[failed.end():] if failed else text, is_error=bool(failed))


def text_of(content) -> str:
    if isinstance(content, list):
        return "\n".join(part["text"] for part in content if part["type"] == "text")
    return content or ""


def picture(url: str) -> Image:
    pair = split_data_url(url)
    return Image(*pair) if pair else Image(url=url)
