// SPDX-License-Identifier: MIT

import Model

/// The table of all members of a request.
///
/// https://platform.openai.com/docs/api-reference/responses/create
enum Members {
    static let all: [RequestMember] = core + answer + tools + items + parts + keeping

    private static let core = [
        "model", "input", "instructions", "max_output_tokens", "stream", "stream_options", "tools",
        "tool_choice",
        "text", "text.format", "reasoning", "tools[].type", "tools[].name", "tools[].description",
        "tools[].parameters", "tools[].tools", "input[].type", "input[].id", "input[].status", "input[].role",
        "input[].content", "input[].content[].type", "input[].content[].text", "input[].call_id",
        "input[].name", "input[].arguments", "input[].output",
    ].map { RequestMember($0) }

    /// How the answer is made.
    private static let answer = [
        RequestMember("temperature", .temperature),
        RequestMember("top_p", .topP),
        RequestMember("top_logprobs", .logprobs),
        RequestMember("text.format.type", .objectFormat),
        RequestMember("text.format.schema", .schemaFormat),
        RequestMember("text.verbosity", .verbosity),
        RequestMember("reasoning.effort", .effort),
        RequestMember("reasoning.summary", .thinkingDisplay),
        RequestMember("reasoning.generate_summary", .thinkingDisplay),
    ]

    private static let tools = [
        RequestMember("parallel_tool_calls", .parallelCalls),
        RequestMember("max_tool_calls", .toolBudget),
        RequestMember("tool_choice.tools", .allowedTools),
        RequestMember("tools[].strict", .strictTools),
        RequestMember("tools[].defer_loading", .deferredTools),
        RequestMember("tools[].format", .grammar),
    ]

    private static let items = [
        RequestMember("input[].phase", .phases),
        RequestMember("input[].input", .customTools),
        RequestMember("input[].namespace", .namespaces),
        RequestMember("input[].summary", .thoughts),
        RequestMember("input[].encrypted_content", .redactedThoughts),
    ]

    private static let parts = [
        RequestMember("input[].content[].image_url", .images),
        RequestMember("input[].content[].detail", .imageDetail),
        RequestMember("input[].content[].file_data", .documents),
        RequestMember("input[].content[].filename"),
        RequestMember("input[].content[].file_url", .documentURLs),
        RequestMember("input[].content[].file_id", .fileIDs),
        RequestMember("input[].content[].input_audio", .audioInput),
        RequestMember("input[].content[].annotations", .citations),
        RequestMember("input[].content[].logprobs"),
        RequestMember("input[].content[].refusal"),
    ]

    /// Who pays, and what the provider keeps or does by itself.
    private static let keeping =
        kept.map { RequestMember($0.key, $0.value) } + [
            RequestMember("user", .user), RequestMember("service_tier", .tier),
            RequestMember("store", .store),
            RequestMember("include", .include), RequestMember("truncation", .truncation),
            RequestMember("background", .background), RequestMember("previous_response_id", .storedState),
            RequestMember("conversation", .storedState), RequestMember("prompt", .storedState),
        ]

    /// Members that wait in `extras` for a provider of this dialect, or of one with the same member.
    static let kept: [String: Feature] = [
        "metadata": .metadata, "prompt_cache_key": .cacheKey, "prompt_cache_retention": .cacheKey,
        "prompt_cache_options": .cacheKey, "safety_identifier": .safetyIdentifier,
        "max_tool_calls": .toolBudget, "client_metadata": .clientMetadata,
        "context_management": .contextManagement, "moderation": .moderation,
    ]

    /// Members that are read, or refused, by name.
    static let read: Set<String> = [
        "model", "input", "instructions", "max_output_tokens", "stream", "stream_options", "tools",
        "tool_choice",
        "text", "reasoning", "temperature", "top_p", "top_logprobs", "parallel_tool_calls", "user",
        "service_tier", "store", "include", "truncation", "background", "previous_response_id",
        "conversation", "prompt",
    ]

    /// Where a request would go on from something that we do not keep.
    static let stateful = ["previous_response_id", "conversation", "prompt"]
}
