// SPDX-License-Identifier: MIT

import HTTP
import KeyLog
import Model
import Settings
import Unix

/// A model of an upstream, of which a refusal has taught something.
struct Lesson: Hashable {
    /// More are not kept.
    static let limit = 64

    private let upstream: String
    private let model: String

    init(_ upstream: String, _ model: String) {
        self.upstream = upstream
        self.model = model
    }
}

/// A conversation that is translated: as its caller asked, and as the upstream at hand is asked.
struct Conversation {
    /// What the caller asks for.
    let asked: Request
    /// What goes out, for which refusals may ask changes; nil: nothing was made of it for this upstream.
    var sent: Request?
}

extension Relay {
    /// The conversation in the words of the upstream.
    mutating func translate(
        _ transfer: Transfer, _ candidate: Candidate, _ side: HTTPSide, _ credential: Credential,
        _ exchange: inout Exchange
    ) throws(Failure) {
        try checkPost()
        try checkName()
        var asked = try asked(exchange.caller)
        var request = conversation?.sent ?? Relay.outward(asked, candidate, transfer)
        request.isStreamed = asked.isStreamed
        request.isStreamed = side.provider.isStreamed(request, candidate.provider)
        if candidate.provider.has(Flags.asksWhole) { request.isStreamed = false }
        conversation?.sent = request
        asked.dialogue = errands?.dialogue
        request.dialogue = asked.dialogue
        try Relay.checkPairs(asked, candidate.provider)
        var bytes: [UInt8] = []
        let outgoing = try write(request, asked, candidate, side, to: &bytes, &exchange)
        if side.transport == .webSocket {
            let call = Call(conversing: request, with: candidate, side, token: credential.token)
            call.prepare(transfer, message: bytes, gateway.settings.limits)
        } else {
            Call(asking: request, of: candidate, side, credential).prepare(transfer, sending: bytes)
        }
        var pump = Pump(
            asked, from: side.provider.replyReader(for: request, outgoing, candidate.provider), outgoing,
            to: addressee(asked, exchange), limits: gateway.settings.limits)
        if let waiting { pump.goOn(with: waiting) }
        passing = pump
    }

    /// What the caller asks for, of which it is sure that the upstream can be asked for it.
    mutating func checked(_ candidate: Candidate, _ exchange: inout Exchange) throws(Failure) -> Request {
        try checkPost()
        try checkName()
        let asked = try asked(exchange.caller)
        guard let side = candidate.side else { return asked }
        try Relay.checkPairs(asked, candidate.provider)
        var bytes: [UInt8] = []
        _ = try write(Relay.outward(asked, candidate), asked, candidate, side, to: &bytes, &exchange)
        return asked
    }

    /// What the caller asks for, read once.
    mutating func asked(_ caller: any ClientSide) throws(Failure) -> Request {
        if let known = conversation { return known.asked }
        var request = try caller.readRequest(intake.held)
        request.size = intake.received
        for mention in caller.mentions(in: head.fields) {
            request.mentions.note(mention.feature, as: mention.member, at: mention.path)
        }
        conversation = Conversation(asked: request)
        return request
    }

    /// What this upstream is asked for.
    static func outward(_ asked: Request, _ candidate: Candidate, _ transfer: Transfer? = nil) -> Request {
        var request = asked
        if let model = candidate.model { request.model = model }
        request.amends = transfer?.lessons[Lesson(candidate.upstream.name, request.model)] ?? []
        return request
    }

    /// What a refusal asked to be done otherwise, and helped, holds for the connection's later requests.
    func learn(_ transfer: Transfer, _ candidate: Candidate) {
        guard let sent = conversation?.sent, !sent.amends.isEmpty, transfer.lessons.count < Lesson.limit
        else {
            return
        }
        transfer.lessons[Lesson(candidate.upstream.name, sent.model)] = sent.amends
    }

    private static func checkPairs(_ asked: Request, _ provider: Provider) throws(Failure) {
        if let fault = asked.unpaired, !provider.has(Flags.repairsHistory) { throw fault }
    }

    /// Writes it, and notes what does not arrive.
    private func write(
        _ request: Request, _ asked: Request, _ candidate: Candidate, _ side: HTTPSide,
        to bytes: inout [UInt8], _ exchange: inout Exchange
    ) throws(Failure) -> Outgoing {
        let (outgoing, losses) = try side.provider.write(
            request, asked: asked, for: candidate.provider,
            isOwn: candidate.dialect.name == exchange.caller.name,
            isStrict: gateway.settings.strict, to: &bytes)
        exchange.losses = losses
        guard candidate.isStandIn, !losses.contains(where: { $0.feature == .model }) else { return outgoing }
        exchange.losses += try asked.losses([.model], isStrict: gateway.settings.strict)
        return outgoing
    }

    func addressee(_ asked: Request, _ exchange: borrowing Exchange) -> Addressee {
        let id = String(exchange.id.dropFirst("req_".count))
        let writer = exchange.caller.replyWriter(for: asked, id: id, created: Moment.now().seconds)
        return Addressee(client: exchange.caller, writer: writer)
    }

    /// What becomes of an upstream's list of models.
    func listing(_ candidate: Candidate, _ side: HTTPSide, _ exchange: borrowing Exchange) -> Listing {
        let caller = exchange.caller
        let asked = Call.modelInPath(exchange.path, caller)
        let own = ModelList(gateway.settings)?.offers ?? []
        let (model, grant) = (candidate.model, exchange.grant)
        return Listing { (body) throws(Failure) in
            guard let names = side.provider.readModels(body) else { return nil }
            var out: [UInt8] = []
            if let asked {
                guard names.contains(model ?? asked) else { throw Plan.unknown(asked) }
                caller.writeModel(asked, to: &out)
            } else {
                let all = Catalogue(names.map { Catalogue.Offer($0) }).behind(own)
                caller.writeModels(all.shown(to: grant), to: &out)
            }
            return Listing.Told(body: out)
        }
    }

    /// The provider's list in its own words, for the holder of a key that may use some models only.
    func narrowListing(_ exchange: borrowing Exchange) -> Listing {
        let (caller, grant) = (exchange.caller, exchange.grant ?? Grant())
        let own = ModelList(gateway.settings)
        return Listing { (body) throws(Failure) in
            ModelList.narrow(body, to: grant, own, caller).map { Listing.Told(body: $0) }
        }
    }
}
