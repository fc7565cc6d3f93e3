// SPDX-License-Identifier: MIT

import JSON
import Model

/// The side that faces a provider of Chat Completions.
struct Chat: ProviderSide {
    func path(of request: Request, _ provider: Provider) -> String { Names.chatPath }

    func writeRequest(
        _ request: Request, for provider: Provider, to bytes: inout [UInt8]
    ) throws(Failure) -> Outgoing {
        var writer = RequestWriter(request, for: provider)
        try writer.write()
        bytes.append(contentsOf: writer.bytes)
        return writer.outgoing
    }

    func replyReader(for request: Request, _ outgoing: Outgoing, _ provider: Provider) -> any ReplyReader {
        AnswerReader(for: request, provider)
    }

    func readFailure(status: Int, body: [UInt8], _ provider: Provider) -> Failure {
        Complaint(body: body).failure(status: status, provider)
    }

    /// OpenAI's list, Ollama's, or an array alone.
    func readModels(_ body: [UInt8]) -> [String]? {
        guard let root = (try? Document(body))?.root else { return nil }
        let list = [root["data"], root["models"], root].compactMap(\.self).first { $0.kind == .array }
        return list?.elements.compactMap { model in
            ["id", "name", "model"].compactMap { model[$0]?.string }.first
        }
    }

    /// A level of effort that the model does not know, and members whose name a refusal gives as the reason.
    func amend(_ request: inout Request, after failure: Failure, _ provider: Provider) -> Bool {
        guard failure.code == .upstreamInvalid else { return false }
        let message = failure.message.lowercased()
        guard
            failure.param == "reasoning_effort" || message.contains("reasoning_effort")
                || message.contains("effort level")
        else { return false }
        switch request.thinking?.effort {
        case .xhigh?, .max?: request.thinking?.effort = .high
        case .minimal?: request.thinking?.effort = .low
        default:
            guard request.thinking != nil else { return false }
            request.thinking = nil
        }
        return true
    }
}
