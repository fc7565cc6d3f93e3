// SPDX-License-Identifier: MIT

import JSON
import Model

/// Thoughts that Anthropic would refuse are cut out of a body, and nothing else of it changes.
extension Client {
    func mend(_ body: [UInt8]) -> (body: [UInt8], losses: [Loss])? {
        guard Unsigned.mayBe(in: body), let root = (try? Document(body, limits: .request))?.root,
            let messages = root["messages"]
        else { return nil }
        var cuts = Cuts()
        for message in messages.elements {
            guard let content = message["content"], content.kind == .array else { continue }
            let blocks = Array(content.elements)
            cuts.add(blocks.map(Unsigned.isMeant), of: blocks)
        }
        guard let first = cuts.first else { return nil }
        // A message of nothing else goes with its last block.
        var whole = Cuts()
        let all = Array(messages.elements)
        whole.add(all.map(isEmptied), of: all)
        let member = "messages[].content[].thinking"
        return (
            Cuts.join(cuts, whole).applied(to: body), [Loss(.thoughts, member: member, path: first.path)]
        )
    }

    private func isEmptied(_ message: Value) -> Bool {
        guard let content = message["content"], content.kind == .array else { return false }
        let blocks = Array(content.elements)
        return !blocks.isEmpty && blocks.allSatisfy(Unsigned.isMeant)
    }
}

/// Thoughts without a signature of Anthropic's.
enum Unsigned {
    private static let marked = Needle("\"" + Seal.mark)
    private static let signature = Needle("\"signature\"")

    /// Whether the bytes could hold some; looks at about one byte in eight.
    static func mayBe(in body: [UInt8]) -> Bool {
        if marked.find(in: body, from: 0) != nil { return true }
        var start = 0
        while let place = signature.find(in: body, from: start) {
            start = place + signature.count
            if isUnsigned(body[start...]) { return true }
        }
        return false
    }

    /// Whether what follows a member's name is the empty string or null.
    private static func isUnsigned(_ rest: ArraySlice<UInt8>) -> Bool {
        let value = rest.drop { $0 <= 0x20 || $0 == UInt8(ascii: ":") }
        return value.starts(with: "\"\"".utf8) || value.starts(with: "null".utf8)
    }

    static func isMeant(_ block: Value) -> Bool {
        switch block["type"]?.string {
        case "thinking":
            guard let signature = block.given("signature") else { return true }
            return signature.string.map { $0.isEmpty || Seal.isOurs($0) } ?? false
        case "redacted_thinking": return block["data"]?.string.map(Seal.isOurs) ?? false
        default: return false
        }
    }
}

/// Ranges of a body that go.
private struct Cuts {
    private(set) var ranges: [Range<Int>] = []
    /// The first value that goes.
    private(set) var first: Value?

    /// Cuts the marked elements out of an array, each with a comma.
    ///
    /// Nothing is left of an array that is all marked.
    mutating func add(_ marks: [Bool], of elements: [Value]) {
        var hasKept = false
        for (index, element) in elements.enumerated() {
            guard marks[index] else {
                hasKept = true
                continue
            }
            first = first ?? element
            let end = element.verbatim.endIndex
            if hasKept {
                ranges.append(elements[index - 1].verbatim.endIndex..<end)
            } else {
                let isLast = index == elements.count - 1
                ranges.append(element.offset..<(isLast ? end : elements[index + 1].offset))
            }
        }
    }

    static func join(_ inner: Cuts, _ outer: Cuts) -> Cuts {
        var all = Cuts()
        all.ranges = (inner.ranges + outer.ranges).sorted { $0.lowerBound < $1.lowerBound }
        return all
    }

    /// The body without them; they may overlap.
    func applied(to body: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(body.count)
        var at = 0
        for range in ranges {
            if range.lowerBound > at { result += body[at..<range.lowerBound] }
            at = max(at, range.upperBound)
        }
        return result + body[at...]
    }
}

/// A text to be found fast (Horspool): most bytes are never looked at.
private struct Needle: Sendable {
    private let text: [UInt8]
    /// How far to go on when the text's last place holds this byte.
    private let steps: [Int]

    var count: Int { text.count }

    init(_ string: String) {
        let text = Array(string.utf8)
        var steps = [Int](repeating: text.count, count: 256)
        for (index, byte) in text.dropLast().enumerated() { steps[Int(byte)] = text.count - 1 - index }
        self.text = text
        self.steps = steps
    }

    func find(in body: [UInt8], from start: Int) -> Int? {
        let (body, steps, text) = (body.span, steps.span, text.span)
        let length = text.count
        let end = text[length - 1]
        var last = start + length - 1
        while last < body.count {
            let byte = body[last]
            if byte == end {
                let at = last + 1 - length
                var matched = 0
                while matched < length, body[at + matched] == text[matched] { matched += 1 }
                if matched == length { return at }
            }
            last += steps[Int(byte)]
        }
        return nil
    }
}
