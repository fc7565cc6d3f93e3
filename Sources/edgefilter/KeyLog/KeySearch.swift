// SPDX-License-Identifier: MIT

import Unix

/// Looking for events in `keys.log`.
extension KeyFile {
    /// The last event about a hash between two places.
    func lastEvent(of hash: [UInt8], from start: Int, to end: Int) throws(Errno) -> KeyEvent? {
        var last: KeyEvent?
        try eachBlock(from: start, to: end) { _, block in
            var place = 0
            while let found = block.find(hash, from: place) {
                let line = block.line(around: found)
                // The digits may stand in a name as well.
                if let event = KeyEvent(line: block.extracting(line)), event.hash == hash { last = event }
                place = line.upperBound
            }
            return true
        }
        return last
    }

    /// The event whose line begins at a place; nil: none does.
    func event(at offset: Int) throws(Errno) -> KeyEvent? {
        var line = [UInt8](repeating: 0, count: KeyEvent.usualLine)
        var count = try read(at: offset, into: &line, from: 0, count: line.count)
        if count == line.count, line.span.find(KeyFile.newline, from: 0) == nil {
            line += [UInt8](repeating: 0, count: KeyEvent.lineLimit - count)
            count += try read(at: offset + count, into: &line, from: count, count: line.count - count)
        }
        let stop = line.span.extracting(0..<count).find(KeyFile.newline, from: 0) ?? count
        return KeyEvent(line: line.span.extracting(0..<stop))
    }

    /// The last event before a place; nil: there is none.
    func lastEvent(before end: Int) throws(Errno) -> KeyEvent? {
        var stop = end
        while stop > 0 {
            // A line that the window cuts is met whole in the one before it.
            let start = max(0, stop - KeyFile.windowSize)
            var last: KeyEvent?
            try eachBlock(from: start, to: stop) { _, block in
                last = block.lastEvent ?? last
                return true
            }
            if let last { return last }
            stop = start == 0 ? 0 : start + KeyEvent.lineLimit
        }
        return nil
    }

    /// The last event about a number before a place, looked for in every line.
    func lastEvent(of id: Int, isKey: Bool, before end: Int) throws(Errno) -> KeyEvent? {
        var last: KeyEvent?
        try eachLine(from: 0, to: end) { _, line in
            if let outline = KeyOutline(line), outline.isKey == isKey, outline.id == id {
                last = KeyEvent(line: line)
            }
            return true
        }
        return last
    }

    /// The first event that begins between two places, and its place.
    private func firstEvent(from start: Int, to end: Int, within size: Int) throws(Errno) -> (Int, KeyEvent)?
    {
        var first: (Int, KeyEvent)?
        // Whoever begins in the middle of a line sees a rest of it, that no sum confirms.
        let end = min(end, size)
        let behind = min(size, end + KeyEvent.lineLimit + 1)
        try eachLine(from: start, to: behind, by: KeyEvent.usualLine * 2) { offset, line in
            if offset < end { first = KeyEvent(line: line).map { (offset, $0) } }
            return offset < end && first == nil
        }
        return first
    }

    /// The event that gave a number: the first one whose mark reaches it, found by halves; nil: none did.
    func giving(
        _ id: Int, _ mark: KeyPath<KeyEvent.Marks, Int>, before size: Int
    ) throws(Errno) -> KeyEvent? {
        try first(reaching: id, mark, before: size)?.event
    }

    /// Where its line begins.
    func place(
        giving id: Int, _ mark: KeyPath<KeyEvent.Marks, Int>, before size: Int
    ) throws(Errno) -> Int? {
        try first(reaching: id, mark, before: size)?.place
    }

    private func first(
        reaching id: Int, _ mark: KeyPath<KeyEvent.Marks, Int>, before size: Int
    ) throws(Errno) -> (place: Int, event: KeyEvent)? {
        var (low, high) = (0, size)
        var found: (place: Int, event: KeyEvent)?
        while low < high {
            let middle = high - low < KeyEvent.lineLimit ? low : low + (high - low) / 2
            let met = try firstEvent(from: middle, to: high, within: size)
            if let (offset, event) = met, event.marks[keyPath: mark] < id {
                low = offset + 1
            } else {
                if let met { found = (met.0, met.1) }
                high = middle
            }
        }
        return found
    }
}

extension Span<UInt8> {
    /// The last line's event among lines; nil: none is whole.
    fileprivate var lastEvent: KeyEvent? {
        var stop = count
        while stop > 0 {
            let start = lastNewline(before: stop).map { $0 + 1 } ?? 0
            if start < stop, let event = KeyEvent(line: extracting(start..<stop)) { return event }
            stop = start - 1
        }
        return nil
    }

    /// The line around a place, without its newline.
    fileprivate func line(around place: Int) -> Range<Int> {
        let start = lastNewline(before: place).map { $0 + 1 } ?? 0
        return start..<(find(KeyFile.newline, from: place) ?? count)
    }
}
