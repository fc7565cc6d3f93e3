# SPDX-License-Identifier: MIT
"""What the Messages API demands of a request, and what the small model hears of it.

`claude-sonnet-4-5` stands for the older models (budgets of thinking, sampling, prefill), `claude-opus-5` for the
newest (adaptive thinking, neither sampling nor prefill, system messages anywhere).
"""

import json
import re

from refusal import Refused, decoded, is_picture
from shape import Wrong
from shape_messages import BETAS, COUNT, REQUEST, SAMPLED
from small_model import Heard, Image, Result, sealed

VERSIONS = ("2023-06-01", "2026-10-21")
LIMITS = {"claude-opus-5": 128_000}


def is_new(model: str) -> bool:
    return model.startswith("claude-opus-5")


def refuse(message: str):
    raise Refused(400, message)


def told(wrong: Wrong) -> Refused:
    return Refused(400, str(wrong))


def check(asked: dict, version: str = VERSIONS[0], betas: str | None = None, shape=REQUEST) -> None:
    """Raises `Refused` where the real API would. `betas`: the header; None: whatever needs one is permitted."""
    try:
        shape(asked, ())
    except Wrong as wrong:
        raise told(wrong) from wrong
    check_betas(asked, betas)
    check_model(asked, version)
    check_thinking(asked)
    check_tools(asked)
    check_turns(asked, version)


def check_count(asked: dict, version: str, betas: str | None) -> None:
    check(asked, version, betas, COUNT)


def check_betas(asked: dict, betas: str | None) -> None:
    for name, word in BETAS.items():
        if betas is not None and asked.get(name) is not None and word not in betas:
            refuse(f"{name}: Extra inputs are not permitted")
    for at, turn in enumerate(asked["messages"]):
        if betas is not None and '"type": "file"' in json.dumps(turn) and "files-api" not in betas:
            refuse(f"messages.{at}.content: source.type 'file' needs the files-api beta")
        if betas is not None and "output_config" in turn and "per-turn-control" not in betas:
            refuse(f"messages.{at}.output_config: Extra inputs are not permitted")


def check_model(asked: dict, version: str) -> None:
    most = LIMITS.get(asked["model"], 64_000)
    if asked.get("max_tokens", 1) > most:
        refuse(f"max_tokens: {asked['max_tokens']} > {most}, which is the maximum allowed number of output tokens "
               f"for {asked['model']}")
    for name in SAMPLED:
        if asked.get(name) is not None and (version != VERSIONS[0] or is_new(asked["model"])):
            refuse(f"`{name}` is deprecated for this model.")
    if asked.get("temperature") is not None and asked.get("top_p") is not None:
        refuse("`temperature` and `top_p` cannot both be specified for this model. Please use only one.")
    size = len(str(asked["messages"])) // 4
    if size > 1_000_000:
        refuse(f"prompt is too long: {size} tokens > 1000000 maximum")


def check_thinking(asked: dict) -> None:
    kind = (asked.get("thinking") or {}).get("type")
    if kind == "enabled":
        if is_new(asked["model"]):
            refuse('"thinking.type.enabled" is not supported for this model. Use "thinking.type.adaptive" and '
                   '"output_config.effort" to control thinking behavior.')
        if asked["thinking"]["budget_tokens"] >= asked.get("max_tokens", 1 << 30):
            refuse("`max_tokens` must be greater than `thinking.budget_tokens`.")
        if (asked.get("tool_choice") or {}).get("type") in ("any", "tool"):
            refuse("Thinking may not be enabled when tool_choice forces tool use.")
        if asked.get("temperature") not in (None, 1):
            refuse("`temperature` may only be set to 1 when thinking is enabled.")
    if kind == "adaptive" and not is_new(asked["model"]):
        refuse("adaptive thinking is not supported on this model")
    if (asked.get("output_config") or {}).get("effort") and not is_new(asked["model"]):
        refuse("This model does not support the effort parameter.")


def check_tools(asked: dict) -> None:
    tools = asked.get("tools") or []
    names = [tool["name"] for tool in tools if "name" in tool]
    if len(set(names)) < len(names):
        refuse("tools: Tool names must be unique.")
    choice = asked.get("tool_choice")
    if choice and not tools:
        refuse("tool_choice: tool_choice may only be specified while providing tools.")
    if choice and choice["type"] == "tool" and choice["name"] not in names:
        refuse(f"tool_choice.name: Tool '{choice['name']}' not found in provided tools")
    if str(asked).count("'cache_control': {") > 4:
        refuse("A maximum of 4 blocks with cache_control may be provided.")


