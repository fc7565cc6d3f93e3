// SPDX-License-Identifier: MIT

import CWslay
import HTTP
import Unix

/// The frames of one conversation, seen from its client (RFC 6455 sections 5 to 7): wslay's, in memory.
///
///     bytes → Frames → messages, pongs, close
///
/// A machine, and a class, because wslay's callbacks hold a pointer to it.
@safe final class Frames {
    /// Why no more is read.
    enum End: Equatable {
        /// The peer said so; 1005: without a code.
        case closed(code: Int, reason: String)
        /// The peer broke the protocol, and was told so with this code.
        case broken(code: Int)
        /// Messages of so many bytes are not read.
        case tooLarge
        /// A message that is no text.
        case binary
    }

    /// What is to be sent.
    private(set) var outbox = Buffer()
    /// Text messages that came, each as an event of a stream without a name.
    var events: [UInt8] = []
    private(set) var end: End?

    private var context: OpaquePointer?
    private var inbox: [UInt8] = []
    private var position = 0
    private var message: [UInt8] = []
    private var total = 0
    /// The frame that is read now is of a message, or of a close; a close's payload.
    private var isOfMessage = false
    private var isClose = false
    private var isMute = false
    private var closing: [UInt8] = []
    private let messageLimit: Int
    private let totalLimit: Int
    private let random: (Int) -> [UInt8]

    /// Bytes that wait to be sent; beyond it nothing is made, and nothing read.
    private static let outLimit = 64 << 10
    private static let queueLimit = 64
    /// Codes of section 7.4.1.
    private static let (protocolError, binary, tooBig) = (1002, 1003, 1009)
    /// Codes that were registered after wslay was written: it takes them for errors.
    private static let later = 1012...1014

    /// nil: there is no memory.
    ///
    /// Limits are bytes of one message, and of all; `random` makes so many random bytes, for masks (section
    /// 5.3).
    init?(messageLimit: Int, totalLimit: Int, random: @escaping (Int) -> [UInt8]) {
        self.messageLimit = messageLimit
        self.totalLimit = totalLimit
        self.random = random
        var callbacks = Frames.callbacks
        let this = unsafe Unmanaged.passUnretained(self).toOpaque()
        unsafe context = unsafe cwslay_open(&callbacks, this, UInt64(messageLimit))
        guard unsafe context != nil else { return nil }
    }

    deinit {
        if let context = unsafe context { unsafe wslay_event_context_free(context) }
    }

    /// Sends a text message.
    func say(_ text: [UInt8]) {
        _ = unsafe text.withUnsafeBufferPointer { unsafe cwslay_text(context, $0.baseAddress, $0.count) }
        write()
    }

    /// Takes what came.
    func take(_ bytes: Span<UInt8>) {
        inbox.take(bytes)
        if end == nil, unsafe wslay_event_recv(context) != 0 {
            end = end ?? .broken(code: Frames.protocolError)
        }
        inbox.removeFirst(position)
        position = 0
        write()
        if end == nil, unsafe wslay_event_get_read_enabled(context) == 0 { end = brokenEnd }
    }

    /// Has the frames that wait sent, as far as `send` takes them; how many bytes that was, nil: it takes no
    /// more.
    func give(_ send: (Span<UInt8>) -> Int?) -> Int? {
        guard let count = send(outbox.span) else { return nil }
        outbox.drop(count)
        write()
        return count
    }

    /// From now on nothing is sent: nobody would take it.
    func mute() {
        isMute = true
        outbox.drop(outbox.count)
        write()
    }

    /// Says that no more will be said, and reads no more.
    func close(_ code: Int) {
        unsafe cwslay_close(context, UInt16(code))
        write()
    }

    /// Whether the peer must take something before more of it is read.
    var isClogged: Bool {
        unsafe outbox.count >= Frames.outLimit
            && wslay_event_get_queued_msg_count(context) > Frames.queueLimit
    }

    /// Makes frames of what waits, as far as there is room.
    private func write() {
        _ = unsafe wslay_event_send(context)
    }

