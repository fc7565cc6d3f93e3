// SPDX-License-Identifier: MIT

import Unix

/// Bars, one a line, for a terminal.
struct Chart {
    /// Columns of the terminal.
    let width: Int
    /// Whether it shows eighths of a block.
    let isUTF8: Bool

    /// A bar for each amount, the longest as long as the line allows.
    func text(_ bars: [(name: String, amount: Int)]) -> String {
        let names = bars.map { Terminal.width(of: $0.name) }.max() ?? 0
        let amounts = bars.map { "\($0.amount)".count }.max() ?? 0
        let room = max(1, width - names - amounts - 4)
        let longest = max(1, bars.map(\.amount).max() ?? 1)
        return bars.map { name, amount in
            let label = name + String(repeating: " ", count: names - Terminal.width(of: name))
            let digits = String(repeating: " ", count: amounts - "\(amount)".count) + "\(amount)"
            let line = "\(label)  \(digits)  \(bar(amount, of: longest, room))"
            return String(line.reversed().drop { $0 == " " }.reversed())
        }.joined(separator: "\n")
    }

    private func bar(_ amount: Int, of longest: Int, _ room: Int) -> String {
        // Amounts are below 2^60: with a room of a line no product overflows.
        let steps = Int((Double(amount) / Double(longest) * Double(room * (isUTF8 ? 8 : 1))).rounded())
        let shown = amount > 0 ? max(1, steps) : 0
        guard isUTF8 else { return String(repeating: "#", count: shown) }
        return String(repeating: "█", count: shown / 8) + Chart.eighths[shown % 8]
    }

    private static let eighths = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"]
}
