// SPDX-License-Identifier: MIT

/// A provider inside this program.
package protocol EmbeddedSide: Sendable {
    /// The models it offers.
    var models: [String] { get }
    /// The steps of the reply to a request, made one by one.
    func reply(to request: Request) -> any EmbeddedReply
}

/// A reply in the making.
package protocol EmbeddedReply: Sendable {
    /// Milliseconds to wait before each piece of text.
    var pace: Int { get }
    /// The next step, nil after the last.
    mutating func next() -> Event?
}
