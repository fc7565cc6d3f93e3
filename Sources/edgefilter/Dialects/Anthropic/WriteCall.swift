// SPDX-License-Identifier: MIT

import JSON
import Model

/// A call's arguments on their way to a caller, who fails at the first byte that is no JSON.
///
/// What can become an object goes out as it comes; what cannot is held, and wrapped at the end. Anthropic's
/// accumulator parses as it reads, so it must not see the beginning of what turns out to be no JSON.
struct CallWriter: Sendable {
    /// What is to be done after a piece.
    enum Step {
        case nothing
        case send(String)
        case fail(Failure.Code, String)
    }

    static let brokenMessage = "The upstream produced invalid tool arguments."
    /// How much of arguments that are no JSON is held, in bytes.
    private static let limit = 8 << 20

    private(set) var id = ""
    private(set) var name = ""
    private var isCustom = false
    private var arguments = Arguments()
    private var held = ""
    private var hasSent = false
    /// Whether the arguments that went out are a whole object.
    private(set) var isWhole = true

    mutating func begin(id: String, name: String, isCustom: Bool) {
        (self.id, self.name, self.isCustom) = (id, name, isCustom)
        (arguments, held, hasSent, isWhole) = (Arguments(), "", false, true)
    }

    mutating func feed(_ text: String) -> Step {
        if isCustom { return .send(takeOpening() + CallWriter.escaped(text)) }
        arguments.feed(text)
        if arguments.isPossible, !arguments.isBlank {
            hasSent = true
            defer { held.removeAll(keepingCapacity: false) }
            return .send(held.isEmpty ? text : held + text)
        }
        if hasSent { return .fail(.brokenArguments, CallWriter.brokenMessage) }
        guard held.utf8.count + text.utf8.count <= CallWriter.limit else {
            return .fail(.answerTooLarge, "The upstream's tool arguments are too long.")
        }
        held += text
        return .nothing
    }

    /// The arguments are over.
    mutating func finish() -> Step {
        if isCustom { return .send(takeOpening() + "\"}") }
        if hasSent {
            isWhole = arguments.isComplete
            return .nothing
        }
        let object = String(decoding: Arguments.object(held), as: UTF8.self)
        return object == "{}" ? .nothing : .send(object)
    }

    /// A free text becomes the one member of an object.
    private mutating func takeOpening() -> String {
        defer { hasSent = true }
        return hasSent ? "" : "{\"input\":\""
    }

    private static func escaped(_ text: String) -> String {
        var bytes: [UInt8] = []
        Writer.append(text, to: &bytes)
        return String(decoding: bytes.dropFirst().dropLast(), as: UTF8.self)
    }
}
