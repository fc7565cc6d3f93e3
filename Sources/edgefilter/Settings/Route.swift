// SPDX-License-Identifier: MIT

/// Where a model name, or every name of a pattern, goes.
package struct Route: Equatable, Sendable {
    /// A model name, or a pattern in which each `*` stands for any text.
    package var pattern: String
    /// Never empty after reading; only upstreams that exist.
    package var targets: [Target]
    /// Whether targets are chosen by weight; if not they are tried in order.
    package var isWeighted: Bool

    /// A route of values that are taken as they are.
    package init(pattern: String, targets: [Target], isWeighted: Bool = false) {
        self.pattern = pattern
        self.targets = targets
        self.isWeighted = isWeighted
    }

    /// Whether the pattern is one name.
    package var isExact: Bool { !pattern.utf8.contains(UInt8(ascii: "*")) }
}

/// An upstream and the name that a model has there.
package struct Target: Equatable, Sendable {
    /// The name of an upstream.
    package var upstream: String
    /// Nil: the name that the caller asked for is kept.
    package var model: String?
    /// Its share among the targets of a weighted route; 1 elsewhere.
    package var weight: Int

    /// A target of values that are taken as they are.
    package init(upstream: String, model: String? = nil, weight: Int = 1) {
        self.upstream = upstream
        self.model = model
        self.weight = weight
    }

    /// Reads `upstream` or `upstream/model`; the model may hold further slashes.
    init?(_ text: String) {
        guard let slash = text.firstIndex(of: "/") else {
            self.init(upstream: text)
            return
        }
        let model = text[text.index(after: slash)...]
        guard !model.isEmpty else { return nil }
        self.init(upstream: String(text[..<slash]), model: String(model))
    }

    /// As `models` has it.
    var text: String { model.map { "\(upstream)/\($0)" } ?? upstream }
}
