// SPDX-License-Identifier: MIT

import HTTP
import JSON
import Model
import Unix

// The caller's sessions with providers that hold conversations.
extension Exchange {
    private static let sessionsPath = "/sessions"

    /// Lists sessions, or forgets one; false: that is not what is asked for.
    mutating func answerSessions(_ head: RequestHead, _ client: inout Client) throws(Failure) -> Bool {
        guard gateway.holdsDialogues, head.target.path.hasPrefix(Exchange.sessionsPath) else { return false }
        let below = head.target.path.dropFirst(Exchange.sessionsPath.utf8.count)
        guard below.isEmpty || below.hasPrefix("/") else { return false }
        let name = String(below.dropFirst())
        let owner = Dialogues.owner(key: Caller.key(in: head))
        switch (head.method, name.isEmpty) {
        case ("GET", true), ("HEAD", true): listSessions(of: owner, &client)
        case ("DELETE", false): forgetSession(name, of: owner, &client)
        default:
            let method = name.isEmpty ? "GET" : "DELETE"
            throw Failure(
                .wrongMethod, "\(head.method) is not supported on \(head.target.path); use \(method).")
        }
        return true
    }

    private mutating func listSessions(of owner: String, _ client: inout Client) {
        let all = gateway.dialogues?.all(of: owner) ?? []
        var writer = Writer()
        writer.beginObject()
        writer.name("sessions")
        writer.beginArray()
        for keepsake in all {
            writer.beginObject()
            writer.member("id", keepsake.dialogue.name)
            writer.member("model", keepsake.model)
            // ISO 8601 to the microsecond, without a zone.
            writer.member(
                "created_at", String(Moment(seconds: keepsake.created).iso8601.dropLast()) + "000")
            writer.member("has_anuneko_chat", !keepsake.dialogue.chat.isEmpty)
            writer.endObject()
        }
        writer.endArray()
        writer.member("total", all.count)
        writer.endObject()
        answer(200, .ofJSON, writer.bytes, &client)
    }

    private mutating func forgetSession(_ name: String, of owner: String, _ client: inout Client) {
        let isForgotten = gateway.dialogues?.remove(name, of: owner) ?? false
        var writer = Writer()
        writer.beginObject()
        writer.member("status", isForgotten ? "success" : "error")
        writer.member("message", isForgotten ? "会话已删除" : "会话不存在")
        writer.endObject()
        answer(isForgotten ? 200 : 404, .ofJSON, writer.bytes, &client)
    }
}
