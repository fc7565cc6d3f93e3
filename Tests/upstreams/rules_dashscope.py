# SPDX-License-Identifier: MIT
"""What DashScope's native API demands of a request, and what the small model hears of it.

    request = {"model", "input": {"messages"}, "parameters": {…}}

Messages are of strings on the path of text generation, of arrays of parts without a type on that of multimodal
generation. What the vendor would only ignore is refused here, since nobody could mean it.
"""

import json
import re
from types import SimpleNamespace

from refusal import Refused, is_picture, split_data_url
from rules_chat import hear_result
from shape import (Wrong, anything, boolean, either, filled, integer, listed, mapping, matching, members, number,
                   one_of, optional, string, tagged)
from small_model import Heard, Image


def family(names: str, **traits) -> list[tuple[str, SimpleNamespace]]:
    """Models that are alike. `thinks`: never, asked, always; `path`: text or multimodal."""
    known = {"path": "text", "thinks": "never", "most": 8192, "tools": True, "open_top_p": False, "alternates": False,
             "streams_only": False, "partial": False, "text_format": False, "refuses": ()}
    return [(name, SimpleNamespace(**{**known, **traits})) for name in names.split()]


FAMILIES = dict([
    *family("farui-plus", most=2000, tools=False, open_top_p=True, alternates=True, text_format=True),
    *family("farui-strict", most=2000, tools=False, open_top_p=True, alternates=True, text_format=True,
            refuses=("temperature", "stop")),
    *family("qwen-plus qwen-flash", thinks="asked", most=32768, partial=True),
    *family("qwen-max", partial=True), *family("qwen3-30b-a3b-instruct-2507", partial=True),
    *family("qwq-plus", thinks="always", streams_only=True),
    *family("qwen-72b-chat", most=2000, open_top_p=True, text_format=True),
    *family("qwen-vl-max qwen-vl-plus", path="multimodal"), *family("qwen3.8-max", path="multimodal", thinks="asked", partial=True),
    *family("tongyi-eyes", path="multimodal"), *family("kimi-streams", streams_only=True),
])
EMBEDDERS = {"text-embedding-v4": 10, "text-embedding-v1": 25}
MODELS = [*FAMILIES, *EMBEDDERS]

PART = either(*(members({name: filled}) for name in ("text", "image", "audio")))
CALL = members({"id": filled, "type": one_of("function"), "function": members(
    {"name": matching("[a-zA-Z0-9_-]{1,64}"), "arguments": filled})}, {"index": integer(0)})


def roles(content) -> dict:
    return {"system": members({"role": string, "content": content}),
            "user": members({"role": string, "content": content}),
            "assistant": members({"role": string, "content": either(content, one_of("", [])) }, {
                "tool_calls": listed(CALL, 1), "partial": one_of(True), "reasoning_content": string}),
            "tool": members({"role": string, "content": content, "tool_call_id": filled}, {"name": filled})}


TOOL = members({"type": one_of("function"), "function": members({"name": matching("[a-zA-Z0-9_-]{1,64}")}, optional({
    "description": string, "parameters": mapping(anything)}))})
PARAMETERS = members({}, {
    "result_format": one_of("text", "message"), "incremental_output": boolean, "temperature": number(0, 1.999999),
    "top_p": number(1e-9, 1), "top_k": integer(0), "max_tokens": integer(1), "seed": integer(0),
    "stop": either(filled, listed(filled, 1)), "repetition_penalty": number(1e-9, 10), "presence_penalty": number(-2, 2),
    "n": integer(1, 4), "tools": listed(TOOL, 1), "parallel_tool_calls": boolean,
    "tool_choice": either(one_of("auto", "none"), members({"type": one_of("function"),
                                                           "function": members({"name": filled})})),
    "response_format": members({"type": one_of("text", "json_object", "json_schema")}, {"json_schema": anything}),
    "enable_thinking": boolean, "thinking_budget": integer(1, 65536), "enable_search": boolean,
    "search_options": mapping(anything), "logprobs": boolean, "top_logprobs": integer(0, 5)})
