// SPDX-License-Identifier: MIT

import HTTP
import JSON
import Model
import Unix

// A stream of events.
extension Answer {
    mutating func takeEvents(_ bytes: Span<UInt8>, to out: inout Buffer) throws(Failure) {
        var start = 0
        while start < bytes.count {
            start = passAlike(bytes, from: start, to: &out)
            guard start < bytes.count, let end = try readBlock(bytes.extracting(start..<bytes.count)) else {
                break
            }
            start += end
        }
        if !ready.isEmpty { passReady(to: &out) }
        if held.count > eventLimit { throw Answer.tooLarge }
    }

    /// Passes on the events that are like the one before, without reading them; where the first other one
    /// begins.
    private mutating func passAlike(_ bytes: Span<UInt8>, from start: Int, to out: inout Buffer) -> Int {
        guard likeness.isKnown, held.isEmpty, reader.isAtRest else { return start }
        var end = start
        while let match = likeness.match(bytes, at: end), match.end - end <= eventLimit {
            if let name {
                ready.take(bytes.extracting(end..<match.mark))
                Writer.append(name, to: &ready)
                ready.take(bytes.extracting(match.mark + likeness.replaced..<match.end))
            }
            end = match.end
        }
        guard name == nil, end > start else { return end }
        let alike = bytes.extracting(start..<end)
        // Nothing else goes with them.
        if ready.isEmpty, end == bytes.count { pass(alike, to: &out) } else { ready.take(alike) }
        return end
    }

    /// Reads a block, of which an earlier piece may have brought the beginning; where it ends, nil: it is not
    /// over.
    private mutating func readBlock(_ bytes: Span<UInt8>) throws(Failure) -> Int? {
        var index = 0
        if try nextBlock(bytes, &index) {
            hold(bytes.extracting(0..<index))
            if reader.dispatches { takeEvent() }
            settle()
            return index
        }
        let settled = reader.settled
        if settled > 0 {
            hold(bytes.extracting(0..<settled))
            settle()
        }
        hold(bytes.extracting(settled..<bytes.count))
        return nil
    }

    private mutating func nextBlock(_ bytes: Span<UInt8>, _ index: inout Int) throws(Failure) -> Bool {
        do throws(BadHTTP) { return try reader.next(in: bytes, at: &index) } catch {
            throw Answer.tooLarge
        }
    }

    private static let tooLarge = Failure(
        .brokenAnswer,
        "Backend request failed: one event of the stream is too large (operator: see limits.event).")

    mutating func hold(_ bytes: Span<UInt8>) { held.take(bytes) }

    private mutating func settle() {
        ready.append(contentsOf: held)
        held.removeAll(keepingCapacity: true)
    }

    /// Reads one event, whose raw bytes are what is held.
    private mutating func takeEvent() {
        likeness.forget()
        if reader.data == landmarks.endMark {
            markEnd()
            return
        }
        if !landmarks.endName.isEmpty, reader.name == landmarks.endName { markEnd() }
        watch.reset()
        let data = reader.data
        do throws(Malformed) {
            try watch.feed(data.span)
            try watch.finish()
        } catch { return }
        for found in watch.found { note(found) }
        let model = name == nil ? nil : watch.found.last(where: isModel)
        learn(model)
        if let name, let model { rename(model.range, to: name) }
    }

    private mutating func markEnd() {
        isComplete = true
        isTold = true
    }

    /// The next event need not be read if it is like this one, in which nothing is to be noted.
    private mutating func learn(_ model: Watch.Found?) {
        guard likeness.isAwaited, (model != nil) == (name != nil), watch.found.allSatisfy(isQuiet),
            let start = dataStart(reader.data)
        else { return }
        let kept = watch.found.map { start + $0.range.lowerBound..<start + $0.range.upperBound }
        let replaced = model.map { start + $0.range.lowerBound..<start + $0.range.upperBound }
        let event = held
        likeness.learn(event.span, text: start..<start + reader.data.count, keeping: kept, replaced)
    }

    private func isQuiet(_ found: Watch.Found) -> Bool {
        found.kind == .null || landmarks.meanings[found.path] == .model
    }

    /// Puts the caller's name into the event.
    ///
    /// Data of a single line keeps all bytes around it.
    private mutating func rename(_ range: Range<Int>, to name: String) {
        var text: [UInt8] = []
        Writer.append(name, to: &text)
        if let start = dataStart(reader.data) {
            held.replaceSubrange(start + range.lowerBound..<start + range.upperBound, with: text)
            return
        }
        var data = reader.data
        data.replaceSubrange(range, with: text)
        replaceData(with: data)
    }

    /// Puts new data in the place of the event's first data line, and leaves all other lines as they are.
    private mutating func replaceData(with data: [UInt8]) {
        var event: [UInt8] = []
        var isWritten = false
        let lines = held.split(separator: 0x0A, omittingEmptySubsequences: false)
        for line in lines.dropLast() {
            if !line.starts(with: Array("data".utf8)) {
                event += line + [0x0A]
            } else if !isWritten {
                isWritten = true
                for part in data.split(separator: 0x0A, omittingEmptySubsequences: false) {
                    event += Array("data: ".utf8) + part + [0x0A]
                }
            }
        }
        // Between the CR and the LF of the blank line a piece may have ended.
        held = event + (lines.last ?? [])
    }

    /// Where the data stands in the raw event, when it is all on one line.
    private func dataStart(_ data: [UInt8]) -> Int? {
        var start = 0
        for line in held.split(omittingEmptySubsequences: false, whereSeparator: { $0 == 0x0A || $0 == 0x0D })
        {
            let field = Array("data:".utf8)
            if line.starts(with: field), line.suffix(data.count).elementsEqual(data),
                line.count - data.count <= field.count + 1
            {
                return start + line.count - data.count
            }
            start += line.count + 1
        }
        return nil
    }
}
