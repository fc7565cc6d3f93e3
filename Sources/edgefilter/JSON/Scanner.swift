// SPDX-License-Identifier: MIT

/// The one reader of JSON text (RFC 8259), fed in pieces of any size, telling a `Sink` what it sees.
///
/// It holds no text. After a throw it stays broken: every later call throws the same.
struct Scanner {
    /// What the next byte that is not space may begin or be; nothing, once the text's value is over.
    private struct Expected: OptionSet {
        let rawValue: UInt8
        static let value = Expected(rawValue: 1 << 0)
        static let name = Expected(rawValue: 1 << 1)
        static let colon = Expected(rawValue: 1 << 2)
        static let comma = Expected(rawValue: 1 << 3)
        static let endOfArray = Expected(rawValue: 1 << 4)
        static let endOfObject = Expected(rawValue: 1 << 5)
    }

    private enum Lexeme {
        case text(Text), numeral(Numeral), word(Word)
    }

    private let limits: Limits
    /// How many bytes were read.
    private(set) var offset = 0
    private var expected: Expected = .value
    private var containers: [Kind] = []
    private var token: Token?
    private var lexeme = Lexeme.text(Text())
    private var failure: Malformed?

    init(limits: Limits) {
        self.limits = limits
        containers.reserveCapacity(min(limits.depth, Limits.standardDepth))
    }

    /// Whether a whole value was read; a number that nothing follows needs `finish` to know.
    var isComplete: Bool { expected.isEmpty && token == nil && failure == nil }

    /// Makes it as new, keeping its memory.
    mutating func reset() {
        offset = 0
        expected = .value
        containers.removeAll(keepingCapacity: true)
        token = nil
        failure = nil
    }

    /// Reads the next piece of the text.
    mutating func feed<S: Sink>(_ piece: Span<UInt8>, into sink: inout S) throws(Malformed) {
        try checkHealth()
        do throws(Malformed) {
            guard piece.count <= limits.size - offset else {
                throw Malformed(.tooLarge, at: limits.size - offset)
            }
            try read(piece, into: &sink)
        } catch {
            try fail(error.moved(by: offset))
        }
        offset += piece.count
    }

    /// Ends the text; a text that ends within its value throws `truncated`.
    mutating func finish<S: Sink>(into sink: inout S) throws(Malformed) {
        try checkHealth()
        if let token, case .numeral(let numeral) = lexeme, numeral.mayEnd {
            end(token, at: offset, &sink)
        }
        if !isComplete { try fail(Malformed(.truncated, at: offset)) }
    }

    private func checkHealth() throws(Malformed) {
        if let failure { throw failure }
    }

    private mutating func fail(_ error: Malformed) throws(Malformed) {
        failure = error
        throw error
    }

    // Below, `at` and the offsets of errors count from the start of the piece.

    private mutating func read<S: Sink>(_ piece: Span<UInt8>, into sink: inout S) throws(Malformed) {
        var at = 0
        if token != nil { try goOn(piece, from: 0, &at, &sink) }
        while at < piece.count {
            let here = at
            let byte = piece[here]
            at += 1
            switch byte {
            case UInt8(ascii: " "), UInt8(ascii: "\n"), UInt8(ascii: "\r"), UInt8(ascii: "\t"): break
            case UInt8(ascii: ","):
                try expect(.comma, byte, here)
                expected = containers.last == .object ? .name : .value
            case UInt8(ascii: ":"):
                try expect(.colon, byte, here)
                expected = .value
            case UInt8(ascii: "{"): try open(.object, [.name, .endOfObject], byte, here, &sink)
            case UInt8(ascii: "["): try open(.array, [.value, .endOfArray], byte, here, &sink)
            case UInt8(ascii: "}"): try close(.endOfObject, byte, here, &sink)
            case UInt8(ascii: "]"): try close(.endOfArray, byte, here, &sink)
            default:
                if byte == UInt8(ascii: "\""), try take(plain: piece, &at, &sink) { continue }
                if byte &- UInt8(ascii: "1") < 9, try take(integer: piece, &at, &sink) { continue }
                try begin(byte, here, &sink)
                try goOn(piece, from: here, &at, &sink)
            }
        }
    }

