# SPDX-License-Identifier: MIT
"""What the Responses API demands of a request, and what the small model hears of it."""

from refusal import Refused, is_picture, refused_by_openai, split_data_url
from rules_chat import NAME, is_reasoning, picture, refuse
from shape import (Wrong, anything, boolean, either, filled, integer, is_strict_schema, listed, mapping, matching,
                   members, number, one_of, optional, string, tagged)
from small_model import Heard, Result, sealed

STATUS = one_of("in_progress", "completed", "incomplete")
INPUT_PARTS = {
    "input_text": members({"type": string, "text": string}, optional({"prompt_cache_breakpoint": anything})),
    "input_image": members({"type": string}, optional({
        "image_url": filled, "file_id": filled, "detail": one_of("auto", "low", "high", "original"),
        "prompt_cache_breakpoint": anything})),
    "input_file": members({"type": string}, optional({
        "file_id": filled, "file_url": filled, "file_data": filled, "filename": filled, "detail": string,
        "prompt_cache_breakpoint": anything})),
}
OUTPUT_PARTS = {
    "output_text": members({"type": string, "text": string}, optional({
        "annotations": listed(anything), "logprobs": listed(anything)})),
    "refusal": members({"type": string, "refusal": string}),
}
CALLER = {"caller": anything}


def marked(prefix: str):
    """Ids begin with what says their kind."""
    return matching(prefix + "_.{1,128}")


def message(role: str, parts: dict):
    return members({"role": one_of(role), "content": either(string, listed(tagged(parts)))}, optional({
        "type": one_of("message"), "id": marked("msg"), "status": STATUS,
        "phase": one_of("commentary", "final_answer")}))


MESSAGES = tagged({**{role: message(role, INPUT_PARTS) for role in ("user", "system", "developer")},
                   "assistant": message("assistant", OUTPUT_PARTS)}, "role")
OUTPUT = either(string, listed(tagged(INPUT_PARTS)))
HOSTED = ("web_search_call", "file_search_call", "code_interpreter_call", "image_generation_call", "mcp_call",
          "mcp_list_tools", "mcp_approval_request", "mcp_approval_response", "computer_call", "computer_call_output",
          "local_shell_call", "local_shell_call_output", "shell_call", "shell_call_output", "apply_patch_call",
          "apply_patch_call_output", "tool_search_call", "tool_search_output", "compaction", "additional_tools",
          "program", "program_output")
ITEMS = {
    "message": MESSAGES,
    "function_call": members({"type": string, "call_id": filled, "name": NAME, "arguments": string}, optional({
        "id": marked("fc"), "status": STATUS, "namespace": filled, **CALLER})),
    "function_call_output": members({"type": string, "call_id": filled, "output": OUTPUT}, optional({
        "id": marked("fco?"), "status": STATUS, **CALLER})),
    "custom_tool_call": members({"type": string, "call_id": filled, "name": NAME, "input": string}, optional({
        "id": marked("ctc"), "status": STATUS, "namespace": filled, **CALLER})),
    "custom_tool_call_output": members({"type": string, "call_id": filled, "output": OUTPUT}, optional({
        "id": filled, "status": STATUS, **CALLER})),
    "reasoning": members({"type": string, "summary": listed(members({"type": one_of("summary_text"),
                                                                      "text": string}))}, optional({
        "id": marked("rs"), "status": STATUS, "encrypted_content": filled,
        "content": listed(members({"type": one_of("reasoning_text"), "text": string}))})),
    "item_reference": members({"id": filled}, optional({"type": string})),
    **{kind: anything for kind in HOSTED},
}
FUNCTION = members({"type": string, "name": NAME}, optional({
    "description": string, "parameters": mapping(anything), "strict": boolean, "defer_loading": boolean,
    "allowed_callers": listed(string)}))
CUSTOM = members({"type": string, "name": NAME}, optional({
    "description": string, "defer_loading": boolean, "allowed_callers": listed(string), "format": tagged({
        "text": members({"type": string}),
        "grammar": members({"type": string, "syntax": one_of("lark", "regex"), "definition": filled})})}))
HOSTED_TOOLS = ("web_search", "web_search_preview", "file_search", "code_interpreter", "mcp", "image_generation",
                "computer", "computer_use_preview", "local_shell", "shell", "apply_patch", "tool_search",
                "programmatic_tool_calling")
TOOLS = {"function": FUNCTION, "custom": CUSTOM, **{kind: anything for kind in HOSTED_TOOLS},
         "namespace": members({"type": string, "name": NAME, "tools": listed(tagged({
             "function": FUNCTION, "custom": CUSTOM}), 1)}, optional({"description": string}))}
NAMED = {kind: members({"type": string, "name": NAME}) for kind in ("function", "custom")}
CHOICE = either(one_of("none", "auto", "required"), tagged({
    **NAMED, "allowed_tools": members({"type": string, "mode": one_of("auto", "required"),
                                       "tools": listed(anything, 1)}),
    **{kind: anything for kind in HOSTED_TOOLS}}))
