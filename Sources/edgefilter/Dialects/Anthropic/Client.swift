// SPDX-License-Identifier: MIT

import HTTP
import Model

/// The side that faces Anthropic's clients: Claude Code, the SDKs.
struct Client: ClientSide {
    let isMending = true
    let name = Names.dialect

    var members: [RequestMember] { Members.all }

    func isConversation(path: String) -> Bool { path == Names.messagesPath }

    func isCount(path: String) -> Bool { path == Names.countPath }

    func bearsModel(path: String) -> Bool { path == Names.messagesPath || path == Names.countPath }

    var kept: [[String]] { Names.kept }

    func marksEnd(path: String) -> Bool { path == Names.messagesPath }

    var modelsPath: String { Names.modelsPath }

    var requestIDField: String { Names.requestIDField }

    var quotaPrefix: String { Names.quotaPrefix }

    /// A reset is an instant (https://docs.anthropic.com/en/api/rate-limits#response-headers).
    func quotaFields(_ kind: Quota.Kind, _ quota: Quota) -> [(name: String, value: String)] {
        let start = "\(Names.quotaPrefix)\(kind.rawValue)-"
        return [
            ("\(start)limit", "\(quota.limit)"), ("\(start)remaining", "\(quota.left)"),
            ("\(start)reset", quota.resetTime),
        ]
    }

    func mentions(in fields: Fields) -> [Mentions.Mention] {
        fields.list(Names.betaField).filter { beta in Names.wishes.contains { beta.hasPrefix($0) } }
            .map {
                Mentions.Mention(feature: .betas, member: Names.betaField, path: "\(Names.betaField): \($0)")
            }
    }

    func replyWriter(for request: Request, id: String, created: Int) -> any ReplyWriter {
        AnswerWriter(for: request, id: id)
    }

    /// Claude Code gives up on a stream without events, comments or not.
    func writePing(to bytes: inout [UInt8]) {
        bytes.append(contentsOf: "event: ping\ndata: {\"type\":\"ping\"}\n\n".utf8)
    }

    func writeCount(_ tokens: Int, to bytes: inout [UInt8]) {
        bytes.append(contentsOf: "{\"input_tokens\":\(tokens)}".utf8)
    }
}
