// SPDX-License-Identifier: MIT

import JSON
import Model

/// What the site complains of: `{"code":word,"message"?}`, which nobody has written down, or a page of some
/// proxy.
struct Complaint {
    private var word: String?
    private var message = ""

    /// The body of a refusal.
    init(body: [UInt8]) {
        guard let root = Document.lenient(body)?.root else { return }
        read(root)
    }

    /// An object that stands where a part of an answer may stand; nil: it complains of nothing.
    init?(error root: Value) {
        read(root)
        if word == nil, message.isEmpty { return nil }
    }

    private mutating func read(_ root: Value) {
        let error = root["error"] ?? root
        word = [error["code"], root["code"]].compactMap { $0?.string }.first
        let words = [error, error["message"], error["msg"], root["message"], root["msg"], root["detail"]]
        message = Plain.words(words.compactMap { $0?.string }.first ?? "")
    }

    /// `status`: that of the answer; nil: the complaint came within an answer that had begun well.
    func failure(status: Int?) -> Failure {
        if word == Names.choiceShown {
            var failure = Failure(
                .upstreamConflict,
                "The branch of an earlier answer in this conversation was not chosen; begin a new one.")
            failure.word = word
            return failure
        }
        let code = status.map { Failure.Code(status: $0) } ?? .upstreamFault
        var failure = Failure(code, text(status))
        failure.word = word
        if code == .upstreamFault { failure.status = status == 500 ? 500 : 502 }
        return failure
    }

    private func text(_ status: Int?) -> String {
        if !message.isEmpty { return message }
        if let word { return "The provider says '\(word.prefix(Plain.longest))'." }
        return status.map { "The provider answered with status \($0)." } ?? "The provider complains."
    }
}
