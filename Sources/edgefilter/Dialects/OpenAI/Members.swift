// SPDX-License-Identifier: MIT

import Model

/// The table of a request: every member that Chat Completions and its look-alikes know, and what of it not
/// every provider carries.
///
/// https://platform.openai.com/docs/api-reference/chat/create
enum Members {
    static let all: [RequestMember] = {
        let payer = [RequestMember("user", .user), RequestMember("service_tier", .tier)]
        let waiting = kept.map { RequestMember($0.name, $0.feature) }
        return [answer, thinking, messages, content, tools, payer, waiting].flatMap(\.self)
    }()

    /// How the answer is made.
    private static let answer: [RequestMember] = [
        RequestMember("model"), RequestMember("messages"), RequestMember("stream"),
        RequestMember("stream_options"), RequestMember("stream_options.include_usage"),
        RequestMember("stream_options.include_obfuscation"),
        RequestMember("max_tokens"), RequestMember("max_completion_tokens"),
        RequestMember("temperature", .temperature), RequestMember("top_p", .topP),
        RequestMember("top_k", .topK), RequestMember("seed", .seed), RequestMember("stop", .stops),
        RequestMember("frequency_penalty", .frequencyPenalty),
        RequestMember("presence_penalty", .presencePenalty),
        RequestMember("n", .count), RequestMember("logprobs", .logprobs),
        RequestMember("top_logprobs", .logprobs),
        RequestMember("response_format"),
        RequestMember("response_format.json_schema", .schemaFormat),
        RequestMember("response_format.type", .objectFormat),
    ]

    /// How much the model thinks; all but the first are of look-alikes.
    private static let thinking: [RequestMember] = [
        RequestMember("reasoning_effort", .effort), RequestMember("enable_thinking", .effort),
        RequestMember("thinking", .effort), RequestMember("thinking_budget", .thinkingBudget),
        RequestMember("reasoning", .effort), RequestMember("include_reasoning", .thinkingDisplay),
    ]

    private static let messages: [RequestMember] = [
        RequestMember("messages[].role"), RequestMember("messages[].content"),
        RequestMember("messages[].name", .names), RequestMember("messages[].refusal"),
        RequestMember("messages[].audio", .replayedAudio),
        RequestMember("messages[].cache_control", .cacheControl),
        RequestMember("messages[].reasoning_content", .thoughts),
        RequestMember("messages[].reasoning", .thoughts),
        RequestMember("messages[].reasoning_details", .redactedThoughts),
        RequestMember("messages[].function_call"), RequestMember("messages[].tool_call_id"),
        RequestMember("messages[].tool_calls"), RequestMember("messages[].tool_calls[].id"),
        RequestMember("messages[].tool_calls[].type"), RequestMember("messages[].tool_calls[].function"),
        RequestMember("messages[].tool_calls[].custom", .customTools),
        RequestMember("messages[-1]", .prefill),
    ]

    private static let content: [RequestMember] = [
        RequestMember("messages[].content[].type"), RequestMember("messages[].content[].text"),
        RequestMember("messages[].content[].refusal"),
        RequestMember("messages[].content[].thinking", .thoughts),
        RequestMember("messages[].content[].image_url", .images),
        RequestMember("messages[].content[].image_url", .resultImages),
        RequestMember("messages[].content[].image_url.url", .imageURLs),
        RequestMember("messages[].content[].image_url.detail", .imageDetail),
        RequestMember("messages[].content[].input_audio", .audioInput),
        RequestMember("messages[].content[].file", .documents),
        RequestMember("messages[].content[].file", .resultDocuments),
        RequestMember("messages[].content[].file.file_id", .fileIDs),
        RequestMember("messages[].content[].file.file_data", .documentURLs),
        RequestMember("messages[].content[].cache_control", .cacheControl),
        RequestMember("messages[].content[].prompt_cache_breakpoint", .cacheControl),
        RequestMember("messages[].content[]", .unknownBlocks),
    ]

    private static let tools: [RequestMember] = [
        RequestMember("tools"), RequestMember("tools[].type", .hostedTools),
        RequestMember("tools[].function"),
        RequestMember("tools[].function.strict", .strictTools),
        RequestMember("tools[].custom", .customTools), RequestMember("tools[].custom.format", .grammar),
        RequestMember("tools[].cache_control", .cacheControl),
        RequestMember("tool_choice"), RequestMember("tool_choice.allowed_tools", .allowedTools),
        RequestMember("parallel_tool_calls", .parallelCalls),
        RequestMember("functions"), RequestMember("function_call"),
    ]

    /// Members that wait in `extras` for a provider that knows them.
    static let kept: [(name: String, feature: Feature)] = [
        ("logit_bias", .logitBias), ("prediction", .prediction), ("verbosity", .verbosity),
        ("modalities", .modalities), ("audio", .audioOutput), ("metadata", .metadata), ("store", .store),
        ("safety_identifier", .safetyIdentifier), ("prompt_cache_key", .cacheKey),
        ("prompt_cache_options", .cacheKey), ("prompt_cache_retention", .cacheKey),
        ("web_search_options", .search), ("enable_search", .search), ("search_options", .search),
        ("moderation", .moderation), ("min_p", .tokenOptions), ("repetition_penalty", .tokenOptions),
        ("ignore_eos", .tokenOptions), ("skip_special_tokens", .tokenOptions),
        ("chat_template_kwargs", .tokenOptions), ("session_id", .session),
    ]

    /// The names of all members that stand at the top.
    static let top: Set<String> = Set(
        all.map(\.name).filter { name in !name.utf8.contains { $0 == 0x2E || $0 == 0x5B } })
}
