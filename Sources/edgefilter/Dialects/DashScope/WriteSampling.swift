// SPDX-License-Identifier: MIT

import JSON
import Model

// Numbers that steer the choice of words, each within what its model takes.
extension RequestWriter {
    mutating func writeSampling() throws(Failure) {
        let sampling = request.sampling
        try writeTemperature(sampling.temperature)
        try writeTopP(sampling.topP)
        if let topK = sampling.topK { writeTopK(topK) }
        if let seed = sampling.seed { writeSeed(seed) }
        try writePresence(sampling.presencePenalty)
        guard sampling.logprobs == true else { return }
        writer.member("logprobs", true)
        guard let count = sampling.topLogprobs else { return }
        if count > RequestWriter.mostLogprobs { outgoing.lose(.logprobs) }
        writer.member("top_logprobs", min(count, RequestWriter.mostLogprobs))
    }

    private static let mostLogprobs = 5

    private func number(
        _ text: String, _ feature: Feature, in range: ClosedRange<Double>
    ) throws(Failure) -> Double {
        if let number = Double(text), range.contains(number) { return number }
        let path = request.mentions.path(of: feature) ?? feature.rawValue
        let most = range.upperBound.isFinite ? "at most \(Int(range.upperBound))" : "at least 0"
        let least = range.lowerBound == 0 && range.upperBound.isFinite ? "at least 0 and " : ""
        throw Failure(
            .invalidMember, "Invalid value for '\(path)': it must be \(least)\(most).", param: path)
    }

    private mutating func write(_ name: String, _ number: String) {
        writer.name(name)
        writer.number(number)
    }

    /// Below 2.
    private mutating func writeTemperature(_ text: String?) throws(Failure) {
        guard let text else { return }
        let number = try number(text, .temperature, in: 0...Double.infinity)
        guard !request.has(.withoutTemperature) else { return outgoing.lose(.temperature) }
        if number >= 2 { outgoing.lose(.temperature) }
        write("temperature", number >= 2 ? "1.99" : text)
    }

    /// Above 0, and for some below 1, of which 1 is what they cannot be told.
    private mutating func writeTopP(_ text: String?) throws(Failure) {
        guard let text else { return }
        let number = try number(text, .topP, in: 0...1)
        if number == 1, traits.contains(.openTopP) { return outgoing.lose(.topP) }
        write("top_p", number == 0 ? "0.000001" : text)
    }

    private mutating func writeTopK(_ topK: Int) {
        if topK < 0 { outgoing.lose(.topK) } else { writer.member("top_k", topK) }
    }

    private mutating func writeSeed(_ seed: Int) {
        if seed < 0 { outgoing.lose(.seed) } else { writer.member("seed", seed) }
    }

    private mutating func writePresence(_ text: String?) throws(Failure) {
        guard let text, let number = Double(text) else { return }
        if traits.contains(.plain) { return number == 0 ? () : outgoing.lose(.presencePenalty) }
        guard abs(number) > 2 else { return write("presence_penalty", text) }
        outgoing.lose(.presencePenalty)
        write("presence_penalty", number > 0 ? "2.0" : "-2.0")
    }
}
