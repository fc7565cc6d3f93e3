// SPDX-License-Identifier: MIT

import Model

extension Generation {
    /// What depends on the model or on values is told by the writer.
    func coverage(of feature: Feature, _ provider: Provider) -> Coverage {
        switch feature {
        case .model, .outputLimit, .tools, .temperature, .topP, .topK, .seed, .stops, .presencePenalty,
            .logprobs,
            .tokenOptions, .objectFormat, .schemaFormat, .effort, .thinkingBudget, .parallelCalls,
            .allowedTools, .customTools, .grammar, .namespaces, .deferredTools, .toolReferences, .images,
            .imageURLs, .documents, .documentContext, .audioInput, .searchResults, .resultImages,
            .resultDocuments, .resultErrors, .prefill, .search, .strictTools:
            .carried
        case .count, .fileIDs, .background, .storedState, .audioOutput: .refused
        case .frequencyPenalty, .logitBias, .prediction, .verbosity, .modalities, .thinkingDisplay, .thoughts,
            .redactedThoughts, .hostedTools, .hostedCalls, .toolHints, .toolBudget, .imageDetail,
            .documentURLs, .citations, .unknownBlocks, .names, .phases, .replayedAudio, .user, .metadata,
            .tier, .store, .cacheControl, .cacheKey, .safetyIdentifier, .region, .speed, .contextManagement,
            .container, .remoteTools, .truncation, .include, .clientMetadata, .diagnostics, .moderation,
            .itemReferences, .session, .betas, .extras:
            .lost
        }
    }
}
