// SPDX-License-Identifier: MIT

import HTTP
import KeyLog
import Model
import Settings
import Unix

// Answers that are made in this program.
extension Relay {
    /// Serves what no upstream over HTTP has to answer: an embedded dialect's replies, the list of models
    /// where it is ours, counts of tokens, and what the upstream's dialect has no place for.
    ///
    /// False: it goes upstream.
    mutating func serveHere(
        _ candidate: Candidate, _ client: inout Client, _ exchange: inout Exchange
    ) throws(Failure) -> Bool {
        if serveList(&client, &exchange) { return true }
        switch candidate.road {
        case .relay, .translation, .embeddings: return false
        case .list:
            guard let side = candidate.side else { return false }
            if side.dialogues != nil || !side.models.isEmpty {
                _ = try Caller.credential(for: candidate.upstream, exchange.standing, head, gateway.settings)
            }
            if let dialogues = side.dialogues {
                return try serveCatalogue(candidate, dialogues, &client, &exchange)
            }
            if try serveOwnList(candidate, side, &client, &exchange) { return true }
            if side.models.isEmpty { return false }
            let all = Catalogue(side.models).behind(ModelList(gateway.settings)?.offers ?? [])
            if try serveModels(all, candidate, &client, &exchange) { return true }
            throw unknown
        case .none: throw unknown
        case .count: return try serveCount(&client, &exchange)
        case .embedded(let side): return try serve(side, candidate, &client, &exchange)
        }
    }

    private var unknown: Failure {
        Failure(.unknownEndpoint, "Invalid URL (\(head.method) \(head.target.path)).")
    }

    private mutating func serve(
        _ side: any EmbeddedSide, _ candidate: Candidate, _ client: inout Client, _ exchange: inout Exchange
    ) throws(Failure) -> Bool {
        _ = try Caller.credential(for: candidate.upstream, exchange.standing, head, gateway.settings)
        let catalogue = Catalogue(side.models.map { gateway.settings.offer($0) })
        if try serveModels(catalogue, candidate, &client, &exchange) { return true }
        if exchange.caller.isCount(path: exchange.path) { return try serveCount(&client, &exchange) }
        guard exchange.caller.isConversation(path: exchange.path) else { throw unknown }
        try checkPost()
        guard intake.isDone else { return false }
        var request = try exchange.caller.readRequest(intake.held)
        if let model = candidate.model { request.model = model }
        try reply(side.reply(to: request), request, &client, &exchange)
        return true
    }

    func checkPost() throws(Failure) {
        guard head.method == "POST" else {
            throw Failure(.wrongMethod, "\(head.method) is not supported on \(head.target.path); use POST.")
        }
    }

    /// Estimates the tokens of a conversation, which a provider of another dialect would bill (T161).
    private func serveCount(_ client: inout Client, _ exchange: inout Exchange) throws(Failure) -> Bool {
        try checkPost()
        guard intake.isDone else { return false }
        var body: [UInt8] = []
        let request = try exchange.caller.readCount(intake.held)
        exchange.caller.writeCount(Estimate.input(of: request), to: &body)
        exchange.answer(200, .ofJSON, body, &client)
        return true
    }

    /// The operator's names, when nothing else can be asked for.
    private func serveList(_ client: inout Client, _ exchange: inout Exchange) -> Bool {
        guard ["GET", "HEAD"].contains(head.method), exchange.path == exchange.caller.modelsPath,
            ModelList.isClosed(gateway.settings), let list = ModelList(gateway.settings)
        else { return false }
        var body: [UInt8] = []
        exchange.caller.writeModels(Catalogue(list.offers).shown(to: exchange.grant), to: &body)
        exchange.answer(200, .ofJSON, body, &client)
        return true
    }

    /// The models of a provider that has no list to ask for; false: it has one.
    private mutating func serveOwnList(
        _ candidate: Candidate, _ side: HTTPSide, _ client: inout Client, _ exchange: inout Exchange
    ) throws(Failure) -> Bool {
        guard let own = side.provider.ownModels(candidate.provider) else { return false }
        let named = ModelList(gateway.settings)?.offers ?? []
        var all = Catalogue(own.map { Catalogue.Offer($0) }).behind(named)
        // A name of the operator's own is one, whatever it is called upstream.
        if let asked = Call.modelInPath(exchange.path, exchange.caller),
            named.contains(where: { $0.name == asked })
        {
            all.offers.append(Catalogue.Offer(candidate.model ?? asked))
        }
        if try serveModels(all, candidate, &client, &exchange) { return true }
        throw unknown
    }

    private mutating func serveModels(
        _ catalogue: Catalogue, _ candidate: Candidate, _ client: inout Client, _ exchange: inout Exchange
    ) throws(Failure) -> Bool {
        guard ["GET", "HEAD"].contains(head.method) else { return false }
        var body: [UInt8] = []
        if exchange.path == exchange.caller.modelsPath {
            exchange.caller.writeModels(catalogue.shown(to: exchange.grant), to: &body)
        } else if let name = Call.modelInPath(exchange.path, exchange.caller) {
            let known = catalogue.offers.map(\.name)
            guard known.contains(candidate.model ?? name) else { throw Plan.unknown(name) }
            exchange.caller.writeModel(gateway.settings.offer(name), to: &body)
        } else {
            return false
        }
        exchange.answer(200, .ofJSON, body, &client)
        return true
    }

    private func reply(
        _ reply: any EmbeddedReply, _ request: Request, _ client: inout Client, _ exchange: inout Exchange
    ) throws(Failure) {
        var reply = reply
        var writer = addressee(request, exchange).writer
        if request.isStreamed {
            try stream(&reply, &writer, &client, &exchange)
        } else {
            var whole = Reply()
            while let event = reply.next() { try whole.fold(event) }
            var body: [UInt8] = []
            writer.write(whole, to: &body)
            exchange.note(whole)
            exchange.answer(200, .ofJSON, body, &client)
        }
    }

    private func stream(
        _ reply: inout any EmbeddedReply, _ writer: inout any ReplyWriter, _ client: inout Client,
        _ exchange: inout Exchange
    ) throws(Failure) {
        var body = BodyWriter(exchange.begin(200, .ofStream, length: nil, &client))
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
