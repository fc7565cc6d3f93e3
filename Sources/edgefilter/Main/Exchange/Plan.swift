// SPDX-License-Identifier: MIT

import HTTP
import Model
import Settings
import Unix

/// What a request says of where it is to go.
struct Asked {
    let endpoint: Endpoint
    let method: String
    /// The model's name as the caller wrote it.
    let model: String?
    /// Whether the endpoint demands one.
    let bearsModel: Bool
    /// What the holder of the key has chosen in the place of the operator's choice for models that have no
    /// name of their own here; nil: nothing.
    var preferred: String?
}

/// Where a request may go: upstreams in the order in which they are tried.
struct Plan {
    /// Never empty.
    let candidates: [Candidate]
    /// The model's name as the caller wrote it.
    let asked: String?

    /// Chooses by the model's name.
    ///
    /// `providers`: by the names of their upstreams.
    init(_ settings: Settings, _ providers: [String: Provider], _ asked: Asked) throws(Failure) {
        var candidates: [Candidate] = []
        for target in try Plan.targets(settings, asked) {
            let target = Plan.preferring(asked.preferred, to: target, settings, asked)
            candidates.append(try Plan.candidate(target, settings, providers, asked))
        }
        self.candidates = candidates
        self.asked = asked.model
    }

    /// Where the operator forces a name on whatever is asked for, the caller's own choice is forced instead.
    private static func preferring(
        _ preferred: String?, to target: Settings::Target, _ settings: Settings, _ asked: Asked
    ) -> Settings::Target {
        guard let preferred, target.model != nil, settings.route(for: asked.model)?.isExact == false else {
            return target
        }
        var target = target
        target.model = preferred
        return target
    }

    private static func candidate(
        _ target: Settings::Target, _ settings: Settings, _ providers: [String: Provider], _ asked: Asked
    ) throws(Failure) -> Candidate {
        guard let upstream = settings.upstream(target.upstream) else {
            throw Failure(.internalError, "The upstream '\(target.upstream)' is not configured.")
        }
        guard let dialect = builtIn(upstream.dialect), dialect.upstream != nil else {
            throw Failure(.internalError, "The dialect '\(upstream.dialect)' is not built in.")
        }
        let provider = providers[upstream.name] ?? Provider(name: upstream.name)
        let isRelayed = isRelayed(asked.endpoint, upstream, provider, settings.profile)
        let road = Candidate.Road(asked, to: dialect, isRelayed: isRelayed)
        if case .translation = road, let model = standIn(target, settings, dialect, provider, asked) {
            return Candidate(upstream, dialect, provider, model: model, isStandIn: true, road: road)
        }
        return Candidate(
            upstream, dialect, provider, model: target.model == asked.model ? nil : target.model, road: road)
    }

    /// What stands in for a model that neither the operator nor the upstream's dialect knows; nil: nothing
    /// has to.
    private static func standIn(
        _ target: Settings::Target, _ settings: Settings, _ dialect: Dialect, _ provider: Provider,
        _ asked: Asked
    ) -> String? {
        guard target.model == nil, let model = asked.model, case .http(let side)? = dialect.upstream,
            !settings.routes.contains(where: { $0.isExact && $0.pattern == model })
        else { return nil }
        return side.provider.standIn(for: model, provider)
    }

    /// Whether both sides speak one dialect on this path.
    ///
    /// OpenAI's two share all but the conversations; many look-alikes have only the one.
    static func isRelayed(_ endpoint: Endpoint, _ upstream: Upstream, _ gateway: Gateway) -> Bool {
        let provider = gateway.providers[upstream.name] ?? Provider(name: upstream.name)
        return isRelayed(endpoint, upstream, provider, gateway.settings.profile)
    }

    private static func isRelayed(
        _ endpoint: Endpoint, _ upstream: Upstream, _ provider: Provider, _ profile: Profile
    ) -> Bool {
        switch (endpoint.caller.name, upstream.dialect) {
        case ("responses", "openai"):
            provider.flags.contains(Flags.responses) || upstream.base?.host == "api.openai.com"
                || profile == .bartender
        case ("openai", "responses"): !endpoint.caller.isConversation(path: endpoint.path)
        case (let caller, let dialect): caller == dialect
        }
    }

    static func unknown(_ model: String) -> Failure {
        Failure(
            .unknownModel, "The model '\(model)' does not exist or you do not have access to it.",
            param: "model")
    }

    /// Endpoints that know no model go to the first upstream.
    ///
    /// What may change something and names no model, such as the upload of a file, is tried at one upstream
    /// alone.
    private static func targets(
        _ settings: Settings, _ asked: Asked
    ) throws(Failure) -> [Settings::Target] {
        if let route = settings.route(for: asked.model), !route.targets.isEmpty {
            let targets = route.isWeighted ? drawn(route.targets, by: random()) : route.targets
            let isFirm = asked.model != nil || asked.bearsModel || ["GET", "HEAD"].contains(asked.method)
            return isFirm ? targets : Array(targets.prefix(1))
        }
        if let model = asked.model { throw unknown(model) }
        guard !asked.bearsModel, let first = settings.upstreams.first else {
            throw Failure(.missingMember, "Missing required parameter: 'model'.", param: "model")
        }
        return [Settings::Target(upstream: first.name)]
    }

    /// One of the targets by its share comes first, the others follow in their order.
    ///
    /// `number`: any, each as likely as another.
    static func drawn(_ targets: [Settings::Target], by number: UInt64) -> [Settings::Target] {
        let sum = targets.reduce(0) { $0 + UInt64($1.weight) }
        guard sum > 0 else { return targets }
        var point = number % sum
        var rest = targets
        for (index, target) in targets.enumerated() {
            if point < UInt64(target.weight) {
                let first = rest.remove(at: index)
                return [first] + rest
            }
            point -= UInt64(target.weight)
        }
        return targets
    }

    private static func random() -> UInt64 { randomBytes(8).reduce(0) { $0 << 8 | UInt64($1) } }
}
