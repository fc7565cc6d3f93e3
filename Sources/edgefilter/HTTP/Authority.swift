// SPDX-License-Identifier: MIT

/// Where a request says it goes: `host [ ":" port ]` (RFC 3986 §3.2), as in the Host field.
///
/// It is what the peer claims, nothing more.
package struct Authority: Equatable, Sendable {
    /// The host in lower case, without the port; an IPv6 address keeps its brackets.
    package let host: String
    /// The port, when one is written.
    package let port: Int?

    /// Nil when the bytes are anything else: no host, a user, a path, a port beyond 65535.
    init?(_ bytes: Span<UInt8>) {
        var cursor = Cursor(bytes)
        guard let host = cursor.take(UInt8(ascii: "[")) ? cursor.address() : cursor.hostName() else {
            return nil
        }
        var port: Int?
        if cursor.take(.colon) {
            let digits = cursor.take(while: \.isDigit)
            port = Int(bytes.string(digits))
            guard digits.count <= 5, port ?? 0 <= 65535 else { return nil }
        }
        guard cursor.isAtEnd else { return nil }
        self.host = bytes.string(host).lowercased()
        self.port = port
    }
}

extension Cursor {
    /// The rest of `"[" IPv6address "]"`; the range begins with the bracket already taken.
    fileprivate mutating func address() -> Range<Int>? {
        let inner = take { $0.hexValue != nil || $0 == .colon || $0 == UInt8(ascii: ".") }
        let colons = bytes.extracting(inner).first(.colon)
        guard colons != nil, inner.count <= 45, take(UInt8(ascii: "]")) else { return nil }
        return inner.lowerBound - 1..<index
    }

    /// reg-name = 1*( unreserved / pct-encoded / sub-delims ); an IPv4 address looks the same.
    fileprivate mutating func hostName() -> Range<Int>? {
        let start = index
        _ = take(while: ByteSet.hostName.contains)
        while take(UInt8(ascii: "%")) {
            guard take(while: { $0.hexValue != nil }).count >= 2 else { return nil }
            _ = take(while: ByteSet.hostName.contains)
        }
        return start < index ? start..<index : nil
    }
}
