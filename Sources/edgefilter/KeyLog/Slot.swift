// SPDX-License-Identifier: MIT

import CUnix
package import Unix

/// One connection's part of the live page: what its record would be if its handler died now.
///
/// The handler writes it, `open(seq)` before, `writing(seq)` around the write of the record, `closed(seq)` after.
/// To everyone else its content is hostile: enums are checked, texts escaped, no length or offset is trusted.
package struct Slot: Sendable {
    static let size = 512

    /// Where the handler is with its record.
    package enum State: UInt32, Sendable { case closed, open, writing }

    @safe private struct Place: @unchecked Sendable {
        let base: UnsafeMutableRawPointer
    }

    private let place: Place

    init(_ base: UnsafeMutableRawPointer) { unsafe place = Place(base: base) }

    private static let startedOffset = 8
    private static let numbers: [any (WritableKeyPath<Record, Int> & Sendable)] = [
        \.status, \.input, \.output, \.cached, \.reasoning, \.received, \.sent, \.first,
    ]
    private static let numbersOffset = 16
    /// Texts with the room each has; the rest of the room is zero.
    private static let texts: [(path: any (WritableKeyPath<Record, String> & Sendable), room: Int)] = [
        (\.id, 32), (\.key, 16), (\.method, 8), (\.endpoint, 96), (\.client, 16), (\.dialect, 16),
        (\.model, 64), (\.used, 64), (\.upstream, 32),
    ]
    private static let textsOffset = numbersOffset + 8 * 8

    /// What the state says now; garbage counts as closed.
    package var state: State { State(rawValue: word & 3) ?? .closed }

    private var word: UInt32 { unsafe cunix_read(place.base.assumingMemoryBound(to: UInt32.self)) }

    private func publish(_ state: State, _ sequence: UInt32) {
        unsafe cunix_publish(place.base.assumingMemoryBound(to: UInt32.self), sequence << 2 | state.rawValue)
    }

    /// A request begins.
    package func open(_ record: Record, at moment: Moment) {
        unsafe place.base.storeBytes(
            of: moment.seconds * 1000 + moment.milliseconds, toByteOffset: Slot.startedOffset, as: Int.self)
        note(record)
        publish(.open, (word >> 2) &+ 1)
    }

    /// What is known by now.
    package func note(_ record: Record) {
        noteNumbers(record)
        var offset = Slot.textsOffset
        for (path, room) in Slot.texts {
            let bytes = Array(record[keyPath: path].utf8.prefix(room))
            for index in 0..<room {
                let byte = index < bytes.count ? bytes[index] : 0
                unsafe place.base.storeBytes(of: byte, toByteOffset: offset + index, as: UInt8.self)
            }
            offset += room
        }
    }

    /// What changes while an answer runs.
    package func noteNumbers(_ record: Record) {
        for (index, path) in Slot.numbers.enumerated() {
            unsafe place.base.storeBytes(
                of: record[keyPath: path], toByteOffset: Slot.numbersOffset + 8 * index, as: Int.self)
        }
    }

    /// The record is about to be written.
    package func write() { publish(.writing, word >> 2) }

    /// The record is written.
    package func close() { publish(.closed, word >> 2) }

    /// The record of a handler that is gone, and the slot is free; nil when it owed none.
    ///
    /// `ended`: how it went. A record that may have been written already is marked, so that readers look for its twin.
    package func settle(_ ended: String, at moment: Moment) -> Record? {
        let state = state
        guard state != .closed else { return nil }
        var record = read()
        record.ended = ended
        record.milliseconds = Record.sane(moment.seconds * 1000 + moment.milliseconds &- started)
        record.isAgain = state == .writing
        close()
        return record
    }

    private var started: Int { unsafe place.base.load(fromByteOffset: Slot.startedOffset, as: Int.self) }

    private func read() -> Record {
        var record = Record()
        for (index, path) in Slot.numbers.enumerated() {
            let number = unsafe place.base.load(fromByteOffset: Slot.numbersOffset + 8 * index, as: Int.self)
            record[keyPath: path] = Record.sane(number)
        }
        var offset = Slot.textsOffset
        for (path, room) in Slot.texts {
            let bytes = (0..<room).map { unsafe place.base.load(fromByteOffset: offset + $0, as: UInt8.self) }
            record[keyPath: path] = String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            offset += room
        }
        return record
    }
}
