// SPDX-License-Identifier: MIT

/// The words of a provider's complaint, as a caller may be told them.
package enum Plain {
    /// Characters of them at most.
    package static let longest = 2_000

    /// The words of a body that is no JSON.
    package static func words(_ body: [UInt8]) -> String {
        words(String(decoding: body.prefix(longest * 4), as: UTF8.self))
    }

    /// The words without blanks around them, and not too many.
    ///
    /// Of a page of HTML nothing is left: it says less than the status, and some repeat what they were sent.
    package static func words(_ text: String) -> String {
        let text = text.prefix(longest * 4).drop(while: \.isWhitespace)
        let start = text.prefix(longest / 2).lowercased()
        guard !pages.contains(where: start.contains) else { return "" }
        var cut = String(text.prefix(longest))
        while cut.last?.isWhitespace == true { cut.removeLast() }
        return cut
    }

    private static let pages = ["<html", "<!doctype", "<head", "<body", "<?xml"]
}
