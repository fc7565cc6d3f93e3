// SPDX-License-Identifier: MIT

/// What a request may hold that not every dialect has a place for.
///
/// The raw value is the code by which records name it. What every dialect carries (model, texts, roles,
/// calls, results, streaming) is not listed.
package enum Feature: String, Sendable, CaseIterable {
    // What is asked, and how the answer is made
    /// The model itself, where another one stands in for it.
    case model
    case temperature, topP = "top_p", topK = "top_k", seed, stops = "stop"
    case frequencyPenalty = "frequency_penalty", presencePenalty = "presence_penalty"
    case logitBias = "logit_bias", logprobs, count = "n", prediction, verbosity
    case modalities, audioOutput = "audio", tokenOptions = "token_options"
    case outputLimit = "max_tokens"
    // Its form
    case objectFormat = "json_object", schemaFormat = "json_schema"
    // Thinking
    case effort, thinkingBudget = "thinking_budget", thinkingDisplay = "thinking_display"
    case thoughts, redactedThoughts = "redacted_thoughts"
    // Tools
    /// All of them, of a model that knows none.
    case tools
    case parallelCalls = "parallel_tool_calls", strictTools = "strict", allowedTools = "allowed_tools"
    case customTools = "custom_tools", grammar, hostedTools = "hosted_tools"
    case hostedCalls = "hosted_calls", deferredTools = "deferred_tools", toolHints = "tool_hints"
    case namespaces, toolReferences = "tool_references", toolBudget = "max_tool_calls"
    // What a turn holds
    case images, imageURLs = "image_urls", imageDetail = "image_detail"
    case documents, documentURLs = "document_urls", documentContext = "document_context"
    case fileIDs = "file_ids", audioInput = "input_audio", citations, searchResults = "search_results"
    case resultImages = "result_images", resultDocuments = "result_documents"
    case resultErrors = "result_errors", unknownBlocks = "unknown_blocks"
    case names = "name", phases = "phase", replayedAudio = "replayed_audio", prefill
    // Who pays, and how
    case user, metadata, tier = "service_tier", store, cacheControl = "cache_control", cacheKey = "cache_key"
    case safetyIdentifier = "safety_identifier", region = "inference_geo", speed
    // What the provider keeps or does by itself
    case contextManagement = "context_management", container, remoteTools = "mcp_servers", search =
        "web_search"
    case truncation, include, background, clientMetadata = "client_metadata", diagnostics, moderation
    case storedState = "stored_state", itemReferences = "item_references", session = "session_id"
    /// What a field of the head asks for and no member of the body shows.
    case betas
    /// Members that the caller's own dialect does not know.
    case extras
}

extension [Feature] {
    /// Adds a feature, once.
    package mutating func add(_ feature: Feature) {
        if !contains(feature) { append(feature) }
    }
}

/// What becomes of a feature on the way to a provider.
package enum Coverage: String, Sendable {
    /// It arrives, perhaps in other words.
    case carried
    /// It does not arrive, and the caller is told.
    case lost
    /// The request is refused, since the answer would not be what was asked for.
    case refused
}

/// The features that a request was seen to use, each with the first place where it stands.
package struct Mentions: Equatable, Sendable {
    /// A place in a request.
    package struct Mention: Equatable, Sendable {
        /// What it is.
        package let feature: Feature
        /// The member in general, as the caller's dialect spells it: `messages[].content[].cache_control`.
        package let member: String
        /// The first one: `messages.3.content.0.cache_control`.
        package let path: String

        package init(feature: Feature, member: String, path: String) {
            self.feature = feature
            self.member = member
            self.path = path
        }
    }

    /// In the order in which they were seen, each feature once; members unknown to the dialect each for
    /// itself.
    package private(set) var all: [Mention] = []
    private var seen: Set<Use> = []

    private struct Use: Hashable {
        let feature: Feature
        let member: String
    }

    /// Names of members unknown to the caller's dialect are told one by one, up to so many.
    package static let extrasLimit = 8

    package init() {}

    /// Notes a member that uses a feature; only its first place is kept, so that it costs little to note it
    /// again.
    package mutating func note(_ feature: Feature, as member: String, at path: @autoclosure () -> String) {
        guard seen.insert(Use(feature: feature, member: member)).inserted else { return }
        all.append(Mention(feature: feature, member: member, path: path()))
    }

    /// Notes a member that the caller's dialect does not know.
    package mutating func noteExtra(_ member: String) {
        guard all.count(where: { $0.feature == .extras }) < Mentions.extrasLimit else { return }
        all.append(Mention(feature: .extras, member: member, path: member))
    }

    /// The first place of a feature, in the caller's words; nil: it is not used.
    package func path(of feature: Feature) -> String? { all.first { $0.feature == feature }?.path }

    /// Whether it is used.
    package func contains(_ feature: Feature) -> Bool { all.contains { $0.feature == feature } }
}

/// One row of the table of a dialect's requests.
package struct RequestMember: Sendable {
    /// As it is written, with `[]` for any element: `tools[].strict`.
    package let name: String
    /// nil: every dialect carries it.
    package let feature: Feature?

    package init(_ name: String, _ feature: Feature? = nil) {
        self.name = name
        self.feature = feature
    }
}
