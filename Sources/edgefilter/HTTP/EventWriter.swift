// SPDX-License-Identifier: MIT

/// Writes a text/event-stream (HTML §9.2.5).
package enum EventWriter {
    /// Appends one event.
    ///
    /// Data of several lines, ended by LF, CR or both, becomes as many data lines. A line end in the name
    /// becomes a space; without a name it is a "message".
    package static func write(name: String?, data: Span<UInt8>, to out: inout [UInt8]) {
        if let name {
            out.append("event: ")
            appendFlat(name, to: &out)
            out.append("\n")
        }
        var start = 0
        while true {
            let (end, next) = lineEnd(data, from: start)
            out.append("data: ")
            out.append(data.extracting(start..<end))
            out.append("\n")
            guard let next else { break }
            start = next
        }
        out.append("\n")
    }

    /// Appends a comment, which clients ignore and which keeps a silent connection alive; a line end in it
    /// becomes a space.
    ///
    /// The blank line after it is for readers that know blocks only.
    package static func comment(_ text: String, to out: inout [UInt8]) {
        out.append(": ")
        appendFlat(text, to: &out)
        out.append("\n\n")
    }

    /// Where the line ends, and where the next one begins if there is one.
    private static func lineEnd(_ data: Span<UInt8>, from start: Int) -> (Int, Int?) {
        let end = data.endOfLine(from: start)
        guard end < data.count else { return (end, nil) }
        let isPair = data[end] == .cr && end + 1 < data.count && data[end + 1] == .lf
        return (end, end + (isPair ? 2 : 1))
    }

    private static func appendFlat(_ text: String, to out: inout [UInt8]) {
        let start = out.count
        out.append(contentsOf: text.utf8)
        for index in start..<out.count where out[index] == .lf || out[index] == .cr { out[index] = .space }
    }
}
