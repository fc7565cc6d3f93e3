// SPDX-License-Identifier: MIT

import CUnix
import Glibc
import Unix

/// Puts totals in the place of those that are there, at once and whole.
enum TotalsWriter {
    private static let blockSize = 256 << 10

    /// A throw leaves what was there.
    ///
    /// `isSafe`: it is on the disk when this returns.
    static func write(
        _ totals: DayTotals, _ head: TotalsFile.Head, of day: Day, in log: RequestLog, isSafe: Bool = false
    ) throws(Errno) {
        let path = TotalsFile.path(log, day)
        let draft = "\(path).\(randomName())"
        do throws(Errno) {
            try put(totals, head, of: day, at: draft, in: log, isSafe: isSafe)
            if unsafe rename(draft, path) < 0 { throw Errno(errno, in: "rename \(path)") }
        } catch {
            unsafe unlink(draft)
            throw error
        }
        if isSafe { try sync(directory: log.directory) }
    }

    private static func put(
        _ totals: DayTotals, _ head: TotalsFile.Head, of day: Day, at draft: String, in log: RequestLog,
        isSafe: Bool
    ) throws(Errno) {
        let file = try Descriptor.open(draft, O_WRONLY | O_CREAT | O_EXCL)
        adopt(file.number, in: log.directory)
        var head = head
        head.rows = totals.count
        head.counts = totals.counts
        var block = head.line(of: day)
        var written = 0
        for (tag, row) in totals.sorted {
            RowReader.write(row, under: tag, to: &block)
            if block.count >= blockSize { written += try flush(&block, to: file.number) }
        }
        block += TotalsFile.end(head.rows, after: written + block.count)
        _ = try flush(&block, to: file.number)
        if isSafe { _ = try system("fdatasync") { Int(fdatasync(file.number)) } }
    }

    private static func flush(_ block: inout [UInt8], to number: Int32) throws(Errno) -> Int {
        defer { block.removeAll(keepingCapacity: true) }
        try File.write(block, to: number)
        return block.count
    }

    /// What was renamed or removed in a directory is so on the disk too.
    static func sync(directory: String) throws(Errno) {
        let directory = try Descriptor.open(directory, O_RDONLY | O_DIRECTORY)
        _ = try system("fsync") { Int(fsync(directory.number)) }
    }

    /// Removes what writers that were killed left, when it is older than an hour.
    static func sweep(_ log: RequestLog, at moment: Moment) throws(Errno) {
        for name in try File.names(in: log.directory) {
            guard name.hasPrefix(TotalsFile.prefix), name.contains(".jsonl.") else { continue }
            let path = "\(log.directory)/\(name)"
            var status = stat()
            if unsafe stat(path, &status) == 0, status.st_mtim.tv_sec < moment.seconds - 3600 {
                unsafe unlink(path)
            }
        }
    }
}
