// SPDX-License-Identifier: MIT

import Unix

/// Rows in columns, the first row naming them.
struct Table {
    private let names: [String]
    /// Columns whose cells stand at the right.
    private let numbers: Set<Int>
    private var widths: [Int]
    /// Columns that say something of some row.
    private var telling: Set<Int> = []
    /// Columns that are printed.
    private var printed: [Int]

    init(_ names: [String], numbers: Set<Int> = []) {
        self.names = names
        self.numbers = numbers
        widths = names.map { Terminal.width(of: $0) }
        printed = Array(names.indices)
    }

    /// Makes room for a row.
    mutating func fit(_ cells: [String]) {
        for (column, cell) in cells.enumerated() {
            widths[column] = max(widths[column], Terminal.width(of: cell))
            if !["", "-", "0"].contains(cell) { telling.insert(column) }
        }
    }

    /// Leaves out columns that say nothing, the last ones first, until a line fits on a terminal; elsewhere none.
    ///
    /// To be called when every row was made room for.
    mutating func narrow() {
        guard Terminal.isThere(1) else { return }
        let room = Terminal.columns(of: 1)
        while width > room, let last = printed.last(where: { !telling.contains($0) }) {
            printed.removeAll { $0 == last }
        }
    }

    private var width: Int { printed.reduce(2 * (printed.count - 1)) { $0 + widths[$1] } }

    /// The names, as a row.
    var head: String { row(names) }

    /// The row's line.
    func row(_ cells: [String]) -> String {
        var line = ""
        for column in printed {
            let cell = cells[column]
            let room = String(repeating: " ", count: max(0, widths[column] - Terminal.width(of: cell)))
            let isLast = column == printed.last
            line += numbers.contains(column) ? room + cell : isLast ? cell : cell + room
            if !isLast { line += "  " }
        }
        return line
    }
}
