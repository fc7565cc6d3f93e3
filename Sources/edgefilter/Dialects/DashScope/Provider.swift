// SPDX-License-Identifier: MIT

import JSON
import Model

/// The side that faces a provider of text and multimodal generation.
struct Generation: ProviderSide {
    func path(of request: Request, _ provider: Provider) -> String {
        Names.paths[Order(request, provider).road] ?? ""
    }

    func isStreamed(_ request: Request, _ provider: Provider) -> Bool { Order(request, provider).isStreamed }

    func fields(of request: Request, _ provider: Provider) -> [(name: String, value: String)] {
        request.isStreamed ? [Names.streamField] : []
    }

    func writeRequest(
        _ request: Request, for provider: Provider, to bytes: inout [UInt8]
    ) throws(Failure) -> Outgoing {
        var writer = RequestWriter(request, for: provider)
        try writer.write()
        bytes.append(contentsOf: writer.bytes)
        return writer.outgoing
    }

    func replyReader(for request: Request, _ outgoing: Outgoing, _ provider: Provider) -> any ReplyReader {
        AnswerReader(isCumulative: Order(request, provider).isCumulative)
    }

    func readFailure(status: Int, body: [UInt8], _ provider: Provider) -> Failure {
        Complaint(body: body).failure(status: status)
    }

    /// The API has no such list.
    func readModels(_ body: [UInt8]) -> [String]? { nil }

    func ownModels(_ provider: Provider) -> [String]? {
        provider.text(of: .defaultModel).map { [$0] } ?? []
    }

    func standIn(for model: String, _ provider: Provider) -> String? {
        Family.known(model) == nil ? provider.text(of: .defaultModel) : nil
    }

    var embeddings: (any EmbeddingsProvider)? { TextEmbedding() }

    func amend(_ request: inout Request, after failure: Failure, _ provider: Provider) -> Bool {
        guard let amend = Generation.amend(failure, Order(request, provider)), !request.has(amend) else {
            return false
        }
        request.amends.append(amend.rawValue)
        return true
    }

    private static func amend(_ failure: Failure, _ order: Order) -> Amend? {
        guard failure.code == .upstreamInvalid else { return nil }
        let message = failure.message.lowercased()
        if message.contains(Names.wrongPath) { return .otherPath }
        if failure.word?.hasPrefix(Names.refusesThinking) == true { return .withoutThinking }
        if !order.isStreamed, Names.streamsOnly.contains(where: message.contains) { return .streamed }
        guard order.family.traits.contains(.doubtful) else { return nil }
        return [Amend.withoutTemperature, .withoutStops].first { message.names($0.rawValue) }
    }
}

extension String {
    /// Whether a word stands in it by itself.
    fileprivate func names(_ word: String) -> Bool {
        split { !($0.isLetter || $0.isNumber || $0 == "_") }.contains { $0 == word }
    }
}
