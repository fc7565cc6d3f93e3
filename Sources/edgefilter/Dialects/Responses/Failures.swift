// SPDX-License-Identifier: MIT

import HTTP
import JSON
import Model

/// `{"error":{"message","type","param","code"}}`, as a body and as an event.
extension Client {
    /// Quota is told as 429, as OpenAI does; words of other providers for their own troubles become 502
    /// and 503.
    func status(of failure: Failure) -> Int {
        switch failure.code {
        case .quotaExhausted: 429
        case .upstreamOverloaded: 503
        default: failure.status > 504 ? 502 : failure.status
        }
    }

    func writeFailure(_ failure: Failure, id: String, to bytes: inout [UInt8]) {
        var writer = Writer()
        writer.beginObject()
        writer.error(failure)
        writer.endObject()
        bytes.append(contentsOf: writer.bytes)
    }

    /// The relayed stream's own id and numbers are not known here; its readers end at the first of the two
    /// events.
    func writeFailureEvent(_ failure: Failure, to bytes: inout [UInt8]) {
        var answer = AnswerWriter(
            to: Request(model: "", turns: [], isStreamed: true, wantsUsage: true), id: "", created: 0)
        answer.writeBreak(failure, to: &bytes)
    }
}

extension Writer {
    /// The member `error`.
    mutating func error(_ failure: Failure) {
        let words = Failures.words(for: failure)
        name("error")
        beginObject()
        member("message", Failures.message(of: failure))
        member("type", words.type)
        member("param", orNull: failure.param)
        member("code", orNull: words.code)
        endObject()
    }
}

/// How failures are called.
enum Failures {
    /// `type` and `code` of an error.
    static func words(for failure: Failure) -> ErrorWords.Words {
        if failure.code == .upstreamInvalid { return ("invalid_request_error", failure.word) }
        return byCode[failure.code] ?? ErrorWords.words(for: failure)
    }

    /// The code of a response that failed, which is never missing: clients decide by it whether to try again.
    ///
    /// Troubles that are nobody's fault here have the one word for them that every client knows.
    static func code(of failure: Failure) -> String {
        switch failure.kind {
        case .server, .upstream, .overloaded, .timeout, .slowRequest: "server_error"
        case .invalidRequest, .notFound: words(for: failure).code ?? "invalid_prompt"
        default: words(for: failure).code ?? "server_error"
        }
    }

    /// Its sentence; of a limit with the words in which some clients look for the time to wait.
    static func message(of failure: Failure) -> String {
        guard failure.kind == .rateLimit, let seconds = failure.retryAfter,
            !failure.message.lowercased().contains("try again in")
        else { return failure.message }
        return "\(failure.message) Please try again in \(seconds)s."
    }

    /// What Responses says otherwise than the whole API.
    private static let byCode: [Failure.Code: ErrorWords.Words] = [
        .unsupported: ("invalid_request_error", "unsupported_parameter"),
        .contentRefused: ("invalid_request_error", "content_filter"),
        .upstreamFault: ("server_error", "server_error"),
    ]
}
