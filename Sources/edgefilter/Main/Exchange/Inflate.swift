// SPDX-License-Identifier: MIT

import CZlib
import HTTP
import Model

/// A gzip body decoded as it comes, within limits that a bomb cannot pass.
@safe final class Inflate {
    private let stream: UnsafeMutablePointer<z_stream>
    private let limit: Int?
    private var taken = 0
    private var made = 0
    private(set) var isDone = false

    /// More than this times its size no honest request grows; small bodies may.
    private static let ratio = 200
    private static let free = 1 << 20

    /// `limit`: how much may come out; nil where it is passed on piece by piece.
    init?(limit: Int?) {
        guard let stream = unsafe czlib_open() else { return nil }
        unsafe self.stream = stream
        self.limit = limit
    }

    deinit { unsafe czlib_close(stream) }

    /// Appends what the bytes decode to.
    func feed(_ bytes: Span<UInt8>, into out: inout [UInt8]) throws(Failure) {
        var rest = bytes.extracting(0..<bytes.count)
        while !isDone {
            let (used, count) = try step(rest, into: &out)
            rest = rest.extracting(used..<rest.count)
            if rest.isEmpty, count < Inflate.room { return }
        }
        if !rest.isEmpty { throw bad("bytes follow its end") }
    }

    /// So much comes out of one step at most.
    static let room = 65536

    /// Decodes once: how many bytes were used and how many came out; `room` of them means that there are
    /// more.
    func step(
        _ bytes: Span<UInt8>, into out: inout [UInt8]
    ) throws(Failure) -> (used: Int, count: Int) {
        var used = 0
        var result: Int32 = 0
        let more = unsafe [UInt8](unsafeUninitializedCapacity: Inflate.room) { room, count in
            result = unsafe bytes.withUnsafeBufferPointer {
                unsafe czlib_inflate(
                    stream, $0.baseAddress, $0.count, room.baseAddress, room.count, &used, &count)
            }
        }
        guard result >= 0 else {
            out.append(contentsOf: more)
            throw bad("its bytes are damaged")
        }
        isDone = result == Int32(CZLIB_END.rawValue)
        taken += used
        made += more.count
        if let limit, made > limit || made > max(Inflate.free, taken * Inflate.ratio) {
            throw Failure(.bodyTooLarge, "The gzip body decodes to more than is allowed (\(limit) bytes).")
        }
        out.append(contentsOf: more)
        return (used, more.count)
    }

    /// Whether the input has begun and is not at its end.
    var isInside: Bool { taken > 0 && !isDone }

    /// Makes ready for another member, after the end of one.
    func restart() {
        unsafe czlib_reset(stream)
        isDone = false
    }

    /// The end of the input: an unfinished body is an error.
    func finish() throws(Failure) {
        if !isDone { throw bad("it is cut off") }
    }

    private func bad(_ why: String) -> Failure {
        Failure(.badContentCoding, "The body says Content-Encoding: gzip, but \(why).")
    }
}
