// SPDX-License-Identifier: MIT

import Model

/// What becomes of a feature on its way from a caller of another dialect.
///
/// What depends on values or on the model is told by the writer.
extension Messages {
    func coverage(of feature: Feature, _ provider: Provider) -> Coverage {
        switch feature {
        case .temperature, .topP, .topK: provider.has(.noSampling) ? .lost : .carried
        case .prefill: provider.has(.noPrefill) ? .lost : .carried
        case .model, .stops, .objectFormat, .schemaFormat, .outputLimit, .tools: .carried
        case .effort, .thinkingBudget, .thinkingDisplay, .thoughts, .redactedThoughts: .carried
        case .parallelCalls, .strictTools, .allowedTools, .customTools, .namespaces: .carried
        case .deferredTools, .toolReferences: .carried
        case .images, .imageURLs, .documents, .documentURLs, .documentContext, .searchResults: .carried
        case .resultImages, .resultDocuments, .resultErrors: .carried
        case .user, .safetyIdentifier, .tier: .carried
        case .count, .fileIDs, .audioInput, .background: .refused
        case .seed, .frequencyPenalty, .presencePenalty, .logitBias, .logprobs, .prediction: .lost
        case .verbosity, .modalities, .audioOutput, .tokenOptions: .lost
        case .grammar, .hostedTools, .hostedCalls, .toolHints, .toolBudget: .lost
        case .imageDetail, .citations, .unknownBlocks, .names, .phases, .replayedAudio: .lost
        case .metadata, .store, .cacheControl, .cacheKey, .region, .speed: .lost
        case .contextManagement, .container, .remoteTools, .search, .truncation, .include: .lost
        case .clientMetadata, .diagnostics, .moderation, .storedState, .itemReferences: .lost
        case .session, .betas, .extras: .lost
        }
    }
}
