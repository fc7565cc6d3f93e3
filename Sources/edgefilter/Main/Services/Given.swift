// SPDX-License-Identifier: MIT

import HTTP
import JSON
import Model
import Unix

/// What a request to one of our own endpoints asks for: parameters of its query, of a form, or members of a
/// JSON body.
///
/// A body's count before a query's; of twins the last.
struct Given {
    private var pairs: [(name: String, value: String)] = []
    private var body: Object?

    /// Throws for a body that is neither a JSON object nor a form.
    init(query: String?, body: [UInt8] = [], type: String = "") throws(Failure) {
        pairs = Given.pairs(query ?? "")
        let first = body.first { ![0x20, 0x09, 0x0A, 0x0D].contains($0) }
        guard let first else { return }
        if first != UInt8(ascii: "{"), Parameters(type)?.essence == "application/x-www-form-urlencoded" {
            pairs += Given.pairs(String(decoding: body, as: UTF8.self))
            return
        }
        do throws(Malformed) {
            self.body = try Document(body).root.object
        } catch {
            throw Failure(.invalidJSON, "The body is not valid JSON: \(error).")
        }
        guard self.body != nil else { throw Failure(.invalidJSON, "The body must be a JSON object.") }
    }

    private static func pairs(_ text: String) -> [(name: String, value: String)] {
        text.split(separator: "&").map { pair in
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return (plain(parts[0]), parts.count > 1 ? plain(parts[1]) : "")
        }
    }

    private static func plain(_ text: Substring) -> String { unescaped(text.replacing("+", with: " ")[...]) }

    /// Whether it is said at all.
    func has(_ name: String) -> Bool { body?[name] != nil || pairs.contains { $0.name == name } }

    private func value(_ name: String) -> Value? { body?[name] }

    private func parameter(_ name: String) -> String? { pairs.last { $0.name == name }?.value }

    /// A text; nil: there is none, or null.
    func text(_ name: String) throws(Failure) -> String? {
        guard let value = value(name) else { return parameter(name) }
        if value.isNull { return nil }
        guard let text = value.string else { throw Given.wrong(name, "a string", value) }
        return text
    }

    /// A text that must be there.
    func needed(_ name: String) throws(Failure) -> String {
        if let text = try text(name), !text.isEmpty { return text }
        throw Given.missing(name)
    }

    /// A number that is not negative; nil: there is none, or null.
    func count(_ name: String) throws(Failure) -> Int? {
        let number: Int?
        if let value = value(name) {
            if value.isNull { return nil }
            number = value.int ?? value.string.flatMap { Int($0) }
        } else {
            guard let text = parameter(name), !text.isEmpty else { return nil }
            number = Int(text)
        }
        guard let number, 0...Given.most ~= number else {
            throw Failure(
                .invalidMember, "Invalid '\(name)': expected an integer from 0 to \(Given.most).", param: name
            )
        }
        return number
    }

    /// Far below what a program that reads JSON as doubles still tells apart.
    private static let most = 1_000_000_000_000_000

    /// A yes or no; nil: there is none, or null.
    func flag(_ name: String) throws(Failure) -> Bool? {
        if let value = value(name) {
            if value.isNull { return nil }
            guard let flag = value.bool else { throw Given.wrong(name, "true or false", value) }
            return flag
        }
        guard let text = parameter(name), !text.isEmpty else { return nil }
        guard ["true", "false"].contains(text) else {
            throw Failure(.invalidMember, "Invalid '\(name)': expected true or false.", param: name)
        }
        return text == "true"
    }

    /// Texts: an array, or one text with commas; nil: there are none, or null.
    func texts(_ name: String) throws(Failure) -> [String]? {
        guard let value = value(name), value.kind != .string else {
            return try text(name).map { text in
                text.split(separator: ",").map { String($0.trimmedBlanks) }.filter { !$0.isEmpty }
            }
        }
        if value.isNull { return nil }
        guard value.kind == .array else { throw Given.wrong(name, "an array of strings", value) }
        var texts: [String] = []
        for element in value.elements {
            guard let text = element.string else { throw Given.wrong(name, "an array of strings", element) }
            texts.append(text)
        }
        return texts
    }

    /// An instant, as `2026-11-21T08:00:00`; a day alone is its first instant, or its last where `isEnd`.
    func moment(_ name: String, isEnd: Bool = false) throws(Failure) -> Moment? {
        guard let text = try text(name), !text.isEmpty else { return nil }
        if let moment = Moment(iso8601: text, isEnd: isEnd) { return moment }
        throw Failure(
            .invalidMember,
            "Invalid '\(name)': expected an ISO 8601 date or time in UTC, such as 2026-11-21 or 2026-11-21T08:00:00.",
            param: name)
    }

    static func missing(_ name: String) -> Failure {
        Failure(.missingMember, "Missing required parameter: '\(name)'.", param: name)
    }

    private static func wrong(_ name: String, _ expected: String, _ value: Value) -> Failure {
        Failure(
            .invalidMember,
            "Invalid type for '\(name)': expected \(expected), but got \(value.kind) instead.",
            param: name)
    }
}

extension Substring {
    fileprivate var trimmedBlanks: Substring {
        var text = drop { $0 == " " }
        while text.last == " " { text.removeLast() }
        return text
    }
}
