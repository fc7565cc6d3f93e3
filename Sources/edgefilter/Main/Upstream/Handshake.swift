// SPDX-License-Identifier: MIT

import Digest
import HTTP
import Model

/// The opening of a conversation over WebSocket, seen from its client (RFC 6455 section 4).
///
///     answer = status-line *( field-line ) CRLF, its status 101, and no extension and no subprotocol in it
///
/// A machine: where the answer is cut changes nothing.
struct Handshake {
    /// What is sent, up to and with the empty line.
    let request: [UInt8]
    /// The head of the answer, once it is complete and no interim one.
    private(set) var head: ResponseHead?

    private let expected: String
    private var line: [UInt8] = []
    private var pending: ResponseHead?
    private var size = 0

    /// Bytes of all heads together.
    static let limit = 32 << 10

    /// `nonce`: 16 random bytes.
    init(target: String, host: String, fields: [Field], nonce: [UInt8]) {
        let key = Handshake.padded(nonce)
        expected = Handshake.padded(Hash.sha1(key + Handshake.guid))
        var request = Array("GET \(target) HTTP/1.1\r\nHost: \(host)\r\n".utf8)
        let own: Fields = [
            "Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Key": key,
            "Sec-WebSocket-Version": "13",
        ]
        for field in fields where !field.name.lowercased().hasPrefix("sec-websocket-") {
            field.write(to: &request)
        }
        for field in own { field.write(to: &request) }
        self.request = request + Array("\r\n".utf8)
    }

    private static let guid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"

    /// Base64 with its padding.
    private static func padded(_ bytes: [UInt8]) -> String {
        let text = Base64.standard.encoded(bytes)
        return text + String(repeating: "=", count: (4 - text.utf8.count % 4) % 4)
    }

    /// Reads on, and says how many bytes it took: all, or those up to the end of the head.
    ///
    /// Throws at what is no head of an answer.
    mutating func read(_ bytes: Span<UInt8>) throws(Failure) -> Int {
        var index = 0
        while head == nil, index < bytes.count {
            let byte = bytes[index]
            index += 1
            size += 1
            guard size <= Handshake.limit else { throw Handshake.tooLarge }
            line.append(byte)
            guard byte == 0x0A else { continue }
            try endLine()
            line.removeAll(keepingCapacity: true)
        }
        return index
    }

    private mutating func endLine() throws(Failure) {
        // A folded line is dropped: it would be read in two ways.
        if pending != nil, line[0] == 0x20 || line[0] == 0x09 { return }
        if pending == nil {
            guard let status = ResponseHead.status(of: line.span) else { throw Handshake.noHead }
            pending = ResponseHead(status)
        } else if let field = Field(line: line.span) {
            pending?.fields.append(field)
        } else if line.count <= 2, let whole = pending {
            pending = nil
            // 101 is the only one of its class that is final.
            if whole.status == 101 || whole.status >= 200 { head = whole }
        }
    }

    /// Throws at a 101 that is no answer to this request (section 4.1), and at other heads that are no
    /// refusals.
    func check(_ head: ResponseHead) throws(Failure) {
        guard head.status == 101 else {
            if head.status >= 400 { return }
            throw Handshake.broken("it answered \(head.status) to the handshake of WebSocket")
        }
        let fields = head.fields
        guard fields.list("Upgrade").contains("websocket"), fields.list("Connection").contains("upgrade")
        else {
            throw Handshake.broken("its handshake does not switch to WebSocket")
        }
        guard fields.values("Sec-WebSocket-Accept") == [expected] else {
            throw Handshake.broken("its handshake does not answer ours (Sec-WebSocket-Accept)")
        }
        guard !fields.contains("Sec-WebSocket-Extensions"), !fields.contains("Sec-WebSocket-Protocol") else {
            throw Handshake.broken("its handshake wants what was not offered")
        }
    }

    private static func broken(_ what: String) -> Failure {
        Failure(.brokenAnswer, "Backend request failed: \(what).")
    }

    private static let tooLarge = broken("the head of its answer is too large")
    private static let noHead = broken("its answer has no HTTP head")
}
