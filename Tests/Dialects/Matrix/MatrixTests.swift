// SPDX-License-Identifier: MIT

import Echo
import Model
import Testing

/// Every reader against every writer.
@Suite struct MatrixTests {
    @Test func echoObeysTheGrammar() throws {
        guard case .embedded(let side) = Dialect.echo.upstream else { return }
        let request = Request(
            model: "echo", turns: [Turn(role: .user, text: "a b")], isStreamed: true, wantsUsage: true)
        var reply = side.reply(to: request)
        var grammar = Grammar()
        while let event = reply.next() { grammar.take(event) }
        #expect(grammar.isComplete && grammar.fault == nil)
    }
}