REQUESTS = {path: members({"model": filled, "parameters": PARAMETERS, "input": members(
    {"messages": listed(tagged(roles(content), "role"), 1)})})
    for path, content in (("text", filled), ("multimodal", listed(PART, 1)))}


def refuse(message: str, code: str = "InvalidParameter", status: int = 400):
    raise Refused(status, message, code)


def check(asked: dict, path: str, is_stream: bool) -> SimpleNamespace:
    """Raises `Refused` where the real API would; gives what the model is like."""
    model = asked.get("model")
    kind = FAMILIES.get(model)
    if kind is None:
        refuse(f"The model {model} does not exist or you do not have access to it.", "ModelNotFound", 404)
    if kind.path != path:
        refuse("url error, please check url！")
    if "messages" in asked or not (asked.get("input") or {}).get("messages"):
        refuse('Either "prompt" or "messages" must exist and cannot both be none')
    try:
        REQUESTS[path](asked, ())
    except Wrong as wrong:
        refuse(f"<400> InternalError.Algo.InvalidParameter: {'.'.join(map(str, wrong.path))}: {wrong.detail}")
    for demand in (check_turns, check_limits, check_thinking, check_tools, check_format):
        demand(asked, kind, is_stream)
    return kind


def check_turns(asked: dict, kind, _) -> None:
    turns = asked["input"]["messages"]
    names = [turn["role"] for turn in turns]
    if "system" in names[1:]:
        refuse("System message must be at the beginning.")
    if "user" not in names:
        refuse("The input messages do not contain elements with the role of user.")
    last = turns[-1]
    if last.get("partial") and not kind.partial:
        refuse("This model does not support partial mode.")
    if names[-1] not in ("user", "tool") and not last.get("partial"):
        refuse('<400> InternalError.Algo.InvalidParameter: Role must be in [user, assistant, tool] and the role in last '
               'message must be in ["user","function","tool"].')
    spoken = [name for name in names if name != "system"]
    if kind.alternates and (spoken[0] != "user" or any(one == two for one, two in zip(spoken, spoken[1:]))):
        refuse("Role must be user or assistant in turn.", "ServiceUnavailableError")
    waiting: list[str] = []
    for turn in turns:
        if turn["role"] == "tool":
            if turn["tool_call_id"] not in waiting:
                refuse('messages with role "tool" must be a response to a preceeding message with "tool_calls".')
            waiting.remove(turn["tool_call_id"])
        elif waiting:
            refuse("tool_calls must be followed by tool messages.")
        else:
            waiting = [call["id"] for call in turn.get("tool_calls") or []]


def check_limits(asked: dict, kind, _) -> None:
    wants = asked["parameters"]
    if wants.get("max_tokens", 1) > kind.most:
        refuse(f"<400> InternalError.Algo.InvalidParameter: Range of max_tokens should be [1, {kind.most}]")
    if kind.open_top_p and wants.get("top_p", 0.8) >= 1:
        refuse("<400> InternalError.Algo.InvalidParameter: Range of top_p should be (0.0, 1.0)")
    for name in kind.refuses:
        if name in wants:
            refuse(f"<400> InternalError.Algo.InvalidParameter: {name} is not supported by this model")


def check_thinking(asked: dict, kind, is_stream: bool) -> None:
    wants = asked["parameters"]
    if "enable_thinking" in wants and kind.thinks == "never":
        refuse("This model does not support enable_thinking.", "InvalidParameter.NotSupportEnableThinking")
    if kind.thinks == "always" and wants.get("enable_thinking") is False:
        refuse("The value of the enable_thinking parameter is restricted to True.")
    if kind.streams_only and not is_stream:
        refuse("This model only support stream mode, please enable the stream parameter to access the model.")
    if not thinks(asked, kind):
        return
    if not is_stream:
        refuse("parameter.enable_thinking must be set to false for non-streaming calls")
    if not wants.get("incremental_output") or wants.get("result_format") != "message":
        refuse('The incremental_output parameter must be "true" when enable_thinking is true')


