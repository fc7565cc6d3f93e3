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
        append(UInt64(max(0, keyID)))
        append(UInt64(max(0, user)))
    }

    private mutating func append(_ number: some FixedWidthInteger) {
        unsafe withUnsafeBytes(of: number.bigEndian) { unsafe bytes.append(contentsOf: $0) }
    }

    /// The next text, which is not longer than a line.
    mutating func append(_ text: Span<UInt8>) {
        append(UInt16(truncatingIfNeeded: text.count))
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
        let order = one.order(other, min(one.bytes.count, other.bytes.count))
        return order < 0 || order == 0 && one.bytes.count < other.bytes.count
    }

    private func order(_ other: Tag, _ count: Int) -> Int32 {
        unsafe bytes.withUnsafeBytes { one in
            unsafe other.bytes.withUnsafeBytes { other in
                guard let one = one.baseAddress, let other = other.baseAddress else { return 0 }
                return unsafe memcmp(one, other, count)
            }
        }
    }

    static func == (one: Tag, other: Tag) -> Bool {
        one.bytes.count == other.bytes.count && one.order(other, one.bytes.count) == 0
    }

    /// A number that depends on all bytes and on `salt`: for tables, not for adversaries who know the salt.
    func hash(_ salt: UInt64) -> UInt64 {
        unsafe bytes.withUnsafeBytes { bytes in
            var (hash, place) = (salt ^ UInt64(bytes.count), 0)
            while place + 8 <= bytes.count {
                hash = Tag.mix(hash, unsafe bytes.loadUnaligned(fromByteOffset: place, as: UInt64.self))
                place += 8
            }
            var rest: UInt64 = 0
            while place < bytes.count {
                rest = rest << 8 | UInt64(unsafe bytes[place])
                place += 1
            }
            return mixed(Tag.mix(hash, rest))
        }
    }

    private static func mix(_ hash: UInt64, _ word: UInt64) -> UInt64 {
        let product = (hash ^ word).multipliedFullWidth(by: 0x9E37_79B9_7F4A_7C15)
        return (product.high ^ product.low) &+ hash.rotated
    }
}

extension UInt64 {
    /// Its bits, a few places on.
    fileprivate var rotated: UInt64 { self << 23 | self >> 41 }
}
