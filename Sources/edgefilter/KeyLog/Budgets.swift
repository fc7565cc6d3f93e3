// SPDX-License-Identifier: MIT

import CUnix
import Glibc
package import Unix

/// Tokens that a request took of its key's budget before it was sent, to be settled by what it came to.
package struct Reservation: Equatable, Sendable {
    /// Days since 1970.
    package var day: Int
    /// How many were taken.
    package var tokens: Int
    /// Of the file in which it stands: one that was made anew in the meantime does not know it.
    package var generation: Int

    package init(day: Int, tokens: Int, generation: Int) {
        (self.day, self.tokens, self.generation) = (day, tokens, generation)
    }

    /// What stands in the day's file once this is settled.
    package func settled(by tokens: Int, at moment: Moment) -> Reservation {
        Reservation(day: Day(of: moment).number, tokens: tokens, generation: generation)
    }

    /// The last day that has a name of eight digits.
    static let lastDay = 2_932_896
}

/// The tokens that issued keys used of a day: `budgets-YYYYMMDD` beside the request log.
///
///     file = magic version day generation *zero(4096) *word ; one word a key, by its public number
///
/// Sparse, and mapped a page at a time; words change by compare-and-swap, so nobody waits for a lock and
/// nobody's death leaves one. Made anew from the day's records when it is missing, so nothing is lost with
/// it.
package struct Budgets: Sendable {
    private let directory: String

    /// Beside the request log.
    package init(directory: String) { self.directory = directory }

    /// Keys that are told apart; beyond, some share what they may.
    static let keys = 1 << 22
    static let headerSize = 4096
    private static let mark: [UInt64] = [0x7374_6567_6475_6265, 1]
    static let prefix = "budgets-"

    /// Where a budget stands.
    package struct State: Equatable, Sendable {
        /// Tokens of a day.
        package let limit: Int
        /// What is neither used nor reserved.
        package let left: Int
        /// Seconds until the next day.
        package let reset: Int
    }

    /// Takes tokens of a key's budget for a day, in advance.
    ///
    /// `need`: less than this is no use; `wish`: more is not taken. nil: less than `need` is left.
    /// Throws when the budget cannot be kept: the disk is full, or the day's records cannot be read.
    package func reserve(
        _ need: Int, upTo wish: Int, of key: Int, limit: Int, at moment: Moment
    ) throws(Errno) -> (reservation: Reservation?, state: State) {
        let day = Day(of: moment)
        let file = try opened(day)
        let words = try page(of: file, key)
        let need = max(1, need)
        let taken = words.update(Budgets.place(of: key)) { word in
            let left = max(0, limit - sane(word))
            guard left >= need else { return (nil, (tokens: 0, left: left)) }
            let tokens = min(left, max(need, wish))
            return (UInt64(sane(word) + tokens), (tokens, left - tokens))
        }
        words.unmap()
        let state = State(limit: limit, left: taken.left, reset: day.end.seconds + 1 - moment.seconds)
        guard taken.tokens > 0 else { return (nil, state) }
        return (Reservation(day: day.number, tokens: taken.tokens, generation: file.generation), state)
    }

    /// Puts what a request came to in the place of what it reserved; it counts on the day on which it ended.
    ///
    /// Where no file is there is nothing to settle: the record will tell.
    package func settle(_ reservation: Reservation?, used tokens: Int, of key: Int, at moment: Moment) {
        let today = Day(of: moment)
        guard let reservation else { return add(tokens, to: key, on: today, knowing: nil) }
        if reservation.day == today.number {
            add(tokens, to: key, on: today, knowing: reservation)
        } else {
            add(0, to: key, on: Day(number: reservation.day), knowing: reservation)
            add(tokens, to: key, on: today, knowing: nil)
        }
    }

    /// What a key has used and reserved of a day; nil: no file knows.
    package func used(by key: Int, on day: Day) -> Int? {
        guard let file = try? open(day), let words = try? page(of: file, key) else { return nil }
        defer { words.unmap() }
        return sane(words[Budgets.place(of: key)])
    }

    private func add(_ tokens: Int, to key: Int, on day: Day, knowing reservation: Reservation?) {
        guard let file = try? open(day) else { return }
        let isKnown = reservation?.generation == file.generation
        let change = tokens - (isKnown ? reservation?.tokens ?? 0 : 0)
        guard change != 0, let words = try? page(of: file, key) else { return }
        words.update(Budgets.place(of: key)) { (UInt64(max(0, sane($0) + change)), ()) }
        words.unmap()
    }
}

