// SPDX-License-Identifier: MIT

import Glibc
import Testing

@testable import Unix

@Suite struct BufferTests {
    @Test func isAQueue() {
        var buffer = Buffer()
        #expect(buffer.isEmpty)
        buffer.append("abc".utf8)
        buffer.append(Array("def".utf8).span)
        buffer.append { $0.append(contentsOf: "gh".utf8) }
        buffer.drop(2)
        #expect(buffer.count == 6 && text(buffer.span.array) == "cdefgh")
        buffer.drop(0)
        buffer.drop(6)
        #expect(buffer.isEmpty && buffer.span.isEmpty)
        buffer.append("i".utf8)
        #expect(text(buffer.span.array) == "i")
    }

    @Test func throwsWhatTheWriterThrows() {
        var buffer = Buffer()
        #expect(throws: Errno(EIO, in: "x")) {
            try buffer.append { (bytes: inout [UInt8]) throws(Errno) in
                bytes.append(1)
                throw Errno(EIO, in: "x")
            }
        }
        #expect(buffer.count == 1)
    }

    /// Bytes go through in order, however the appended and dropped pieces fall, beyond what is kept
    /// allocated.
    @Test(arguments: [1, 7, 4096, 65536, 65537, 100_000]) func keepsTheOrder(step: Int) {
        var buffer = Buffer()
        var next: UInt8 = 0
        var expected: UInt8 = 0
        var left = 400_000
        while left > 0 || !buffer.isEmpty {
            if left > 0 {
                buffer.append(
                    (0..<1000).map { _ in
                        defer { next &+= 1 }
                        return next
                    })
                left -= 1000
            }
            let count = left > 200_000 ? min(step, 700) : step
            let taken = min(count, buffer.count)
            let isRight = buffer.span.array.prefix(taken).allSatisfy { byte in
                defer { expected &+= 1 }
                return byte == expected
            }
            guard isRight else {
                Issue.record("out of order")
                return
            }
            buffer.drop(taken)
            if left == 0, buffer.count > 3000 {
                expected = expected &+ UInt8(truncatingIfNeeded: buffer.count - 3000)
                buffer.drop(buffer.count - 3000)
            }
        }
    }

    @Test(arguments: [true, false]) func receives(isSocket: Bool) throws {
        let (reading, writing) = isSocket ? try socketPair() : try openPipe()
        defer { close(reading) }
        #expect(write(writing, "hello", 5) == 5)
        var buffer = Buffer()
        let counts = [
            try buffer.receive(from: reading, isSocket: isSocket, limit: 3),
            try buffer.receive(from: reading, isSocket: isSocket, limit: 300),
        ]
        #expect(counts == [3, 2])
        #expect(text(buffer.span.array) == "hello")
        if isSocket { shutdown(writing, Int32(SHUT_RDWR)) }
        close(writing)
        let end = try buffer.receive(from: reading, isSocket: isSocket, limit: 300)
        #expect(end == 0 && buffer.count == 5)
    }

    @Test func doesNotWait() throws {
        let (one, other) = try socketPair()
        defer { close(one) }
        var buffer = Buffer()
        let error = #expect(throws: Errno.self) {
            try buffer.receive(from: one, isSocket: true, limit: 10)
        }
        #expect(error?.isWouldBlock == true && buffer.isEmpty)
        let size = 8 << 20
        buffer.append([UInt8](repeating: 7, count: size))
        var full: Errno?
        while full == nil, !buffer.isEmpty {
            do throws(Errno) { try buffer.send(to: one, isSocket: true) } catch { full = error }
        }
        #expect(full?.isWouldBlock == true && !buffer.isEmpty && buffer.count < size)
        // A child of another test may hold a copy, so closing alone would not do.
        shutdown(other, Int32(SHUT_RDWR))
        close(other)
        let gone = #expect(throws: Errno.self) { try buffer.send(to: one, isSocket: true) }
        #expect(gone?.number == EPIPE || gone?.number == ECONNRESET)
    }

    @Test(arguments: [true, false]) func sends(isSocket: Bool) throws {
        let (reading, writing) = isSocket ? try socketPair() : try openPipe()
        var out = Buffer()
        out.append((0..<20_000).map { UInt8(truncatingIfNeeded: $0) })
        var whole = Buffer()
        while !out.isEmpty {
            let before = out.count
            try out.send(to: writing, isSocket: isSocket)
            #expect(isSocket || before - out.count <= 4096)
            _ = try whole.receive(from: reading, isSocket: isSocket, limit: 65536)
        }
        if isSocket { shutdown(writing, Int32(SHUT_RDWR)) }
        close(writing)
        while try whole.receive(from: reading, isSocket: isSocket, limit: 65536) > 0 {}
        #expect(whole.span.array == (0..<20_000).map { UInt8(truncatingIfNeeded: $0) })
        close(reading)
    }
}
