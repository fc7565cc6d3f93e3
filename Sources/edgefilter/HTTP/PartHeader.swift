// SPDX-License-Identifier: MIT

/// Reads the header lines of one part of a form, to know its name.
struct PartHeader: Sendable {
    /// The field's name; nil for what is not understood.
    private(set) var name: String?
    /// Whether it is a file.
    private(set) var isFile = false

    /// Whether another reader could find another name in it.
    private(set) var isDoubtful = false

    private var isNamed = false
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
            (isOverlong, isDoubtful) = (true, true)
        }
        line.append(byte)
    }

    // Content-Disposition: form-data; name="…" [; filename="…"] (RFC 7578 §4.2)
    //
    // Some readers go on with a folded line, take the last of twins, `name*` (RFC 8187) for the name, or a part
    // that is said to be something else for a field.
    private mutating func endLine() {
        guard let field = Field(line: line.span), line.first?.isBlank == false else {
            return isDoubtful = true
        }
        guard isSame(field.name, "Content-Disposition") else { return }
        let disposition = Parameters(field.raw.span)
        let isForm = disposition?.essence == "form-data"
        if isNamed || !isForm || disposition?["name*"] != nil { isDoubtful = true }
        isNamed = true
        isFile = disposition?["filename"] != nil || disposition?["filename*"] != nil
        name = isForm ? disposition?["name"] : nil
    }
}
