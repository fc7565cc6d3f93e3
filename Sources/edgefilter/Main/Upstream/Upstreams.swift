// SPDX-License-Identifier: MIT

import CCurl
import CUnix
import Glibc
import Settings
import Unix

/// libcurl's side of the loop: its sockets, its timer, the one handle for all requests of a caller, and the
/// connections it keeps open between them.
///
/// A class, since it is one thing that exchanges share.
@safe final class Upstreams {
    private let multi: UnsafeMutableRawPointer
    /// Room for the sockets of one transfer.
    private var sockets = [pollfd](repeating: pollfd(), count: 5)
    /// When libcurl wants to be called in any case.
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

    /// One that an acceptor made serves each of its handlers as if it were the handler's own.
    ///
    /// A throw means that there is no memory.
    init() throws(Errno) {
        Upstreams.warm()
        guard let handle = unsafe curl_multi_init() else { throw Errno(ENOMEM, in: "curl_multi_init") }
        unsafe multi = handle
        transfer = Transfer()
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
        perform()
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

    /// When libcurl wants to be woken, or there is more to do at once; known once `watch` was called.
    var deadline: Deadline { current?.isUnheard ?? false ? .past : timer }

    /// Adds libcurl's sockets to a round of the poll.
    func watch(in poll: inout Poll) {
        let patience = unsafe ccurl_multi_patience(multi)
        timer = patience < 0 ? .never : patience == 0 ? .past : Deadline(in: patience)
        let count = unsafe ccurl_multi_sockets(multi, &sockets, Int32(sockets.count))
        for place in 0..<Int(count) {
            poll.watch(sockets[place].fd, for: Signs(rawValue: sockets[place].events))
        }
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
        var isDue = timer.isOver
        for index in place..<poll.count where poll.signs(at: index) != Signs() {
            if poll.number(at: index) == current?.socket { current?.converse() } else { isDue = true }
        }
        if isDue { perform() }
    }

    /// Lets libcurl do what can be done now.
    private func perform() {
        var running: Int32 = 0
        unsafe curl_multi_perform(multi, &running)
        let ended = unsafe ccurl_multi_ended(multi)
        if ended >= 0 { current?.end(CURLcode(rawValue: UInt32(ended))) }
    }
}

/// Where root certificates are (Debian's places, and OpenSSL's variables for others).
enum Authorities {
    static let bundle = "/etc/ssl/certs/ca-certificates.crt"
    static var directory: String { environment("SSL_CERT_DIR") ?? "/etc/ssl/certs" }
    static var file: String? { environment("SSL_CERT_FILE") }
}
