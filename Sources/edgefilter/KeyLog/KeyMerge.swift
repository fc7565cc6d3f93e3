// SPDX-License-Identifier: MIT

import Glibc
import Unix

/// Makes an index anew from the one there is and what `keys.log` holds beyond it.
///
/// Whoever does holds the lock.
struct KeyMerge {
    let log: KeyFile
    let path: String
    let directory: String
    /// Where the part of the log begins that it knows.
    var start = 0
    /// So many entries are held in memory; of more, several rounds are made.
    var budget = 1 << 20

    /// Brings the index up to `size` of the log.
    ///
    /// A throw leaves the old one.
    func run(_ old: KeyIndex?, upTo size: Int) throws(Errno) {
        var old = old
        var covered = old?.covers ?? start
        while covered < size || old == nil {
            let (entries, end) = try gather(from: covered, to: size)
            if try write(entries, over: old, covering: end) {
                covered = end
                old = try KeyIndex(path, of: log, size: size)
                guard old != nil else { throw Errno(EIO, in: "read \(path)") }
            } else {
                (old, covered) = (nil, start)
            }
        }
    }

    /// The last entry of each hash, sorted, and how far the log was read.
    func gather(from start: Int, to end: Int) throws(Errno) -> (entries: [KeyIndexLine], end: Int) {
        var entries: [KeyIndexLine] = []
        var stop = end
        try log.eachLine(from: start, to: end) { offset, line in
            guard entries.count < budget else {
                stop = offset
                return false
            }
            if let outline = KeyOutline(line) {
                entries.append(
                    KeyIndexLine(hash: outline.hash, offset: offset, id: outline.id, isKey: outline.isKey))
            }
            return true
        }
        entries.sort { $0.hash == $1.hash ? $0.offset < $1.offset : $0.hash < $1.hash }
        return (KeyMerge.last(of: entries), stop)
    }

    private static func last(of entries: [KeyIndexLine]) -> [KeyIndexLine] {
        var kept = 0
        var entries = entries
        for entry in entries {
            if kept > 0, entries[kept - 1].hash == entry.hash { kept -= 1 }
            entries[kept] = entry
            kept += 1
        }
        entries.removeSubrange(kept...)
        return entries
    }

    /// Writes and puts in place; false: the old one is damaged.
    private func write(
        _ entries: [KeyIndexLine], over old: KeyIndex?, covering end: Int
    ) throws(Errno) -> Bool {
        let draft = "\(path).new"
        _ = unsafe unlink(draft)
        let file = try Descriptor.open(draft, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW)
        do throws(Errno) {
            let place = try Descriptor.open(directory, O_RDONLY | O_DIRECTORY)
            _ = fchmod(file.number, 0o640)
            adopt(file.number, in: directory)
            guard let count = try fill(file, entries, old),
                try KeyFences.write(to: file.number, count: count)
            else {
                _ = unsafe unlink(draft)
                return false
            }
            try File.write(try header(upTo: end, count), to: file.number, at: 0)
            _ = try system("fsync") { Int(fsync(file.number)) }
            _ = try system("rename") { Int(unsafe rename(draft, path)) }
            _ = try system("fsync") { Int(fsync(place.number)) }
            return true
        } catch {
            _ = unsafe unlink(draft)
            throw error
        }
    }

    private func header(upTo end: Int, _ count: Int) throws(Errno) -> [UInt8] {
        try KeyIndex.header(covering: start..<end, of: log, count: count)
    }

    /// Both in order, a newer entry in the place of an older one; nil: the old index is damaged.
    private func fill(
        _ file: borrowing Descriptor, _ entries: [KeyIndexLine], _ old: KeyIndex?
    ) throws(Errno) -> Int? {
        var sheet = Sheet(file.number)
        var next = 0
        var failure: Errno?
        let put = { (line: KeyIndexLine) -> Bool in
            do throws(Errno) { try sheet.put(line) } catch { failure = failure ?? error }
            return failure == nil
        }
        let isWhole = try old?.eachLine { line in
            while next < entries.count, entries[next] < line {
                guard put(entries[next]) else { return false }
                next += 1
            }
            let isOutdated = next < entries.count && entries[next].hash == line.hash
            return isOutdated || put(line)
        }
        if let failure { throw failure }
        guard isWhole ?? true else { return nil }
        while next < entries.count {
            try sheet.put(entries[next])
            next += 1
        }
        try sheet.flush()
        return sheet.count
    }
}

/// The lines of an index on their way to a file.
private struct Sheet {
    private let number: Int32
    private var bytes: [UInt8] = []
    private var offset = KeyIndexLine.size
    private(set) var count = 0

    init(_ number: Int32) {
        self.number = number
        bytes.reserveCapacity(Sheet.room + KeyIndexLine.size)
    }

    private static let room = 1 << 18

    mutating func put(_ line: KeyIndexLine) throws(Errno) {
        line.write(to: &bytes)
        count += 1
        if bytes.count >= Sheet.room { try flush() }
    }

    mutating func flush() throws(Errno) {
        try File.write(bytes, to: number, at: offset)
        offset += bytes.count
        bytes.removeAll(keepingCapacity: true)
    }
}
