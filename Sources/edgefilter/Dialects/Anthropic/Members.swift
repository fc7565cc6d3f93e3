// SPDX-License-Identifier: MIT

import Model

/// Every member of a request, and what of it not every dialect carries.
///
/// The readers note the features below the top; those at the top are noted by this table.
enum Members {
    static let all: [RequestMember] =
        topMembers + settingMembers + messageMembers + blockMembers + mediaMembers + toolMembers

    private static let topMembers: [RequestMember] = [
        RequestMember("model"), RequestMember("max_tokens"), RequestMember("messages"),
        RequestMember("system"), RequestMember("stream"), RequestMember("tools"),
        RequestMember("tool_choice"), RequestMember("thinking"), RequestMember("output_config"),
        RequestMember("metadata"),
        RequestMember("output_format", .schemaFormat),
        RequestMember("temperature", .temperature), RequestMember("top_p", .topP),
        RequestMember("top_k", .topK), RequestMember("stop_sequences", .stops),
        RequestMember("service_tier", .tier), RequestMember("speed", .speed),
        RequestMember("inference_geo", .region), RequestMember("container", .container),
        RequestMember("cache_control", .cacheControl),
        RequestMember("context_management", .contextManagement),
        RequestMember("compaction", .contextManagement), RequestMember("mcp_servers", .remoteTools),
        RequestMember("diagnostics", .diagnostics), RequestMember("thread", .storedState),
        RequestMember("fallbacks", .extras), RequestMember("fallback_credit_token", .extras),
        RequestMember("billing_policy", .extras),
    ]

    private static let settingMembers: [RequestMember] = [
        RequestMember("metadata.user_id", .user),
        RequestMember("metadata.*", .metadata),
        RequestMember("thinking.type", .effort),
        RequestMember("thinking.budget_tokens", .thinkingBudget),
        RequestMember("thinking.display", .thinkingDisplay),
        RequestMember("output_config.effort", .effort),
        RequestMember("output_config.format", .schemaFormat),
        RequestMember("output_config.task_budget", .tokenOptions),
    ]

    private static let messageMembers: [RequestMember] = [
        RequestMember("messages[]", .prefill),
        RequestMember("messages[].role"), RequestMember("messages[].content"),
        RequestMember("messages[].output_config", .effort),
    ]

    private static let blockMembers: [RequestMember] = [
        RequestMember("messages[].content[].type"), RequestMember("messages[].content[].text"),
        RequestMember("messages[].content[].source", .images),
        RequestMember("messages[].content[].source.url", .imageURLs),
        RequestMember("messages[].content[].source.url", .documentURLs),
        RequestMember("messages[].content[].source.file_id", .fileIDs),
        RequestMember("messages[].content[].cache_control", .cacheControl),
        RequestMember("messages[].content[].citations", .citations),
        RequestMember("messages[].content[].thinking", .thoughts),
        RequestMember("messages[].content[].signature", .thoughts),
        RequestMember("messages[].content[].data", .redactedThoughts),
        RequestMember("messages[].content[].id"), RequestMember("messages[].content[].name"),
        RequestMember("messages[].content[].input"),
        RequestMember("messages[].content[].toolset_name", .toolHints),
        RequestMember("messages[].content[].caller", .hostedCalls),
        RequestMember("messages[].content[].tool", .toolReferences),
        RequestMember("messages[].content[].tool_use_id"),
        RequestMember("messages[].content[].content"),
        RequestMember("messages[].content[].content[].source", .resultImages),
        RequestMember("messages[].content[].content[].source", .resultDocuments),
        RequestMember("messages[].content[].content[].tool_name", .toolReferences),
        RequestMember("messages[].content[].content[].type", .unknownBlocks),
        RequestMember("messages[].content[].is_error", .resultErrors),
        RequestMember("messages[].content[]", .hostedCalls),
        RequestMember("messages[].content[]", .searchResults),
        RequestMember("messages[].content[].file_id", .fileIDs),
    ]

    private static let mediaMembers: [RequestMember] = [
        RequestMember("messages[].content[].title", .documentContext),
        RequestMember("messages[].content[].context", .documentContext),
        RequestMember("messages[].content[].source.data", .documents),
        RequestMember("messages[].content[].source.media_type"),
        RequestMember("messages[].content[].source.type"),
        RequestMember("messages[].content[].source.content"),
    ]

    private static let toolMembers: [RequestMember] = [
        RequestMember("tools[].name"), RequestMember("tools[].description"),
        RequestMember("tools[].input_schema"), RequestMember("tools[].type", .hostedTools),
        RequestMember("tools[].strict", .strictTools),
        RequestMember("tools[].defer_loading", .deferredTools),
        RequestMember("tools[].cache_control", .cacheControl),
        RequestMember("tools[].input_examples", .toolHints),
        RequestMember("tools[].allowed_callers", .toolHints),
        RequestMember("tools[].eager_input_streaming", .toolHints),
        RequestMember("tool_choice.type"), RequestMember("tool_choice.name"),
        RequestMember("tool_choice.disable_parallel_tool_use", .parallelCalls),
    ]

    /// The features of the members at the top; nil: carried by all.
    static let top: [String: Feature?] = Dictionary(
        topMembers.map { ($0.name, $0.feature) }, uniquingKeysWith: { first, _ in first })

    /// Members of the top that the canonical form has no place for: they go back to the same dialect.
    static let carriedBack: Set<String> = [
        "speed", "inference_geo", "container", "cache_control", "context_management", "compaction",
        "mcp_servers", "diagnostics", "thread", "fallbacks", "fallback_credit_token", "billing_policy",
    ]

    /// The names that a member of a block may have, whatever its type; blocks of the provider's own are not
    /// looked into.
    static let blockNames = names(below: "messages[].content[].")
    static let messageNames = names(below: "messages[].")
    static let toolNames = names(below: "tools[].")

    private static func names(below prefix: String) -> Set<String> {
        Set(
            all.lazy.map(\.name).filter { $0.hasPrefix(prefix) }.map { $0.dropFirst(prefix.count) }
                .filter { !$0.contains("[") && !$0.contains(".") }.map(String.init))
    }
}
