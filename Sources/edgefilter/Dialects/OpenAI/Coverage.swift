// SPDX-License-Identifier: MIT

import Model

extension Chat {
    func coverage(of feature: Feature, _ provider: Provider) -> Coverage {
        switch feature {
        case .temperature, .topP, .frequencyPenalty, .presencePenalty: unless(.noSampling, provider)
        case .topK, .tokenOptions: only(.topK, provider)
        case .seed, .logprobs, .user, .logitBias: unless(.closed, provider)
        case .parallelCalls: unless(.noParallel, provider)
        case .strictTools: unless(.noStrict, provider)
        case .effort: thinks(provider) ? .carried : unless(.noEffort, provider)
        case .schemaFormat: unless(.schemaAsInstruction, provider)
        case .images, .imageURLs, .imageDetail, .documents, .audioInput, .resultImages, .resultDocuments:
            unless(.stringContent, provider)
        case .thinkingBudget: counts(provider)
        case .thoughts, .redactedThoughts: thoughts(provider)
        case .prefill:
            provider.has(.prefixPrefill) || provider.has(.partialPrefill) ? .carried : .lost
        case .verbosity, .metadata, .tier, .store, .cacheKey, .safetyIdentifier, .prediction, .moderation,
            .search, .modalities, .audioOutput:
            only(.openAIMembers, provider)
        case .grammar: only(.customTools, provider)
        case .fileIDs: provider.has(.files) ? .carried : .refused
        case .count: .refused
        case .stops, .objectFormat, .allowedTools, .customTools, .deferredTools, .namespaces, .toolReferences,
            .resultErrors, .searchResults, .documentContext, .model, .outputLimit, .tools:
            .carried
        case .thinkingDisplay, .hostedTools, .hostedCalls, .toolHints, .toolBudget, .documentURLs, .citations,
            .unknownBlocks, .names, .phases, .replayedAudio, .cacheControl, .region, .speed,
            .contextManagement, .container, .remoteTools, .truncation, .include, .clientMetadata,
            .diagnostics, .itemReferences, .session, .betas, .extras:
            .lost
        case .background, .storedState: .refused
        }
    }

    private func unless(_ quirk: Quirk, _ provider: Provider) -> Coverage {
        provider.has(quirk) ? .lost : .carried
    }

    private func only(_ quirk: Quirk, _ provider: Provider) -> Coverage {
        provider.has(quirk) ? .carried : .lost
    }

    /// Whether thinking is asked for in a vendor's own words.
    private func thinks(_ provider: Provider) -> Bool {
        let forms: [Quirk] = [.enableThinking, .thinkingType, .reasoningObject, .templateArguments]
        return forms.contains { provider.has($0) }
    }

    private func counts(_ provider: Provider) -> Coverage {
        if provider.has(.enableThinking) || provider.has(.reasoningObject) { return .carried }
        return thinks(provider) ? .lost : unless(.noEffort, provider)
    }

    private func thoughts(_ provider: Provider) -> Coverage {
        let forms: [Quirk] = [.reasoningHistory, .reasoningDetails, .thoughtSignatures]
        return forms.contains { provider.has($0) } ? .carried : .lost
    }
}
