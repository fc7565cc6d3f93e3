// SPDX-License-Identifier: MIT

import HTTP
import Model
import Settings
import Unix

/// All calls that one conversation takes, before it and after it, at a provider that holds conversations.
///
/// A class, since it goes from the relay to the exchange, and its hold on the session ends with it.
final class Errands {
    let candidate: Candidate
    private let credential: Credential
    private let side: any DialogueSide
    private let request: Request
    private let store: Dialogues?
    private let owner: String
    private var keepsake: Keepsake
    private var isNew: Bool
    private let hold: Descriptor?
    /// nil: the provider's models are to be asked for first.
    private var course: (any Course)?
    /// Whether a call before the conversation is on its way.
    private(set) var isRunning = false

    /// `keepsake`: what is known of the conversation; `hold`: what keeps others from it.
    init(
        _ request: Request, at candidate: Candidate, _ credential: Credential, _ side: any DialogueSide,
        _ session: consuming HeldSession
    ) {
        self.candidate = candidate
        self.credential = credential
        self.side = side
        self.request = request
        store = session.store
        owner = session.owner
        isNew = session.found == nil
        keepsake =
            session.found
            ?? Keepsake(
                dialogue: Dialogue(name: session.name), upstream: candidate.upstream.name,
                model: session.model, created: Moment.now().seconds)
        hold = session.takeHold()
    }

    /// The conversation as it stands.
    var dialogue: Dialogue { course?.dialogue ?? keepsake.dialogue }

    /// The next call before the conversation; nil: that can be had now.
    func next() -> Call.Errand? {
        let errand = step()
        isRunning = errand != nil
        return errand.map { Call.Errand($0, candidate, credential) }
    }

    private func step() -> Errand? {
        if course == nil {
            let known = store?.models(of: candidate.upstream.name, isFresh: true)
            if known == nil, side.needsCatalogue(for: request) { return side.inquiry(candidate.provider) }
            begin(models: known)
        }
        return course?.next()
    }

    private func begin(models: [UInt8]?) {
        course = side.course(for: request, in: keepsake.dialogue, models: models, candidate.provider)
    }

    /// What came of the call that is on its way.
    func take(status: Int, body: [UInt8]) throws(Failure) {
        guard course == nil else {
            try course?.take(status: status, body: body)
            return
        }
        guard status == 200, side.readCatalogue(body, created: 0) != nil else { return beginUnknowing() }
        store?.keep(models: body, of: candidate.upstream.name)
        begin(models: body)
    }

    /// An old list is better than none.
    private func beginUnknowing() {
        begin(models: store?.models(of: candidate.upstream.name, isFresh: false))
    }

    /// Whether the conversation can be had though the call that is on its way came to nothing.
    func forgive(_ failure: Failure) -> Bool {
        guard isRunning else { return false }
        guard course != nil else {
            beginUnknowing()
            return true
        }
        return course?.forgive(failure) ?? false
    }

    /// Whether another errand may mend a failure of the conversation.
    func mend(after failure: Failure) -> Bool { course?.mend(after: failure) ?? false }

    /// The conversation had an answer, or a part of one.
    func note(receipt: String) { course?.note(receipt: receipt) }

    /// Writes the conversation down.
    func keep(_ diagnostics: Diagnostics) {
        let before = keepsake.dialogue
        keepsake.dialogue = dialogue
        guard let store, !keepsake.dialogue.name.isEmpty, !keepsake.dialogue.chat.isEmpty else { return }
        do throws(Errno) {
            try store.keep(keepsake, of: owner, isNew: isNew)
            tell(before, diagnostics)
            isNew = false
        } catch {
            diagnostics.write(.warning, "A session is not kept: \(error).")
        }
    }

    /// Tells who looks for a fault that a session has begun, or has another model.
    private func tell(_ before: Dialogue, _ diagnostics: Diagnostics) {
        guard isNew || before.model != keepsake.dialogue.model else { return }
        diagnostics.write(.debug) { line in
            line.append("Session \(isNew ? "begun" : "switched") - ID: \(keepsake.dialogue.name), Model: ")
            line.append(keepsake.dialogue.model)
        }
    }

    /// Tells the provider that its answer was taken, after the caller has all of it or has gone.
    func settle(_ upstreams: Upstreams?, _ diagnostics: Diagnostics) {
        guard let upstreams, let errand = course?.settlement() else { return }
        let status = Call.Errand(errand, candidate, credential).run(upstreams)
        guard let status, (200..<300).contains(status) else {
            diagnostics.write(
                .notice,
                "The provider '\(candidate.upstream.name)' was not told that its answer was taken"
                    + " (\(status.map { "status \($0)" } ?? "no answer")); the next turn will try again.")
            return
        }
        course?.settle()
        keep(diagnostics)
    }
}

/// A session as a request found it, and what keeps others from it.
struct HeldSession: ~Copyable {
    /// nil: sessions are not kept.
    let store: Dialogues?
    let owner: String
    /// Empty: its caller is not told of it.
    let name: String
    /// The model as the caller names it now.
    let model: String
    /// nil: it is new.
    var found: Keepsake?
    private var hold: Descriptor?

    init(
        _ store: Dialogues?, _ owner: String, name: String, model: String,
        hold: consuming Descriptor? = nil
    ) {
        self.store = store
        self.owner = owner
        self.name = name
        self.model = model
        self.hold = hold
    }

    /// Gives away what holds it.
    mutating func takeHold() -> Descriptor? { hold.take() }
}

extension Call {
    /// A call beside a conversation.
    struct Errand {
        private let errand: Model::Errand
        private let call: Call
        private let connect: Int

        init(_ errand: Model::Errand, _ candidate: Candidate, _ credential: Credential) {
            self.errand = errand
            call = Call(running: errand, at: candidate, credential)
            connect = candidate.upstream.timeout.connect
        }

        /// How long it may take.
        var timeout: Timeout {
            Timeout(
                connect: connect, firstByte: errand.limit, silence: errand.limit, total: errand.limit)
        }

        /// Sets a transfer up.
        func prepare(_ transfer: Transfer) {
            guard errand.body.isEmpty else { return call.prepare(transfer, sending: errand.body) }
            transfer.upload.isComplete = true
            call.prepare(transfer, body: .none)
        }

        /// Runs with nobody waiting for it; the status of its answer, nil: none came in time.
        func run(_ upstreams: Upstreams) -> Int? {
            guard let transfer = upstreams.begin() else { return nil }
            prepare(transfer)
            upstreams.start(transfer)
            defer { upstreams.drop() }
            let deadline = Deadline(in: errand.limit)
            var isAgain = false
            while !deadline.isOver, !Finishing.isUrged {
                if let result = transfer.result {
                    guard !isAgain, transfer.hasDiedUnused(result) else { break }
                    isAgain = true
                    upstreams.startAgain(transfer)
                }
                upstreams.turn(transfer, until: deadline)
            }
            return transfer.head?.status
        }
    }
}
