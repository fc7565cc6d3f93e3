// SPDX-License-Identifier: MIT

/// What a `Scanner` tells while it reads, in the order of the text; offsets count from its first byte.
///
///     text  = value
///     value = open (value | token value)* close | token
///     token = begin text* end
protocol Sink {
    /// An array or object opens; its bracket is at `offset`.
    mutating func open(_ kind: Kind, at offset: Int)
    /// The array or object opened last and not closed closes; its bracket is the byte before `end`.
    mutating func close(at end: Int)
    /// A name or scalar begins at `token.start`.
    mutating func begin(_ token: Token)
    /// The next part of the token's source text: all of it, unless the scanner is fed in pieces.
    mutating func text(_ part: Span<UInt8>)
    /// The token is over, and well-formed; `end` is the offset after its last byte.
    mutating func end(_ token: Token, at end: Int)
    /// A token without escapes all at once, whose source text is `text`: the same as `begin`, `text` and
    /// `end`.
    mutating func take(_ token: Token, _ text: Span<UInt8>)
}

extension Sink {
    mutating func take(_ token: Token, _ text: Span<UInt8>) {
        begin(token)
        self.text(text)
        end(token, at: token.start + text.count)
    }
}

/// A member's name or a scalar value.
struct Token {
    let kind: Kind
    let isName: Bool
    let start: Int
    /// Whether the source text of a name or string holds a `\`; known at its end.
    var hasEscapes = false
}
