// SPDX-License-Identifier: MIT

import HTTP
import Model
import Settings

/// Where a request goes: which upstream, in which dialect, asking for which model.
///
/// A class, since it is looked at for every event and never changes.
final class Plan {
    let upstream: Upstream
    let dialect: Dialect
    /// The model's name as the caller wrote it.
    let asked: String?
    /// The name to ask for instead; nil: the caller's own.
    let model: String?

    /// Chooses by the model's name.
    ///
    /// `bearsModel`: the endpoint demands one.
    init(_ settings: Settings, model asked: String?, bearsModel: Bool) throws(Failure) {
        let target = try Plan.target(settings, asked, bearsModel)
        guard let upstream = settings.upstream(target.upstream) else {
            throw Failure(.internalError, "The upstream '\(target.upstream)' is not configured.")
        }
        guard let dialect = builtIn(upstream.dialect) else {
            throw Failure(.internalError, "The dialect '\(upstream.dialect)' is not built in.")
        }
        self.upstream = upstream
        self.dialect = dialect
        self.asked = asked
        model = target.model == asked ? nil : target.model
    }

    static func unknown(_ model: String) -> Failure {
        Failure(
            .unknownModel, "The model '\(model)' does not exist or you do not have access to it.",
            param: "model")
    }

    /// Endpoints that know no model go to the first upstream.
    private static func target(
        _ settings: Settings, _ asked: String?, _ bearsModel: Bool
    ) throws(Failure) -> Settings::Target {
        if let target = settings.route(for: asked)?.targets.first { return target }
        if let asked { throw unknown(asked) }
        guard !bearsModel, let first = settings.upstreams.first else {
            throw Failure(.missingMember, "Missing required parameter: 'model'.", param: "model")
        }
        return Settings::Target(upstream: first.name)
    }
}
