// SPDX-License-Identifier: MIT

import HTTP
import KeyLog
import Model
import Settings
import Unix

/// One request and its answer: what may be sent, what was, and what is kept of it.
struct Exchange: ~Copyable {
    let gateway: Gateway
    /// nil: what came was no request.
    let head: RequestHead?
    let peer: Peer
    /// Whose words the caller speaks, and the path as we understand it.
    let endpoint: Endpoint
    let id: String
    /// The key that came with it; empty: none.
    let key: String
    /// Where it comes from, for a person.
    let address: String
    var record = Record()
    /// Whether the connection can serve another request afterwards.
    private var keeps: Bool
    private(set) var isHeadOut = false
    /// Whether the answer is a stream of events.
    private(set) var isStreamed = false
    /// What of the request did not arrive at its provider.
    var losses: [Loss] = []
    /// What a provider is still to be told after the caller has all.
    var errands: Errands?
    /// Who asks, once that was looked at.
    var standing = Standing.own("")
    /// What it takes of limits.
    var share = Share()
    /// How much the caller's end will have taken when it has the last event of its stream.
    private var told: Int?
    /// Whether the request's body has come to its end; if not, what follows must not be taken for a request.
    var isBodyRead: Bool
    private let start = Monotonic.now()
    private let cors: CORS

    /// Where the acceptor finds the record when we cannot write it.
    let slot: Slot?

    init(_ gateway: Gateway, _ head: RequestHead?, _ peer: Peer, isLast: Bool, slot: Slot? = nil) {
        self.gateway = gateway
        self.head = head
        self.peer = peer
        endpoint = Endpoint(head)
        id = Exchange.newID()
        key = head.map(Caller.key) ?? ""
        address = head.map { Caller.address(in: $0, peer, gateway.settings) } ?? peer.address
        isBodyRead = head.map { $0.framing == Framing.none || $0.framing == .counted(0) } ?? true
        keeps = !isLast && head?.keepsAlive ?? false
        let isClosed = head.map { Service.isClosed($0.target.path) } ?? false
        cors = isClosed ? .none : CORS(gateway.settings, peer, origin: head?.fields["Origin"])
        record.id = id
        record.client = endpoint.caller.name
        record.method = head?.method ?? ""
        self.slot = slot
        if !key.isEmpty {
            record.key = gateway.keyHash.hash(of: Array(key.utf8))
            record.pepper = gateway.pepper
        }
        record.endpoint = withoutKey(endpoint.recorded(head?.target.path ?? ""))
    }

    var caller: any ClientSide { endpoint.caller }
    var path: String { endpoint.path }

    /// A text for the record and the log, without the key that a caller put there by mistake (promise 7).
    ///
    /// What is too short for a key is a word, such as `any`, which stands within other words.
    func withoutKey(_ text: String) -> String {
        guard key.utf8.count >= Exchange.shortestKey, text.utf8.count >= key.utf8.count else { return text }
        return text.replacing(key, with: "***")
    }

    private static let shortestKey = 16

    private static func newID() -> String {
        var id = idStart
        id.reserveCapacity(24)
        for byte in randomBytes(20) { id.append(alphabet[Int(byte) % alphabet.count]) }
        return String(decoding: id, as: UTF8.self)
    }

    private static let idStart = Array("req_".utf8)
    private static let alphabet = Array("0123456789abcdefghijklmnopqrstuvwxyz".utf8)

    /// Serves the request, whatever it takes; every way out leaves an answer or a caller that has gone.
    mutating func run(_ client: inout Client, _ upstreams: inout Upstreams?) {
        slot?.open(record, at: .now())
        logStart()
        do throws(Failure) {
            try serve(&client, &upstreams)
        } catch {
            fail(error, &client)
        }
    }

    private mutating func serve(_ client: inout Client, _ upstreams: inout Upstreams?) throws(Failure) {
        guard let head else { return }
        try Door.checkMethod(head)
        if try answerLocally(head, &client) { return }
        if try serveOurselves(head, &client) { return }
        try Door.check(gateway.settings, head, peer)
        if head.target.path == Exchange.metricsPath { return try answerMetrics(head, &client) }
        try gateway.guise.check(head)
        try admit(head)
        try Door.checkUpgrade(head)
        if try answerSessions(head, &client) { return }
        var relay = try Relay(self, head)
        try relay.run(&client, &upstreams, &self)
    }

    /// Ends a request with an error: as an answer while none has begun; otherwise the connection just ends,
    /// which the caller can see.
    mutating func fail(_ failure: Failure, _ client: inout Client) {
        let failure = gateway.guise.dressed(failure, head)
        log(failure)
        record.code = failure.code.rawValue
        record.ended = failure.code == .callerGone || failure.code == .callerStalled ? "gone" : "failed"
        // Who guesses needs a connection for each guess.
        if Exchange.guesses.contains(failure.code) { keeps = false }
        guard !isHeadOut, record.ended != "gone" else {
            keeps = false
            return
        }
        let status = caller.status(of: failure)
        var fields = explanation(of: failure, status)
        if failure.code == .adminOnly, path == "/admin", head?.prefersPage ?? false {
            let page = AdminPage.closed
            for field in page.fields { fields.append(field) }
            return answer(status, fields, page.body, &client)
        }
        var body: [UInt8] = []
        caller.writeFailure(failure, id: id, to: &body)
        fields.append("Content-Type", "application/json")
        answer(status, fields, body, &client)
    }

