// SPDX-License-Identifier: MIT

import Digest

/// Names that another dialect allows, made of names that it does not.
package enum Wire {
    /// A tool's name of at most `limit` letters, digits, `-` and `_`: itself where it is one already, else
    /// cut and told apart by eight digits of its digest.
    package static func toolName(_ name: String, limit: Int = 64) -> String {
        let isPlain = name.utf8.allSatisfy(isWord) && !name.isEmpty
        if isPlain, name.utf8.count <= limit { return name }
        let plain = name.utf8.map { isWord($0) ? $0 : UInt8(ascii: "_") }
        return String(decoding: plain.prefix(limit - 9), as: UTF8.self) + "_" + Hash.hex(name, 8)
    }

    /// A call's id of letters, digits, `-` and `_`; two ids that differ stay different.
    package static func callID(_ id: String) -> String { toolName(id, limit: 64) }

    private static func isWord(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
            true
        default: false
        }
    }
}
