// SPDX-License-Identifier: MIT

import HTTP
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
        asked.preferred = bearsModel ? chosen : nil
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
    /// A key with a list of models, or with a budget of tokens, cannot change anything by requests that name
    /// no model:
    /// nobody could tell what they come to.
    private func allow(_ model: String?, _ grant: Grant) throws(Failure) {
        let patterns = grant.allowance.models
        guard let model else {
            let isBound = !patterns.isEmpty || grant.allowance.tokensPerDay > 0
            if !isBound || bearsModel || ["GET", "HEAD", "OPTIONS"].contains(head.method) { return }
            throw Failure(
                .modelNotAllowed,
                "This API key is limited by models or tokens, and \(head.target.path) names no model; it cannot be used there."
            )
        }
        if patterns.isEmpty || patterns.contains(where: { matches($0, model) }) { return }
        let shown = patterns.prefix(Relay.shownPatterns).joined(separator: ", ")
        let more = patterns.count > Relay.shownPatterns ? " and others" : ""
        throw Failure(
            .modelNotAllowed,
            "This API key does not have access to the model '\(model)'. It may use: \(shown)\(more).",
            param: "model")
    }

    private static let shownPatterns = 8

    /// Takes of the key's budget what the request may come to.
    private mutating func reserve(_ exchange: inout Exchange) throws(Failure) {
        guard bearsModel, !exchange.caller.isCount(path: exchange.path) else { return }
        let bytes = intake.isDone ? intake.received : intake.length ?? 0
        var (input, output): (Int, Int?) = (Estimate.tokens(inBytes: bytes), nil)
        let isConversation = exchange.caller.isConversation(path: exchange.path)
        if exchange.grant?.allowance.tokensPerDay != 0 {
            if isConversation, let request = try? exchange.caller.readRequest(intake.held) {
                input = Estimate.input(of: request)
                output = request.outputLimit.map { Record.sane($0) * max(1, request.sampling.count ?? 1) }
            } else if !isConversation {
                output = 0
            }
        }
        try exchange.reserve(input: input, output: output)
    }
}
