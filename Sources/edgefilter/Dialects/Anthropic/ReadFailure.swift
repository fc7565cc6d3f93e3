// SPDX-License-Identifier: MIT

import JSON
import Model

extension Messages {
    func readFailure(status: Int, body: [UInt8], _ provider: Provider) -> Failure {
        let root = (try? Document(body))?.root
        return Complaint(root, text: body).failure(status: status)
    }
}

/// What an upstream says of an error, in whatever form: Anthropic's, OpenAI's, a string, a page.
///
/// https://platform.claude.com/docs/en/api/errors
struct Complaint {
    private let type: String?
    private let message: String

    /// `text` is what stands there where no JSON does.
    init(_ root: Value?, text: [UInt8] = []) {
        let error = root?.given("error") ?? root
        type = error?["type"]?.string ?? error?["code"]?.string
        let words =
            error?["message"]?.string ?? error?.string ?? root?["message"]?.string
            ?? root?["detail"]?.string
        message = words.map { Plain.words($0) } ?? (root == nil ? Plain.words(text) : "")
    }

    /// A failure; inside of a stream there is no status, and the type alone decides.
    func failure(status: Int?) -> Failure {
        let code = code(status)
        let told = status.map { "The provider answered with status \($0)." } ?? "The provider failed."
        var failure = Failure(code, message.isEmpty ? told : message)
        if code == .upstreamFault, status == 500 { failure.status = 500 }
        failure.word = type
        failure.isFinal = code == .quotaExhausted
        return failure
    }

    private func code(_ status: Int?) -> Failure.Code {
        let code = type.flatMap { Names.errorCodes[$0] } ?? Failure.Code(status: status ?? 500)
        switch code {
        case .upstreamInvalid, .upstreamTooLarge:
            if Overflow.isMeant(code: type, message: message) { return .contextOverflow }
            return message.lowercased().contains("credit balance is too low") ? .quotaExhausted : code
        case .upstreamFault:
            return Overflow.isMeant(code: type, message: message) ? .contextOverflow : code
        default: return code
        }
    }
}
