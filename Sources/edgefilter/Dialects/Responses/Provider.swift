// SPDX-License-Identifier: MIT

import JSON
import Model

/// The side that faces a provider of the Responses API.
struct Responder: ProviderSide {
    func path(of request: Request, _ provider: Provider) -> String { Names.path }

    func writeRequest(
        _ request: Request, for provider: Provider, to bytes: inout [UInt8]
    ) throws(Failure) -> Outgoing {
        var writer = RequestWriter(request, provider)
        try writer.write()
        bytes.append(contentsOf: writer.bytes)
        return writer.outgoing
    }

    func replyReader(for request: Request, _ outgoing: Outgoing, _ provider: Provider) -> any ReplyReader {
        AnswerReader(of: request, provider)
    }

    func readModels(_ body: [UInt8]) -> [String]? {
        guard let root = (try? Document(body))?.root else { return nil }
        let list = root["data"] ?? root["models"] ?? root
        guard list.kind == .array else { return nil }
        return list.elements.compactMap { $0["id"]?.string ?? $0["name"]?.string ?? $0.string }
    }

    /// An effort that this model does not know is the one refusal that says what to change.
    func amend(_ request: inout Request, after failure: Failure, _ provider: Provider) -> Bool {
        guard failure.code == .upstreamInvalid, let effort = request.thinking?.effort,
            failure.param == "reasoning.effort" || failure.message.lowercased().contains("effort")
        else { return false }
        switch effort {
        case .xhigh, .max: request.thinking?.effort = .high
        case .none, .minimal: request.thinking?.effort = .low
        case .low, .medium, .high: return false
        }
        return true
    }
}
