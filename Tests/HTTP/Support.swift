// SPDX-License-Identifier: MIT

import Foundation
import HTTP

/// The bytes of a text, in which ¶ stands for CR LF.
func wire(_ text: String) -> [UInt8] {
    Array(text.replacingOccurrences(of: "¶", with: "\r\n").utf8)
}

func text(_ bytes: [UInt8]) -> String {
    String(decoding: bytes, as: UTF8.self)
}

extension [UInt8] {
    /// All ways to look at the same bytes: whole, cut in two at every byte, and byte by byte.
    var splits: [[[UInt8]]] {
        let halves = (0...count).map { [Array(prefix($0)), Array(dropFirst($0))] }
        return [[self]] + halves + [map { [$0] }]
    }

    /// Cut at places that only look random, and are the same in every run.
    func scattered(_ seed: UInt64) -> [[UInt8]] {
        var state = seed
        var pieces: [[UInt8]] = []
        var rest = self[...]
        while !rest.isEmpty {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            let size = Int(state >> 33 % (state >> 60 == 0 ? 4096 : 7))
            pieces.append(Array(rest.prefix(size)))
            rest = rest.dropFirst(size)
        }
        return pieces
    }
}

/// What came of reading a head.
enum HeadOutcome: Equatable {
    case head(RequestHead, consumed: Int)
    case bad(BadHTTP.Reason)
    case unfinished(isEmpty: Bool)

    init(_ pieces: [[UInt8]], _ limits: Limits = Limits()) {
        var reader = HeadReader(limits)
        var consumed = 0
        do throws(BadHTTP) {
            for piece in pieces where reader.head == nil { consumed += try reader.read(piece.span) }
        } catch {
            self = .bad(error.reason)
            return
        }
        self = reader.head.map { .head($0, consumed: consumed) } ?? .unfinished(isEmpty: reader.isEmpty)
    }

    var head: RequestHead? {
        if case .head(let head, _) = self { head } else { nil }
    }
}

/// What came of reading a body.
enum BodyOutcome: Equatable {
    case body([UInt8], consumed: Int)
    case bad(BadHTTP.Reason)
    case unfinished

    init(_ pieces: [[UInt8]], _ framing: Framing = .chunked, limit: Int = 1 << 20) {
        var consumed = 0
        var body: [UInt8] = []
        do throws(BadHTTP) {
            var reader = try BodyReader(framing, limit: limit)
            for piece in pieces where !reader.isDone { consumed += try reader.read(piece.span, into: &body) }
            try reader.finish()
            self = .body(body, consumed: consumed)
        } catch {
            self = error.reason == .truncated ? .unfinished : .bad(error.reason)
        }
    }
}

/// The corpora that lie beside the project.
enum Corpus {
    static func bytes(_ path: String) throws -> [UInt8] {
        var root = URL(fileURLWithPath: #filePath)
        for _ in 0..<4 { root.deleteLastPathComponent() }
        return Array(try Data(contentsOf: root.appendingPathComponent("shared/corpora/\(path)")))
    }

    static func json<Value: Decodable>(_ path: String, as type: Value.Type) throws -> Value {
        try JSONDecoder().decode(type, from: Data(try bytes(path)))
    }
}
