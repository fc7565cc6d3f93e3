// SPDX-License-Identifier: MIT

import Glibc
import Model
import Unix

/// The caller's end of the connection: what came and was not yet read, what is to be sent.
///
/// Never waits while words for the caller are held back: every wait sends first.
struct Client: ~Copyable {
    let input: Int32
    let output: Int32
    let isSocket: Bool
    let peer: Peer
    var inbox = Buffer()
    var outbox = Buffer()
    /// The end of the input was seen.
    private(set) var hasEnded = false
    /// The peer has closed its side: it sends no more, and may be gone.
    private(set) var hasHungUp = false
    /// Nobody reads what we send any more.
    private(set) var isGone = false
    /// Bytes that the peer's end took, over all answers.
    private(set) var sent = 0

    /// A connected socket on one descriptor.
    init(socket: Int32, peer: Peer) {
        input = socket
        output = socket
        isSocket = true
        self.peer = peer
        if peer.road == .network { attend(socket) }
    }

    /// A filter: requests from fd 0, answers to fd 1.
    init() {
        input = 0
        output = 1
        isSocket = false
        peer = .pipe
    }

    /// So much is read ahead of what is understood; a caller that sends more waits.
    private static let inboxLimit = 65536
    /// So much is received at once.
    private static let readLimit = 16384

    private var wantsInput: Bool { !hasEnded && inbox.count < Client.inboxLimit }

    /// Adds what this end waits for to a round of the poll: input (when `isReading`), room for output, and
    /// the caller going away.
    func watch(in poll: inout Poll, isReading: Bool) -> (input: Int, output: Int) {
        // Noticed once, a half-close would wake us for ever.
        var signs: Signs = isSocket && !hasHungUp ? .hangUp : Signs()
        if isReading, wantsInput { signs.insert(.readable) }
        if isSocket, !outbox.isEmpty { signs.insert(.writable) }
        // A negative number is skipped by poll(2): a pipe that has ended would wake us for ever.
        let first = poll.watch(signs == Signs() && !isSocket ? -1 : input, for: signs)
        if isSocket { return (first, first) }
        return (first, poll.watch(output, for: outbox.isEmpty ? Signs() : .writable))
    }

    /// Acts on what the poll saw.
    mutating func act(on poll: Poll, at places: (input: Int, output: Int)) {
        // A pipe whose other end is closed says so without being readable.
        if poll.saw(.inward, at: places.input), wantsInput { receive() }
        if !outbox.isEmpty { send() }
        if isSocket, poll.saw(.hangUp, at: places.output) { hasHungUp = true }
        if poll.saw(.broken, at: places.output) { isGone = true }
    }

    /// Receives once what is there.
    private mutating func receive() {
        do throws(Errno) {
            let count = try inbox.receive(
                from: input, isSocket: isSocket, limit: min(Client.readLimit, Client.inboxLimit - inbox.count)
            )
            hasEnded = count == 0
        } catch {
            if error.isWouldBlock { return }
            hasEnded = true
            isGone = isSocket
        }
    }

    /// Sends once what the peer takes.
    mutating func send() {
        guard !outbox.isEmpty, isSocket || hasRoom else { return }
        let waiting = outbox.count
        do throws(Errno) {
            try outbox.send(to: output, isSocket: isSocket)
            sent += waiting - outbox.count
        } catch {
            if !error.isWouldBlock { isGone = true }
        }
    }

    /// Whether a pipe takes something now; a write to a full one would wait.
    private var hasRoom: Bool {
        var poll = Poll()
        poll.watch(output, for: .writable)
        return poll.wait(until: .past)
    }

    /// Waits for more input; false when none will come or the deadline is over.
    mutating func awaitInput(until deadline: Deadline) -> Bool {
        let before = inbox.count
        while inbox.count == before, !hasEnded, !isGone {
            guard wantsInput, round(isReading: true, until: deadline) else { return false }
        }
        return inbox.count > before
    }

    /// Sends all that is held; false when the caller went or took nothing for `stall` milliseconds.
    mutating func flush(stall: Int) -> Bool {
        while !outbox.isEmpty, !isGone {
            let before = outbox.count
            send()
            if outbox.isEmpty || isGone { break }
            guard outbox.count < before || round(isReading: false, until: Deadline(in: stall)) else {
                return false
            }
        }
        return !isGone
    }

    /// One round of waiting with nothing else to wait for; false when the deadline is over.
    mutating func round(isReading: Bool, until deadline: Deadline) -> Bool {
        var poll = Poll()
        let places = watch(in: &poll, isReading: isReading)
        guard poll.wait(until: deadline) else { return false }
        act(on: poll, at: places)
        return true
    }

    /// Sends what is taken at once, and says that no more comes; for a caller whom nobody waits for.
    mutating func sendLast() {
        send()
        shutdown(output, Int32(SHUT_WR))
    }

    /// Ends the connection so that a caller that still sends gets our last words: half-close, read on for a
    /// while, then go (RFC 9112 section 9.6).
    mutating func linger() {
        guard isSocket, !hasEnded, !isGone else { return }
        shutdown(output, Int32(SHUT_WR))
        let deadline = Deadline(in: Client.lingerTime)
        var left = Client.lingerBytes
        repeat {
            left -= inbox.count
            inbox.drop(inbox.count)
        } while left > 0 && awaitInput(until: deadline)
    }

    /// Ends the connection so that the caller sees that something is missing, where no framing says it.
    mutating func reset() {
        if isSocket { resetOnClose(output) }
        isGone = true
    }

    private static let lingerTime = 2000
    private static let lingerBytes = 64 << 20
}
