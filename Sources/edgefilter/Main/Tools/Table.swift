// SPDX-License-Identifier: MIT

import Unix

/// Rows in columns, the first row naming them.
struct Table {
    private let names: [String]
    /// Columns whose cells stand at the right.
    private let numbers: Set<Int>
    private var widths: [Int]

    init(_ names: [String], numbers: Set<Int> = []) {
        self.names = names
        self.numbers = numbers
        widths = names.map { Terminal.width(of: $0) }
    }

    /// Makes room for a row.
    mutating func fit(_ cells: [String]) {
        for (column, cell) in cells.enumerated() {
            widths[column] = max(widths[column], Terminal.width(of: cell))
        }
    }

    /// The names, as a row.
    var head: String { row(names) }

    /// The row's line.
    func row(_ cells: [String]) -> String {
        var line = ""
        for (column, cell) in cells.enumerated() {
            let room = String(repeating: " ", count: max(0, widths[column] - Terminal.width(of: cell)))
            let isLast = column == cells.count - 1
            line += numbers.contains(column) ? room + cell : isLast ? cell : cell + room
            if !isLast { line += "  " }
        }
        return line
    }
}
