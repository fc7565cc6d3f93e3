// SPDX-License-Identifier: MIT

import Glibc
import JSON

/// Labels as bytes, in the order in which totals are sorted: numbers first, then texts as they are escaped in
/// lines.
struct Tag: Hashable, Comparable {
    private(set) var bytes: [UInt8] = []

    /// Its parts, in this order.
    enum Text: Int, CaseIterable { case key, endpoint, model, upstream }

    private static let numbersSize = 16

    /// Forgets all, keeping the memory.
    mutating func begin(keyID: Int, user: Int) {
        bytes.removeAll(keepingCapacity: true)
        append(UInt64(max(0, keyID)), 8)
        append(UInt64(max(0, user)), 8)
    }

    private mutating func append(_ number: UInt64, _ width: Int) {
        for place in (0..<width).reversed() {
            bytes.append(UInt8(truncatingIfNeeded: number >> UInt64(8 * place)))
        }
    }

    /// The next text, which is not longer than a line.
    mutating func append(_ text: Span<UInt8>) {
        append(UInt64(text.count), 2)
        unsafe text.withUnsafeBufferPointer { unsafe bytes.append(contentsOf: $0) }
    }

    mutating func append(_ text: [UInt8]) { append(text.span) }

    var keyID: Int { number(at: 0) }
    var user: Int { number(at: 8) }

    private func number(at place: Int) -> Int {
        Int(truncatingIfNeeded: bytes[place..<place + 8].reduce(UInt64(0)) { $0 << 8 | UInt64($1) })
    }

    /// A text as it stands in a line.
    func escaped(_ text: Text) -> ArraySlice<UInt8> {
        var place = Tag.numbersSize
        for other in Text.allCases {
            let count = Int(bytes[place]) << 8 | Int(bytes[place + 1])
            place += 2
            if other == text { return bytes[place..<place + count] }
            place += count
        }
        return []
    }

    /// What distinguishes groups: texts that nobody asks for are not made.
    func labels(for groups: [Totals.Group], on day: Day) -> Labels {
        var labels = Labels()
        for group in groups {
            switch group {
            case .key: (labels.keyID, labels.key) = (keyID, keyID == 0 ? plain(.key) : "")
            case .user: labels.user = user
            case .model: labels.model = plain(.model)
            case .endpoint: labels.endpoint = plain(.endpoint)
            case .upstream: labels.upstream = plain(.upstream)
            case .day: labels.day = day
            }
        }
        return labels
    }

    private func plain(_ text: Text) -> String { Tag.plain(escaped(text)) }

    /// What an escaped text says.
    static func plain(_ escaped: ArraySlice<UInt8>) -> String {
        guard escaped.contains(UInt8(ascii: "\\")) else { return String(decoding: escaped, as: UTF8.self) }
        let quoted = [UInt8(ascii: "\"")] + escaped + [UInt8(ascii: "\"")]
        return (try? Document(quoted))?.root.string ?? String(decoding: escaped, as: UTF8.self)
    }

    func hash(into hasher: inout Hasher) {
        unsafe bytes.withUnsafeBytes { unsafe hasher.combine(bytes: $0) }
    }

    static func < (one: Tag, other: Tag) -> Bool {
        let common = min(one.bytes.count, other.bytes.count)
        let order = unsafe one.bytes.withUnsafeBytes { one in
            unsafe other.bytes.withUnsafeBytes { other in
                guard let one = one.baseAddress, let other = other.baseAddress else { return Int32(0) }
                return unsafe memcmp(one, other, common)
            }
        }
        return order < 0 || order == 0 && one.bytes.count < other.bytes.count
    }

    static func == (one: Tag, other: Tag) -> Bool {
        one.bytes.count == other.bytes.count && !(one < other) && !(other < one)
    }
}
