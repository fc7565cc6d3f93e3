// SPDX-License-Identifier: MIT

import HTTP
import KeyLog
import Model
import Settings
import Unix

// Answers that are made in this program.
extension Relay {
    /// Serves what no upstream over HTTP has to answer: an embedded dialect's replies, and the list of models
    /// where it is ours.
    ///
    /// False: it goes upstream.
    mutating func serveHere(
        _ plan: Plan, _ client: inout Client, _ exchange: inout Exchange
    ) throws(Failure) -> Bool {
        if ModelList.isClosed(gateway.settings), serveList(&client, &exchange) { return true }
        guard case .embedded(let side) = plan.dialect.upstream else { return false }
        _ = try Caller.credential(for: plan.upstream, gateway.settings, head, exchange.peer)
        if try serveModels(side.models, plan, &client, &exchange) { return true }
        guard exchange.caller.isConversation(path: exchange.path) else {
            throw Failure(.unknownEndpoint, "Invalid URL (\(head.method) \(head.target.path)).")
        }
        guard head.method == "POST" else {
            throw Failure(.wrongMethod, "\(head.method) is not supported on \(head.target.path); use POST.")
        }
        guard intake.isDone else { return false }
        var request = try exchange.caller.readRequest(intake.held)
        if let model = plan.model { request.model = model }
        try reply(side.reply(to: request), request, &client, &exchange)
        return true
    }

    /// The operator's names, when nothing else can be asked for.
    private func serveList(_ client: inout Client, _ exchange: inout Exchange) -> Bool {
        guard ["GET", "HEAD"].contains(head.method), exchange.path == exchange.caller.modelsPath,
            let list = ModelList(gateway.settings)
        else { return false }
        var body: [UInt8] = []
        list.write(exchange.caller, to: &body)
        exchange.answer(200, ["Content-Type": "application/json"], body, &client)
        return true
    }

    private mutating func serveModels(
        _ names: [String], _ plan: Plan, _ client: inout Client, _ exchange: inout Exchange
    ) throws(Failure) -> Bool {
        guard ["GET", "HEAD"].contains(head.method) else { return false }
        var body: [UInt8] = []
        if exchange.path == exchange.caller.modelsPath {
            exchange.caller.writeModels(names, to: &body)
        } else if let name = Call.modelInPath(exchange.path, exchange.caller) {
            guard names.contains(plan.model ?? name) else { throw Plan.unknown(name) }
            exchange.caller.writeModel(name, to: &body)
        } else {
            return false
        }
        exchange.answer(200, ["Content-Type": "application/json"], body, &client)
        return true
    }

    private func reply(
        _ reply: any EmbeddedReply, _ request: Request, _ client: inout Client, _ exchange: inout Exchange
    ) throws(Failure) {
        var reply = reply
        var writer = exchange.caller.replyWriter(
            for: request, id: String(exchange.id.dropFirst("req_".count)), created: Moment.now().seconds)
        if request.isStreamed {
            try stream(&reply, &writer, &client, &exchange)
        } else {
            var whole = Reply()
            while let event = reply.next() { try whole.fold(event) }
            var body: [UInt8] = []
            writer.write(whole, to: &body)
            exchange.note(whole)
            exchange.answer(200, ["Content-Type": "application/json"], body, &client)
        }
    }

    private func stream(
        _ reply: inout any EmbeddedReply, _ writer: inout any ReplyWriter, _ client: inout Client,
        _ exchange: inout Exchange
    ) throws(Failure) {
        let fields: Fields = [
            "Content-Type": "text/event-stream; charset=utf-8", "Cache-Control": "no-cache",
        ]
        var body = BodyWriter(exchange.begin(200, fields, length: nil, &client))
        var sum = Reply()
        while let event = reply.next() {
            if case .delta = event { try pause(reply.pace, &client) }
            if Finishing.isUrged {
                exchange.caller.end(Relay.stopping, in: &body, to: &client.outbox)
                throw Relay.stopping
            }
            try sum.fold(event)
            var bytes: [UInt8] = []
            writer.write(event, to: &bytes)
            exchange.record.sent += bytes.count
            client.outbox.append { body.write(bytes.span, to: &$0) }
            exchange.note(passing: Usage(), sent: exchange.record.sent)
            guard client.flush(stall: gateway.settings.limits.sendStall) else {
                throw Failure(.callerGone, "The caller has gone.")
            }
        }
        client.outbox.append { _ = body.finish(to: &$0) }
        exchange.note(sum)
        exchange.finish()
    }

    /// Waits, but not for a caller that goes.
    private func pause(_ milliseconds: Int, _ client: inout Client) throws(Failure) {
        guard milliseconds > 0 else { return }
        let deadline = Deadline(in: milliseconds)
        while !deadline.isOver, client.round(isReading: true, until: deadline) {
            if client.isGone || client.hasHungUp { throw Failure(.callerGone, "The caller has gone.") }
        }
    }
}

extension ClientSide {
    /// Ends a stream with an error event.
    fileprivate func end(_ failure: Failure, in body: inout BodyWriter, to out: inout Buffer) {
        var event: [UInt8] = []
        writeFailureEvent(failure, to: &event)
        out.append { bytes in
            body.write(event.span, to: &bytes)
            _ = body.finish(to: &bytes)
        }
    }
}
