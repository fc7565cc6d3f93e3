// SPDX-License-Identifier: MIT

import Model

extension Responder {
    /// What is written, what is not, and what must not be left out.
    func coverage(of feature: Feature, _ provider: Provider) -> Coverage {
        switch feature {
        case .temperature, .topP: provider.has(.noSampling) ? .lost : .carried
        case .effort, .thinkingBudget, .thinkingDisplay: provider.has(.noThinking) ? .lost : .carried
        case .count, .audioOutput, .background, .storedState: .refused
        case .model, .stops, .logprobs, .verbosity, .objectFormat, .schemaFormat, .parallelCalls,
            .strictTools,
            .allowedTools, .customTools, .grammar, .namespaces, .images, .imageURLs, .imageDetail, .documents,
            .documentURLs, .documentContext, .fileIDs, .audioInput, .resultImages, .resultDocuments,
            .resultErrors, .user, .metadata, .tier, .cacheKey, .safetyIdentifier,
            .outputLimit, .tools:
            .carried
        // Seals of this upstream's own go back; of all else the writer tells.
        case .thoughts, .redactedThoughts, .deferredTools, .moderation: .carried
        case .topK, .seed, .frequencyPenalty, .presencePenalty, .logitBias, .prediction, .modalities,
            .tokenOptions, .toolHints, .toolReferences, .citations, .searchResults, .names, .phases,
            .replayedAudio, .prefill, .store, .cacheControl, .region, .speed, .container, .remoteTools,
            .search, .diagnostics, .unknownBlocks, .hostedTools, .hostedCalls, .itemReferences, .toolBudget,
            .contextManagement, .truncation, .include, .clientMetadata, .session, .betas, .extras:
            .lost
        }
    }
}
