// SPDX-License-Identifier: MIT

import HTTP
import Model
import Settings
import Testing
import Unix

@testable import edgefilter

/// A provider on this machine that hears one request and gives one answer, both in this thread.
struct Provider {
    private let listener: Listener
    private let answer: [UInt8]
    /// The upstream that leads to it; to be changed before the call.
    var upstream: Upstream

    /// `answer`: ¶ stands for CR LF; the connection closes after it.
    init(answer: String = "HTTP/1.1 204 No Content¶¶", path: String = "/v1", key: Key = operatorKey) throws {
        listener = try Listener.open("127.0.0.1:0")
        self.answer = wire(answer)
        let port = try #require(listener.name.split(separator: ":").last.flatMap { Int($0) })
        let base = URL(scheme: .http, host: "127.0.0.1", port: port, path: path)
        upstream = Upstream(name: "main", base: base, key: key)
    }

    /// Makes the call and serves it to its end; gives what the provider heard.
    func serve(
        _ head: RequestHead, body: Call.Body = .none, model: String? = nil, key: String? = nil,
        _ transfer: Transfer
    ) throws -> String {
        defer { listener.close() }
        var settings = settings([upstream])
        settings.routes = [route("*", "main", model)]
        let endpoint = Endpoint(head)
        let candidate = try planned(settings, head).candidates[0]
        Call(relaying: head, endpoint, to: candidate, Credential(key: key, isOurs: key != nil))
            .prepare(transfer, body: body)
        return try hear(transfer)
    }

    /// Drives both ends until the transfer is over.
    ///
    /// `take` is called after each turn of libcurl's.
    func hear(_ transfer: Transfer, _ take: (Transfer) -> Void = { _ in }) throws -> String {
        let upstreams = try Upstreams()
        upstreams.start(transfer)
        defer { upstreams.drop() }
        var heard = Buffer()
        var connection: Descriptor?
        let limit = Deadline(in: 20_000)
        while transfer.result == nil, !limit.isOver {
            var poll = Poll()
            poll.watch(connection?.number ?? listener.number, for: .readable)
            upstreams.watch(in: &poll)
            _ = poll.wait(until: min(limit, upstreams.deadline))
            upstreams.act(on: poll, from: 1)
            take(transfer)
            guard poll.signs(at: 0) != [] else { continue }
            if connection == nil {
                connection = try listener.accept()
            } else if try isHeard(&heard, connection?.number ?? -1) {
                connection = nil
            }
        }
        return text(heard.span.array)
    }

    /// Hears on, and answers when the request is whole; true: the connection is done with.
    private func isHeard(_ heard: inout Buffer, _ number: Int32) throws -> Bool {
        guard try heard.receive(from: number, isSocket: true, limit: 65536) > 0 else { return true }
        guard isWhole(text(heard.span.array)) else { return false }
        var out = Buffer()
        out.append(answer)
        while !out.isEmpty { try out.send(to: number, isSocket: true) }
        return true
    }

    private func isWhole(_ request: String) -> Bool {
        let parts = request.split(separator: "\r\n\r\n", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2 else { return false }
        let lines = parts[0].lowercased()
        if lines.contains("transfer-encoding: chunked") { return parts[1].hasSuffix("0\r\n\r\n") }
        let length = lines.split(separator: "content-length: ").dropFirst().first.flatMap {
            Int($0.prefix { $0.isNumber })
        }
        return parts[1].utf8.count >= length ?? 0
    }
}
