// SPDX-License-Identifier: MIT

/// Something that the operator must mend, and where.
package struct Complaint: Error, Equatable, Sendable, CustomStringConvertible {
    /// The file as it was named; for line 0 the variable or the option.
    package var file: String
    /// From 1; 0 for the environment, the command line, or a file as a whole.
    package var line: Int
    /// From 1, in characters; 0 where `line` is.
    package var column: Int
    /// What is wrong and what was expected; never a secret.
    package var message: String

    /// A complaint of values that are taken as they are.
    package init(file: String, line: Int = 0, column: Int = 0, message: String) {
        self.file = file
        self.line = line
        self.column = column
        self.message = message
    }

    /// `edgefilter.yaml:12:5: message`, or `OPENAI_BASE_URL: message` without a position.
    package var description: String {
        line == 0 ? "\(file): \(message)" : "\(file):\(line):\(column): \(message)"
    }
}

/// Everything that is wrong, in the order of position.
package struct Complaints: Error, Equatable, Sendable, CustomStringConvertible {
    /// Never empty.
    package var all: [Complaint]

    /// These complaints, in this order.
    package init(all: [Complaint]) {
        self.all = all
    }

    /// A line each.
    package var description: String { all.map(\.description).joined(separator: "\n") }
}

/// Where a value stands.
struct Place: Equatable, Sendable {
    var origin: String
    var line = 0
    var column = 0
}

extension Complaint {
    init(_ place: Place, _ message: String) {
        self.init(file: place.origin, line: place.line, column: place.column, message: message)
    }
}
