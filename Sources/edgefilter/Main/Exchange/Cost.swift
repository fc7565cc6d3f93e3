// SPDX-License-Identifier: MIT

import JSON
import KeyLog
import Model

/// What a request may come to, in tokens.
struct Cost {
    /// Of its prompt, about.
    var input: Int
    /// The most that it asks for in one answer; nil: it does not say.
    var output: Int?
    /// How many answers it asks for.
    var answers = 1
    /// To how many prompts.
    var prompts = 1

    /// What an answer of which nothing else is said may come to.
    private static let usualOutput = 4096

    init(input: Int) { self.input = input }

    /// What bounds an answer, in one dialect or another; where several do, an upstream may go by any.
    private static let bounds = ["max_tokens", "max_completion_tokens", "max_output_tokens"]

    /// Takes what a request for texts says of its answers, also where nothing else of it is understood.
    mutating func note(_ root: Value) {
        // Some take none for a bound of zero or below.
        let given = Cost.bounds.compactMap { root.given($0) }
        let said = given.compactMap { $0.int.flatMap { $0 > 0 ? $0 : nil } }
        output = said.count == given.count ? said.max() : nil
        answers = max(1, root["n"]?.int ?? 1, root["best_of"]?.int ?? 1)
    }

    /// The same with another bound on an answer.
    func with(output: Int?) -> Cost {
        var cost = self
        cost.output = output
        return cost
    }

    /// Less than this is no use.
    var least: Int { all(output ?? (answers > 1 || prompts > 1 ? Cost.usualOutput : 0)) }
    /// More is not taken.
    var most: Int { output == nil ? all(Cost.usualOutput) : least }

    /// Whoever asks for more than any number asks for very many.
    private func all(_ output: Int) -> Int {
        Record.sane(input)
            + [answers, prompts].reduce(output) { product, count in
                let (more, isTooMuch) = product.multipliedReportingOverflow(by: max(1, count))
                return isTooMuch ? Record.sane(.max) : Record.sane(more)
            }
    }
}
