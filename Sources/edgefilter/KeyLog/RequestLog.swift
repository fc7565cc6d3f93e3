// SPDX-License-Identifier: MIT

import Glibc
package import Unix

/// The request log: a directory of segments `requests-YYYYMMDD.jsonl`, one a UTC day, each only appended to.
package struct RequestLog: Sendable {
    /// Where the segments live.
    package let directory: String

    package init(directory: String) { self.directory = directory }

    /// Records are made, and go nowhere.
    package static let none = RequestLog(directory: "/dev/null")

    private static let prefix = "requests-"
    private static let suffix = ".jsonl"

    /// Appends one record to the segment of its end: opened anew (rotation needs no signal), one write(2).
    ///
    /// A throw means that the record is lost.
    package func append(_ record: Record, at moment: Moment) throws(Errno) {
        var record = record
        record.time = moment.iso8601
        var line: [UInt8] = []
        record.write(to: &line)
        let file = try Descriptor.open(path(of: moment.compactDate), O_WRONLY | O_APPEND | O_CREAT)
        let written = try system("write") {
            unsafe line.withUnsafeBytes { unsafe write(file.number, $0.baseAddress, $0.count) }
        }
        if written < line.count {
            _ = unsafe write(file.number, "\n", 1)
            throw Errno(ENOSPC, in: "write")
        }
    }

    /// Sees that today's records are on the disk, when there are any.
    package func sync(at moment: Moment) {
        guard let file = try? Descriptor.open(path(of: moment.compactDate), O_WRONLY) else { return }
        fdatasync(file.number)
    }

    /// How long today's segment is; nil: there is none.
    package func size(at moment: Moment) -> Int? { File.size(path(of: moment.compactDate)) }

    private func path(of day: String) -> String {
        directory == RequestLog.none.directory
            ? directory : "\(directory)/\(RequestLog.prefix)\(day)\(RequestLog.suffix)"
    }

    /// The days that have a segment, oldest first.
    package func days() throws(Errno) -> [String] {
        guard File.exists(directory) else { return [] }
        return try File.names(in: directory)
            .filter { $0.hasPrefix(RequestLog.prefix) && $0.hasSuffix(RequestLog.suffix) }
            .map { String($0.dropFirst(RequestLog.prefix.count).dropLast(RequestLog.suffix.count)) }
    }

    /// Gives every record of a day to `take`, in the order they were written; the answer is the number of lines that were torn or altered.
    package func read(day: String, _ take: (Record) -> Void) throws(Errno) -> Int {
        let file = try Descriptor.open(path(of: day), O_RDONLY)
        var lines = Lines()
        var broken = 0
        let count = { (line: [UInt8]) in
            guard !line.isEmpty else { return }
            if let record = Record(line: line) { take(record) } else { broken += 1 }
        }
        while try lines.fill(from: file.number) { lines.take(count) }
        lines.takeRest(count)
        return broken
    }
}

/// Bytes cut into lines, each at most `Record.lineLimit` bytes; of a longer one the rest counts as further lines.
private struct Lines {
    private var line: [UInt8] = []
    private var buffer = Buffer()

    mutating func fill(from number: Int32) throws(Errno) -> Bool {
        try buffer.receive(from: number, isSocket: false, limit: 65536) > 0
    }

    mutating func take(_ each: ([UInt8]) -> Void) {
        for byte in buffer.span.array {
            if byte == 0x0A || line.count > Record.lineLimit { takeRest(each) }
            if byte != 0x0A { line.append(byte) }
        }
        buffer.drop(buffer.count)
    }

    mutating func takeRest(_ each: ([UInt8]) -> Void) {
        each(line)
        line.removeAll(keepingCapacity: true)
    }
}
