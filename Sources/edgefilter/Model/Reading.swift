// SPDX-License-Identifier: MIT

package import JSON

// How foreign JSON is looked at, and what every dialect writes alike.
extension Value {
    /// Its source text, byte for byte.
    package var source: String { String(decoding: verbatim, as: UTF8.self) }

    /// A number of tokens, be it written as a fraction or in quotes, at most `Usage.sane`; nil: it is none.
    package var tokens: Int? {
        guard let number = double ?? string.flatMap({ Double($0) }), number.isFinite, number >= 0 else {
            return nil
        }
        return number >= Double(Usage.sane.upperBound) ? Usage.sane.upperBound : Int(number)
    }
}

extension Elements {
    /// Whether there are none.
    package var isEmpty: Bool {
        var rest = self
        return rest.next() == nil
    }
}

extension Document {
    /// A document, though a byte order mark stands before it (RFC 8259 section 8.1); nil: it is none.
    package static func lenient(_ bytes: [UInt8]) -> Document? {
        let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
        return try? Document(bytes.starts(with: mark) ? Array(bytes.dropFirst(mark.count)) : bytes)
    }
}

extension Writer {
    /// A member that is a string or null.
    package mutating func member(_ label: String, orNull value: String?) {
        name(label)
        if let value { string(value) } else { null() }
    }

    /// A member that is an integer or null.
    package mutating func member(_ label: String, orNull value: Int?) {
        name(label)
        if let value { int(value) } else { null() }
    }
}
