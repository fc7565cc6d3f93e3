// SPDX-License-Identifier: MIT

import JSON
import Model

/// The side that faces a provider of the Responses API.
struct Responder: ProviderSide {
    var quirks: QuirkTable { Quirks.table }

    func path(of request: Request, _ provider: Provider) -> String { Names.path }

    func writeRequest(
        _ request: Request, for provider: Provider, to bytes: inout [UInt8]
    ) throws(Failure) -> Outgoing {
        var writer = RequestWriter(request, provider)
        try writer.write()
        bytes.append(contentsOf: writer.bytes)
        return writer.outgoing
    }

    func replyReader(for request: Request, _ outgoing: Outgoing, _ provider: Provider) -> any ReplyReader {
        ReplyItems(of: request, provider)
    }

    func readModels(_ body: [UInt8]) -> [String]? {
        guard let root = (try? Document(body))?.root else { return nil }
        let list = root["data"] ?? root["models"] ?? root
        guard list.kind == .array else { return nil }
        return list.elements.compactMap { $0["id"]?.string ?? $0["name"]?.string ?? $0.string }
    }

    /// An effort that this model does not know is the one refusal that says what to change.
    func amend(_ request: inout Request, after failure: Failure, _ provider: Provider) -> Bool {
        guard failure.code == .upstreamInvalid, let effort = request.thinking?.effort,
            failure.param == "reasoning.effort" || failure.message.lowercased().contains("effort")
        else { return false }
        switch effort {
        case .xhigh, .max: request.thinking?.effort = .high
        case .none, .minimal: request.thinking?.effort = .low
        case .low, .medium, .high: return false
        }
        return true
    }

    /// What is written, what is not, and what must not be left out.
    func coverage(of feature: Feature, _ provider: Provider) -> Coverage {
        switch feature {
        case .temperature, .topP: provider.has(Quirks.noSampling) ? .lost : .carried
        case .effort, .thinkingBudget, .thinkingDisplay: provider.has(Quirks.noThinking) ? .lost : .carried
        case .count, .audioOutput, .background, .storedState: .refused
        case .stops, .logprobs, .verbosity, .objectFormat, .schemaFormat, .parallelCalls, .strictTools,
            .allowedTools, .customTools, .grammar, .namespaces, .images, .imageURLs, .imageDetail, .documents,
            .documentURLs, .documentContext, .fileIDs, .audioInput, .resultImages, .resultDocuments,
            .resultErrors, .user, .metadata, .tier, .cacheKey, .safetyIdentifier:
            .carried
        // Seals of this upstream's own go back; of all else the writer tells.
        case .thoughts, .redactedThoughts, .deferredTools, .moderation: .carried
        case .topK, .seed, .frequencyPenalty, .presencePenalty, .logitBias, .prediction, .modalities,
            .tokenOptions, .toolHints, .toolReferences, .citations, .searchResults, .names, .phases,
            .replayedAudio, .prefill, .store, .cacheControl, .region, .speed, .container, .remoteTools,
            .search, .diagnostics, .unknownBlocks, .hostedTools, .hostedCalls, .itemReferences, .toolBudget,
            .contextManagement, .truncation, .include, .clientMetadata, .extras:
            .lost
        }
    }
}
