// SPDX-License-Identifier: MIT

/// Something of a request that did not arrive at its provider.
package struct Loss: Equatable, Sendable {
    /// What it is.
    package let feature: Feature
    /// The member in general, as the caller's dialect spells it.
    package let member: String
    /// Its first place.
    package let path: String

    package init(_ feature: Feature, member: String, path: String) {
        self.feature = feature
        self.member = member
        self.path = path
    }

    package init(_ mention: Mentions.Mention) {
        self.init(mention.feature, member: mention.member, path: mention.path)
    }

    /// What the caller hears where it is refused.
    package var refusal: Failure {
        Failure(
            .unsupported, "'\(path)' is not supported by the provider of this model; leave it out.",
            param: path)
    }
}

extension ProviderSide {
    /// Writes a request, and tells what of it does not arrive: by the table, and by the writer where that
    /// depends on values.
    ///
    /// `asked` is the request in the caller's own words, which name the members. Toward a provider of the
    /// caller's own dialect (`isOwn`) the table says nothing. Throws at what the table refuses, naming the
    /// member; `isStrict`:
    /// at any loss.
    package func write(
        _ request: Request, asked: Request, for provider: Provider, isOwn: Bool, isStrict: Bool,
        to bytes: inout [UInt8]
    ) throws(Failure) -> (outgoing: Outgoing, losses: [Loss]) {
        let lost = isOwn ? [] : try asked.losses(isStrict: isStrict) { coverage(of: $0, provider) }
        let outgoing = try writeRequest(request, for: provider, to: &bytes)
        let more = outgoing.losses.filter { feature in !lost.contains { $0.feature == feature } }
        return (outgoing, lost + (try asked.losses(more, isStrict: isStrict)))
    }
}

extension Request {
    /// What a provider does not carry of this request, by its table; throws at what that refuses, or at any
    /// loss.
    package func losses(
        isStrict: Bool, _ coverage: (Feature) -> Coverage
    ) throws(Failure) -> [Loss] {
        var losses: [Loss] = []
        for mention in mentions.all {
            switch coverage(mention.feature) {
            case .carried: continue
            case .lost:
                if isStrict { throw Loss(mention).refusal }
                losses.append(Loss(mention))
            case .refused: throw Loss(mention).refusal
            }
        }
        return losses
    }

    /// What a writer found that it could not carry, in the caller's words; `isStrict`: thrown.
    package func losses(_ features: [Feature], isStrict: Bool) throws(Failure) -> [Loss] {
        var losses: [Loss] = []
        for feature in features {
            let known = mentions.all.first { $0.feature == feature }
            let mention =
                known ?? Mentions.Mention(feature: feature, member: feature.rawValue, path: feature.rawValue)
            if isStrict { throw Loss(mention).refusal }
            losses.append(Loss(mention))
        }
        return losses
    }
}
