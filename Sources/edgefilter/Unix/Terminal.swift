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
}
