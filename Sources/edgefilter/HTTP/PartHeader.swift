// SPDX-License-Identifier: MIT

/// Reads the header lines of one part of a form, to know its name.
struct PartHeader: Sendable {
    /// The field's name; nil for a file, and for what is not understood.
    private(set) var name: String?

    private var line: [UInt8] = []
    private var isOverlong = false

    /// The longest line that is understood; a longer one is read over.
    private static let lineLimit = 4 << 10

    /// Takes a byte; true when it ends the header's empty line.
    mutating func take(_ byte: UInt8) -> Bool {
        guard byte == .lf, line.last == .cr else {
            append(byte)
            return false
        }
        line.removeLast()
        defer { line.removeAll(keepingCapacity: true) }
        guard !isOverlong else {
            isOverlong = false
            return false
        }
        if !line.isEmpty { endLine() }
        return line.isEmpty
    }

    private mutating func append(_ byte: UInt8) {
        if line.count == Self.lineLimit {
            line.removeAll(keepingCapacity: true)
            isOverlong = true
        }
        line.append(byte)
    }

    // Content-Disposition: form-data; name="…" [; filename="…"] (RFC 7578 §4.2)
    private mutating func endLine() {
        guard let field = Field(line: line.span), isSame(field.name, "Content-Disposition") else { return }
        let disposition = Parameters(field.raw.span)
        let isFile = disposition?["filename"] != nil || disposition?["filename*"] != nil
        name = disposition?.essence == "form-data" && !isFile ? disposition?["name"] : nil
    }
}
