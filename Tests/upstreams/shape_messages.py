# SPDX-License-Identifier: MIT
"""The shapes of the Messages API's requests: which members, of which types, in which places."""

from refusal import MAGIC
from shape import (Wrong, anything, boolean, either, filled, integer, listed, mapping, matching, members, null,
                   number, one_of, optional, string, tagged)

ID = matching("[a-zA-Z0-9_-]+")
NAME = matching("[a-zA-Z0-9_-]{1,128}")
CACHE = members({"type": one_of("ephemeral")}, {"ttl": one_of("5m", "1h")})
COMMON = optional({"cache_control": CACHE})
CITED = {"citations": either(null, members({"enabled": boolean}))}
IMAGE = members({"type": string, "source": tagged({
    "base64": members({"type": string, "media_type": one_of(*MAGIC), "data": filled}),
    "url": members({"type": string, "url": matching("https://.+")}),
    "file": members({"type": string, "file_id": filled})})}, COMMON)
TEXT = members({"type": string, "text": string}, {**COMMON, "citations": either(null, listed(anything))})
DOCUMENT = members({"type": string, "source": tagged({
    "base64": members({"type": string, "media_type": one_of("application/pdf"), "data": filled}),
    "text": members({"type": string, "media_type": one_of("text/plain"), "data": filled}),
    "content": members({"type": string, "content": either(filled, listed(tagged({"text": TEXT, "image": IMAGE})))}),
    "url": members({"type": string, "url": matching("https://.+")}),
    "file": members({"type": string, "file_id": filled})})},
    {**COMMON, **CITED, **optional({"title": string, "context": string})})
FOUND = members({"type": string, "source": filled, "title": filled, "content": listed(tagged({"text": TEXT}), 1)},
                {**COMMON, **CITED})
REFERENCE = members({"type": string, "tool_name": filled}, COMMON)
IN_RESULT = {"text": TEXT, "image": IMAGE, "document": DOCUMENT, "search_result": FOUND, "tool_reference": REFERENCE}
RESULT = members({"type": string, "tool_use_id": ID}, {
    **COMMON, **optional({"content": either(string, listed(tagged(IN_RESULT))), "is_error": boolean})})
USED = optional({"caller": anything, "toolset_name": string})
BY_ROLE = {
    "user": {"text": TEXT, "image": IMAGE, "document": DOCUMENT, "search_result": FOUND, "tool_result": RESULT,
             "container_upload": members({"type": string, "file_id": filled}, COMMON)},
    "assistant": {
        "text": TEXT, "document": DOCUMENT,
        "tool_use": members({"type": string, "id": ID, "name": NAME, "input": mapping(anything)},
                            {**COMMON, **USED}),
        "thinking": members({"type": string, "thinking": string, "signature": string}),
        "redacted_thinking": members({"type": string, "data": filled}),
        "server_tool_use": members({"type": string, "id": ID, "name": NAME, "input": mapping(anything)},
                                   {**COMMON, **USED}),
        "mcp_tool_use": anything, "mcp_tool_result": anything, "compaction": anything, "fallback": anything,
        **{f"{kind}_tool_result": anything for kind in (
            "web_search", "web_fetch", "code_execution", "bash_code_execution", "text_editor_code_execution",
            "tool_search", "advisor")}},
    "system": {"text": TEXT, "tool_addition": members({"type": string, "tool": anything}),
               "tool_removal": members({"type": string, "tool": anything})},
}
EFFORT = one_of("low", "medium", "high", "xhigh", "max")
SCHEMA = members({"type": one_of("json_schema"), "schema": mapping(anything)})
OUTPUT = members({}, optional({"effort": EFFORT, "format": SCHEMA, "task_budget": anything}))
TURN = tagged({role: members({"role": string, "content": either(string, listed(tagged(blocks)))},
                             {"output_config": OUTPUT} if role != "assistant" else {})
               for role, blocks in BY_ROLE.items()}, "role")
TOOL_SCHEMA = members({"type": one_of("object")}, {"properties": either(null, mapping(anything))})


def tool_schema(value, path) -> None:
    mapping(anything)(value, path)
    if "type" not in value:
        raise Wrong("missing", (*path, "type"), "Field required")
    TOOL_SCHEMA({name: value[name] for name in value if name in ("type", "properties")}, path)
    for word in ("oneOf", "allOf", "anyOf"):
        if word in value:
            raise Wrong("value", path, "input_schema does not support oneOf, allOf, or anyOf at the top level")


CUSTOM = members({"name": NAME, "input_schema": tool_schema}, {
    **COMMON, **optional({"description": string, "type": one_of("custom"), "strict": boolean,
                          "defer_loading": boolean, "eager_input_streaming": boolean,
                          "input_examples": listed(mapping(anything)), "allowed_callers": listed(string)})})
TYPED = tagged({f"{kind}_*": anything for kind in (
    "bash", "text_editor", "computer", "memory", "web_search", "web_fetch", "code_execution", "tool_search_tool",
    "advisor")} | {"mcp_toolset": anything, "custom": CUSTOM}, default="custom")
PARALLEL = {"disable_parallel_tool_use": boolean}
CHOICE = tagged({"auto": members({"type": string}, PARALLEL), "any": members({"type": string}, PARALLEL),
                 "tool": members({"type": string, "name": NAME}, PARALLEL), "none": members({"type": string})})
SHOWN = {"display": either(null, one_of("summarized", "omitted"))}
THINKING = tagged({"enabled": members({"type": string, "budget_tokens": integer(1024)}, SHOWN),
                   "adaptive": members({"type": string}, SHOWN), "disabled": members({"type": string}),
                   "between_tools": members({"type": string}, SHOWN)})
ASKED = {"system": either(string, listed(tagged({"text": TEXT}))), "tools": listed(TYPED), "tool_choice": CHOICE,
         "thinking": THINKING, "output_config": OUTPUT, "cache_control": CACHE, "speed": one_of("standard", "fast")}
SAMPLED = {"temperature": number(0, 1), "top_p": number(0, 1), "top_k": integer(0)}
ONLY_ANSWERS = {"stream": boolean, "stop_sequences": listed(matching(r"(?s).*\S.*")),
                "metadata": members({}, {"user_id": either(null, matching("(?s).{0,256}"))}),
                "service_tier": one_of("auto", "standard_only"), "inference_geo": string, "diagnostics": anything,
                "container": anything, "output_format": SCHEMA, "thread": anything, **SAMPLED}
# Members that a header must permit, and the word it must bear.
BETAS = {"context_management": "context-management", "mcp_servers": "mcp-client", "fallbacks": "fallback",
         "compaction": "compact", "output_format": "structured-outputs", "speed": "fast-mode"}
NEEDED = {"model": filled, "messages": listed(TURN, 1)}
BETA = {name: anything for name in BETAS if name not in ONLY_ANSWERS}
REQUEST = members({**NEEDED, "max_tokens": integer(1)}, optional({**ASKED, **ONLY_ANSWERS, **BETA}))
COUNT = members(NEEDED, optional({**ASKED, **BETA}))
