// SPDX-License-Identifier: MIT

/// What a request cost, in tokens.
package struct Usage: Equatable, Sendable {
    /// All tokens of the prompt, those read from and written to a cache included.
    package var input: Int
    /// All tokens of the answer, reasoning included.
    package var output: Int
    /// Of the input: read from a cache.
    package var cached: Int
    /// Of the input: written to a cache.
    package var written: Int
    /// Of the output: reasoning.
    package var reasoning: Int
    /// What the provider bills, where that is another number than what the caller is shown.
    package var billed: Billed?
    /// Whether nobody who knows was asked.
    package var isEstimated = false

    /// Tokens as a provider counts them.
    package struct Billed: Equatable, Sendable {
        /// Tokens of the prompt.
        package var input: Int
        /// Tokens of the answer.
        package var output: Int

        package init(input: Int, output: Int) {
            self.input = input
            self.output = output
        }
    }

    package init(
        input: Int = 0, output: Int = 0, cached: Int = 0, written: Int = 0, reasoning: Int = 0,
        billed: Billed? = nil
    ) {
        self.input = input
        self.output = output
        self.cached = cached
        self.written = written
        self.reasoning = reasoning
        self.billed = billed
    }

    /// Beyond this a number of tokens is no number of tokens.
    package static let sane = 0...(1 << 40)
}
