// SPDX-License-Identifier: MIT

import JSON
import Model
import Testing

@testable import Responses

/// The side that faces a provider, beside its readers and writers.
@Suite struct ProviderTests {
    private func request(_ turns: [Turn] = [Turn(role: .user, text: "a")]) -> Request {
        Request(model: "m", turns: turns, isStreamed: true, wantsUsage: true)
    }

    @Test("T168: a refused effort is tried once more with one that is known") func amends() {
        var request = request()
        request.thinking = Thinking(effort: .xhigh)
        var failure = Failure(.upstreamInvalid, "Unsupported value: 'xhigh'.", param: "reasoning.effort")
        #expect(Responder().amend(&request, after: failure, provider()) && request.thinking?.effort == .high)
        #expect(!Responder().amend(&request, after: failure, provider()))
        failure.param = "temperature"
        request.thinking?.effort = .max
        #expect(!Responder().amend(&request, after: failure, provider()))
    }

    @Test func knowsItsQuirks() {
        let (known, unknown) = Responder().quirks.provider("u", ["lmstudio", "max_output=9", "zap"])
        #expect(known.has(.noSeals) && known.value(of: .maxOutput) == 9 && unknown == ["zap"])
        for preset in Responder().quirks.presets {
            #expect(Responder().quirks.provider("u", [preset.name]).unknown.isEmpty)
        }
    }

    @Test func coversEverything() {
        for feature in Feature.allCases { _ = Responder().coverage(of: feature, provider()) }
        #expect(Responder().coverage(of: .stops, provider()) == .carried)
        #expect(Responder().coverage(of: .seed, provider()) == .lost)
        #expect(Responder().coverage(of: .temperature, provider("no_sampling")) == .lost)
    }
}
