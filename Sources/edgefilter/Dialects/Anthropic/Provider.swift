// SPDX-License-Identifier: MIT

import JSON
import Model

/// The side that faces a provider of Messages: Anthropic, and those that look like it.
struct Messages: ProviderSide {
    func path(of request: Request, _ provider: Provider) -> String { Names.messagesPath }

    func fields(of request: Request, _ provider: Provider) -> [(name: String, value: String)] {
        [Names.version]
    }

    func writeRequest(
        _ request: Request, for provider: Provider, to bytes: inout [UInt8]
    ) throws(Failure) -> Outgoing {
        var writer = try RequestWriter(request, for: provider)
        try writer.write()
        bytes.append(contentsOf: writer.bytes)
        return writer.outgoing
    }

    func replyReader(for request: Request, _ outgoing: Outgoing, _ provider: Provider) -> any ReplyReader {
        AnswerReader(upstream: provider.name, answerTool: outgoing.answerTool)
    }

    func readModels(_ body: [UInt8]) -> [String]? {
        guard let data = (try? Document(body))?.root["data"], data.kind == .array else { return nil }
        return data.elements.compactMap { $0["id"]?.string }
    }

    /// Levels of effort differ from model to model; all have `high`.
    func amend(_ request: inout Request, after failure: Failure, _ provider: Provider) -> Bool {
        guard failure.message.contains("does not support effort level"),
            let thinking = request.thinking, thinking.isOn, thinking.effort != .high
        else { return false }
        request.thinking?.effort = .high
        return true
    }
}
