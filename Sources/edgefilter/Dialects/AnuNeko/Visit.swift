// SPDX-License-Identifier: MIT

import JSON
import Model

/// The way through one conversation with the site.
///
///     visit = [ chat ] [ select_model ] [ select-choice ] stream [ select-choice ]
///
/// A new chat may keep another model, so the model is chosen right after it.
struct Visit: Course {
    private(set) var dialogue: Dialogue
    /// The site's name for the model to ask.
    private let model: String
    private let provider: Provider
    /// Whether what went wrong was once set right.
    private var isMended = false

    init(_ dialogue: Dialogue, model: String, _ provider: Provider) {
        self.dialogue = dialogue
        self.model = model
        self.provider = provider
        // It was kept in a file, and goes into a path.
        if !Names.isPlain(dialogue.chat) { forget() }
    }

    /// The calls before a conversation.
    private enum Step { case chat, model, choice }

    private var step: Step? {
        if dialogue.chat.isEmpty { return .chat }
        if dialogue.model != model { return .model }
        return dialogue.isSettled ? nil : .choice
    }

    func next() -> Errand? {
        switch step {
        case nil: nil
        case .chat?: errand(Names.chatPath) { $0.member("model", model) }
        case .model?:
            errand(Names.selectModelPath) { writer in
                writer.member("chat_id", dialogue.chat)
                writer.member("model", model)
            }
        case .choice?: settlement()
        }
    }

    mutating func take(status: Int, body: [UInt8]) throws(Failure) {
        guard (200..<300).contains(status) else {
            let failure = Complaint(body: body).failure(status: status >= 400 ? status : nil)
            if forgive(failure) || mend(after: failure) { return }
            throw failure
        }
        switch step {
        case nil: break
        case .chat?: try begin(body)
        case .model?: dialogue.model = model
        case .choice?: dialogue.isSettled = true
        }
    }

    private mutating func begin(_ body: [UInt8]) throws(Failure) {
        let root = (try? Document(body))?.root
        let chat = [root?["chat_id"], root?["id"]].map(Names.id).first { !$0.isEmpty }
        guard let chat else {
            throw Failure(.brokenAnswer, "Backend request failed: it began no conversation.")
        }
        forget()
        dialogue.chat = chat
    }

    private mutating func forget() {
        let name = dialogue.name
        dialogue = Dialogue(name: name)
    }

    /// Whether a branch is chosen shows in the conversation: the site then asks for it.
    ///
    /// Where it has asked and does not know the answer, it means one of which we never heard: that chat is at
    /// its end.
    mutating func forgive(_ failure: Failure) -> Bool {
        guard step == .choice else { return false }
        if isMended, Visit.refusals.contains(failure.code) { forget() } else { dialogue.isSettled = true }
        return true
    }

    private static let refusals: Set<Failure.Code> = [.upstreamInvalid, .upstreamNotFound, .upstreamConflict]

    /// A branch that was not chosen is chosen; a chat that cannot go on is begun anew.
    mutating func mend(after failure: Failure) -> Bool {
        guard !isMended, !dialogue.chat.isEmpty else { return false }
        if failure.code == .upstreamConflict, failure.word == Names.choiceShown {
            isMended = true
            if dialogue.receipt.isEmpty { forget() } else { dialogue.isSettled = false }
            return true
        }
        guard failure.code == .upstreamNotFound, dialogue.isResumed else { return false }
        isMended = true
        forget()
        return true
    }

    mutating func note(receipt: String) {
        dialogue.isResumed = true
        guard !receipt.isEmpty else { return }
        dialogue.receipt = receipt
        dialogue.isSettled = false
    }

    func settlement() -> Errand? {
        if dialogue.isSettled { return nil }
        return errand(Names.selectChoicePath, limit: Names.settlementTime) { writer in
            writer.member("msg_id", dialogue.receipt)
            writer.member("choice_idx", 0)
        }
    }

    mutating func settle() { dialogue.isSettled = true }

    private func errand(
        _ path: String, limit: Int = Names.errandTime, _ members: (inout Writer) -> Void
    ) -> Errand {
        var writer = Writer()
        writer.beginObject()
        members(&writer)
        writer.endObject()
        return Errand(
            "POST", path, fields: Names.fields(provider, type: Names.json), body: writer.bytes, limit: limit)
    }
}
