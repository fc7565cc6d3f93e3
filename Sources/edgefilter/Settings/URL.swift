// SPDX-License-Identifier: MIT

/// The root of an upstream: `http`, `https`, `ws` or `wss`, a host, a port perhaps and a path (RFC 3986, a
/// strict part of it).
package struct URL: Equatable, Sendable, CustomStringConvertible {
    /// What is spoken there.
    package enum Scheme: String, Sendable {
        case http, https, ws, wss

        /// Whether it runs over TLS.
        package var isSecure: Bool { self == .https || self == .wss }
        /// Whether it is WebSocket (RFC 6455 section 3).
        package var isSocket: Bool { self == .ws || self == .wss }
    }

    /// With TLS or without.
    package var scheme: Scheme
    /// Lower case; an IPv6 address without its brackets.
    package var host: String
    /// Nil: that of the scheme.
    package var port: Int?
    /// Empty, or a path that begins with a slash and does not end in one.
    package var path: String

    /// A URL of parts that are taken as they are.
    package init(scheme: Scheme, host: String, port: Int? = nil, path: String = "") {
        self.scheme = scheme
        self.host = host
        self.port = port
        self.path = path
    }

    /// The URL as text, as it can be read again.
    package var description: String { "\(scheme.rawValue)://\(authority)\(path)" }

    /// Host and port, as they stand in a URL and in a Host field.
    package var authority: String {
        let host = host.utf8.contains(UInt8(ascii: ":")) ? "[\(host)]" : host
        return "\(host)\(port.map { ":\($0)" } ?? "")"
    }

    /// Whether the host is this machine.
    package var isLoopback: Bool {
        Address(host)?.isLoopback ?? (host == "localhost" || host.hasSuffix(".localhost"))
    }

    /// Whether the host is of a private range, or has a name that the public DNS does not hold.
    package var isPrivate: Bool {
        if let address = Address(host) { return address.isPrivate }
        guard host.utf8.contains(UInt8(ascii: ".")) else { return !isLoopback }
        return [".local", ".internal", ".lan", ".home.arpa"].contains { host.hasSuffix($0) }
    }
}

/// Why a text is no address of an upstream; never a part of the text, which may hold a password.
struct BadURL: Error, Equatable {
    let reason: String

    init(_ reason: String) {
        self.reason = reason
    }
}

// url = scheme "://" host [ ":" port ] [ path ] ; host = name | IPv4 | "[" IPv6 "]"
extension URL {
    /// Reads the text of the operator; throws what is wrong with it.
    init(_ text: String) throws(BadURL) {
        guard text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw BadURL("a URL is visible ASCII without spaces")
        }
        let schemes = [Scheme.https, .http, .wss, .ws].map { ("\($0.rawValue)://", $0) }
        let start = text.lowercased()
        guard let (prefix, scheme) = schemes.first(where: { start.hasPrefix($0.0) }) else {
            throw BadURL("expected a URL that begins with https://")
        }
        let rest = text.dropFirst(prefix.count)
        let end = rest.utf8.firstIndex(where: "/?#".utf8.contains) ?? rest.endIndex
        let (host, port) = try Self.authority(rest[..<end])
        self.init(scheme: scheme, host: host, port: port, path: try Self.path(rest[end...]))
    }

    private static func authority(_ text: Substring) throws(BadURL) -> (String, Int?) {
        guard !text.utf8.contains(UInt8(ascii: "@")) else {
            throw BadURL("a user or password does not belong in a URL")
        }
        guard text.hasPrefix("[") else {
            let colon = text.firstIndex(of: ":") ?? text.endIndex
            return (try name(text[..<colon].lowercased()), try suffix(text[colon...]))
        }
        guard let close = text.firstIndex(of: "]") else {
            throw BadURL("the bracket of the address is not closed")
        }
        let host = text[text.index(after: text.startIndex)..<close].lowercased()
        guard Address(host)?.bytes.count == 16 else {
            throw BadURL("expected an IPv6 address in the brackets")
        }
        return (host, try suffix(text[text.index(after: close)...]))
    }

    private static func suffix(_ text: Substring) throws(BadURL) -> Int? {
        guard !text.isEmpty else { return nil }
        guard text.hasPrefix(":"), let port = decimal(text.dropFirst()), (1...65535).contains(port) else {
            throw BadURL("expected a port from 1 to 65535 behind the host")
        }
        return port
    }

    private static func name(_ text: String) throws(BadURL) -> String {
        if Address(text) != nil { return text }
        let labels = text.split(separator: ".", omittingEmptySubsequences: false)
        let isName = labels.allSatisfy { label in
            (1...63).contains(label.utf8.count) && label.utf8.allSatisfy(isNameByte)
        }
        // `127.1` and `0x7f.1` are addresses to some resolvers: a name does not end in a number.
        guard isName, text.utf8.count <= 253, let last = labels.last?.utf8.first, !isDigit(last) else {
            throw BadURL("expected a host name or an address")
        }
        return text
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        isDigit(byte) || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || byte == UInt8(ascii: "-")
            || byte == UInt8(ascii: "_")
    }

    private static func path(_ text: Substring) throws(BadURL) -> String {
        guard !text.utf8.contains(where: "?#".utf8.contains) else {
            throw BadURL("a query or fragment does not belong in a base URL")
        }
        var text = text
        while text.hasSuffix("/") { text.removeLast() }
        let segments = text.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
        guard text.isEmpty || segments.allSatisfy({ !["", ".", ".."].contains($0) }) else {
            throw BadURL("a base URL's path has no empty and no dot segments")
        }
        guard text.utf8.allSatisfy({ !#""<>\^`{|}"#.utf8.contains($0) }) else {
            throw BadURL("a URL's path has no quotes, brackets or backslashes")
        }
        return String(text)
    }
}