    /// wslay has closed by itself; its code says why.
    private var brokenEnd: End {
        let code = unsafe Int(wslay_event_get_status_code_sent(context))
        if code == Frames.protocolError, closing.count >= 2 {
            let told = Int(closing[0]) << 8 | Int(closing[1])
            if Frames.later.contains(told) { return .closed(code: told, reason: Frames.text(closing)) }
        }
        return code == Frames.tooBig ? .tooLarge : .broken(code: code)
    }

    private func stop(_ end: End, _ code: Int) {
        guard self.end == nil else { return }
        self.end = end
        unsafe cwslay_close(context, UInt16(code))
    }
}

// What wslay calls.
extension Frames {
    private static var callbacks: wslay_event_callbacks {
        unsafe wslay_event_callbacks(
            recv_callback: { context, room, count, _, owner in
                let taken = unsafe of(owner).give(UnsafeMutableBufferPointer(start: room, count: count))
                return taken > 0 ? taken : unsafe cwslay_wait(context)
            },
            send_callback: { context, bytes, count, _, owner in
                let taken = unsafe of(owner).put(UnsafeBufferPointer(start: bytes, count: count).span)
                return taken > 0 ? taken : unsafe cwslay_wait(context)
            },
            genmask_callback: { _, room, count, owner in
                let mask = unsafe of(owner).random(count)
                guard mask.count == count else { return -1 }
                _ = unsafe UnsafeMutableBufferPointer(start: room, count: count).update(fromContentsOf: mask)
                return 0
            },
            on_frame_recv_start_callback: { _, frame, owner in
                guard let frame = unsafe frame?.pointee else { return }
                unsafe of(owner).begin(opcode: UInt32(frame.opcode))
            },
            on_frame_recv_chunk_callback: { _, chunk, owner in
                guard let chunk = unsafe chunk?.pointee else { return }
                unsafe of(owner).gather(UnsafeBufferPointer(start: chunk.data, count: chunk.data_length).span)
            },
            on_frame_recv_end_callback: nil,
            on_msg_recv_callback: { _, message, owner in
                guard let message = unsafe message?.pointee else { return }
                unsafe of(owner).finish(opcode: UInt32(message.opcode), code: Int(message.status_code))
            })
    }

    private func give(_ room: UnsafeMutableBufferPointer<UInt8>) -> Int {
        let count = min(room.count, inbox.count - position)
        for index in 0..<count { unsafe room[index] = inbox[position + index] }
        position += count
        return count
    }

    private func put(_ bytes: Span<UInt8>) -> Int {
        guard outbox.count < Frames.outLimit else { return 0 }
        if !isMute { outbox.append(bytes) }
        return bytes.count
    }

    private func begin(opcode: UInt32) {
        isClose = opcode == WSLAY_CONNECTION_CLOSE.rawValue
        isOfMessage = opcode < WSLAY_CONNECTION_CLOSE.rawValue
        if opcode == WSLAY_BINARY_FRAME.rawValue { stop(.binary, Frames.binary) }
    }

    private func gather(_ bytes: Span<UInt8>) {
        if isClose { closing.take(bytes) }
        guard isOfMessage, end == nil else { return }
        total += bytes.count
        guard message.count + bytes.count <= messageLimit, total <= totalLimit else {
            return stop(.tooLarge, Frames.tooBig)
        }
        message.take(bytes)
    }

    private func finish(opcode: UInt32, code: Int) {
        guard end == nil else { return }
        switch opcode {
        case WSLAY_TEXT_FRAME.rawValue:
            EventWriter.write(name: nil, data: message.span, to: &events)
            message.removeAll(keepingCapacity: true)
        case WSLAY_CONNECTION_CLOSE.rawValue:
            end = .closed(code: code == 0 ? Frames.noCode : code, reason: Frames.text(closing))
        default: break
        }
    }

    private static let noCode = 1005

    /// The reason in a close, which stands behind its code.
    private static func text(_ closing: [UInt8]) -> String {
        String(decoding: closing.dropFirst(2), as: UTF8.self)
    }
}

private func of(_ owner: UnsafeMutableRawPointer?) -> Frames {
    guard let owner = unsafe owner else { preconditionFailure("wslay lost our pointer") }
    return unsafe Unmanaged<Frames>.fromOpaque(owner).takeUnretainedValue()
}