    /// What the head says of a failure, beside the status that tells it.
    private func explanation(of failure: Failure, _ status: Int) -> Fields {
        var fields: Fields = ["x-edgefilter-code": "\(failure.code.rawValue)"]
        if let seconds = failure.retryAfter { fields.append("Retry-After", "\(seconds)") }
        if failure.isFinal || record.attempts.count > 1 { fields.append("x-should-retry", "false") }
        if status == 405 { fields.append("Allow", allowed) }
        // RFC 9110 section 15.5.22: what is to be spoken.
        if failure.code == .webSocket {
            fields.append("Upgrade", "HTTP/1.1")
            fields.append("Connection", "upgrade")
        }
        return fields
    }

    /// What a guessed key fails with.
    static let guesses: Set<Failure.Code> = [.adminKey, .malformedKey, .unknownKey, .refusedKey]

    /// The methods that the path knows.
    private var allowed: String {
        if Exchange.pages[record.endpoint] != nil { return "GET, HEAD, OPTIONS" }
        if Service.owns(record.endpoint) { return Service.methods(Service.at(record.endpoint)) }
        return caller.isConversation(path: path) ? "POST, OPTIONS" : Door.methods.joined(separator: ", ")
    }

    /// Sends a whole answer of our own.
    mutating func answer(_ status: Int, _ fields: Fields, _ body: [UInt8], _ client: inout Client) {
        let framing = begin(status, fields, length: body.count, &client)
        var writer = BodyWriter(framing)
        client.outbox.append { out in
            writer.write(body.span, to: &out)
            _ = writer.finish(to: &out)
        }
        if framing != .none { record.sent = body.count }
        if record.ended.isEmpty { record.ended = "complete" }
    }

    /// The answer has come to its end, as it should.
    mutating func finish() { record.ended = "complete" }

    /// The stream's last event is behind what waits for the caller now.
    mutating func noteTold(_ client: borrowing Client) { told = told ?? client.sent + client.outbox.count }

    /// Whether the caller had its stream's last event, so that it lost nothing by leaving.
    func hasTold(_ client: borrowing Client) -> Bool { told.map { $0 <= client.sent } ?? false }

    /// Sends the head of an answer.
    ///
    /// `length`: of the content, nil when it is not known yet; the framing that results is what the content
    /// must be written in.
    mutating func begin(
        _ status: Int, _ fields: Fields, length: Int?, _ client: inout Client
    ) -> BodyWriter.Framing {
        var answer = ResponseHead(status, fields)
        let framing = self.framing(status, length)
        if status >= 200, status != 204, status != 304 { answer.fields.describe(framing, length) }
        if framing == .untilClose || !isBodyRead { keeps = false }
        cors.mark(&answer.fields)
        if !answer.fields.contains("Date") {
            answer.fields.append("Date", raw: HTTPDate.bytes(Moment.now().seconds))
        }
        if !answer.fields.contains(caller.requestIDField) { answer.fields.append(caller.requestIDField, id) }
        if !losses.isEmpty { answer.fields.append("x-edgefilter-loss", losses.told) }
        tellQuotas(&answer.fields)
        if !keeps {
            answer.fields.append("Connection", "close")
        } else if head?.version == .http10 || gateway.settings.profile == .anuneko {
            answer.fields.append("Connection", "keep-alive")
        }
        client.outbox.append { answer.write(to: &$0) }
        isHeadOut = true
        isStreamed = answer.isStream
        record.status = status
        record.first = elapsed
        slot?.noteNumbers(record)
        return framing
    }

    private func framing(_ status: Int, _ length: Int?) -> BodyWriter.Framing {
        if head?.method == "HEAD" || status == 204 || status == 304 { return .none }
        if let length { return .counted(length) }
        return head?.version == .http11 ? .chunked : .untilClose
    }

    /// The connection must not serve another request.
    mutating func mustClose() { keeps = false }

    private var elapsed: Int { (Monotonic.now() - start) / 1_000_000 }

    /// Sends what is left, writes the record, and says whether the connection can go on.
    mutating func close(_ client: inout Client, _ upstreams: Upstreams? = nil) -> Bool {
        // Before the caller sees the end: its next request finds what is left.
        settle()
        if let slot { gateway.meter?.page.leave(slot) }
        if !client.flush(stall: gateway.settings.limits.sendStall), record.ended == "complete",
            !hasTold(client)
        {
            record.ended = "gone"
            record.code = Failure.Code.callerGone.rawValue
        }
        record.milliseconds = elapsed
        logEnd()
        logDetails()
        writeRecord()
        if let errands {
            if !keeps { client.sendLast() }
            errands.settle(upstreams, gateway.diagnostics)
            self.errands = nil
        }
        if !keeps { client.linger() }
        return keeps && !client.isGone
    }
}

extension [Loss] {
    /// The members, each once, for a field of an answer: at most so many, and how many more.
    fileprivate var told: String {
        var members: [String] = []
        for loss in self where !members.contains(loss.member) { members.append(loss.member) }
        let shown = members.prefix(Self.most).map(\.asToken)
        let more = members.count > Self.most ? ["+\(members.count - Self.most)"] : []
        return (shown + more).joined(separator: ", ")
    }

    private static var most: Int { 16 }
}

extension String {
    /// What a caller may have named, as a field of an answer can hold it.
    fileprivate var asToken: String {
        let bytes = utf8.prefix(64).map { (0x21...0x7E).contains($0) && $0 != UInt8(ascii: ",") ? $0 : 0x3F }
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension Fields {
    /// Says how the content is delimited.
    fileprivate mutating func describe(_ framing: BodyWriter.Framing, _ length: Int?) {
        if framing == .chunked {
            append("Transfer-Encoding", "chunked")
        } else if let length {
            append("Content-Length", String(length))
        }
    }
}
