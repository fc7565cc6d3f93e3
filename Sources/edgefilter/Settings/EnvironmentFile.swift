// SPDX-License-Identifier: MIT

// systemd.exec(5), EnvironmentFile=, and what python-dotenv, which read the originals' files, takes beyond
// it:
//   file    = [ BOM ] *( blank / comment / [ "export" BLANK ] NAME *BLANK "=" value ) ; a comment is a line that begins with "#" or ";"
//   value   = *( "'" text "'" / DQUOTE text DQUOTE ) [ bare / comment ] ; blanks around each do not count
//   bare    = text without a quote at its start; further on a quote is a byte like others
// Behind a quote and a blank "#" begins a comment. In bare text it is a byte here; `Surroundings` cuts a
// blank and "#" off.
// A backslash takes the meaning from the next byte, and takes the line end with it; between double quotes
// only from `"`, `\`, "`" and "$"; between single quotes from nothing.

/// Reads a file of variables, byte for byte.
struct EnvironmentFile {
    private let bytes: [UInt8]
    private let origin: String
    private var index = 0
    private var line = 1
    private var lineStart = 0

    private init(_ bytes: [UInt8], origin: String) {
        self.bytes = bytes
        self.origin = origin
    }

    /// All variables; the last of a name wins, and a line that is none is a complaint.
    static func variables(
        _ bytes: [UInt8], origin: String, complaints: inout [Complaint]
    ) -> [String: Variable] {
        var file = EnvironmentFile(bytes, origin: origin)
        file.skipMark()
        var variables: [String: Variable] = [:]
        while file.skipToName() {
            let place = file.place
            do throws(Complaint) {
                let (name, text) = try file.assignment()
                variables[name] = Variable(name: name, text: text, place: place)
            } catch {
                complaints.append(error)
                file.skipLine()
            }
        }
        return variables
    }

    private var place: Place { Place(origin: origin, line: line, column: index - lineStart + 1) }
    private var peek: UInt8? { index < bytes.count ? bytes[index] : nil }

    @discardableResult
    private mutating func take() -> UInt8? {
        guard let byte = peek else { return nil }
        index += 1
        if byte == newline { (line, lineStart) = (line + 1, index) }
        return byte
    }

    /// The byte order mark that some editors write.
    private mutating func skipMark() {
        guard bytes.starts(with: [0xEF, 0xBB, 0xBF]) else { return }
        (index, lineStart) = (3, 3)
    }

    private mutating func skipLine() {
        while let byte = peek, byte != newline { take() }
    }

    private mutating func skipToName() -> Bool {
        while let byte = peek {
            switch byte {
            case UInt8(ascii: "#"), UInt8(ascii: ";"): skipLine()
            case newline: take()
            case _ where isBlank(byte): take()
            default: return true
            }
        }
        return false
    }

    private mutating func assignment() throws(Complaint) -> (String, String) {
        let start = place
        var name: [UInt8] = []
        while let byte = peek, byte != UInt8(ascii: "="), byte != newline {
            name.append(byte)
            take()
        }
        guard peek == UInt8(ascii: "=") else { throw Complaint(start, "expected NAME=VALUE") }
        take()
        if name.starts(with: Self.export) { name.removeFirst(Self.export.count) }
        name = Array(name.drop(while: isBlank))
        while let last = name.last, isBlank(last) { name.removeLast() }
        let isName = name.allSatisfy { isDigit($0) || $0 == UInt8(ascii: "_") || isLetter($0) }
        guard isName, let first = name.first, !isDigit(first) else {
            throw Complaint(start, "expected a variable's name: letters, digits and _")
        }
        let value = try value()
        guard let text = String(validating: value, as: UTF8.self), !value.contains(0) else {
            throw Complaint(start, "the value is not UTF-8")
        }
        return (String(decoding: name, as: UTF8.self), text)
    }

    private static let export = Array("export ".utf8)

    private mutating func value() throws(Complaint) -> [UInt8] {
        var value: [UInt8] = []
        // Whether a quote was closed, and only blanks came since: one of them at least.
        var (isBehindQuote, isBehindBlank) = (false, false)
        while let byte = peek, byte != newline {
            let start = place
            if byte == UInt8(ascii: "'") || byte == UInt8(ascii: "\"") {
                take()
                try quoted(by: byte, from: start, into: &value)
                (isBehindQuote, isBehindBlank) = (true, false)
            } else if isBlank(byte) {
                take()
                isBehindBlank = isBehindQuote
            } else if byte == UInt8(ascii: "#"), isBehindBlank {
                skipLine()
            } else {
                bare(into: &value)
            }
        }
        return value
    }

    /// The rest of the line, and of those it is continued by.
    private mutating func bare(into value: inout [UInt8]) {
        // What stands behind a backslash is kept when blanks at the end are cut.
        var kept = value.count
        while let byte = peek, byte != newline {
            take()
            guard byte == UInt8(ascii: "\\") else {
                value.append(byte)
                continue
            }
            if let next = take(), next != newline { value.append(next) }
            kept = value.count
        }
        while value.count > kept, let last = value.last, isBlank(last) { value.removeLast() }
    }

    private mutating func quoted(
        by quote: UInt8, from start: Place, into value: inout [UInt8]
    ) throws(Complaint) {
        let isDouble = quote == UInt8(ascii: "\"")
        while let byte = take() {
            if byte == quote { return }
            guard isDouble, byte == UInt8(ascii: "\\"), let next = take() else {
                value.append(byte)
                continue
            }
            if next == newline { continue }
            if !"\"\\`$".utf8.contains(next) { value.append(byte) }
            value.append(next)
        }
        throw Complaint(start, "this quote is not closed")
    }
}

private let newline = UInt8(ascii: "\n")

private func isBlank(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") || byte == UInt8(ascii: "\r")
}

private func isLetter(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
}
