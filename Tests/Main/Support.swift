// SPDX-License-Identifier: MIT

import CZlib
import HTTP
import Model
import OpenAI
import Settings
import Testing
import Unix

@testable import edgefilter

/// The bytes of a text, in which ¶ stands for CR LF.
func wire(_ text: String) -> [UInt8] { Array(text.replacing("¶", with: "\r\n").utf8) }

func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

/// The head of a request, given by its line and its field lines.
func head(_ line: String, _ fields: String...) throws -> RequestHead {
    let host =
        fields.contains { $0.lowercased().hasPrefix("host:") } || line.hasSuffix("1.0")
        ? [] : ["Host: localhost"]
    let start = line.contains(" HTTP/") ? line : "\(line) HTTP/1.1"
    var reader = HeadReader()
    _ = try reader.read(wire(([start] + host + fields).joined(separator: "¶") + "¶¶").span)
    return try #require(reader.head)
}

/// The caller's dialect.
let caller = OpenAI.client

/// The side of OpenAI that faces a provider.
func httpSide() throws(Failure) -> HTTPSide {
    guard case .http(let side) = Dialect.openAI.upstream else {
        throw Failure(.internalError, "no HTTP side")
    }
    return side
}

extension [UInt8] {
    /// All ways to look at the same bytes: whole, cut in two at every byte, and byte by byte.
    var splits: [[[UInt8]]] {
        let halves = (0...count).map { [Array(prefix($0)), Array(dropFirst($0))] }
        return [[self]] + halves + [map { [$0] }]
    }

    /// In chunks of the given sizes, again and again.
    func chunked(by sizes: [Int]) -> [UInt8] {
        var out: [UInt8] = []
        var rest = self[...]
        var turn = 0
        while !rest.isEmpty {
            let piece = rest.prefix(sizes[turn % sizes.count])
            out += wire("\(String(piece.count, radix: 16))¶") + piece + wire("¶")
            rest = rest.dropFirst(piece.count)
            turn += 1
        }
        return out + wire("0¶¶")
    }

    /// As gzip (RFC 1952).
    var gzipped: [UInt8] {
        var stream = z_stream()
        deflateInit2_(
            &stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
            Int32(MemoryLayout<z_stream>.size))
        var input = self
        var out = [UInt8](repeating: 0, count: count + 1024)
        input.withUnsafeMutableBufferPointer { bytes in
            out.withUnsafeMutableBufferPointer { room in
                (stream.next_in, stream.avail_in) = (bytes.baseAddress, UInt32(bytes.count))
                (stream.next_out, stream.avail_out) = (room.baseAddress, UInt32(room.count))
                deflate(&stream, Z_FINISH)
            }
        }
        let made = Int(stream.total_out)
        deflateEnd(&stream)
        return Array(out.prefix(made))
    }
}

/// What a failing piece of work throws; nil: it does not fail.
func failure(_ work: () throws(Failure) -> Void) -> Failure? {
    do throws(Failure) {
        try work()
        return nil
    } catch {
        return error
    }
}

extension Upload {
    /// All that waits.
    mutating func readAll() -> [UInt8] {
        var all: [UInt8] = []
        var room = [UInt8](repeating: 0, count: 1000)
        while hasMore {
            let count = room.withUnsafeMutableBytes { read(into: $0) }
            all += room.prefix(count)
        }
        return all
    }
}

extension Buffer {
    /// Takes out all of it.
    mutating func takeAll() -> [UInt8] {
        let all = span.array
        drop(count)
        return all
    }
}

extension Transfer {
    /// What came of the answer's body and was not yet passed on.
    var came: String {
        let copy = body
        return text(copy.span.array)
    }
}

extension Ended {
    var isComplete: Bool { if case .complete = self { true } else { false } }
    var whole: String? { if case .whole(let body) = self { text(body) } else { nil } }
}

/// Where a request goes; `model`: of a path unless given.
func planned(
    _ settings: Settings, _ head: RequestHead, model: String? = nil, bearsModel: Bool = false
) throws -> Plan {
    let endpoint = Endpoint(head)
    let asked = Asked(
        endpoint: endpoint, method: head.method,
        model: model ?? Call.modelInPath(endpoint.path, endpoint.caller), bearsModel: bearsModel)
    let providers = settings.upstreams.map { ($0.name, $0.provider.provider) }
    return try Plan(settings, Dictionary(providers) { $1 }, asked)
}
