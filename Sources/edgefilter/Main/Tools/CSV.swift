// SPDX-License-Identifier: MIT

/// Rows of cells for spreadsheets (RFC 4180).
enum CSV {
    /// A row with its end.
    ///
    /// A text that a spreadsheet would take for a formula gets an apostrophe before it.
    static func row(_ names: [String], _ numbers: [Int]) -> String {
        (names.map(cell) + numbers.map { "\($0)" }).joined(separator: ",") + "\r\n"
    }

    private static func cell(_ text: String) -> String {
        let isFormula = text.unicodeScalars.first.map { formula.contains($0) } ?? false
        let safe = isFormula ? "'" + text : text
        guard safe.unicodeScalars.contains(where: { special.contains($0) }) else { return safe }
        let doubled = safe.unicodeScalars.map { $0 == "\"" ? "\"\"" : String($0) }.joined()
        return "\"\(doubled)\""
    }

    private static let formula: Set<Unicode.Scalar> = ["=", "+", "-", "@", "\t", "\r", "\n"]
    private static let special: Set<Unicode.Scalar> = [",", "\"", "\r", "\n"]
}
