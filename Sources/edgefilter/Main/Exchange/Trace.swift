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

    /// Whether anything was asked for.
    let isOn: Bool

    init(_ log: Log) {
        self.log = log
        isOn = log.bodies || log.requestHeaders || log.requestBody || log.responseHeaders || log.responseBody
    }

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

    /// Says it all at once, after the exchange; of the keys that were used nothing is shown (promise 7).
    func write(_ diagnostics: Diagnostics, hiding secrets: @autoclosure () -> [String]) {
        if lines.isEmpty, request.isEmpty, answer.isEmpty { return }
        let keys = secrets().filter { !$0.isEmpty }
        for line in lines { diagnostics.write(.info, masked(line, keys)) }
        if !request.isEmpty {
            diagnostics.write(.info, "Request body - " + masked(request, keys))
        }
        if !answer.isEmpty {
            diagnostics.write(.info, "Response body - " + masked(answer, keys))
        }
    }

    private func masked(_ text: String, _ keys: [String]) -> String {
        keys.reduce(text) { $0.replacing($1, with: Trace.mask) }
    }

    /// A body that was cut may end in the beginning of a key.
    private func masked(_ body: [UInt8], _ keys: [String]) -> String {
        let text = masked(String(decoding: body, as: UTF8.self), keys)
        guard body.count == log.maxBodyLength else { return text }
        let tails = keys.compactMap { key in
            (0..<key.utf8.count).last { $0 > Trace.telling && text.hasSuffix(key.prefix($0)) }
        }
        return tails.max().map { text.dropLast($0) + Trace.mask } ?? text
    }

    private static let mask = "***"
    /// The first letters of a key say whose it is, and no more.
    private static let telling = 3

    private func shown(_ fields: Fields) -> String {
        fields.map { "\($0.name): \(Header.isSensitive($0.name) ? Trace.mask : $0.value)" }.joined(
            separator: "; ")
    }
}
