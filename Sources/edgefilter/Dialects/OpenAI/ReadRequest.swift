// SPDX-License-Identifier: MIT

import JSON
import Model

extension Client {
    func readRequest(_ body: [UInt8]) throws(Failure) -> Request {
        let root = try document(body).root
        guard root.object != nil else {
            throw Failure(.invalidMember, "The body must be a JSON object, not \(root.kind).")
        }
        return Request(
            model: try required(root, "model", \.string, "a string"),
            turns: try turns(root),
            isStreamed: try optional(root, "stream", \.bool, "a boolean") ?? false,
            wantsUsage: root["stream_options"]?["include_usage"]?.bool ?? false)
    }

    private func document(_ body: [UInt8]) throws(Failure) -> Document {
        do throws(Malformed) {
            return try Document(body)
        } catch {
            throw Failure(.invalidJSON, "The body is not valid JSON: \(error).")
        }
    }

    private func turns(_ root: Value) throws(Failure) -> [Turn] {
        guard let messages = root["messages"], !messages.isNull else {
            throw missing("messages")
        }
        guard messages.kind == .array else { throw wrong("messages", "an array", messages) }
        var turns: [Turn] = []
        for message in messages.elements { turns.append(try turn(message, at: "messages.\(turns.count)")) }
        if turns.isEmpty {
            throw Failure(
                .invalidMember, "'messages' is empty; at least one message is needed.", param: "messages")
        }
        return turns
    }

    private func turn(_ message: Value, at path: String) throws(Failure) -> Turn {
        guard message.object != nil else { throw wrong(path, "an object", message) }
        let word = try required(message, "role", \.string, "a string", below: path)
        guard let role = Names.roles[word] else {
            let known = Names.roles.keys.sorted().joined(separator: ", ")
            throw Failure(
                .invalidMember, "'\(path).role' is '\(word)'; expected one of \(known).",
                param: "\(path).role")
        }
        return Turn(role: role, text: try text(message["content"], at: "\(path).content"))
    }

    /// A string, or the text parts of an array joined.
    private func text(_ content: Value?, at path: String) throws(Failure) -> String {
        guard let content, !content.isNull else { return "" }
        if let string = content.string { return string }
        guard content.kind == .array else { throw wrong(path, "a string or an array of parts", content) }
        var text = ""
        var index = 0
        for part in content.elements {
            guard part.object != nil else { throw wrong("\(path).\(index)", "an object", part) }
            text += part["text"]?.string ?? ""
            index += 1
        }
        return text
    }

    private func required<T>(
        _ value: Value, _ name: String, _ read: (Value) -> T?, _ expected: String, below path: String? = nil
    ) throws(Failure) -> T {
        guard let found = try optional(value, name, read, expected, below: path) else {
            throw missing(joined(path, name))
        }
        return found
    }

    private func optional<T>(
        _ value: Value, _ name: String, _ read: (Value) -> T?, _ expected: String, below path: String? = nil
    ) throws(Failure) -> T? {
        guard let member = value[name], !member.isNull else { return nil }
        guard let found = read(member) else { throw wrong(joined(path, name), expected, member) }
        return found
    }

    private func joined(_ path: String?, _ name: String) -> String { path.map { "\($0).\(name)" } ?? name }

    private func missing(_ path: String) -> Failure {
        Failure(.missingMember, "Missing required parameter: '\(path)'.", param: path)
    }

    private func wrong(_ path: String, _ expected: String, _ value: Value) -> Failure {
        Failure(
            .invalidMember,
            "Invalid type for '\(path)': expected \(expected), but got \(value.kind) instead.",
            param: path)
    }
}
