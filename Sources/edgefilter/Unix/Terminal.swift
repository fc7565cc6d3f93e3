// SPDX-License-Identifier: MIT

import CUnix
import Glibc

/// What a person looks at.
package enum Terminal {
    /// Whether a descriptor leads to one.
    package static func isThere(_ number: Int32) -> Bool { isatty(number) == 1 }

    /// How many columns a text takes: two for most characters of Chinese, none for an accent by itself.
    package static func width(of text: String) -> Int {
        text.unicodeScalars.reduce(0) { sum, scalar in
            sum + (scalar.isASCII ? 1 : max(0, Int(cunix_width(scalar.value))))
        }
    }

    /// How many columns a line has: the terminal's width, `$COLUMNS`, or 80.
    package static func columns(of number: Int32) -> Int {
        let columns = Int(cunix_columns(number))
        if columns > 0 { return columns }
        return environment("COLUMNS").flatMap { Int($0) }.map { max(20, min($0, 1000)) } ?? 80
    }

    /// Whether its characters are UTF-8, as the locale says.
    package static var isUTF8: Bool {
        let locale = environment("LC_ALL") ?? environment("LC_CTYPE") ?? environment("LANG") ?? ""
        let name = locale.lowercased()
        return name.hasSuffix("utf-8") || name.hasSuffix("utf8")
    }
}
