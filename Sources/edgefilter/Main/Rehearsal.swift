// SPDX-License-Identifier: MIT

import CUnix
import Glibc
import HTTP
import Settings
import Unix

/// One conversation with ourselves before the first fork: what Swift, libcurl and the dialects set up at their first
/// use is then there in every handler, and its memory is shared.
enum Rehearsal {
    private static let body =
        #"{"model":"echo","stream":true,"messages":[{"role":"user","content":"a rehearsal"}]}"#
    private static let requests = """
        GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n\
        POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer rehearsal\r\n\
        Content-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\nConnection: close\r\n\r\n\(body)
        """

    /// Serves both kinds of requests over a pair of sockets; nothing is logged, nothing is recorded.
    static func run() {
        guard let ends = try? Channel.streamPair() else { return }
        defer { Descriptor.close(ends.ours) }
        var script = Buffer()
        script.append(requests.utf8)
        guard (try? script.send(to: ends.ours, isSocket: true)) != nil else { return }
        // Nothing more comes, so that nobody lingers for it.
        shutdown(ends.ours, Int32(SHUT_WR))
        let echo = Settings(
            upstreams: [Upstream(name: "echo", dialect: "echo", key: .none)],
            routes: [Route(pattern: "*", targets: [Settings::Target(upstream: "echo")])])
        var session = Session(
            Gateway(rehearsing: echo), Client(socket: ends.theirs, peer: .pipe), nil, nil)
        session.run()
        Descriptor.close(ends.theirs)
        _ = Transfer()
    }
}
