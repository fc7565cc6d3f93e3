// SPDX-License-Identifier: MIT

import CUnix
import Glibc

/// A queue of bytes: appended at the end, consumed from the front, without moving what is left at every step.
package struct Buffer: Sendable {
    private var bytes: [UInt8] = []
    private var start = 0

    package init() {}

    /// Bytes that wait.
    package var count: Int { bytes.count - start }
    /// Whether none waits.
    package var isEmpty: Bool { start == bytes.count }

    /// What is waiting, oldest first.
    package var span: Span<UInt8> {
        @_lifetime(borrow self)
        get { bytes.span.extracting(start..<bytes.count) }
    }

    /// Forgets the first `count` bytes.
    package mutating func drop(_ count: Int) {
        start += count
        if start == bytes.count {
            bytes.removeAll(keepingCapacity: bytes.capacity <= Buffer.kept)
            start = 0
        } else if start > Buffer.kept {
            bytes.removeFirst(start)
            start = 0
        }
    }

    /// Adds bytes to the end.
    package mutating func append(_ more: some Sequence<UInt8>) {
        bytes.append(contentsOf: more)
    }

    /// Adds a copy of bytes that are only lent.
    package mutating func append(_ more: Span<UInt8>) {
        unsafe more.withUnsafeBufferPointer { unsafe bytes.append(contentsOf: $0) }
    }

    /// Lets a writer append to the end.
    package mutating func append<E: Error>(by write: (inout [UInt8]) throws(E) -> Void) throws(E) {
        try write(&bytes)
    }

    /// Memory below this stays allocated between uses, so that a stream does not allocate for each event.
    private static let kept = 65536
}

extension Buffer {
    /// Receives once, at most `limit` bytes, without waiting.
    ///
    /// 0 means the end of the input.
    package mutating func receive(from number: Int32, isSocket: Bool, limit: Int) throws(Errno) -> Int {
        try unsafe withScratch(limit) { (scratch: UnsafeMutableBufferPointer<UInt8>) throws(Errno) in
            try system(isSocket ? "recv" : "read") {
                isSocket
                    ? unsafe recv(number, scratch.baseAddress, scratch.count, Int32(MSG_DONTWAIT))
                    : unsafe read(number, scratch.baseAddress, scratch.count)
            }
        }
    }

    /// Sends once what is waiting, without waiting, and drops what was taken.
    ///
    /// Of a pipe that is ready the kernel takes `PIPE_BUF` bytes for sure.
    package mutating func send(to number: Int32, isSocket: Bool) throws(Errno) {
        let count = try unsafe span.withUnsafeBufferPointer { waiting throws(Errno) in
            try system(isSocket ? "send" : "write") {
                isSocket
                    ? unsafe Glibc.send(
                        number, waiting.baseAddress, waiting.count,
                        Int32(MSG_DONTWAIT) | Int32(MSG_NOSIGNAL))
                    : unsafe write(number, waiting.baseAddress, min(waiting.count, Int(PIPE_BUF)))
            }
        }
        drop(count)
    }

    private mutating func withScratch(
        _ limit: Int, _ body: (UnsafeMutableBufferPointer<UInt8>) throws(Errno) -> Int
    ) throws(Errno) -> Int {
        var outcome: Result<Int, Errno> = .success(0)
        let more = unsafe [UInt8](unsafeUninitializedCapacity: limit) { scratch, count in
            do throws(Errno) {
                count = try unsafe body(scratch)
                outcome = .success(count)
            } catch {
                outcome = .failure(error)
            }
        }
        bytes.append(contentsOf: more)
        return try outcome.get()
    }
}
