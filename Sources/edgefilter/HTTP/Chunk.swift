// SPDX-License-Identifier: MIT

/// The line before a chunk's data (RFC 9112 §7.1).
///
/// ```
/// chunk-line = chunk-size *( BWS ";" BWS token [ BWS "=" BWS ( token / quoted-string ) ] )
/// chunk-size = 1*16HEXDIG
/// ```
struct ChunkLine {
    let size: Int
    /// How many bytes the extensions take; their meaning is ignored.
    let extensions: Int

    init(_ line: Span<UInt8>) throws(BadHTTP) {
        var cursor = Cursor(line)
        let digits = cursor.take { $0.hexValue != nil }
        let value = digits.count <= ChunkLimits.digits ? UInt64(line.string(digits), radix: 16) : nil
        let isSize = cursor.isAtEnd || line[digits.count].isBlank || line[digits.count] == UInt8(ascii: ";")
        guard isSize, let value, let size = Int(exactly: value) else { throw BadHTTP(.badChunkSize) }
        self.size = size
        extensions = line.count - digits.count
        guard extensions <= ChunkLimits.extensions else { throw BadHTTP(.chunkExtensionTooLong) }
        while !cursor.isAtEnd {
            guard cursor.skipExtension() else { throw BadHTTP(.badChunkExtension) }
        }
    }
}

extension Cursor {
    fileprivate mutating func skipExtension() -> Bool {
        skipBlanks()
        guard take(UInt8(ascii: ";")) else { return false }
        skipBlanks()
        guard token() != nil else { return false }
        let name = self
        skipBlanks()
        guard take(UInt8(ascii: "=")) else {
            self = name
            return true
        }
        skipBlanks()
        return token() != nil || quoted() != nil
    }
}

/// The fields after the last chunk: read, limited, and dropped, for a field that comes so late must not
/// change what has been decided (RFC 9112 §7.1.2).
struct Trailer: Sendable {
    private var size = 0
    private var count = 0

    /// How long the next line may be.
    var allowance: Int { ChunkLimits.trailer - size - 2 }

    /// Checks one line, which is not the empty one.
    mutating func check(_ line: Span<UInt8>) throws(BadHTTP) {
        size += line.count + 2
        count += 1
        guard count <= ChunkLimits.trailerFields else { throw BadHTTP(.trailerTooLarge) }
        let field = try Field(strict: line)
        guard !Self.forbidden.contains(where: { isSame($0, field.name) }) else { throw BadHTTP(.badTrailer) }
    }

    /// Names that frame, route or authorize (RFC 9110 §6.5.1).
    private static let forbidden = [
        "Transfer-Encoding", "Content-Length", "Host", "Connection", "TE", "Trailer", "Upgrade", "Expect",
        "Authorization", "Proxy-Authorization",
    ]
}
