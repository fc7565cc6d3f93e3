// SPDX-License-Identifier: MIT

import KeyLog

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
