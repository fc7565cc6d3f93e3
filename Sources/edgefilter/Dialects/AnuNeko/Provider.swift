// SPDX-License-Identifier: MIT

import JSON
import Model

/// The side that faces the site in a conversation.
struct Site: ProviderSide {
    var quirks: QuirkTable { QuirkTable() }

    func path(of request: Request, _ provider: Provider) -> String {
        Names.messagePath(request.dialogue?.chat ?? "")
    }

    func fields(of request: Request, _ provider: Provider) -> [(name: String, value: String)] {
        Names.fields(provider, type: Names.text)
    }

    func writeRequest(
        _ request: Request, for provider: Provider, to bytes: inout [UInt8]
    ) throws(Failure) -> Outgoing {
        var writer = RequestWriter(request)
        try writer.write(to: &bytes)
        return writer.outgoing
    }

    func replyReader(for request: Request, _ outgoing: Outgoing, _ provider: Provider) -> any ReplyReader {
        AnswerReader(for: request)
    }

    func readFailure(status: Int, body: [UInt8], _ provider: Provider) -> Failure {
        Complaint(body: body).failure(status: status)
    }

    func readModels(_ body: [UInt8]) -> [String]? { ModelMap(body)?.names }
}
