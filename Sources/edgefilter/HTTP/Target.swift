// SPDX-License-Identifier: MIT

/// What a request asks for (RFC 9112 §3.2), percent escapes untouched, in visible ASCII.
package struct Target: Equatable, Sendable {
    /// Begins with "/"; or is "*", of an OPTIONS request only; or is empty, of a CONNECT request only.
    package let path: String
    /// What follows the first "?".
    package let query: String?
    /// What a target in absolute form, or of CONNECT, names; it overrides the Host field.
    package let authority: Authority?

    /// ```
    /// origin-form    = "/" ... [ "?" query ]
    /// absolute-form  = ( "http" / "https" ) "://" authority [ origin-form ]
    /// authority-form = host ":" port            CONNECT only, and nothing else with it
    /// asterisk-form  = "*"                      OPTIONS only
    /// ```
    init(_ bytes: Span<UInt8>, method: String) throws(BadHTTP) {
        guard !bytes.isEmpty, bytes.all({ $0 > .space && $0 < .delete && $0 != UInt8(ascii: "#") }) else {
            throw BadHTTP(.badTarget)
        }
        if method == "CONNECT" {
            try self.init(connect: bytes)
        } else if bytes[0] == UInt8(ascii: "/") {
            self.init(origin: bytes, authority: nil)
        } else if method == "OPTIONS", bytes.count == 1, bytes[0] == UInt8(ascii: "*") {
            self.init("*")
        } else {
            try self.init(absolute: bytes)
        }
    }

    private init(connect bytes: Span<UInt8>) throws(BadHTTP) {
        guard let authority = Authority(bytes), authority.port != nil else { throw BadHTTP(.badTarget) }
        self.init("", authority: authority)
    }

    private init(_ path: String, query: String? = nil, authority: Authority? = nil) {
        self.path = path
        self.query = query
        self.authority = authority
    }

    private init(absolute bytes: Span<UInt8>) throws(BadHTTP) {
        guard let start = Self.schemeEnd(bytes) else { throw BadHTTP(.badTarget) }
        var cursor = Cursor(bytes.extracting(start..<bytes.count))
        let name = cursor.take { $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: "?") }
        guard let authority = Authority(cursor.bytes.extracting(name)) else { throw BadHTTP(.badTarget) }
        self.init(origin: cursor.bytes.extracting(cursor.index..<cursor.bytes.count), authority: authority)
    }

    private init(origin bytes: Span<UInt8>, authority: Authority?) {
        let mark = bytes.first(UInt8(ascii: "?"))
        let path = bytes.string(0..<(mark ?? bytes.count))
        let query = mark.map { bytes.string($0 + 1..<bytes.count) }
        self.init(path.isEmpty ? "/" : path, query: query, authority: authority)
    }

    /// Where the authority begins, when the scheme is one of ours.
    private static func schemeEnd(_ bytes: Span<UInt8>) -> Int? {
        guard let colon = bytes.first(.colon), bytes.count >= colon + 3 else { return nil }
        let scheme = bytes.string(0..<colon)
        guard isSame(scheme, "http") || isSame(scheme, "https") else { return nil }
        return bytes.string(colon..<colon + 3) == "://" ? colon + 3 : nil
    }
}
