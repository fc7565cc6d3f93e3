// SPDX-License-Identifier: MIT

/// A content's bytes between their arrival and their release, and what is to stand in the place of some.
struct Stock {
    /// Bytes not yet released; the first of them stands at `origin` in the content.
    var held: [UInt8]
    private var origin = 0
    private var edit: (range: Range<Int>, bytes: [UInt8])?
    /// The edit that was released: where, what stands there now, and what stood there.
    private var done: (range: Range<Int>, count: Int, original: [UInt8])?

    /// `held`: the content's beginning.
    init(_ held: [UInt8] = []) { self.held = held }

    /// How many bytes the content grows by what is replaced and not yet released.
    var growth: Int { edit.map { $0.bytes.count - $0.range.count } ?? 0 }

    /// All of the content with its replacement in it, before anything is released; nil where there is none.
    var replaced: [UInt8]? {
        guard let edit else { return nil }
        var bytes = held
        bytes.replaceSubrange(edit.range, with: edit.bytes)
        return bytes
    }

    /// Puts bytes in the place of those that stand there in the content, once it is released.
    mutating func replace(_ range: Range<Int>, with bytes: [UInt8]) { edit = (range, bytes) }

    /// Moves all before this place in the content to where it goes; `isAll`: nothing else will come.
    mutating func release(upTo place: Int, isAll: Bool, to upload: inout Upload) {
        let end = min(held.count, place - origin)
        guard end > 0 || isAll else { return }
        upload.append { out in
            var from = 0
            if let edit, edit.range.upperBound <= origin + end {
                let range = edit.range.lowerBound - origin..<edit.range.upperBound - origin
                done = (edit.range, edit.bytes.count, Array(held[range]))
                out.append(contentsOf: held[from..<range.lowerBound])
                out.append(contentsOf: edit.bytes)
                from = range.upperBound
                self.edit = nil
            }
            out.append(contentsOf: held[from..<end])
        }
        held.removeFirst(end)
        origin += end
        upload.isComplete = isAll && held.isEmpty
    }

    /// Takes back all that was released, which must still be there, as it was.
    mutating func takeBack(_ upload: inout Upload) {
        var bytes = upload.takeAll()
        if let done {
            let start = done.range.lowerBound
            bytes.replaceSubrange(start..<start + done.count, with: done.original)
        }
        self = Stock(bytes + held)
    }
}
