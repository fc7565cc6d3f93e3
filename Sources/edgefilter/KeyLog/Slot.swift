// SPDX-License-Identifier: MIT

import CUnix
import Glibc
package import Unix

/// One connection's part of the live page: what its record would be if its handler died now.
///
/// The handler writes it, `open(seq)` before, `writing(seq)` around the write of the record, `closed(seq)`
/// after.
/// To everyone else its content is hostile: enums are checked, texts escaped, no length or offset is trusted.
package struct Slot: Sendable {
    static let size = 1024

    /// Where the handler is with its record.
    package enum State: UInt32, Sendable { case closed, open, writing }

    @safe private struct Place: @unchecked Sendable {
        let base: UnsafeMutableRawPointer
    }

    private let place: Place

    init(_ base: UnsafeMutableRawPointer) { unsafe place = Place(base: base) }

    private static let sourceOffset = 4
    private static let startedOffset = 8
    private static let numbersOffset = 16
    private static let numbersCount = 11
    private static let reservationOffset = numbersOffset + numbersCount * 8
    private static let textsOffset = reservationOffset + 3 * 8
    /// The room of each text; what is left of it is zero.
    private static let rooms = (
        id: 32, key: 16, method: 8, endpoint: 88, dialect: 16, model: 64, upstream: 32, losses: 44
    )

    private static let attemptsOffset = 512
    /// Room for as many attempts as a record names.
    private static let attemptsRoom = 512

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
        hold(nil)
        if source != 0 { source = 0 }
        unsafe place.base.storeBytes(of: 0, toByteOffset: Slot.attemptsOffset, as: UInt8.self)
        note(record)
        publish(.open, (word >> 2) &+ 1)
    }

    /// Whose the request is, by a mark of the address; 0: nobody counts it.
    ///
    /// Who sets it and then reads those of others sees them, or is seen.
    package internal(set) var source: UInt32 {
        get { unsafe cunix_read((place.base + Slot.sourceOffset).assumingMemoryBound(to: UInt32.self)) }
        nonmutating set {
            unsafe cunix_announce(
                (place.base + Slot.sourceOffset).assumingMemoryBound(to: UInt32.self), newValue)
        }
    }

    /// What the request has taken of its key's budget and not yet given back; nil: nothing.
    package func hold(_ reservation: Reservation?) {
        let words = unsafe (place.base + Slot.reservationOffset).assumingMemoryBound(to: Int.self)
        unsafe words[0] = reservation?.day ?? 0
        unsafe words[1] = reservation?.tokens ?? 0
        unsafe words[2] = reservation?.generation ?? 0
    }

    /// What is known by now.
    package func note(_ record: Record) {
        noteNumbers(record)
        var place = Slot.textsOffset
        put(record.id, Slot.rooms.id, at: &place)
        put(record.key, Slot.rooms.key, at: &place)
        put(record.method, Slot.rooms.method, at: &place)
        put(record.endpoint, Slot.rooms.endpoint, at: &place)
        put(record.client, Slot.rooms.dialect, at: &place)
        put(record.dialect, Slot.rooms.dialect, at: &place)
        put(record.model, Slot.rooms.model, at: &place)
        put(record.used, Slot.rooms.model, at: &place)
        put(record.upstream, Slot.rooms.upstream, at: &place)
        put(
            record.losses.isEmpty ? "" : joined(record.losses, Slot.rooms.losses), Slot.rooms.losses,
            at: &place)
        // Hardly a request has any.
        guard !record.attempts.isEmpty else { return }
        place = Slot.attemptsOffset
        put(joined(record.attempts, Slot.attemptsRoom), Slot.attemptsRoom, at: &place)
    }

    /// As many words as fit, whole ones.
    private func joined(_ words: [String], _ room: Int) -> String {
        var text = ""
        for word in words where text.utf8.count + word.utf8.count < room {
            text += text.isEmpty ? word : ",\(word)"
        }
        return text
    }

    private func put(_ text: String, _ room: Int, at offset: inout Int) {
        var text = text
        let target = unsafe place.base + offset
        let count = text.withUTF8 { bytes in
            let count = min(bytes.count, room)
            if let base = bytes.baseAddress { unsafe target.copyMemory(from: base, byteCount: count) }
            return count
        }
        unsafe memset(target + count, 0, room - count)
        offset += room
    }

    /// What changes while an answer runs.
    package func noteNumbers(_ record: Record) {
        let numbers = unsafe (place.base + Slot.numbersOffset).assumingMemoryBound(to: Int.self)
        unsafe numbers[0] = record.status
        unsafe numbers[1] = record.input
        unsafe numbers[2] = record.output
        unsafe numbers[3] = record.cached
        unsafe numbers[4] = record.reasoning
        unsafe numbers[5] = record.received
        unsafe numbers[6] = record.sent
        unsafe numbers[7] = record.first
        unsafe numbers[8] = record.written
        unsafe numbers[9] = record.keyID
        unsafe numbers[10] = record.user
    }

    /// The record is about to be written.
    package func write() { publish(.writing, word >> 2) }

    /// The record is written.
    package func close() { publish(.closed, word >> 2) }

    /// The record of a handler that is gone, and the slot is free; nil when it owed none.
    ///
    /// `ended`: how it went. A record that may have been written already is marked, so that readers look for
    /// its twin.
    package func settle(_ ended: String, at moment: Moment) -> (record: Record, reservation: Reservation?)? {
        let state = state
        guard state != .closed else { return nil }
        var record = read()
        let reservation = reservation
        record.ended = ended
        record.milliseconds = Record.sane(moment.seconds * 1000 + moment.milliseconds &- started)
        record.isAgain = state == .writing
        close()
        return (record, reservation)
    }

    private var reservation: Reservation? {
        let words = (0..<3).map {
            unsafe place.base.load(fromByteOffset: Slot.reservationOffset + 8 * $0, as: Int.self)
        }
        guard (1...Reservation.lastDay).contains(words[0]), words[1] > 0 else { return nil }
        return Reservation(day: words[0], tokens: Record.sane(words[1]), generation: words[2])
    }

    private var started: Int { unsafe place.base.load(fromByteOffset: Slot.startedOffset, as: Int.self) }

    private func read() -> Record {
        var record = Record()
        let numbers = (0..<Slot.numbersCount).map { index in
            Record.sane(unsafe place.base.load(fromByteOffset: Slot.numbersOffset + 8 * index, as: Int.self))
        }
        (record.status, record.input, record.output, record.cached) = (
            numbers[0], numbers[1], numbers[2], numbers[3]
        )
        (record.reasoning, record.received, record.sent, record.first) = (
            numbers[4], numbers[5], numbers[6], numbers[7]
        )
        (record.written, record.keyID, record.user) = (numbers[8], numbers[9], numbers[10])
        var offset = Slot.textsOffset
        record.id = get(Slot.rooms.id, at: &offset)
        record.key = get(Slot.rooms.key, at: &offset)
        record.method = get(Slot.rooms.method, at: &offset)
        record.endpoint = get(Slot.rooms.endpoint, at: &offset)
        record.client = get(Slot.rooms.dialect, at: &offset)
        record.dialect = get(Slot.rooms.dialect, at: &offset)
        record.model = get(Slot.rooms.model, at: &offset)
        record.used = get(Slot.rooms.model, at: &offset)
        record.upstream = get(Slot.rooms.upstream, at: &offset)
        record.losses = get(Slot.rooms.losses, at: &offset).split(separator: ",").map(String.init)
        offset = Slot.attemptsOffset
        record.attempts = get(Slot.attemptsRoom, at: &offset).split(separator: ",").map(String.init)
        return record
    }

    private func get(_ room: Int, at offset: inout Int) -> String {
        let bytes = (offset..<offset + room).map {
            unsafe place.base.load(fromByteOffset: $0, as: UInt8.self)
        }
        offset += room
        return String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
}