def blocks_of(content) -> list[dict]:
    return [{"type": "text", "text": content}] if isinstance(content, str) else content


def merged(messages: list[dict]) -> list[tuple[int, str, list[dict]]]:
    """Turns as the server sees them: neighbours of one role are one. Each with its first message's number."""
    turns: list[tuple[int, str, list[dict]]] = []
    for at, message in enumerate(messages):
        blocks = blocks_of(message["content"])
        if turns and turns[-1][1] == message["role"] != "system":
            turns[-1][2].extend(blocks)
        else:
            turns.append((at, message["role"], list(blocks)))
    return turns


def check_turns(asked: dict, version: str) -> None:
    last = len(asked["messages"]) - 1
    for at, message in enumerate(asked["messages"]):
        if not message["content"] and not (at == last and message["role"] == "assistant"):
            refuse(f"messages.{at}: all messages must have non-empty content except for the optional final "
                   "assistant message")
        for number, block in enumerate(blocks_of(message["content"])):
            check_block(f"messages.{at}.content.{number}", message["role"], block, version)
    turns = merged(asked["messages"])
    if turns[0][1] != "user":
        refuse("messages: first message must use the \"user\" role")
    check_end(asked, turns[-1])
    check_system_turns(asked, turns)
    spoken = [turn for turn in turns if turn[1] != "system"]
    check_pairs(spoken)
    check_thoughts(asked, spoken)


def check_end(asked: dict, turn: tuple[int, str, list[dict]]) -> None:
    _, role, blocks = turn
    if role != "assistant":
        return
    if is_new(asked["model"]):
        refuse("This model does not support assistant message prefill. The conversation must end with a user message.")
    if blocks and blocks[-1]["type"] == "text" and re.search(r"\s$", blocks[-1]["text"]):
        refuse("messages: final assistant content cannot end with trailing whitespace")


def check_block(where: str, role: str, block: dict, version: str) -> None:
    kind = block["type"]
    if kind == "text" and not block["text"] and role != "system":
        refuse("messages: text content blocks must be non-empty")
    if kind == "text" and version != VERSIONS[0] and role == "user" and block.get("citations"):
        refuse(f"{where}.citations: Extra inputs are not permitted")
    if kind == "document" and role == "assistant" and version != VERSIONS[0]:
        refuse(f"{where}: document blocks are not permitted in assistant messages")
    if kind == "thinking" and block["signature"] != sealed(block["thinking"]):
        refuse(f"{where}: Invalid `signature` in `thinking` block")
    if kind == "redacted_thinking" and block["data"] != sealed("redacted"):
        refuse(f"{where}: Invalid `data` in `redacted_thinking` block")
    if kind == "image":
        check_image(where, block["source"])
    for number, inner in enumerate(block["content"] if kind == "tool_result"
                                   and isinstance(block.get("content"), list) else []):
        check_block(f"{where}.content.{number}", "result", inner, version)


def check_image(where: str, source: dict) -> None:
    if source["type"] != "base64":
        return
    data = decoded(source["data"])
    if data is None:
        refuse(f"{where}.source.base64: invalid base64 data")
    if not is_picture(source["media_type"], data):
        refuse(f"{where}.image.source.base64: Image does not match the provided media type {source['media_type']}")


def check_system_turns(asked: dict, turns: list[tuple[int, str, list[dict]]]) -> None:
    """System messages stand behind a user's turn, before an assistant's or the end, never between call and result."""
    for place, (at, role, blocks) in enumerate(turns):
        if role != "system":
            continue
        if not is_new(asked["model"]):
            refuse(f'messages.{at}.role: Unexpected role "system". The Messages API accepts a top-level `system` '
                   'parameter, not "system" as an input message role.')
        before = turns[place - 1][1] if place else "nothing"
        after = turns[place + 1][1] if place + 1 < len(turns) else "assistant"
        if before not in ("user", "system") or after not in ("assistant", "system") or not blocks:
            refuse(f"messages.{at}: a system message must follow a user message and precede an assistant message")


