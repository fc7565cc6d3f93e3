// SPDX-License-Identifier: MIT

import Model

/// How a request is asked: what follows from its model, from the upstream's quirks, and from what was
/// refused.
struct Order {
    let family: Family
    let road: Road
    let isThinking: Bool
    let isStreamed: Bool
    /// Whether each event of the stream repeats those before it.
    let isCumulative: Bool
    /// The tools that are sent, without those that nobody has referred to.
    let tools: [Tool]

    init(_ request: Request, _ provider: Provider) {
        family = Family.of(request.model)
        let named: Road? =
            provider.has(.textPath) ? .text : provider.has(.multimodalPath) ? .multimodal : nil
        let isShown = family.traits.contains(.unsure) && request.hasMedia
        let first = named ?? (isShown ? .multimodal : family.road)
        road = request.has(.otherPath) ? first.other : first
        isThinking = Order.thinks(request, provider, family)
        isStreamed =
            request.isStreamed || isThinking || family.traits.contains(.streamOnly)
            || provider.has(.streamOnly) || request.has(.streamed)
        let knowsTools = !family.traits.contains(.plain) && !provider.has(.noTools)
        tools = knowsTools ? request.toolsToSend : []
        let breaksTools = family.traits.contains(.cumulativeTools) && !tools.isEmpty
        isCumulative = isStreamed && !isThinking && (provider.has(.cumulative) || breaksTools)
    }

    private static func thinks(_ request: Request, _ provider: Provider, _ family: Family) -> Bool {
        switch family.thinks {
        case .always: true
        case .never: false
        case .usually: request.wantsThinking ?? !refuses(request, provider)
        case .onDemand: request.wantsThinking == true && !refuses(request, provider)
        }
    }

    private static func refuses(_ request: Request, _ provider: Provider) -> Bool {
        provider.has(.noThinking) || request.has(.withoutThinking)
    }
}

extension Request {
    /// Whether the model shall think; nil: the caller left it open.
    var wantsThinking: Bool? {
        thinking.map { $0.isOn && $0.effort != Thinking.Effort.none && $0.effort != .minimal }
    }

    /// Whether the user shows or plays something.
    fileprivate var hasMedia: Bool {
        turns.contains { turn in
            turn.parts.contains { part in
                switch part {
                case .image, .audio: true
                default: false
                }
            }
        }
    }

    /// A provider's own tools are another's business; of some that are allowed the others stay away.
    fileprivate var toolsToSend: [Tool] {
        var allowed: Set<String>?
        if case .among(let names, _)? = toolChoice { allowed = Set(names) }
        return tools.filter { tool in
            if tool.isHosted || tool.isDeferred && toolChoice != .named(tool.name) { return false }
            return allowed?.contains(tool.name) ?? true
        }
    }
}
