// SPDX-License-Identifier: MIT

import HTTP

/// The requests of one connection, read as a server reads them.
struct Conversation: Equatable {
    struct Request: Equatable {
        let head: RequestHead
        let body: [UInt8]
    }

    private(set) var requests: [Request] = []
    /// Why it ended, when it did not end well.
    private(set) var bad: BadHTTP.Reason?

    init(_ pieces: [[UInt8]]) {
        do throws(BadHTTP) {
            try read(pieces)
        } catch {
            bad = error.reason
        }
    }

    private mutating func read(_ pieces: [[UInt8]]) throws(BadHTTP) {
        var heads = HeadReader()
        var bodies: BodyReader?
        var body: [UInt8] = []
        for piece in pieces {
            var rest = piece[...]
            while !rest.isEmpty {
                if bodies == nil { rest = rest.dropFirst(try heads.read(Array(rest).span)) }
                guard let head = heads.head else { break }
                if bodies == nil { bodies = try BodyReader(head.framing, limit: 1 << 20) }
                rest = rest.dropFirst(try bodies?.read(Array(rest).span, into: &body) ?? 0)
                guard bodies?.isDone == true else { break }
                requests.append(Request(head: head, body: body))
                if !head.keepsAlive { return }
                (heads, bodies, body) = (HeadReader(), nil, [])
            }
        }
        if !heads.isEmpty { throw BadHTTP(.truncated) }
    }
}