FORMAT = tagged({
    "text": members({"type": string}), "json_object": members({"type": string}),
    "json_schema": members({"type": string, "name": NAME, "schema": mapping(anything)}, optional({
        "description": string, "strict": boolean}))})
EFFORTS = one_of("none", "minimal", "low", "medium", "high", "xhigh", "max")
INCLUDE = one_of("reasoning.encrypted_content", "message.output_text.logprobs", "web_search_call.action.sources",
                 "file_search_call.results", "message.input_image.image_url", "code_interpreter_call.outputs",
                 "computer_call_output.output.image_url", "web_search_call.results")
REQUEST = members({"model": filled, "input": either(string, listed(tagged(ITEMS, default="message")))}, optional({
    "instructions": string, "max_output_tokens": integer(16), "max_tool_calls": integer(1), "stream": boolean,
    "stream_options": members({}, {"include_obfuscation": boolean}), "temperature": number(0, 2),
    "top_p": number(0, 1), "top_logprobs": integer(0, 20), "tools": listed(tagged(TOOLS)), "tool_choice": CHOICE,
    "parallel_tool_calls": boolean, "store": boolean, "include": listed(INCLUDE), "metadata": mapping(string, 16),
    "reasoning": members({}, optional({
        "effort": EFFORTS, "summary": one_of("auto", "concise", "detailed"),
        "generate_summary": one_of("auto", "concise", "detailed"), "context": string})),
    "text": members({}, optional({"format": FORMAT, "verbosity": one_of("low", "medium", "high")})),
    "truncation": one_of("auto", "disabled"), "previous_response_id": filled, "conversation": anything,
    "prompt": anything, "background": boolean, "service_tier": string, "user": matching(".{0,64}"),
    "safety_identifier": matching(".{0,64}"), "prompt_cache_key": string, "prompt_cache_options": anything,
    "prompt_cache_retention": string, "context_management": anything, "moderation": anything,
    "client_metadata": mapping(anything),
}))


def check(asked: dict) -> None:
    """Raises `Refused` where the real API would."""
    try:
        REQUEST(asked, ())
    except Wrong as wrong:
        raise refused_by_openai(wrong) from wrong
    for demand in (check_state, check_sampling, check_tools, check_format):
        demand(asked)
    if isinstance(asked["input"], list):
        for demand in (check_pairs, check_reasoning, check_images):
            demand(asked)


def check_state(asked: dict) -> None:
    if named := asked.get("previous_response_id"):
        raise Refused(400, f"Previous response with id '{named}' not found.", "previous_response_not_found",
                      "previous_response_id")
    for item in asked["input"] if isinstance(asked["input"], list) else []:
        if item.get("type") == "item_reference":
            raise Refused(404, f"Item with id '{item['id']}' not found.", None, "input")


def check_sampling(asked: dict) -> None:
    for name in ("temperature", "top_p"):
        if is_reasoning(asked["model"]) and asked.get(name) is not None:
            refuse(f"Unsupported parameter: '{name}' is not supported with this model.", name)


def check_tools(asked: dict) -> None:
    tools = asked.get("tools") or []
    if asked.get("tool_choice") not in (None, "auto", "none") and not tools:
        refuse("Tool choice must be specified with 'tools' parameter.", "tool_choice")
    names = [tool["name"] for tool in tools if tool["type"] in ("function", "custom")]
    if len(set(names)) < len(names):
        refuse("Tool names must be unique.", "tools")
    for at, tool in enumerate(tools):
        for function in tool["tools"] if tool["type"] == "namespace" else [tool]:
            check_function(function, f"tools[{at}].parameters")
    choice = asked.get("tool_choice")
    if isinstance(choice, dict) and choice["type"] in NAMED and choice["name"] not in names:
        refuse(f"Tool choice '{choice['name']}' not found in 'tools' parameter.", "tool_choice")


def check_function(tool: dict, where: str) -> None:
    """Strict is what a function is unless it says that it is not."""
    if tool["type"] != "function":
        return
    schema = tool.get("parameters")
    if schema is not None and schema.get("type") != "object":
        refuse(f"Invalid schema for function '{tool['name']}': schema must be of type 'object'.", where,
               "invalid_function_parameters")
    if tool.get("strict") is not False and not is_strict_schema(schema):
        refuse(f"Invalid schema for function '{tool['name']}': 'additionalProperties' is required to be supplied "
               "and to be false, and 'required' to include every key.", where, "invalid_function_parameters")


def check_format(asked: dict) -> None:
    form = (asked.get("text") or {}).get("format") or {}
    if form.get("type") == "json_schema" and form["schema"].get("type") != "object":
        refuse("Invalid schema for response_format: schema must be a JSON Schema of 'type: \"object\"'.",
               "text.format.schema", "invalid_json_schema")
    if form.get("type") == "json_schema" and form.get("strict") and not is_strict_schema(form["schema"]):
        refuse("Invalid schema for response_format: 'additionalProperties' is required to be supplied and to be "
               "false.", "text.format.schema", "invalid_json_schema")


