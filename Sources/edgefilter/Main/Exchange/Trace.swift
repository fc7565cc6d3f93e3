// SPDX-License-Identifier: MIT

import HTTP
import Settings
import Unix

/// What the operator wants to see of requests and answers while looking for a fault: heads and bodies,
/// secrets masked.
///
/// Off unless asked for.
struct Trace {
    private let log: Log
    private var lines: [String] = []
    private var request: [UInt8] = []
    private var answer: [UInt8] = []

    init(_ log: Log) { self.log = log }

    private var wantsRequestBody: Bool { log.bodies || log.requestBody }
    private var wantsAnswerBody: Bool { log.bodies || log.responseBody }

    mutating func request(_ head: RequestHead) {
        guard log.requestHeaders else { return }
        lines.append("Request headers - " + shown(head.fields))
    }

    mutating func answer(_ head: ResponseHead) {
        guard log.responseHeaders else { return }
        lines.append("Response headers - " + shown(head.fields))
    }

    mutating func request(_ bytes: ArraySlice<UInt8>) {
        guard wantsRequestBody else { return }
        request += bytes.prefix(log.maxBodyLength - request.count)
    }

    mutating func answer(_ bytes: Buffer) {
        guard wantsAnswerBody else { return }
        let span = bytes.span
        answer += span.extracting(first: min(span.count, log.maxBodyLength - answer.count)).array
    }

    /// Says it all at once, after the exchange; of the keys that were used nothing is shown.
    func write(_ diagnostics: Diagnostics, hiding secrets: @autoclosure () -> [String]) {
        if lines.isEmpty, request.isEmpty, answer.isEmpty { return }
        let keys = secrets()
        for line in lines { diagnostics.write(.info, line) }
        if !request.isEmpty {
            diagnostics.write(.info, "Request body - " + masked(request, keys))
        }
        if !answer.isEmpty {
            diagnostics.write(.info, "Response body - " + masked(answer, keys))
        }
    }

    private func masked(_ bytes: [UInt8], _ keys: [String]) -> String {
        keys.filter { !$0.isEmpty }.reduce(String(decoding: bytes, as: UTF8.self)) {
            $0.replacing($1, with: "***")
        }
    }

    /// Keys are never shown (promise 7), whatever `mask_sensitive` says.
    private func shown(_ fields: Fields) -> String {
        fields.map { "\($0.name): \(Trace.isSensitive($0.name) ? "***" : $0.value)" }.joined(separator: "; ")
    }

    private static func isSensitive(_ name: String) -> Bool {
        let name = name.lowercased()
        return ["auth", "key", "token", "cookie", "secret"].contains { name.contains($0) }
    }
}
