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

    /// Anthropic's limit of a message is ours.
    private static let limit = 2000

    /// `text` is what stands there where no JSON does.
    init(_ root: Value?, text: [UInt8] = []) {
        let error = root?.given("error") ?? root
        type = error?["type"]?.string ?? error?["code"]?.string
        let words =
            error?["message"]?.string ?? error?.string ?? root?["message"]?.string
            ?? root?["detail"]?.string
        let plain = words ?? (root == nil ? String(decoding: text.prefix(8192), as: UTF8.self) : "")
        message = Complaint.cleaned(plain)
    }

    /// A failure; inside of a stream there is no status, and the type alone decides.
    func failure(status: Int?) -> Failure {
        let code = code(status)
        var failure = Failure(
            code, message.isEmpty ? "The upstream answered with an error and no words." : message)
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

    /// Words without tags, in one line, not too many.
    private static func cleaned(_ text: String) -> String {
        guard text.utf8.contains(UInt8(ascii: "<")) && text.utf8.contains(UInt8(ascii: ">")) else {
            return cut(text)
        }
        var words = ""
        var isTag = false
        for character in text {
            switch character {
            case "<": isTag = true
            case ">":
                isTag = false
                words.append(" ")
            default: if !isTag { words.append(character) }
            }
        }
        return cut(words.split(whereSeparator: \.isWhitespace).joined(separator: " "))
    }

    private static func cut(_ text: String) -> String {
        let whole = text.split(whereSeparator: \.isNewline).joined(separator: " ")
        return whole.utf8.count <= limit ? whole : String(whole.prefix(limit))
    }
}
