// SPDX-License-Identifier: MIT

import Model

extension Quirk {
    // How the answer is made
    static let maxCompletionTokens = Quirk(
        "max_completion_tokens", "the limit of an answer is called max_completion_tokens, not max_tokens")
    static let maxOutput = Quirk(
        "max_output", "no answer has more tokens than this number", takesValue: true)
    static let noSampling = Quirk(
        "no_sampling", "temperature, top_p and penalties are refused, as by reasoning models")
    static let topK = Quirk("top_k", "takes top_k, min_p and repetition_penalty")
    static let stopLimit = Quirk("stops", "takes this many stop strings instead of 4", takesValue: true)
    static let closed = Quirk("closed", "refuses members that it does not know: only the plainest are sent")
    static let openAIMembers = Quirk(
        "openai_members", "takes what is OpenAI's own: service_tier, store, metadata, verbosity, cache keys")
    // Streams
    static let noStream = Quirk("no_stream", "cannot stream: the answer is asked for whole")
    static let noStreamOptions = Quirk("no_stream_options", "refuses stream_options")
    static let cumulativeArguments = Quirk(
        "cumulative_arguments", "each piece of a call's arguments repeats those before it")
    // Messages
    static let developer = Quirk("developer", "knows the role developer")
    static let systemAnywhere = Quirk("system_anywhere", "takes system messages anywhere, not only first")
    static let stringContent = Quirk("string_content", "takes texts only: images and files become notes")
    static let parts = Quirk("parts", "wants every content as an array of parts")
    static let contentEmptyString = Quirk(
        "content_empty_string", "wants the content of a message of calls alone to be \"\", not null")
    static let mergeRoles = Quirk(
        "merge_roles", "wants roles to alternate: neighbours of one role are merged")
    static let files = Quirk("files", "keeps files, and knows their ids")
    static let prefixPrefill = Quirk("prefix", "goes on with a last assistant message marked prefix")
    static let partialPrefill = Quirk("partial", "goes on with a last assistant message marked partial")
    static let repairHistory = Quirk(
        "repair_history", "calls without results and results without calls are repaired, not refused")
    // Tools
    static let noRequiredChoice = Quirk("no_required_choice", "does not know tool_choice required")
    static let noNamedChoice = Quirk("no_named_choice", "does not know a tool_choice that names a tool")
    static let noParallel = Quirk("no_parallel", "does not know parallel_tool_calls")
    static let noStrict = Quirk("no_strict", "does not know strict tools")
    static let customTools = Quirk("custom_tools", "takes custom tools, whose argument is a free text")
    static let nineIDs = Quirk("ids9", "ids of calls must be nine letters and digits")
    // Form of the answer
    static let schemaAsInstruction = Quirk(
        "schema_as_instruction", "does not know json_schema: it is told the schema in words")
    // Thinking
    static let effort = Quirk("effort", "takes every level of reasoning_effort, none and xhigh too")
    static let noEffort = Quirk("no_effort", "does not know reasoning_effort")
    static let enableThinking = Quirk("enable_thinking", "thinks by enable_thinking and thinking_budget")
    static let thinkingType = Quirk("thinking_type", "thinks by thinking.type, enabled or disabled")
    static let reasoningObject = Quirk("reasoning_object", "thinks by reasoning, with effort or max_tokens")
    static let templateArguments = Quirk(
        "chat_template_kwargs", "thinks by chat_template_kwargs.enable_thinking")
    static let thinkTags = Quirk(
        "think_tags", "its thoughts stand between <think> and </think> in the content")
    static let thinkOpen = Quirk("think_open", "its content begins inside <think>, which it does not write")
    // Reasoning that must come back
    static let reasoningHistory = Quirk(
        "reasoning_history", "wants reasoning_content back on each message with calls")
    static let reasoningDetails = Quirk("reasoning_details", "wants reasoning_details back")
    static let thoughtSignatures = Quirk("thought_signatures", "wants the thought signatures of calls back")
    // The rest
    static let quotaIsRate = Quirk(
        "quota_is_rate", "says insufficient_quota where it only means that one must wait")
    static let responses = Quirk("responses", "serves /v1/responses too")
}

extension Chat {
    /// Vendors' ways, by their own documentation and by what others met.
    var quirks: QuirkTable { Chat.table }

    private static let table = QuirkTable(quirks: all, presets: presets)

    private static let all: [Quirk] = [
        .maxCompletionTokens, .maxOutput, .noSampling, .topK, .stopLimit, .closed, .openAIMembers, .noStream,
        .noStreamOptions, .cumulativeArguments, .developer, .systemAnywhere, .stringContent, .parts,
        .contentEmptyString, .mergeRoles, .files, .prefixPrefill, .partialPrefill, .repairHistory,
        .noRequiredChoice, .noNamedChoice, .noParallel, .noStrict, .customTools, .nineIDs,
        .schemaAsInstruction, .effort, .noEffort, .enableThinking, .thinkingType, .reasoningObject,
        .templateArguments, .thinkTags, .thinkOpen, .reasoningHistory, .reasoningDetails,
        .thoughtSignatures, .quotaIsRate, .responses,
    ]

    private static let presets: [(name: String, flags: [String])] = [
        (
            "openai",
            [
                "max_completion_tokens", "developer", "system_anywhere", "custom_tools", "effort", "files",
                "openai_members", "responses",
            ]
        ),
        (
            "deepseek",
            [
                "reasoning_history", "thinking_type", "string_content", "schema_as_instruction", "prefix",
                "no_strict",
            ]
        ),
        (
            "qwen",
            ["enable_thinking", "top_k", "no_required_choice", "partial", "quota_is_rate", "no_strict"]
        ),
        (
            "glm",
            [
                "thinking_type", "no_required_choice", "no_named_choice", "schema_as_instruction", "stops=1",
                "no_strict",
            ]
        ),
        ("kimi", ["reasoning_history", "thinking_type", "no_required_choice", "partial", "no_strict"]),
        ("vllm", ["top_k", "chat_template_kwargs"]),
        ("llama.cpp", ["top_k", "chat_template_kwargs", "merge_roles", "no_strict"]),
        ("ollama", ["effort", "no_required_choice", "no_named_choice", "no_parallel", "no_strict"]),
        ("openrouter", ["reasoning_object", "reasoning_details", "top_k"]),
        ("mistral", ["ids9", "closed", "no_stream_options", "no_effort", "prefix"]),
        ("groq", ["max_completion_tokens", "closed"]),
        ("xai", ["no_effort", "max_completion_tokens"]),
        ("gemini", ["thought_signatures", "effort", "no_parallel", "no_strict", "closed"]),
    ]
}
