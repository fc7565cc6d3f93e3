// SPDX-License-Identifier: MIT

import HTTP
import Model
import Settings

// The calls that are made.
extension Call {
    /// The caller's own request, passed on.
    init(relaying head: RequestHead, _ endpoint: Endpoint, to candidate: Candidate, _ credential: Credential)
    {
        let upstream = candidate.upstream
        let passed = Passage.request(
            head.fields, isOurKey: credential.isOurs, isAnthropic: candidate.dialect.name == "anthropic")
        self.init(
            upstream: upstream, method: head.method,
            target: Call.target(of: head, endpoint, candidate),
            fields: Call.fields(passed, credential, candidate))
    }

    /// The path below the upstream's base, with the caller's query and the model's name there.
    private static func target(of head: RequestHead, _ endpoint: Endpoint, _ candidate: Candidate) -> String {
        var path = endpoint.path
        if let model = candidate.model, modelInPath(path, endpoint.caller) != nil {
            path = "\(endpoint.caller.modelsPath)/\(escaped(model))"
        }
        let target = target(path, below: candidate.upstream.base)
        return head.target.query.map { "\(target)?\($0)" } ?? target
    }

    /// A conversation in another dialect: nothing of the caller's fields goes with it (T159).
    init(asking request: Request, of candidate: Candidate, _ side: HTTPSide, _ credential: Credential) {
        let accepted = request.isStreamed ? "text/event-stream" : "application/json"
        var fields = [
            Field("Content-Type", "application/json"), Field("Accept", accepted), Call.userAgent,
        ]
        let own = side.provider.fields(of: request, candidate.provider)
        if side.dialogues != nil { fields.removeAll() }
        fields += own.map { Field($0.name, $0.value) }
        let path = side.provider.path(of: request, candidate.provider)
        self.init(
            upstream: candidate.upstream, method: "POST",
            target: side.dialogues == nil
                ? Call.target(path, below: candidate.upstream.base)
                : Call.below(candidate.upstream.base, path),
            fields: Call.fields(fields.compactMap { $0 }, credential, candidate))
    }

    /// Embeddings, asked for in another dialect.
    init(embedding path: String, at candidate: Candidate, _ credential: Credential) {
        let fields = [
            Field("Content-Type", "application/json"), Field("Accept", "application/json"), Call.userAgent,
        ]
        self.init(
            upstream: candidate.upstream, method: "POST",
            target: Call.target(path, below: candidate.upstream.base),
            fields: Call.fields(fields.compactMap { $0 }, credential, candidate))
    }

    /// A call beside a conversation, at a provider that says all of it.
    init(running errand: Model::Errand, at candidate: Candidate, _ credential: Credential) {
        let fields = errand.fields.compactMap { Field($0.name, $0.value) }
        self.init(
            upstream: candidate.upstream, method: errand.method,
            target: Call.below(candidate.upstream.base, errand.path),
            fields: Call.fields(fields, credential, candidate))
    }

    private static func below(_ base: URL?, _ path: String) -> String { (base?.path ?? "") + path }

    /// The list of an upstream's models.
    init(listing candidate: Candidate, _ side: HTTPSide, _ credential: Credential) {
        if let dialogues = side.dialogues {
            self.init(running: dialogues.inquiry(candidate.provider), at: candidate, credential)
            return
        }
        let nothing = Request(model: "", turns: [], isStreamed: false, wantsUsage: false)
        let own = side.provider.fields(of: nothing, candidate.provider).map { Field($0.name, $0.value) }
        let fields = [Field("Accept", "application/json"), Call.userAgent] + own
        // Anthropic's list comes in pages; this is the longest.
        let query = candidate.dialect.name == "anthropic" ? "?limit=1000" : ""
        self.init(
            upstream: candidate.upstream, method: "GET",
            target: Call.target("/v1/models", below: candidate.upstream.base) + query,
            fields: Call.fields(fields.compactMap { $0 }, credential, candidate))
    }

    /// A conversation over WebSocket: the fields of its handshake; the key is in the path.
    init(
        conversing request: Request, with candidate: Candidate, _ side: HTTPSide, token: String
    ) {
        var fields = [Call.userAgent]
        fields += side.provider.fields(of: request, candidate.provider).map { Field($0.name, $0.value) }
        let base = candidate.upstream.base?.path ?? ""
        self.init(
            upstream: candidate.upstream, method: "GET",
            target: base + side.provider.path(of: request, candidate.provider) + segment(token),
            fields: Call.replaced(fields.compactMap { $0 }, by: candidate.upstream.headers))
    }

    private static let userAgent = Field("User-Agent", "edgefilter/\(version)")

    /// The operator's fields replace others of their names, the key's field among them.
    private static func fields(
        _ fields: [Field], _ credential: Credential, _ candidate: Candidate
    ) -> [Field] {
        if candidate.upstream.headers.isEmpty {
            let key = candidate.side.flatMap { credential.field(for: $0) }
            return key.map { fields + [$0] } ?? fields
        }
        let own = candidate.upstream.headers
        var all = replaced(fields, by: own)
        if let side = candidate.side, let key = credential.field(for: side),
            !own.contains(where: { key.isNamed($0.name) })
        {
            all.append(key)
        }
        return all
    }

    /// The operator's fields in the place of others of their names.
    private static func replaced(_ fields: [Field], by own: [Header]) -> [Field] {
        let own = own.compactMap { Field($0.name, $0.value) }
        let names = Set(own.map { $0.name.lowercased() })
        return fields.filter { !names.contains($0.name.lowercased()) } + own
    }
}

/// A key to send upstream.
struct Credential {
    /// nil: none.
    let key: String?
    /// Whether it is the operator's.
    let isOurs: Bool
    /// Made of it for a path, and as secret; empty: none was.
    var token = ""
    /// Whether the caller sent it as a bearer's.
    private let isBearer: Bool

    /// Throws when the caller may not use this upstream.
    init(for upstream: Upstream, _ exchange: borrowing Exchange, _ head: RequestHead) throws(Failure) {
        key = try Caller.credential(for: upstream, exchange.standing, head, exchange.gateway.settings)
        isOurs = upstream.key != .caller && exchange.gateway.settings.callers != .upstream && key != nil
        isBearer = Caller.bearsKey(head)
    }

    init(key: String?, isOurs: Bool, isBearer: Bool = false) {
        self.key = key
        self.isOurs = isOurs
        self.isBearer = isBearer
    }

    /// The dialect's field; a caller's own token goes as the bearer's that it came as.
    func field(for side: HTTPSide) -> Field? {
        guard let key else { return nil }
        if !isOurs, isBearer, side.dialogues == nil { return Field("Authorization", "Bearer \(key)") }
        return Field(side.keyField.name, side.keyField.prefix + key)
    }
}