    /// Takes a string or name at once that is all here, ASCII and without escapes; false: this one is not.
    ///
    /// `at`: behind its opening quote.
    private mutating func take<S: Sink>(
        plain piece: Span<UInt8>, _ at: inout Int, _ sink: inout S
    ) throws(Malformed) -> Bool {
        let (here, end) = (at - 1, piece.endOfPlain(from: at))
        guard end < piece.count, piece[end] == UInt8(ascii: "\"") else { return false }
        try expect([.name, .value], UInt8(ascii: "\""), here)
        at = end + 1
        let token = Token(kind: .string, isName: expected.contains(.name), start: offset + here)
        expectAfter(token)
        sink.take(token, piece.extracting(here..<at))
        return true
    }

    /// Takes an integer at once that is all here, with what ends it; false: this one is not.
    ///
    /// `at`: behind its first digit.
    private mutating func take<S: Sink>(
        integer piece: Span<UInt8>, _ at: inout Int, _ sink: inout S
    ) throws(Malformed) -> Bool {
        let here = at - 1
        var end = at
        while end < piece.count, piece[end] &- UInt8(ascii: "0") < 10 { end += 1 }
        guard end < piece.count, Scanner.endsValue(piece[end]) else { return false }
        try expect(.value, piece[here], here)
        at = end
        let token = Token(kind: .number, isName: false, start: offset + here)
        expectAfter(token)
        sink.take(token, piece.extracting(here..<end))
        return true
    }

    private static func endsValue(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: ",") || byte == UInt8(ascii: "}") || byte == UInt8(ascii: "]")
    }

    private func expect(_ wanted: Expected, _ byte: UInt8, _ here: Int) throws(Malformed) {
        guard expected.isDisjoint(with: wanted) else { return }
        throw Malformed(expected.isEmpty ? .trailingBytes : .unexpectedByte, at: here, byte: byte)
    }

    private mutating func open<S: Sink>(
        _ kind: Kind, _ inside: Expected, _ byte: UInt8, _ here: Int, _ sink: inout S
    ) throws(Malformed) {
        try expect(.value, byte, here)
        guard containers.count < limits.depth else { throw Malformed(.tooDeep, at: here) }
        containers.append(kind)
        expected = inside
        sink.open(kind, at: offset + here)
    }

    private mutating func close<S: Sink>(
        _ end: Expected, _ byte: UInt8, _ here: Int, _ sink: inout S
    ) throws(Malformed) {
        try expect(end, byte, here)
        containers.removeLast()
        expectAfterValue()
        sink.close(at: offset + here + 1)
    }

    private mutating func expectAfterValue() {
        switch containers.last {
        case .none: expected = []
        case .object: expected = [.comma, .endOfObject]
        default: expected = [.comma, .endOfArray]
        }
    }

    private mutating func begin<S: Sink>(
        _ byte: UInt8, _ here: Int, _ sink: inout S
    ) throws(Malformed) {
        let kind: Kind
        if byte == UInt8(ascii: "\"") {
            try expect([.name, .value], byte, here)
            kind = .string
            lexeme = .text(Text())
        } else {
            try expect(.value, byte, here)
            if let numeral = Numeral(first: byte) {
                kind = .number
                lexeme = .numeral(numeral)
            } else if let word = Word(first: byte) {
                kind = word.kind
                lexeme = .word(word)
            } else {
                throw Malformed(.unexpectedByte, at: here, byte: byte)
            }
        }
        let token = Token(kind: kind, isName: expected.contains(.name), start: offset + here)
        self.token = token
        sink.begin(token)
    }

    /// Reads on in the token, whose text starts or goes on at `from`.
    private mutating func goOn<S: Sink>(
        _ piece: Span<UInt8>, from: Int, _ at: inout Int, _ sink: inout S
    ) throws(Malformed) {
        guard var token else { return }
        let isOver: Bool
        switch lexeme {
        case .text(var text):
            isOver = try text.read(piece, &at)
            token.hasEscapes = text.hasEscapes
            lexeme = .text(text)
        case .numeral(var numeral):
            isOver = try numeral.read(piece, &at)
            lexeme = .numeral(numeral)
        case .word(var word):
            isOver = try word.read(piece, &at)
            lexeme = .word(word)
        }
        if from < at { sink.text(piece.extracting(from..<at)) }
        if isOver { end(token, at: offset + at, &sink) }
    }

    private mutating func end<S: Sink>(_ token: Token, at end: Int, _ sink: inout S) {
        self.token = nil
        expectAfter(token)
        sink.end(token, at: end)
    }

    private mutating func expectAfter(_ token: Token) {
        if token.isName { expected = .colon } else { expectAfterValue() }
    }
}
