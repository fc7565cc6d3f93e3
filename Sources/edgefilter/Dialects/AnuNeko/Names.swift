// SPDX-License-Identifier: MIT

import JSON
import Model

/// AnuNeko's spellings, and where they stand.
enum Names {
    static let dialect = "anuneko"

    static let tokenField = "x-token"

    /// The fields of every call, as its own page sends them.
    static func fields(_ provider: Provider, type: String) -> [(name: String, value: String)] {
        [
            ("Accept", "*/*"), ("Content-Type", type), ("Origin", provider.origin),
            ("Referer", "\(provider.origin)/"), ("User-Agent", "Mozilla/5.0"),
            ("x-app_id", "com.anuttacon.neko"), ("x-client_type", "4"), ("x-device_id", provider.device),
        ]
    }

    static let json = "application/json"
    /// The body of a message is JSON all the same.
    static let text = "text/plain"

    static let viewPath = "/api/v1/user/view"
    static let chatPath = "/api/v1/chat"
    static let selectModelPath = "/api/v1/user/select_model"
    static let selectChoicePath = "/api/v1/msg/select-choice"

    static func messagePath(_ chat: String) -> String { "/api/v1/msg/\(chat)/stream" }

    /// Milliseconds that a call may take which is no conversation.
    static let errandTime = 10_000
    static let settlementTime = 5_000

    /// What the site says when the branch of an earlier answer was not chosen.
    static let choiceShown = "chat_choice_shown"

    /// What it begins a line with that is part of an answer.
    static let data = Array("data:".utf8)

    /// Nobody relays to it.
    static let landmarks = Landmarks(reply: [], endMark: [], stops: [:])

    /// Whether an id of the site's can stand in a path as it is.
    static func isPlain(_ id: String) -> Bool {
        (1...128).contains(id.utf8.count) && id.utf8.allSatisfy(plain.contains)
    }

    private static let plain = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

    /// The name of an answer, which only goes back as a string; nil: it is none.
    static func receipt(_ value: Value?) -> String? {
        let text = value?.string ?? value?.int.map { String($0) } ?? ""
        return (1...256).contains(text.utf8.count) ? text : nil
    }

    /// An id, be it a string or a number; empty: it is none that we could send back.
    static func id(_ value: Value?) -> String {
        let text = value?.string ?? value?.int.map { String($0) } ?? ""
        return isPlain(text) ? text : ""
    }
}
