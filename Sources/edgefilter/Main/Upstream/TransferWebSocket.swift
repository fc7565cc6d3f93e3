// SPDX-License-Identifier: MIT

import CCurl
import HTTP
import Model
import Settings
import Unix

// A transfer of which libcurl makes the connection alone, TLS included; what is said there is a webSocket's.
extension Call {
    /// Sets a conversation up that begins with this message.
    func prepare(
        _ transfer: Transfer, message: [UInt8], _ limits: Settings::Limits
    ) {
        guard let base = upstream.base else { return }
        if transfer.upstream != upstream.name { Call.secure(transfer, upstream, base) }
        transfer.aim(at: base)
        transfer.set(CURLOPT_CONNECT_ONLY, 1)
        transfer.set(CURLOPT_FRESH_CONNECT, 1)
        let handshake = Handshake(
            target: target, host: base.authority, fields: fields, nonce: randomBytes(16))
        transfer.webSocket = WebSocket(handshake, message: message, limits: limits, random: randomBytes)
    }
}

extension URL {
    /// What carries a conversation over WebSocket.
    var carrier: Scheme { scheme.isSecure ? .https : .http }
}

/// A text as one segment of a path (RFC 3986 section 3.3).
func segment(_ text: String) -> String { escaped(text, but: "-._~") }

extension Transfer {
    /// libcurl is done: with all of it, or with the connection.
    func end(_ code: CURLcode) {
        guard code == CURLE_OK, webSocket != nil else { return result = code }
        socket = unsafe ccurl_get_socket(easy)
        converse()
    }

    /// What is waited for on the socket; nil: nothing, not even its end, which would be shown again and
    /// again.
    var awaited: Signs? {
        guard let webSocket, result == nil else { return nil }
        let reads = !isBodyPaused && !webSocket.isClogged
        return webSocket.hasMore ? (reads ? .either : .writable) : (reads ? .readable : nil)
    }

    /// Says and hears what can be said and heard without waiting, of a peer that never stops not more than a
    /// turn.
    func converse() {
        guard let webSocket, socket != nil, result == nil else { return }
        webSocket.give(send)
        isUnheard = false
        var turns = 0
        // OpenSSL may hold what the socket no longer shows: only its word ends this.
        while !webSocket.isOver, !webSocket.isClogged, !isUnheard {
            guard body.count < bodyLimit else {
                isBodyPaused = true
                break
            }
            guard receive(webSocket) else { break }
            webSocket.give(send)
            turns += 1
            isUnheard = turns == Transfer.turnLength
        }
        if webSocket.isOver { conclude(webSocket) }
    }

    /// Pieces that are read before others get their turn: the caller, and the clocks.
    private static let turnLength = 8

    /// Ends the conversation, if there is one, as well as can be done without waiting.
    func leave() {
        guard let webSocket, socket != nil, result == nil else { return }
        webSocket.close()
        webSocket.give(send)
    }

    private func conclude(_ webSocket: WebSocket) {
        (socket, isUnheard) = (nil, false)
        guard let failure = webSocket.failure else { return result = CURLE_OK }
        refusal = .told(failure)
        result = CURLE_RECV_ERROR
    }

    /// Whether anything came, be it the end.
    private func receive(_ webSocket: WebSocket) -> Bool {
        var code = CURLE_OK
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: Transfer.bufferSize) { room, count in
            code = unsafe curl_easy_recv(easy, room.baseAddress, room.count, &count)
            if code != CURLE_OK { count = 0 }
        }
        if code == CURLE_AGAIN { return false }
        if bytes.isEmpty { webSocket.hangUp() } else { webSocket.take(bytes.span) }
        hasAnswered = true
        body.append(webSocket.takeContent())
        head = webSocket.head
        return true
    }

    private func send(_ bytes: Span<UInt8>) -> Int? {
        var count = 0
        let code = unsafe bytes.withUnsafeBufferPointer {
            unsafe curl_easy_send(easy, $0.baseAddress, $0.count, &count)
        }
        return code == CURLE_OK ? count : code == CURLE_AGAIN ? 0 : nil
    }
}
