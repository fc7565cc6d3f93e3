// SPDX-License-Identifier: MIT

import CUnix
import Glibc

/// Lines for the operator on standard error: with a `<N>` level for the journal, with the time for a person
/// or a file.
package struct Diagnostics: Sendable {
    /// How grave a line is; the numbers are syslog's.
    package enum Level: Int, Sendable, Comparable {
        case error = 3
        case warning = 4
        case notice = 5
        case info = 6
        case debug = 7

        /// More severe.
        package static func < (one: Level, other: Level) -> Bool { one.rawValue < other.rawValue }
    }

    /// Lines graver than this, or as grave, are written.
    package var level: Level
    /// Where they go; -1: nowhere.
    private let descriptor: Int32
    private let isJournal: Bool
    /// Whether they go to a log file of their own.
    package var isFile: Bool { descriptor > 2 }

    /// Standard error; nowhere when an inetd made it the connection itself.
    package init(level: Level = .info) {
        self.level = level
        descriptor = isSocket(2) && isSame(0, 2) ? -1 : 2
        isJournal = environment("JOURNAL_STREAM") != nil
    }

    /// Nowhere; lines are made all the same.
    package static let none = Diagnostics()

    private init() {
        level = .info
        descriptor = -2
        isJournal = false
    }

    /// A log file, opened for appending.
    package init(level: Level, file: String) throws(Errno) {
        self.level = level
        descriptor = try Descriptor.open(file, O_WRONLY | O_APPEND | O_CREAT).release()
        isJournal = false
    }

    /// Writes one line with one write(2).
    ///
    /// Line ends and control bytes in the text become spaces; what cannot be written is lost.
    package func write(_ level: Level, _ text: String) { write(level) { $0.append(text) } }

    /// The same of a text that is made only where it is written.
    package func write(_ level: Level, by append: (inout DiagnosticText) -> Void) {
        guard level <= self.level, descriptor != -1 else { return }
        var text = DiagnosticText()
        if isJournal {
            text.append("<\(level.rawValue)>")
        } else {
            Moment.now().writePlain(to: &text.bytes)
            text.append(" - ")
        }
        let start = text.bytes.count
        append(&text)
        let line = text.line(from: start)
        _ = unsafe line.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
    }
}

/// A line for the operator while it is put together.
package struct DiagnosticText {
    fileprivate var bytes: [UInt8] = []
    /// Most lines are not longer.
    private static let usual = 160

    fileprivate init() { bytes.reserveCapacity(DiagnosticText.usual) }

    /// Adds to it.
    package mutating func append(_ text: String) { bytes.append(contentsOf: text.utf8) }

    /// The line with its end; from `start` on, line ends and control bytes are spaces.
    fileprivate consuming func line(from start: Int) -> [UInt8] {
        let isControl = { (byte: UInt8) in byte < 0x20 || byte == 0x7F }
        if bytes[start...].contains(where: isControl) {
            for index in start..<bytes.count where isControl(bytes[index]) { bytes[index] = 0x20 }
        }
        bytes.append(0x0A)
        return bytes
    }
}
