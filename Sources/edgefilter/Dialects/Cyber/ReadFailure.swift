// SPDX-License-Identifier: MIT

import JSON
import Model

/// What the engine complains of: before the conversation as the body of a refusal, in it as a message.
///
///     complaint = { "error": string / { message, type, code } } / { message / detail, code } / text
struct Complaint {
    private var message = ""
    /// The status that stands in the complaint itself.
    private var status: Int?

    init(body: [UInt8]) {
        if let root = (try? Document(body))?.root, root.object != nil {
            take(root)
        } else {
            message = Plain.words(body)
        }
    }

    init(_ root: Value) { take(root) }

    private mutating func take(_ root: Value) {
        let error = root.given("error") ?? root
        let said = error.string ?? ["message", "detail", "error"].compactMap { error[$0]?.string }.first
        message = Plain.words(said ?? "")
        status = [error["code"], error["status"], root["code"]].compactMap { $0?.int }.first
    }

    /// Whether an object that is no chunk says that something went wrong.
    static func isMeant(_ root: Value) -> Bool {
        root["type"]?.string == "error" || root["object"]?.string == "error"
            || ["message", "detail"].contains { root[$0]?.string != nil }
    }

    /// `status`: that of the refusal; nil: the complaint came in a conversation.
    func failure(status outer: Int?) -> Failure {
        let own = status.flatMap { (400..<600).contains($0) ? $0 : nil }
        let status = outer ?? own ?? 502
        let code: Failure.Code =
            Overflow.isMeant(code: nil, message: message) ? .contextOverflow : Failure.Code(status: status)
        var failure = Failure(
            code, message.isEmpty ? "The engine answered with status \(status)." : message)
        if code == .upstreamFault { failure.status = status == 500 ? 500 : 502 }
        return failure
    }
}
