// SPDX-License-Identifier: MIT

/// The versions spoken at the door.
package enum Version: Sendable {
    case http10, http11

    // HTTP-version = "HTTP/" DIGIT "." DIGIT (RFC 9112 §2.3)
    init(_ bytes: Span<UInt8>) throws(BadHTTP) {
        let text = bytes.string(0..<bytes.count)
        switch text {
        case "HTTP/1.1": self = .http11
        case "HTTP/1.0": self = .http10
        default:
            let isVersion =
                bytes.count == 8 && text.hasPrefix("HTTP/") && bytes[5].isDigit
                && bytes[6] == UInt8(ascii: ".") && bytes[7].isDigit
            throw BadHTTP(isVersion ? .unsupportedVersion : .badVersion)
        }
    }
}

// request-line = method SP request-target SP HTTP-version (RFC 9112 §3)
struct RequestLine: Sendable {
    let method: String
    let target: Target
    let version: Version

    init(_ line: Span<UInt8>) throws(BadHTTP) {
        guard let first = line.first(.space), let second = line.first(.space, from: first + 1),
            line.first(.space, from: second + 1) == nil, first > 0, second > first + 1
        else { throw BadHTTP(.badRequestLine) }
        guard line.extracting(0..<first).all(ByteSet.token.contains) else { throw BadHTTP(.badMethod) }
        method = line.string(0..<first)
        version = try Version(line.extracting(second + 1..<line.count))
        target = try Target(line.extracting(first + 1..<second), method: method)
    }
}
