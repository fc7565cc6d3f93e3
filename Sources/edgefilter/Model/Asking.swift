// SPDX-License-Identifier: MIT

package import JSON

// How a request's members are read: what is wrong is told with its path, as `messages.3.content.0.type`.
extension Failure {
    /// `value` is not what stands there.
    package static func wrong(_ value: Value, expected: String) -> Failure {
        let path = value.path
        return Failure(
            .invalidMember,
            path.isEmpty
                ? "The body must be \(expected), not \(value.kind)."
                : "Invalid type for '\(path)': expected \(expected), but got \(value.kind) instead.",
            param: path.isEmpty ? nil : path)
    }

    /// `value` is of the right kind, but not one that is understood; `why` ends the sentence.
    package static func invalid(_ value: Value, _ why: String) -> Failure {
        let path = value.path
        return Failure(.invalidMember, "Invalid value for '\(path)': \(why).", param: path)
    }

    /// `name` is missing in `value`.
    package static func missing(_ name: String, in value: Value) -> Failure {
        let path = value.path.isEmpty ? name : "\(value.path).\(name)"
        return Failure(.missingMember, "Missing required parameter: '\(path)'.", param: path)
    }

    /// More than an answer can be searched for without a cost that shows.
    package static let stopLimit = 16 << 10

    /// Throws at strings that end an answer when they are too long, all in all.
    package static func check(stops: [String], at value: Value) throws(Failure) {
        guard stops.reduce(0, { $0 + $1.utf8.count }) > stopLimit else { return }
        throw Failure.invalid(value, "the strings have more than \(stopLimit) bytes")
    }

    /// A request's body as a JSON object.
    package static func reading(_ body: [UInt8]) throws(Failure) -> Value {
        do throws(Malformed) {
            let root = try Document(body, limits: .request).root
            guard root.object != nil else { throw Malformed(.unexpectedByte, at: 0) }
            return root
        } catch {
            if error.reason == .tooMany { throw tooManyValues }
            if error.reason == .unexpectedByte, let root = (try? Document(body, limits: .request))?.root {
                throw Failure.wrong(root, expected: "a JSON object")
            }
            throw Failure(.invalidJSON, "The body is not valid JSON: \(error).")
        }
    }

    private static let tooManyValues = Failure(
        .bodyTooLarge,
        "The body has more than \(Limits.requestElements) values; send fewer messages, parts, tools or numbers."
    )
}

extension Value {
    /// The member called `name`, unless it is absent or null.
    package func given(_ name: String) -> Value? {
        guard let member = self[name], !member.isNull else { return nil }
        return member
    }

    /// A member that may be absent or null, but nothing else than `expected`.
    package func optional<T>(
        _ name: String, _ read: (Value) -> T?, _ expected: String
    ) throws(Failure) -> T? {
        guard let member = given(name) else { return nil }
        guard let found = read(member) else { throw Failure.wrong(member, expected: expected) }
        return found
    }

    /// A member that must be there.
    package func required<T>(
        _ name: String, _ read: (Value) -> T?, _ expected: String
    ) throws(Failure) -> T {
        guard let found = try optional(name, read, expected) else { throw Failure.missing(name, in: self) }
        return found
    }

    /// A string; nil: absent or null.
    package func optionalString(_ name: String) throws(Failure) -> String? {
        try optional(name, \.string, "a string")
    }

    /// A string that must be there.
    package func requiredString(_ name: String) throws(Failure) -> String {
        try required(name, \.string, "a string")
    }

    /// A string that must be there, and not be empty.
    package func requiredWord(_ name: String) throws(Failure) -> String {
        let word = try requiredString(name)
        guard !word.isEmpty else { throw Failure.invalid(self[name] ?? self, "it must not be empty") }
        return word
    }

    /// A boolean; nil: absent or null.
    package func optionalBool(_ name: String) throws(Failure) -> Bool? {
        try optional(name, \.bool, "a boolean")
    }

    /// An integer; nil: absent or null.
    package func optionalInt(_ name: String) throws(Failure) -> Int? {
        try optional(name, \.int, "an integer")
    }

    /// A number by its text, so that no digit is lost; nil: absent or null.
    package func optionalNumber(_ name: String) throws(Failure) -> String? {
        try optional(name, \.number, "a number")
    }

    /// An array's elements; nil: absent or null.
    package func optionalArray(_ name: String) throws(Failure) -> Elements? {
        try optional(name, \.ifArray, "an array")
    }

    /// An array's elements; an array must be there.
    package func requiredArray(_ name: String) throws(Failure) -> Elements {
        try required(name, \.ifArray, "an array")
    }

    /// An object; nil: absent or null.
    package func optionalObject(_ name: String) throws(Failure) -> Value? {
        try optional(name, \.ifObject, "an object")
    }

    /// An object that must be there.
    package func requiredObject(_ name: String) throws(Failure) -> Value {
        try required(name, \.ifObject, "an object")
    }

    /// Itself, which must be an object.
    package func checkObject() throws(Failure) {
        guard kind == .object else { throw Failure.wrong(self, expected: "an object") }
    }

    private var ifObject: Value? { kind == .object ? self : nil }
    private var ifArray: Elements? { kind == .array ? elements : nil }
}
