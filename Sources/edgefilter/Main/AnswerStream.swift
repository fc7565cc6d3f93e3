// SPDX-License-Identifier: MIT

import HTTP
import JSON
import Model
import Unix

// A stream of events.
extension Answer {
    mutating func takeEvents(
        _ bytes: Span<UInt8>, _ reader: inout EventReader, _ watch: inout Watch, to out: inout Buffer
    ) throws(Failure) {
        var index = 0
        var kept = 0
        while try nextBlock(&reader, bytes, &index) {
            hold(bytes.extracting(kept..<index))
            kept = index
            if reader.dispatches { takeEvent(reader, &watch) }
            settle()
        }
        if reader.settled > kept {
            hold(bytes.extracting(kept..<reader.settled))
            kept = reader.settled
            settle()
        }
        hold(bytes.extracting(kept..<bytes.count))
        passReady(to: &out)
        if held.count > eventLimit { throw Answer.tooLarge }
    }

    private func nextBlock(
        _ reader: inout EventReader, _ bytes: Span<UInt8>, _ index: inout Int
    ) throws(Failure) -> Bool {
        do throws(BadHTTP) { return try reader.next(in: bytes, at: &index) } catch {
            throw Answer.tooLarge
        }
    }

    private static let tooLarge = Failure(
        .brokenAnswer, "Backend request failed: one event of the stream is too large.")

    mutating func hold(_ bytes: Span<UInt8>) { held.take(bytes) }

    private mutating func settle() {
        ready.append(contentsOf: held)
        held.removeAll(keepingCapacity: true)
    }

    /// Reads one event, whose raw bytes are what is held.
    private mutating func takeEvent(_ reader: EventReader, _ watch: inout Watch) {
        if reader.data == landmarks.endMark {
            isComplete = true
            return
        }
        if !landmarks.endName.isEmpty, reader.name == landmarks.endName { isComplete = true }
        watch.reset()
        do throws(Malformed) {
            try watch.feed(reader.data.span)
            try watch.finish()
        } catch { return }
        for found in watch.found { note(found) }
        guard let name, let model = watch.found.last(where: isModel) else { return }
        rename(model.range, to: name, reader)
    }

    /// Puts the caller's name into the event.
    ///
    /// Data of a single line keeps all bytes around it.
    private mutating func rename(_ range: Range<Int>, to name: String, _ reader: EventReader) {
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
