// SPDX-License-Identifier: MIT

import HTTP
import JSON
import KeyLog
import Model
import Settings

// Where a request goes, and whether its key allows that.
extension Relay {
    /// Decides where the request goes; nil: what came does not tell yet.
    mutating func choose(_ exchange: inout Exchange) throws(Failure) -> Tries? {
        if gateway.isRouted || isNamed, intake.mayBearModel { return nil }
        let chosen = exchange.grant.flatMap { $0.defaultModel.isEmpty ? nil : $0.defaultModel }
        let standard = bearsModel ? chosen ?? usual(exchange) : nil
        let isNameless = standard != nil && intake.model == nil
        guard intake.isDone || intake.canStream && !isNameless && !isCounted(exchange.grant) else {
            return nil
        }
        let endpoint = exchange.endpoint
        if let standard, isNameless { try intake.putModel(standard) }
        let model = intake.model?.text ?? Call.modelInPath(endpoint.path, endpoint.caller)
        if let grant = exchange.grant { try allow(model, grant) }
        var asked = Asked(endpoint: endpoint, method: head.method, model: model, bearsModel: bearsModel)
        asked.preferred = bearsModel ? chosen.flatMap { exchange.grant?.allows($0) ?? true ? $0 : nil } : nil
        let plan = try Plan(gateway.settings, gateway.providers, asked)
        if exchange.grant != nil { try reserve(&exchange) }
        return Tries(plan.candidates)
    }

    /// The model of a conversation that names none, where its caller need not name one.
    private func usual(_ exchange: borrowing Exchange) -> String? {
        let (caller, path) = (exchange.caller, exchange.path)
        return caller.isConversation(path: path) || caller.isCount(path: path) ? gateway.usualModel : nil
    }

    /// Whether all of the body must be here first, to be counted.
    private func isCounted(_ grant: Grant?) -> Bool {
        bearsModel && grant?.allowance.tokensPerDay ?? 0 > 0
    }

    /// Throws when the key may not use the model.
    ///
    /// A key with a list of models, or with a budget of tokens, cannot change anything at endpoints that are not known to
    /// go by the model that the request names: nobody could tell what a batch comes to.
    private func allow(_ model: String?, _ grant: Grant) throws(Failure) {
        let patterns = grant.allowance.models
        let isBound = !patterns.isEmpty || grant.allowance.tokensPerDay > 0
        if isBound, !bearsModel, !["GET", "HEAD", "OPTIONS"].contains(head.method) {
            throw Failure(
                .modelNotAllowed,
                "This API key is limited by models or tokens, and \(head.method) \(head.target.path) does not go by the model that a request names; it cannot be used there."
            )
        }
        guard let model else {
            // What an upstream takes where none is named, only the upstream knows.
            if bearsModel, !patterns.isEmpty { throw Given.missing("model") }
            return
        }
        if !grant.allows(model) { throw grant.refusal(of: model, param: "model") }
    }

    /// Takes of the key's budget what the request may come to.
    private mutating func reserve(_ exchange: inout Exchange) throws(Failure) {
        guard bearsModel, !exchange.caller.isCount(path: exchange.path) else { return }
        let bytes = intake.isDone ? intake.received : intake.length ?? 0
        var cost = Cost(input: Estimate.tokens(inBytes: bytes))
        if exchange.grant?.allowance.tokensPerDay != 0 { cost = try self.cost(exchange, else: cost) }
        try exchange.reserve(cost)
    }

    /// What the request may come to, as far as it says.
    private func cost(_ exchange: borrowing Exchange, else known: Cost) throws(Failure) -> Cost {
        var cost = known
        let (caller, path) = (exchange.caller, exchange.path)
        guard !head.isForm else { return cost.with(output: 0) }
        // What is not read here would be spent unseen.
        let root = try Failure.reading(intake.held)
        if root["background"]?.bool ?? false {
            throw Failure(
                .modelNotAllowed,
                "This API key is limited by tokens, and nobody would count what runs in the background; leave out 'background'.",
                param: "background")
        }
        guard caller.marksEnd(path: path) else { return cost.with(output: 0) }
        cost.note(root)
        if !caller.isConversation(path: path) {
            cost.prompts = root["prompt"]?.elements.count { $0.kind != .number } ?? 1
        } else if let request = try? caller.readRequest(intake.held) {
            cost.input = Estimate.input(of: request)
        }
        return cost
    }
}

extension Grant {
    /// Whether the key may use a model.
    ///
    /// Some upstreams take several names with commas between them (LiteLLM): each must be allowed.
    func allows(_ model: String) -> Bool {
        if allowance.models.isEmpty { return true }
        return model.split(separator: ",", omittingEmptySubsequences: false).allSatisfy { part in
            let name = String(part.drop { $0 == " " })
            return allowance.models.contains { matches($0, name) }
        }
    }

    /// That it may not.
    ///
    /// `param`: the member that names the model.
    func refusal(of model: String, param: String) -> Failure {
        let shown = allowance.models.prefix(Grant.shownPatterns).joined(separator: ", ")
        let more = allowance.models.count > Grant.shownPatterns ? " and others" : ""
        return Failure(
            .modelNotAllowed,
            "This API key does not have access to the model '\(model)'. It may use: \(shown)\(more).",
            param: param)
    }

    private static let shownPatterns = 8
}