def check_pairs(turns: list[tuple[int, str, list[dict]]]) -> None:
    """Each call is answered in the turn right behind it, by blocks that come first there."""
    waiting: list[str] = []
    seen: set[str] = set()
    for at, role, blocks in turns:
        results = [block["tool_use_id"] for block in blocks if block["type"] == "tool_result"]
        kinds = [block["type"] for block in blocks]
        for name in results:
            if name not in waiting:
                refuse(f"messages.{at}.content.{kinds.index('tool_result')}: unexpected `tool_use_id` found in "
                       f"`tool_result` blocks: {name}. Each `tool_result` block must have a corresponding `tool_use` "
                       "block in the previous message.")
        if len(set(results)) < len(results):
            refuse(f"messages.{at}: each tool_use must have a single result. Found multiple `tool_result` blocks")
        left = [name for name in waiting if name not in results]
        if left or kinds[:len(results)] != ["tool_result"] * len(results):
            refuse(f"messages.{at}: `tool_use` ids were found without `tool_result` blocks immediately after: "
                   + ", ".join(left or results))
        waiting = [block["id"] for block in blocks if block["type"] == "tool_use"]
        if len(set(waiting)) < len(waiting) or seen & set(waiting):
            refuse(f"messages.{at}: `tool_use` ids must be unique")
        seen |= set(waiting)
    if waiting:
        refuse(f"messages.{turns[-1][0]}: `tool_use` ids were found without `tool_result` blocks immediately after: "
               + ", ".join(waiting))


def check_thoughts(asked: dict, turns: list[tuple[int, str, list[dict]]]) -> None:
    """With a budget of thinking, a turn that called tools begins with its thoughts while the calls are answered."""
    if (asked.get("thinking") or {}).get("type") != "enabled" or len(turns) < 2:
        return
    at, role, blocks = turns[-2]
    kinds = [block["type"] for block in blocks]
    if role == "assistant" and "tool_use" in kinds and kinds[0] not in ("thinking", "redacted_thinking"):
        refuse(f"messages.{at}.content.0.type: Expected `thinking` or `redacted_thinking`, but found `{kinds[0]}`. "
               "When `thinking` is enabled, a final `assistant` message must start with a thinking block.")


def hear(asked: dict) -> Heard:
    """The conversation as the model takes it."""
    heard = Heard(limit=asked.get("max_tokens"), stops=asked.get("stop_sequences") or [],
                  wants_thoughts=(asked.get("thinking") or {}).get("type") in ("enabled", "adaptive"))
    heard.system = [block["text"] for block in blocks_of(asked.get("system") or "")]
    heard.tools = {tool["name"]: tool["input_schema"] for tool in asked.get("tools") or []
                   if "input_schema" in tool}
    form = (asked.get("output_config") or {}).get("format") or asked.get("output_format")
    heard.schema = form["schema"] if form else None
    choice = asked.get("tool_choice") or {}
    heard.may_call_many = not choice.get("disable_parallel_tool_use")
    heard.forced = {"any": next(iter(heard.tools), None), "tool": choice.get("name")}.get(choice.get("type"))
    if choice.get("type") == "none":
        heard.tools = {}
    names: dict[str, str] = {}
    for _, role, blocks in merged(asked["messages"]):
        if role == "assistant":
            heard.results = []
            names.update({block["id"]: block["name"] for block in blocks if block["type"] == "tool_use"})
        elif role == "user":
            hear_user(heard, blocks, names)
        else:
            heard.system += [block["text"] for block in blocks if block["type"] == "text"]
    return heard


def hear_user(heard: Heard, blocks: list[dict], names: dict[str, str]) -> None:
    texts = [block["text"] for block in blocks if block["type"] == "text"]
    heard.text = "\n".join(texts)
    heard.texts.append(heard.text)
    heard.images = [picture(block) for block in blocks if block["type"] == "image"]
    heard.results = [hear_result(block, names) for block in blocks if block["type"] == "tool_result"]


def hear_result(block: dict, names: dict[str, str]) -> Result:
    inner = blocks_of(block.get("content") or "")
    text = "\n".join(each["text"] for each in inner if each["type"] == "text")
    return Result(names[block["tool_use_id"]], text, [picture(each) for each in inner if each["type"] == "image"],
                  bool(block.get("is_error")))


def picture(block: dict) -> Image:
    source = block["source"]
    if source["type"] == "url":
        return Image(url=source["url"])
    return Image(source["media_type"], decoded(source["data"]))
