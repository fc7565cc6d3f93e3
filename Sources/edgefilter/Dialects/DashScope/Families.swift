// SPDX-License-Identifier: MIT

/// Which of the two paths a model is asked on.
enum Road: Sendable {
    case text, multimodal

    var other: Road { self == .text ? .multimodal : .text }
}

/// Models that are asked alike.
struct Family: Sendable {
    /// Whether a model thinks before it answers.
    enum Thinks: Sendable {
        case never, onDemand
        /// Unless it is told not to.
        case usually
        /// And it is no use to tell it anything.
        case always
    }

    struct Traits: OptionSet, Sendable {
        let rawValue: Int

        /// `top_p` is below 1.
        static let openTopP = Traits(rawValue: 1)
        /// Turns alternate, and are of texts.
        static let alternating = Traits(rawValue: 2)
        /// No tools, no search, no penalty of repetitions.
        static let plain = Traits(rawValue: 4)
        /// Pieces of calls only come whole.
        static let cumulativeTools = Traits(rawValue: 8)
        /// Goes on with a last message of the assistant that is marked partial.
        static let partial = Traits(rawValue: 16)
        /// Answers in streams alone.
        static let streamOnly = Traits(rawValue: 32)
        /// Refuses of `temperature` and `stop`, which are not documented for it, are to be reckoned with.
        static let doubtful = Traits(rawValue: 64)
        /// Thinks without being told to by `enable_thinking`.
        static let thinksUntold = Traits(rawValue: 128)
        /// Whether it sees is not known.
        static let unsure = Traits(rawValue: 256)
    }

    /// With `*` for any text.
    let patterns: [String]
    var road = Road.text
    var thinks = Thinks.never
    /// The most tokens of an answer; nil: it is not known.
    var maxOutput: Int?
    var traits: Traits = []

    /// Of a model nobody here has heard of: it is asked as plainly as can be.
    static let unknown = Family(patterns: [], thinks: .onDemand, traits: .unsure)

    /// The first that fits.
    static func of(_ model: String) -> Family { known(model) ?? unknown }

    /// nil: no family has a name like it.
    static func known(_ model: String) -> Family? {
        let name = model.lowercased()
        if let newest = newest(name) { return newest }
        return all.first { family in family.patterns.contains { matches($0, name) } }
    }

    /// Qwen from 3.5 on is asked on the multimodal path, even for text.
    private static func newest(_ name: String) -> Family? {
        guard name.hasPrefix("qwen"),
            let version = Double(name.dropFirst(4).prefix { $0 == "." || $0.isNumber }),
            version >= 3.5, version < 10
        else { return nil }
        return Family(patterns: [], road: .multimodal, thinks: .onDemand, traits: [.partial])
    }

    /// Whether a name is of the form of a pattern in which each `*` stands for any text.
    private static func matches(_ pattern: String, _ name: String) -> Bool {
        let parts = pattern.split(separator: "*", omittingEmptySubsequences: false)
        guard let first = parts.first, let last = parts.last, parts.count > 1 else { return pattern == name }
        guard name.hasPrefix(first) else { return false }
        var rest = name.dropFirst(first.count)
        for part in parts.dropFirst().dropLast() where !part.isEmpty {
            guard let place = rest.firstRange(of: part) else { return false }
            rest = rest[place.upperBound...]
        }
        return rest.hasSuffix(last)
    }
}

// https://help.aliyun.com/zh/model-studio/models
extension Family {
    /// The more special first.
    private static let all: [Family] = [
        Family(
            patterns: ["farui*"], maxOutput: 2_000,
            traits: [.openTopP, .alternating, .plain, .doubtful]),
        Family(patterns: ["qvq*"], road: .multimodal, thinks: .always, traits: [.streamOnly, .thinksUntold]),
        Family(patterns: ["qwq*"], thinks: .always, traits: [.streamOnly, .thinksUntold]),
        Family(patterns: ["qwen*omni*"], road: .multimodal, traits: [.streamOnly]),
        Family(patterns: ["qwen*audio*", "qwen*asr*", "qwen*ocr*"], road: .multimodal),
        Family(patterns: ["qwen3-vl*thinking*"], road: .multimodal, thinks: .always),
        Family(patterns: ["qwen3-vl*instruct*"], road: .multimodal),
        Family(patterns: ["qwen3-vl*"], road: .multimodal, thinks: .onDemand),
        Family(patterns: ["qwen*-vl*"], road: .multimodal),
        Family(patterns: ["qwen3*thinking*"], thinks: .always),
        Family(patterns: ["qwen3*instruct*", "qwen3-coder*"], traits: [.partial]),
        Family(patterns: ["qwen3-max*"], thinks: .onDemand, traits: [.partial]),
        Family(patterns: ["qwen3-*"], thinks: .usually),
        Family(patterns: ["qwen-plus*"], thinks: .onDemand, maxOutput: 32_768, traits: [.partial]),
        Family(patterns: ["qwen-flash*"], thinks: .onDemand, maxOutput: 32_768, traits: [.partial]),
        Family(patterns: ["qwen-turbo*"], thinks: .onDemand, maxOutput: 16_384, traits: [.partial]),
        Family(patterns: ["qwen-max*", "qwen-coder*", "qwen-long*"], maxOutput: 8_192, traits: [.partial]),
        Family(patterns: ["qwen2.5*"], maxOutput: 8_192, traits: [.openTopP]),
        Family(patterns: ["qwen2-*"], maxOutput: 6_144, traits: [.openTopP, .cumulativeTools]),
        Family(
            patterns: ["qwen1*", "qwen-72b*", "qwen-14b*", "qwen-7b*", "qwen-1.8b*"], maxOutput: 2_000,
            traits: [.openTopP, .cumulativeTools]),
        Family(patterns: ["deepseek-r1*"], thinks: .always, traits: [.thinksUntold]),
        Family(patterns: ["deepseek-v3.*", "deepseek-v4*"], thinks: .onDemand),
        Family(patterns: ["deepseek*"]),
        Family(
            patterns: ["qwen*", "tongyi*", "glm*", "kimi*", "minimax*"], thinks: .onDemand, traits: .unsure),
        Family(
            patterns: [
                "moonshot*", "llama*", "baichuan*", "chatglm*", "yi-*", "internlm*", "abab*",
                "text-embedding*",
            ], traits: .unsure),
    ]
}
