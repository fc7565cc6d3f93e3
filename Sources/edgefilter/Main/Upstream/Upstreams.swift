// SPDX-License-Identifier: MIT

import CCurl
import CUnix
import Settings
import Unix

/// libcurl's side of the loop: its sockets, its timer, the one handle for all requests of a caller, and the
/// connections it keeps open between them.
///
/// A class, because libcurl's callbacks hold a pointer to it.
@safe final class Upstreams {
    private let multi: UnsafeMutableRawPointer
    /// One, or two while addresses are tried.
    private var sockets: [(number: Int32, signs: Signs)] = []
    private var timer = Deadline.never
    private var current: Transfer?
    private let transfer: Transfer?

    /// What libcurl and OpenSSL prepare once a process.
    ///
    /// Done before any fork, handlers find it done.
    static func warm() { _ = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) }

    /// The same, and what these settings will need.
    static func warm(_ settings: Settings) {
        warm()
        guard settings.upstreams.contains(where: { $0.base?.scheme.isSecure ?? false }) else { return }
        ccurl_warm_tls()
        // 140 certificates take 15 ms and a megabyte; a handler would load them again and again. Of a
        // directory alone it reads what it needs.
        if let file = Authorities.file ?? (environment("SSL_CERT_DIR") == nil ? Authorities.bundle : nil) {
            _ = unsafe ccurl_load_authorities(file)
        }
    }

    /// `transfer`: one that was made before, perhaps by the process that forked this one.
    init?(_ transfer: Transfer? = Transfer()) {
        Upstreams.warm()
        guard let handle = unsafe curl_multi_init() else { return nil }
        unsafe multi = handle
        self.transfer = transfer
        sockets.reserveCapacity(2)
        let this = unsafe Unmanaged.passUnretained(self).toOpaque()
        _ = unsafe ccurl_multi_set_socket(
            multi,
            { _, socket, what, context, _ in
                unsafe of(context).note(socket, what)
                return 0
            }, this)
        _ = unsafe ccurl_multi_set_timer(
            multi,
            { _, milliseconds, context in
                unsafe of(context).timer =
                    milliseconds < 0 ? .never : milliseconds == 0 ? .past : Deadline(in: milliseconds)
                return 0
            }, this)
    }

    deinit {
        drop()
        unsafe curl_multi_cleanup(multi)
    }

    /// The handle, ready for another request; nil: libcurl cannot make one.
    func begin() -> Transfer? {
        drop()
        transfer?.begin()
        return transfer
    }

    /// The next connection is not made but is this TCP socket, whose connect(2) is in progress; libcurl
    /// closes it.
    func lead(to socket: Int32) {
        if let transfer { unsafe ccurl_lead_to(transfer.easy, socket) }
    }

    /// Begins a transfer; the one before it must have been dropped.
    func start(_ transfer: Transfer) {
        current = transfer
        unsafe curl_multi_add_handle(multi, transfer.easy)
        turn(Int32(CURL_SOCKET_TIMEOUT), 0)
    }

    /// Sends the current request once more, on a fresh connection.
    func startAgain(_ transfer: Transfer) {
        drop()
        transfer.rewind()
        start(transfer)
    }

    /// Ends the current transfer, finished or not: an unfinished one's connection is closed.
    func drop() {
        guard let transfer = current else { return }
        transfer.leave()
        unsafe curl_multi_remove_handle(multi, transfer.easy)
        current = nil
    }

    /// When libcurl wants to be woken, or there is more to do at once.
    var deadline: Deadline { current?.isUnheard ?? false ? .past : timer }

    /// Adds libcurl's sockets to a round of the poll.
    func watch(in poll: inout Poll) {
        for (socket, signs) in sockets { poll.watch(socket, for: signs) }
        if let current, let socket = current.socket, let signs = current.awaited {
            poll.watch(socket, for: signs)
        }
    }

    /// One round of the poll for libcurl alone; what comes of the answer goes to nobody.
    func turn(_ transfer: Transfer, until deadline: Deadline) {
        var poll = Poll()
        watch(in: &poll)
        _ = poll.wait(until: min(deadline, self.deadline))
        act(on: poll, from: 0)
        transfer.body.drop(transfer.body.count)
        transfer.resumeBody()
    }

    /// Lets libcurl act on what the poll saw on its sockets, which begin at `place`, and on its timer.
    func act(on poll: Poll, from place: Int) {
        if let current, current.isUnheard { current.converse() }
        for index in place..<poll.count where poll.signs(at: index) != Signs() {
            if poll.number(at: index) == current?.socket {
                current?.converse()
            } else {
                turn(poll.number(at: index), mask(poll, at: index))
            }
        }
        if timer.isOver {
            timer = .never
            turn(Int32(CURL_SOCKET_TIMEOUT), 0)
        }
    }

    private func turn(_ socket: Int32, _ mask: Int32) {
        var running: Int32 = 0
        unsafe curl_multi_socket_action(multi, socket, mask, &running)
        let ended = unsafe ccurl_multi_ended(multi)
        if ended >= 0 { current?.end(CURLcode(rawValue: UInt32(ended))) }
    }

    private func mask(_ poll: Poll, at place: Int) -> Int32 {
        (poll.saw(.writable, at: place) ? CURL_CSELECT_OUT : 0)
            | (poll.saw(.inward, at: place) ? CURL_CSELECT_IN : 0)
    }

    private func note(_ socket: Int32, _ what: Int32) {
        sockets.removeAll { $0.number == socket }
        switch what {
        case CURL_POLL_IN: sockets.append((socket, .readable))
        case CURL_POLL_OUT: sockets.append((socket, .writable))
        case CURL_POLL_INOUT: sockets.append((socket, .either))
        default: break
        }
    }
}

private func of(_ context: UnsafeMutableRawPointer?) -> Upstreams {
    guard let context = unsafe context else { preconditionFailure("libcurl lost our pointer") }
    return unsafe Unmanaged<Upstreams>.fromOpaque(context).takeUnretainedValue()
}

/// Where root certificates are (Debian's places, and OpenSSL's variables for others).
enum Authorities {
    static let bundle = "/etc/ssl/certs/ca-certificates.crt"
    static var directory: String { environment("SSL_CERT_DIR") ?? "/etc/ssl/certs" }
    static var file: String? { environment("SSL_CERT_FILE") }
}
