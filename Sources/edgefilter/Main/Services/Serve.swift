// SPDX-License-Identifier: MIT

import HTTP
import KeyLog
import Model
import Settings
import Unix

// Our own endpoints.
extension Exchange {
    /// Answers what is asked of ourselves; false: it is for an upstream.
    mutating func serveOurselves(_ head: RequestHead, _ client: inout Client) throws(Failure) -> Bool {
        guard Service.owns(head.target.path) else { return false }
        try Door.checkForm(head)
        let services = Service.at(head.target.path)
        let method = head.method == "HEAD" ? "GET" : head.method
        if method == "OPTIONS" {
            answer(204, ["Allow": Service.methods(services)], [], &client)
            return true
        }
        let gate = Gate(gateway.settings, gateway.page)
        let (service, number) = services.first { $0.service.method == method } ?? (nil, 0)
        // What is not there is told to those only who may know what is.
        let access = (service ?? services.first?.service)?.access ?? .admin
        let (way, grant) = try admit(access, head, gate)
        if let grant { note(grant) }
        guard let service else {
            if services.isEmpty { throw Failure(.unknownEndpoint, "There is no \(head.target.path) here.") }
            throw Failure(
                .wrongMethod,
                "\(head.method) is not supported on \(head.target.path); use \(Service.methods(services)).")
        }
        let given = try Given(
            query: head.target.query, body: try readBody(head, &client),
            type: head.fields["Content-Type"] ?? "")
        let served = try service.act(
            Visit(
                gateway: gateway, gate: gate, head: head, peer: peer, number: number, given: given, way: way,
                grant: grant))
        answer(served.status, served.fields, served.body, &client)
        return true
    }

    private func admit(
        _ access: Service.Access, _ head: RequestHead, _ gate: Gate
    ) throws(Failure) -> (way: Admin.Way?, grant: Grant?) {
        switch access {
        case .anyone: (nil, nil)
        case .admin: (try Admin.admit(head, peer, gate, at: Moment.now().seconds), nil)
        case .holder: (nil, try Caller.holder(of: head, peer, gateway))
        }
    }

    /// All of a small body.
    private mutating func readBody(_ head: RequestHead, _ client: inout Client) throws(Failure) -> [UInt8] {
        var intake = try Intake(head, limit: Exchange.ownBodyLimit, bearsModel: false)
        if head.expectsContinue, !intake.isDone, client.inbox.isEmpty {
            client.outbox.append("HTTP/1.1 100 Continue\r\n\r\n".utf8)
            _ = client.flush(stall: gateway.settings.limits.sendStall)
        }
        let deadline = Deadline(in: gateway.settings.limits.headerTime)
        while true {
            try intake.take(&client.inbox)
            isBodyRead = intake.isDone
            record.received = intake.received
            if intake.isDone { return intake.held }
            guard client.inbox.isEmpty, !client.awaitInput(until: deadline) else { continue }
            if client.isGone { throw Failure(.callerGone, "The caller has gone.") }
            throw client.hasEnded
                ? Failure(BadHTTP(.truncated))
                : Failure(.slowBody, "The request's body did not arrive in time.")
        }
    }

    private static var ownBodyLimit: Int { 64 << 10 }
}

extension Service {
    /// As `Allow` lists them.
    static func methods(_ services: [(service: Service, number: Int)]) -> String {
        var methods = services.map(\.service.method)
        if methods.contains("GET") { methods.append("HEAD") }
        return (methods + ["OPTIONS"]).joined(separator: ", ")
    }
}

extension Caller {
    /// The issued key that the caller holds.
    ///
    /// Throws where there is none, or it is not good.
    static func holder(of head: RequestHead, _ peer: Peer, _ gateway: Gateway) throws(Failure) -> Grant {
        if case .issued(let grant) = try standing(of: head, peer, gateway) { return grant }
        if key(in: head).isEmpty {
            throw Failure(
                .missingKey, "Missing API key. Include 'Authorization: Bearer <your-api-key>' header.")
        }
        throw Failure(.refusedKey, "Invalid API key: this gateway did not issue it.")
    }
}
