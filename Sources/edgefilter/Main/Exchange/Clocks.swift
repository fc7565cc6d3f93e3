// SPDX-License-Identifier: MIT

import Model
import Settings
import Unix

/// The time limits of one relayed request, each its own: the caller's body; first byte, silence and total of
/// the upstream (connecting is libcurl's clock); a caller that takes nothing; and the pings in between.
struct Clocks {
    /// What is being waited for; a clock runs only while its own is.
    struct State {
        var isBodyAwaited: Bool
        var isAnswerAwaited: Bool
        /// Another request of this caller's must end before the upstream can be asked.
        var isHeldUp = false
        let isUploading: Bool
        let isAnswered: Bool
        let isCallerAwaited: Bool
    }

    /// What a clock demands.
    enum Alarm {
        case ping
        case failure(Failure)
    }

    private let stallTime: Int
    private let pingTime: Int
    private let earlyTime: Int
    private var timeout = Timeout()
    private var body = Deadline(in: bodyTime)
    private var bodyMark = 0
    private var answer = Deadline.never
    private var total = Deadline.never
    private var stall: Deadline
    private var ping: Deadline
    /// Whether the caller awaits a stream of events, or has one, into which pings may be put.
    var isStream = false

    /// A caller must bring `bodyShare` bytes of its body, or the rest of it, within this time, again and
    /// again.
    private static let bodyTime = 30_000
    private static let bodyShare = 8192

    /// Milliseconds, 0 for never; `early`: until a caller who waits for a stream gets a sign of life, though
    /// the upstream has not answered.
    init(stall: Int, ping: Int, early: Int = 0) {
        stallTime = stall
        pingTime = ping
        earlyTime = early
        self.stall = Deadline(in: stall)
        self.ping = Deadline(in: ping)
    }

    /// The caller begins to wait for an answer that may take several calls.
    mutating func expected() { ping = Deadline(in: earlyTime) }

    /// The request is on its way.
    ///
    /// `isFirst`: not one of several calls, for all of which the caller waits at once.
    mutating func start(_ timeout: Timeout, isFirst: Bool = true) {
        self.timeout = timeout
        total = Deadline(in: timeout.total)
        answer = Deadline(in: timeout.firstByte)
        if isFirst { expected() }
    }

    /// So much of the caller's body has come in all.
    mutating func bodyCame(_ received: Int) {
        guard received - bodyMark >= Clocks.bodyShare else { return }
        bodyMark = received
        body = Deadline(in: Clocks.bodyTime)
    }

    /// The upstream took some of the request.
    mutating func uploadMoved() { answer = Deadline(in: timeout.firstByte) }

    /// The upstream's head, or some of its body, has come.
    mutating func answerCame() { answer = Deadline(in: timeout.silence) }

    /// The caller took some of the answer.
    mutating func callerTook() { stall = Deadline(in: stallTime) }

    /// The caller got something, or the upstream began to answer.
    mutating func passed() { ping = Deadline(in: pingTime) }

    /// When the next clock that runs is over.
    ///
    /// Those that do not run start anew.
    mutating func next(_ state: State) -> Deadline {
        if !state.isBodyAwaited { body = Deadline(in: Clocks.bodyTime) }
        if !state.isCallerAwaited { stall = Deadline(in: stallTime) }
        if !state.isAnswerAwaited {
            answer = Deadline(in: state.isAnswered ? timeout.silence : timeout.firstByte)
        }
        var first = total
        if state.isCallerAwaited { first = min(first, stall) }
        if state.isBodyAwaited { first = min(first, body) }
        if state.isAnswerAwaited { first = min(first, answer) }
        if isStream, state.isAnswerAwaited || state.isHeldUp { first = min(first, ping) }
        return first
    }

    /// The first alarm of a clock that is over.
    func over(_ state: State) -> Alarm? {
        if state.isCallerAwaited, stall.isOver {
            return .failure(Failure(.callerStalled, "The caller took nothing for too long."))
        }
        if state.isBodyAwaited, body.isOver {
            return .failure(Failure(.slowBody, "The request's body did not arrive in time."))
        }
        if total.isOver { return .failure(late(.totalTimeout, "no complete answer", timeout.total)) }
        if state.isAnswerAwaited, answer.isOver { return .failure(answerFailure(state)) }
        guard state.isAnswerAwaited || state.isHeldUp else { return nil }
        return isStream && ping.isOver ? .ping : nil
    }

    private func answerFailure(_ state: State) -> Failure {
        if state.isAnswered { return late(.silence, "nothing more", timeout.silence) }
        if state.isUploading {
            return late(.uploadStalled, "it took no more of the request", timeout.firstByte)
        }
        return late(.firstByteTimeout, "no answer", timeout.firstByte)
    }

    private func late(_ code: Failure.Code, _ what: String, _ limit: Int) -> Failure {
        Failure(code, "Backend request timeout: \(what) within \(spoken(milliseconds: limit)).")
    }
}

/// A time limit as a person says it.
func spoken(milliseconds: Int) -> String {
    milliseconds % 1000 == 0 ? "\(milliseconds / 1000) s" : "\(milliseconds) ms"
}