// The file.
extension Budgets {
    private struct File: ~Copyable {
        let descriptor: Descriptor
        let generation: Int
    }

    private static let size = headerSize + keys * 8

    private func path(of day: Day) -> String { "\(directory)/\(Budgets.prefix)\(day.compact)" }

    private func opened(_ day: Day) throws(Errno) -> File {
        if let file = try open(day) { return file }
        return try make(day)
    }

    /// nil: there is none, or it is none of ours.
    private func open(_ day: Day) throws(Errno) -> File? {
        do throws(Errno) {
            let file = try Descriptor.open(path(of: day), O_RDWR)
            guard let generation = Budgets.generation(of: file.number, day) else {
                // What is no file of ours is put out of the way; the records know all.
                unsafe unlink(path(of: day))
                return nil
            }
            return File(descriptor: file, generation: generation)
        } catch {
            if error.number == ENOENT { return nil }
            throw error
        }
    }

    private static func generation(of number: Int32, _ day: Day) -> Int? {
        var words = [UInt64](repeating: 0, count: 4)
        let count = unsafe words.withUnsafeMutableBytes { unsafe pread(number, $0.baseAddress, $0.count, 0) }
        let isOurs = Array(words[..<2]) == mark && words[2] == UInt64(day.number)
        guard count == 32, isOurs, lseek(number, 0, SEEK_END) == size else { return nil }
        return Int(truncatingIfNeeded: words[3] >> 1)
    }

    /// Makes the day's file of its records; who is first with it wins.
    private func make(_ day: Day) throws(Errno) -> File {
        let sums = try Ledger(directory: directory).sum(from: day, to: day, by: [.key])
        let draft = "\(path(of: day)).\(randomName())"
        defer { unsafe unlink(draft) }
        try write(sums, of: day, to: draft)
        if unsafe link(draft, path(of: day)) < 0, errno != EEXIST { throw Errno(errno, in: "link") }
        guard let file = try open(day) else { throw Errno(EIO, in: "budgets") }
        return file
    }

    private func write(_ sums: Totals, of day: Day, to draft: String) throws(Errno) {
        let file = try Descriptor.open(draft, O_RDWR | O_CREAT | O_EXCL)
        adopt(file.number, in: directory)
        _ = try system("ftruncate") { Int(ftruncate(file.number, off_t(Budgets.size))) }
        let generation = randomBytes(8).reduce(0) { $0 << 8 | UInt64($1) }
        try Budgets.write(Budgets.mark + [UInt64(day.number), generation], to: file.number, at: 0)
        for (labels, row) in sums.rows where labels.keyID > 0 {
            let place = Budgets.headerSize + (labels.keyID & (Budgets.keys - 1)) * 8
            try Budgets.write([UInt64(row.input + row.output)], to: file.number, at: place)
        }
    }

    private static func write(_ words: [UInt64], to number: Int32, at place: Int) throws(Errno) {
        let count = try system("pwrite") {
            unsafe words.withUnsafeBytes { unsafe pwrite(number, $0.baseAddress, $0.count, off_t(place)) }
        }
        guard count == words.count * 8 else { throw Errno(ENOSPC, in: "pwrite") }
    }

    private static let pageSize = 4096

    private static func place(of key: Int) -> Int { (key & (keys - 1)) % (pageSize / 8) }

    /// The page of memory in which a key's word stands.
    ///
    /// Its room is made sure of before: on a full disk, writing to a mapped hole would be our end.
    private func page(of file: borrowing File, _ key: Int) throws(Errno) -> Words {
        let number = file.descriptor.number
        let start = Budgets.headerSize + (key & (Budgets.keys - 1)) * 8 / Budgets.pageSize * Budgets.pageSize
        let result = cunix_allocate(number, Int64(start), Int64(Budgets.pageSize))
        if result != 0, errno != EOPNOTSUPP { throw Errno(errno, in: "fallocate") }
        return try Words(mapping: number, at: start, size: Budgets.pageSize)
    }
}

private func sane(_ word: UInt64) -> Int { Int(min(word, 1 << 50)) }
