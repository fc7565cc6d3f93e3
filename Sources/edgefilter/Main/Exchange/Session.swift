// SPDX-License-Identifier: MIT

import HTTP
import KeyLog
import Model
import Settings
import Unix

/// One connection: exchanges, one after the other, until one of them or the caller says close.
struct Session: ~Copyable {
    private let gateway: Gateway
    private var client: Client
    private var upstreams: Upstreams?
    private let slot: Slot?
    private var count = 0
    /// The worst that the caller did.
    private(set) var offence = Penalties.Offence.none

    init(_ gateway: Gateway, _ client: consuming Client, _ slot: Slot?, _ upstreams: Upstreams?) {
        self.gateway = gateway
        self.client = client
        self.slot = slot
        self.upstreams = upstreams
    }

    /// Serves the connection to its end.
    mutating func run() {
        let end = Deadline(in: gateway.settings.limits.connectionTime)
        repeat {
            count += 1
        } while serve(isLast: count >= gateway.settings.limits.requestsPerConnection || end.isOver)
    }

    /// One exchange; false when it was the last.
    private mutating func serve(isLast: Bool) -> Bool {
        do throws(Failure) {
            guard let head = try readHead() else {
                // Before this process is taken down: the sooner the caller knows, the fewer requests meet a close.
                client.sendLast()
                return false
            }
            var exchange = Exchange(
                gateway, head, client.peer, isLast: isLast || Finishing.isAsked, slot: slot)
            exchange.run(&client, &upstreams)
            note(exchange.record.code)
            return exchange.close(&client, upstreams)
        } catch {
            refuse(error)
            return false
        }
    }

    /// Waits for a head.
    ///
    /// nil: the caller has nothing more to ask.
    private mutating func readHead() throws(Failure) -> RequestHead? {
        let limits = gateway.settings.limits
        var reader = HeadReader(headLimits())
        var deadline = Deadline(in: count == 1 ? limits.headerTime : limits.keepalive)
        while true {
            let wasEmpty = reader.isEmpty
            client.inbox.drop(try Failure.atDoor { () throws(BadHTTP) in try reader.read(client.inbox.span) })
            if let head = reader.head { return head }
            if wasEmpty, !reader.isEmpty { deadline = min(deadline, Deadline(in: limits.headerTime)) }
            guard !awaitInput(isIdle: reader.isEmpty, until: deadline) else { continue }
            if reader.isEmpty || client.isGone { return nil }
            throw client.hasEnded
                ? Failure(BadHTTP(.truncated))
                : Failure(.slowHead, "The request's head did not arrive in time.")
        }
    }

    /// Sends what is held and waits for more; false when none comes.
    ///
    /// Who is asked to finish waits for no other request, but serves one that is here.
    private mutating func awaitInput(isIdle: Bool, until deadline: Deadline) -> Bool {
        guard client.flush(stall: gateway.settings.limits.sendStall) else { return false }
        guard isIdle else { return client.awaitInput(until: deadline) }
        Finishing.isIdle = true
        defer { Finishing.isIdle = false }
        return client.awaitInput(until: Finishing.isAsked ? .past : deadline)
    }

    /// Remembers what a failure says of the caller.
    private mutating func note(_ code: Int) {
        let sort = Failure.Code(rawValue: code).flatMap { Session.offences[$0] } ?? .none
        if sort.cost > offence.cost { offence = sort }
    }

    private static let offences: [Failure.Code: Penalties.Offence] = [
        .missingKey: .key, .refusedKey: .key, .malformedKey: .key, .unknownKey: .key, .adminKey: .key,
        .badHTTP: .garbage, .slowHead: .silence, .slowBody: .silence,
    ]

    private func headLimits() -> HTTP.Limits {
        let limits = gateway.settings.limits
        var door = HTTP.Limits()
        door.requestLine = limits.line
        door.fieldLine = limits.line
        door.head = limits.head
        door.fields = limits.fields
        return door
    }

    /// Answers what is no request at all.
    private mutating func refuse(_ failure: Failure) {
        var exchange = Exchange(gateway, nil, client.peer, isLast: true, slot: slot)
        exchange.fail(failure, &client)
        note(failure.code.rawValue)
        _ = exchange.close(&client)
    }
}

extension Failure {
    /// What was wrong at the door, in the caller's terms.
    init(_ bad: BadHTTP) {
        let code: Code = bad.reason == .bodyTooLarge ? .bodyTooLarge : .badHTTP
        let hint = Failure.limits[bad.reason].map {
            String(bad.description.dropLast()) + " (operator: see \($0))."
        }
        self.init(code, hint ?? bad.description, status: bad.status)
    }

    /// The settings by which something is too much.
    private static let limits: [BadHTTP.Reason: String] = [
        .bodyTooLarge: "limits.body", .headTooLarge: "limits.head", .targetTooLong: "limits.line",
        .fieldTooLong: "limits.line", .tooManyFields: "limits.fields",
    ]

    /// Runs what HTTP may refuse.
    static func atDoor<T: ~Copyable>(_ work: () throws(BadHTTP) -> T) throws(Failure) -> T {
        do throws(BadHTTP) { return try work() } catch { throw Failure(error) }
    }
}
