// SPDX-License-Identifier: MIT

import CCurl
import HTTP
import Model
import Settings
import Unix

/// What is asked of an upstream: method, address, fields.
struct Call {
    let upstream: Upstream
    let method: String
    /// Path and query as they go out.
    let target: String
    let fields: [Field]

    /// How a body goes up.
    enum Body {
        case none
        /// All of it is here: libcurl gets it in one piece and sends it with the head.
        case whole
        /// As it comes; the length, when it is known.
        case streamed(Int?)

        /// A body that cannot be sent twice must not meet a connection that may be dead already.
        var isRepeatable: Bool {
            if case .streamed(let length) = self {
                length.map { $0 <= Upload.repeatable } ?? false
            } else {
                true
            }
        }

        /// What waits in `upload`, and what is to follow.
        init(_ upload: Upload, length: Int?) {
            let isWhole = upload.isComplete && upload.waiting <= Call.wholeLimit
            self = isWhole ? .whole : .streamed(length)
        }
    }

    /// libcurl sends a body up to this length together with the head.
    static let wholeLimit = 60 << 10

    /// Sets a transfer up whose body is all here.
    func prepare(_ transfer: Transfer, sending bytes: [UInt8]) {
        transfer.upload.append { $0 = bytes }
        transfer.upload.isComplete = true
        prepare(transfer, body: Body(transfer.upload, length: bytes.count))
    }

    /// Sets a transfer up.
    func prepare(_ transfer: Transfer, body: Body) {
        guard let base = upstream.base else { return }
        if transfer.upstream != upstream.name { Call.secure(transfer, upstream, base) }
        transfer.aim(at: base)
        transfer.set(CURLOPT_REQUEST_TARGET, target)
        setMethod(transfer, body)
        setFields(transfer)
        transfer.set(CURLOPT_FRESH_CONNECT, body.isRepeatable ? 0 : 1)
    }

    private func setMethod(_ transfer: Transfer, _ body: Body) {
        switch body {
        case .none where method == "HEAD": transfer.set(CURLOPT_NOBODY, 1)
        case .none: break
        case .whole:
            transfer.post()
            transfer.upload.handOver()
        case .streamed(let length): transfer.put(length)
        }
        transfer.set(CURLOPT_CUSTOMREQUEST, method)
    }

    private func setFields(_ transfer: Transfer) {
        var line: [UInt8] = []
        for field in fields {
            line.removeAll(keepingCapacity: true)
            write(field, to: &line)
            transfer.add(line: line)
        }
        // What libcurl would say by itself; for `Expect` it would even wait a second.
        if !fields.contains(where: { $0.isNamed("Accept") }) { transfer.add(line: Call.noAccept) }
        if !fields.contains(where: { $0.isNamed("Content-Type") }) { transfer.add(line: Call.noType) }
        for line in Call.always { transfer.add(line: line) }
    }

    private static let noAccept = Array("Accept:\0".utf8)
    private static let noType = Array("Content-Type:\0".utf8)
    private static let always = ["Expect:\0", "Accept-Encoding: identity\0"].map { Array($0.utf8) }

    /// libcurl's form: a field without a value ends in a semicolon.
    private func write(_ field: Field, to line: inout [UInt8]) {
        line.reserveCapacity(field.name.utf8.count + field.raw.count + 3)
        line.take(field.name.utf8.span)
        if field.raw.isEmpty {
            line.append(UInt8(ascii: ";"))
        } else {
            line.append(UInt8(ascii: ":"))
            line.append(UInt8(ascii: " "))
            line.append(contentsOf: field.raw)
        }
        line.append(0)
    }

    /// What holds for every call to an upstream (promise 9): only the scheme that is configured, no private
    /// address behind a public name.
    static func secure(_ transfer: Transfer, _ upstream: Upstream, _ base: URL) {
        transfer.upstream = upstream.name
        transfer.set(CURLOPT_PROTOCOLS_STR, base.carrier.rawValue)
        transfer.set(
            CURLOPT_CONNECTTIMEOUT_MS,
            upstream.timeout.connect == 0 ? Int(Int32.max) : upstream.timeout.connect)
        transfer.allowsPrivate = upstream.plain || base.isLoopback || base.isPrivate
        guard base.scheme.isSecure else { return }
        transfer.trustAuthorities()
    }

    static func origin(_ base: URL) -> String {
        URL(scheme: base.carrier, host: base.host, port: base.port).description
    }

    /// A path of the form `/v1/…` below an upstream's base.
    ///
    /// What does not begin with `/v1` is joined to the root.
    static func target(_ path: String, below base: URL?) -> String {
        guard path.hasPrefix("/v1/") else { return path }
        return (base?.path ?? "") + String(decoding: path.utf8.dropFirst("/v1".utf8.count), as: UTF8.self)
    }

    /// The name in `/v1/models/{id}`.
    static func modelInPath(_ path: String, _ caller: any ClientSide) -> String? {
        let prefix = caller.modelsPath + "/"
        guard path.hasPrefix(prefix), path.utf8.count > prefix.utf8.count else { return nil }
        return unescaped(path.dropFirst(prefix.count))
    }
}

/// Percent-escapes decoded (RFC 3986 section 2.1); a broken one stands for itself.
func unescaped(_ text: Substring) -> String {
    var bytes: [UInt8] = []
    var rest = text.utf8[...]
    while let byte = rest.popFirst() {
        let digits = String(decoding: rest.prefix(2), as: UTF8.self)
        if byte == UInt8(ascii: "%"), digits.utf8.count == 2, let code = UInt8(digits, radix: 16) {
            bytes.append(code)
            rest.removeFirst(2)
        } else {
            bytes.append(byte)
        }
    }
    return String(decoding: bytes, as: UTF8.self)
}

/// All but letters, digits and some marks escaped (RFC 3986 section 2.1).
func escaped(_ text: String, but marks: String = "-._~/:@") -> String {
    let plain = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789\(marks)".utf8)
    return text.utf8.map { byte in
        if plain.contains(byte) { return String(decoding: [byte], as: UTF8.self) }
        let digits = String(byte, radix: 16, uppercase: true)
        return "%" + (digits.utf8.count < 2 ? "0" : "") + digits
    }.joined()
}