def check_tools(asked: dict, kind, _) -> None:
    wants = asked["parameters"]
    names = [tool["function"]["name"] for tool in wants.get("tools") or []]
    if not names:
        return
    if not kind.tools:
        refuse("The tool call is not supported.")
    if wants.get("result_format") != "message":
        refuse("result_format must be message when tools are present.")
    if "search" in names:
        refuse("Tool names are not allowed to be [search]")
    if isinstance(choice := wants.get("tool_choice"), dict):
        if choice["function"]["name"] not in names or thinks(asked, kind):
            refuse('tool_choice is one of the strings that should be ["none", "auto"]')


def check_format(asked: dict, kind, _) -> None:
    if (asked["parameters"].get("response_format") or {}).get("type") == "json_object":
        if "json" not in json.dumps(asked["input"]).lower():
            refuse("'messages' must contain the word 'json' in some form, to use 'response_format'.")
        if thinks(asked, kind):
            refuse("Json mode response is not supported when enable_thinking is true")


def thinks(asked: dict, kind) -> bool:
    told = asked["parameters"].get("enable_thinking")
    return kind.thinks == "always" or kind.thinks == "asked" and told is True


def hear(asked: dict, kind) -> Heard:
    """The conversation as the model takes it."""
    wants = asked["parameters"]
    stop = wants.get("stop")
    heard = Heard(wants_thoughts=thinks(asked, kind), limit=wants.get("max_tokens"),
                  may_call_many=wants.get("parallel_tool_calls") is True,
                  stops=[stop] if isinstance(stop, str) else stop or [])
    if wants.get("tool_choice") != "none":
        heard.tools = {tool["function"]["name"]: tool["function"].get("parameters") or {"type": "object"}
                       for tool in wants.get("tools") or []}
    if isinstance(wants.get("tool_choice"), dict):
        heard.forced = wants["tool_choice"]["function"]["name"]
    names: dict[str, str] = {}
    for turn in asked["input"]["messages"]:
        hear_turn(heard, turn, names)
    if schema := re.search(r"JSON Schema:\n(\{.*\})", "\n".join(heard.system), re.S):
        heard.schema = json.loads(schema[1])
    return heard


def hear_turn(heard: Heard, turn: dict, names: dict[str, str]) -> None:
    text = text_of(turn["content"])
    if turn["role"] == "system":
        heard.system.append(text)
    elif turn["role"] == "assistant":
        heard.results = []
        names.update({call["id"]: call["function"]["name"] for call in turn.get("tool_calls") or []})
    elif turn["role"] == "tool":
        heard.results.append(hear_result(names[turn["tool_call_id"]], text))
    else:
        heard.text = text
        heard.texts.append(text)
        heard.images = [picture(part["image"]) for part in turn["content"] if isinstance(part, dict) and "image" in part]


def text_of(content) -> str:
    if isinstance(content, list):
        return "\n".join(part["text"] for part in content if "text" in part)
    return content


def picture(url: str) -> Image:
    pair = split_data_url(url)
    if pair and not is_picture(*pair) or not pair and not url.startswith("https:"):
        refuse("The image format is illegal and cannot be opened.", "InvalidParameter.DataInspection")
    return Image(*pair) if pair else Image(url=url)


def check_embeddings(asked: dict) -> list[str]:
    """The texts to be embedded."""
    model = asked.get("model")
    if model not in EMBEDDERS:
        refuse(f"The model {model} does not exist or you do not have access to it.", "ModelNotFound", 404)
    try:
        members({"model": filled, "input": members({"texts": listed(filled, 1)})}, {"parameters": members({}, {
            "dimension": one_of(64, 128, 256, 512, 768, 1024, 1536, 2048), "text_type": one_of("query", "document"),
            "output_type": one_of("dense", "sparse", "dense&sparse"), "instruct": string})})(asked, ())
    except Wrong as wrong:
        refuse(f"{'.'.join(map(str, wrong.path))}: {wrong.detail}")
    texts = asked["input"]["texts"]
    if len(texts) > EMBEDDERS[model]:
        refuse(f"batch size is invalid, it should not be larger than {EMBEDDERS[model]}.: input.contents")
    return texts
