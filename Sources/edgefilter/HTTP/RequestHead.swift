// SPDX-License-Identifier: MIT

/// The head of a request.
///
/// One that exists is valid, and says without ambiguity where its body ends.
/// A class, since it is passed on again and again and never changes.
package final class RequestHead: Equatable, Sendable {
    /// A token, in the case it came in: methods are case-sensitive.
    package let method: String
    /// What is asked for.
    package let target: Target
    /// What the client speaks, and how it must be answered.
    package let version: Version
    /// All fields in order; none of them breaks the rules of RFC 9110 §5.
    package let fields: Fields
    /// Where the request says it goes: what the target names, else the Host field.
    package let authority: Authority?
    /// How the body that follows is delimited.
    package let framing: Framing

    init(_ line: RequestLine, _ fields: Fields) throws(BadHTTP) {
        let host = try Self.host(fields, line.version)
        let expectations = fields.list("Expect")
        guard expectations.allSatisfy({ $0 == "100-continue" }) else { throw BadHTTP(.unknownExpectation) }
        framing = try Framing(fields, line.version)
        authority = line.target.authority ?? host
        method = line.method
        target = line.target
        version = line.version
        self.fields = fields
    }

    /// All that is kept of a head counts.
    package static func == (one: RequestHead, other: RequestHead) -> Bool {
        one.method == other.method && one.target == other.target && one.version == other.version
            && one.fields == other.fields && one.authority == other.authority && one.framing == other.framing
    }

    /// The host of `authority`: lower case, no port.
    ///
    /// HTTP/1.0 may have none.
    package var host: String? { authority?.host }

    /// Whether the connection stays open for another request, as far as the client is concerned (RFC 9112
    /// §9.3).
    package var keepsAlive: Bool {
        let options = fields.list("Connection")
        guard !options.contains("close") else { return false }
        return version == .http11 || options.contains("keep-alive")
    }

    /// Whether the client waits for `100 Continue` before it sends the body (RFC 9110 §10.1.1).
    package var expectsContinue: Bool {
        version == .http11 && framing != .none && framing != .counted(0) && fields.contains("Expect")
    }

    /// Exactly one valid Host in HTTP/1.1, at most one in HTTP/1.0 (RFC 9112 §3.2).
    private static func host(_ fields: Fields, _ version: Version) throws(BadHTTP) -> Authority? {
        guard let host = fields.first("Host") else {
            guard version == .http10 else { throw BadHTTP(.missingHost) }
            return nil
        }
        guard fields.count(named: "Host") == 1 else { throw BadHTTP(.repeatedHost) }
        guard let authority = Authority(host.raw.span) else { throw BadHTTP(.badHost) }
        return authority
    }
}
