// SPDX-License-Identifier: MIT

import JSON
import Model

/// What is written of thinking.
///
/// https://platform.claude.com/docs/en/build-with-claude/extended-thinking
enum ThinkingPlan: Equatable {
    /// Nothing: the model's own way.
    case open
    case off
    case adaptive(effort: String?, isShown: Bool)
    case budget(Int, effort: String?)

    var isOn: Bool {
        switch self {
        case .open, .off: false
        case .adaptive, .budget: true
        }
    }

    var effort: String? {
        switch self {
        case .adaptive(let effort, _), .budget(_, let effort): effort
        case .open, .off: nil
        }
    }
}

/// What is written of the answer's form.
enum FormatPlan {
    case open
    case native(Value)
    case answerTool(Value)
}

/// How many tokens of thinking an effort is.
private enum Budget {
    static let least = 1024
    static let standard = 4096

    static func of(_ effort: Thinking.Effort) -> Int {
        switch effort {
        case .none, .minimal, .low: least
        case .medium: 2048
        case .high: standard
        case .xhigh: 8192
        case .max: 16384
        }
    }
}

extension RequestWriter {
    /// Decides on thinking and on the limit, which includes it.
    mutating func planThinking() {
        limit = min(max(1, request.outputLimit ?? family.standardLimit), family.limit ?? Int.max)
        if let wish = request.thinking { plan(wish) }
        planPrefill()
    }

    private mutating func plan(_ wish: Thinking) {
        guard wish.isOn, wish.effort != Thinking.Effort.none else {
            if family.alwaysThinks { lose(.effort) } else { thinking = .off }
            return
        }
        if family.isAdaptive {
            let effort = wish.effort ?? wish.budget.map(Thinking.Effort.init(budget:))
            thinking = .adaptive(effort: effort.map(word), isShown: wish.display != .omitted)
        } else {
            planBudget(wish)
        }
    }

    /// A budget leaves room for the answer, and cannot be had with a call that must be made.
    private mutating func planBudget(_ wish: Thinking) {
        let asked = wish.budget ?? wish.effort.map(Budget.of) ?? Budget.standard
        let wanted = min(max(Budget.least, asked), Usage.sane.upperBound)
        if request.outputLimit == nil {
            limit = min(limit + wanted, family.limit ?? Int.max)
        }
        let budget = min(wanted, max(Budget.least, limit / 4 * 3))
        guard budget < limit, !isForced, !(family.isClaude && hasBareCalls) else { return lose(.effort) }
        // Of models with budgets only look-alikes may know efforts.
        let effort = family.isClaude ? nil : wish.effort.map(word)
        thinking = .budget(budget, effort: effort)
    }

    /// The level that the model has; never more than was asked for, since that costs.
    private func word(_ effort: Thinking.Effort) -> String {
        switch effort {
        case .none, .minimal, .low: "low"
        case .medium: "medium"
        case .high: "high"
        case .xhigh: family.listsXHigh ? "xhigh" : "high"
        case .max: family.isAdaptive ? "max" : "high"
        }
    }

    mutating func writeThinking() {
        switch thinking {
        case .open: break
        case .off:
            writer.name("thinking")
            Blocks.block("disabled", [], &writer)
        case .adaptive(_, let isShown):
            // A call that must be made comes without thoughts; the effort still counts.
            guard !isForced else { break }
            writer.name("thinking")
            Blocks.block("adaptive", [("display", isShown ? "summarized" : "omitted")], &writer)
        case .budget(let budget, _):
            writer.name("thinking")
            writer.beginObject()
            writer.member("type", "enabled")
            writer.member("budget_tokens", budget)
            writer.endObject()
        }
        writeOutputConfig()
    }

    private mutating func writeOutputConfig() {
        let effort = family.takesEffort ? thinking.effort : nil
        if effort == nil, thinking.effort != nil, family.isAdaptive { lose(.effort) }
        var schema: Value?
        if case .native(let value) = format { schema = value }
        guard effort != nil || schema != nil else { return }
        writer.name("output_config")
        writer.beginObject()
        if let effort { writer.member("effort", effort) }
        if let schema {
            writer.name("format")
            writer.beginObject()
            writer.member("type", "json_schema")
            writer.name("schema")
            Schema.writeClosed(schema, to: &writer)
            writer.endObject()
        }
        writer.endObject()
    }

    /// A schema is asked for in the model's own way, else by a tool whose input is the answer, else in words.
    mutating func planFormat() {
        switch request.format {
        case nil: return
        case .object: system.append("Answer with a JSON object only, without any text around it.")
        case .schema(let wish):
            guard let schema = wish.schema else {
                system.append(Instruction.json)
                return
            }
            let isObject = schema["type"]?.string == "object"
            if family.takesFormat {
                format = .native(schema)
            } else if tools.isEmpty, !thinking.isOn, isObject {
                format = .answerTool(schema)
            } else {
                lose(.schemaFormat)
                system.append(Instruction.json(obeying: schema))
            }
        }
    }
}
