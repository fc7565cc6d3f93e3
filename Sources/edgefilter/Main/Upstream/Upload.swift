// SPDX-License-Identifier: MIT

import Unix

/// A request's body on its way up.
///
/// While it is short it is kept whole, so that it can be sent again when a reused connection dies before its
/// first byte; a longer one goes once.
struct Upload {
    private var bytes = Buffer()
    private var position = 0
    private var passed = 0
    /// No more will be appended.
    var isComplete = false

    /// A body up to this length can be sent twice.
    static let repeatable = 1 << 20

    /// Whether all that was sent is still here.
    var isRepeatable: Bool { passed == 0 }
    /// How many bytes wait to be sent.
    var waiting: Int { bytes.count - position }
    var hasMore: Bool { waiting > 0 }

    mutating func append<E: Error>(by write: (inout [UInt8]) throws(E) -> Void) throws(E) {
        try bytes.append(by: write)
        forget()
    }

    /// Copies out what fits; 0 when nothing waits.
    mutating func read(into room: UnsafeMutableRawBufferPointer) -> Int {
        let count = min(room.count, waiting)
        unsafe bytes.span.extracting(position..<(position + count)).withUnsafeBytes {
            unsafe room.copyMemory(from: $0)
        }
        position += count
        forget()
        return count
    }

    /// What waits, where it lies.
    func withWaiting(_ use: (UnsafeRawPointer?) -> Void) {
        unsafe bytes.span.extracting(position..<bytes.count).withUnsafeBytes { unsafe use($0.baseAddress) }
    }

    /// All that waits is in other hands now, though it is kept.
    mutating func handOver() { position = bytes.count }

    /// Goes back, as libcurl wants before it sends again; false when what was sent is gone.
    mutating func rewind(to offset: Int) -> Bool {
        guard isRepeatable, offset <= bytes.count else { return false }
        position = offset
        return true
    }

    /// Takes out all that was ever appended, which must still be there.
    mutating func takeAll() -> [UInt8] {
        _ = rewind(to: 0)
        let all = bytes.span.array
        bytes.drop(bytes.count)
        return all
    }

    private mutating func forget() {
        guard passed > 0 || bytes.count > Upload.repeatable else { return }
        bytes.drop(position)
        passed += position
        position = 0
    }
}