def check_pairs(asked: dict) -> None:
    """Every call has its output somewhere behind it, and every output its call before it."""
    open_calls, seen = {}, set()
    for at, item in enumerate(asked["input"]):
        kind = item.get("type", "message")
        if kind in ("function_call", "custom_tool_call"):
            if item["call_id"] in seen:
                refuse(f"Duplicate call_id {item['call_id']}.", f"input[{at}]")
            seen.add(item["call_id"])
            open_calls[item["call_id"]] = "custom tool" if kind == "custom_tool_call" else "function"
        elif kind in ("function_call_output", "custom_tool_call_output"):
            if item["call_id"] not in open_calls:
                refuse(f"No tool call found for function call output with call_id {item['call_id']}.", "input")
            del open_calls[item["call_id"]]
    for call_id, kind in open_calls.items():
        refuse(f"No tool output found for {kind} call {call_id}.", "input")


def check_reasoning(asked: dict) -> None:
    """Nothing is stored here: reasoning comes back sealed, and before the item it led to."""
    for at, item in enumerate(asked["input"]):
        if item.get("type") != "reasoning":
            continue
        name = item.get("id", "rs_")
        follower = asked["input"][at + 1] if at + 1 < len(asked["input"]) else {"role": "user"}
        if follower.get("role", "assistant") != "assistant" or "output" in str(follower.get("type")):
            refuse(f"Item '{name}' of type 'reasoning' was provided without its required following item.", "input")
        seal = item.get("encrypted_content")
        if seal is None:
            raise Refused(404, f"Item with id '{name}' not found. Items are not persisted when `store` is set to "
                               "false.", None, "input")
        if seal != sealed(" ".join(part["text"] for part in item["summary"])):
            refuse("The encrypted content could not be verified.", "input", "invalid_encrypted_content")


def check_images(asked: dict) -> None:
    for item in asked["input"]:
        for holder in (item.get("content"), item.get("output")):
            for part in holder if isinstance(holder, list) else []:
                if part.get("type") == "input_image":
                    check_image(part)


def check_image(part: dict) -> None:
    url = part.get("image_url")
    if url is None:
        raise Refused(404, f"File {part.get('file_id')} not found.", None, "input")
    pair = split_data_url(url)
    if not (is_picture(*pair) if pair else url.startswith("https:")):
        refuse("Invalid 'image_url'.", "input", "invalid_value")


def hear(asked: dict) -> Heard:
    """The conversation as the model takes it."""
    effort = (asked.get("reasoning") or {}).get("effort")
    heard = Heard(limit=asked.get("max_output_tokens"), wants_thoughts=effort not in (None, "none"),
                  may_call_many=asked.get("parallel_tool_calls") is not False)
    heard.system = [asked["instructions"]] if asked.get("instructions") else []
    heard.schema = ((asked.get("text") or {}).get("format") or {}).get("schema")
    hear_tools(heard, asked)
    if isinstance(asked["input"], str):
        hear_user(heard, asked["input"])
        return heard
    names: dict[str, str] = {}
    for item in asked["input"]:
        hear_item(heard, item, names)
    return heard


def hear_tools(heard: Heard, asked: dict) -> None:
    tools = [tool for tool in asked.get("tools") or [] if tool["type"] in ("function", "custom")]
    heard.tools = {tool["name"]: tool.get("parameters") or {"type": "object"} for tool in tools}
    heard.free = {tool["name"] for tool in tools if tool["type"] == "custom"}
    choice = asked.get("tool_choice")
    if choice == "required":
        heard.forced = next(iter(heard.tools))
    elif choice == "none":
        heard.tools = {}
    elif isinstance(choice, dict) and choice["type"] in NAMED:
        heard.forced = choice["name"]


def hear_item(heard: Heard, item: dict, names: dict[str, str]) -> None:
    kind = item.get("type", "message")
    if kind in ("function_call", "custom_tool_call"):
        names[item["call_id"]] = item["name"]
    elif kind in ("function_call_output", "custom_tool_call_output"):
        heard.results.append(hear_output(item, names))
    elif kind == "message" and item["role"] == "user":
        hear_user(heard, item["content"])
    elif kind == "message" and item["role"] == "assistant":
        heard.results = []
    elif kind == "message":
        heard.system.append(text_of(item["content"]))


def hear_output(item: dict, names: dict[str, str]) -> Result:
    output = item["output"]
    text = text_of(output)
    failed = text.startswith("[tool error]")
    images = [picture(part["image_url"]) for part in output
              if isinstance(part, dict) and part["type"] == "input_image"]
    return Result(names[item["call_id"]], text.removeprefix("[tool error]").lstrip() if failed else text,
                  images, failed)


def hear_user(heard: Heard, content) -> None:
    heard.text = text_of(content)
    heard.texts.append(heard.text)
    heard.images = [picture(part["image_url"]) for part in content
                    if isinstance(part, dict) and part["type"] == "input_image"]


def text_of(content) -> str:
    if isinstance(content, str):
        return content
    return "\n".join(part["text"] for part in content if part["type"] in ("input_text", "output_text"))
