// SPDX-License-Identifier: MIT

import HTTP
import KeyLog
import Model
import Settings
import Unix

// What is kept of it.
extension Exchange {
    mutating func note(_ candidate: Candidate, asked: String?) {
        record.upstream = candidate.upstream.name
        record.dialect = candidate.dialect.name
        record.model = withoutKey(asked ?? Call.modelInPath(path, caller) ?? "")
        record.used = withoutKey(candidate.model ?? record.model)
        slot?.note(record)
    }

    /// What the record would be if we ended here.
    mutating func note(passing usage: Usage, sent: Int) {
        guard let slot else { return }
        record.sent = sent
        note(usage, nil)
        slot.noteNumbers(record)
    }

    mutating func note(_ passing: any Passing) {
        record.sent = passing.sent
        note(passing.usage, passing.stop)
        note(passing.losses)
        guard let fault = passing.fault, record.code == 0 else { return }
        record.code = fault.rawValue
        // A refusal that went on as it was is a complete answer.
        if fault != .upstreamRefused { record.ended = "failed" }
    }

    /// What was lost of the request, and of the reply.
    private mutating func note(_ more: [Feature]) {
        var features = losses.map(\.feature)
        for feature in more where !features.contains(feature) { features.append(feature) }
        record.losses = features.map(\.rawValue)
    }

    mutating func note(_ reply: Reply) { note(reply.usage ?? Usage(), reply.ending?.stop) }

    private mutating func note(_ usage: Usage, _ stop: Stop?) {
        record.stop = stop?.rawValue ?? ""
        if record.keyID != 0, usage == Usage() { return estimate() }
        record.isEstimated = usage.isEstimated
        record.input = usage.billed?.input ?? usage.input
        record.output = usage.billed?.output ?? usage.output
        record.cached = usage.cached
        record.written = usage.written
        record.reasoning = usage.reasoning
    }

    /// Counts tokens where the upstream has not yet said what it counted: a holder of an issued key who goes
    /// before would go without paying.
    ///
    /// Of what is no text, nobody counts tokens.
    private mutating func estimate() {
        guard record.isEstimated, caller.marksEnd(path: path) else { return }
        record.output = Estimate.tokens(inAnswerOf: record.sent, isStreamed: isStreamed)
    }

    func logStart() {
        let path = head?.target.path ?? ""
        gateway.diagnostics.write(
            .info,
            "Request started - IP: \(address), Method: \(record.method), Path: \(path), API Key Hash: \(shownKey)"
        )
    }

    func logEnd() {
        let hundredths = (record.milliseconds + 5) / 10
        let fraction = hundredths % 100
        let time = "\(hundredths / 100).\(fraction < 10 ? "0" : "")\(fraction)s"
        var line =
            "Request completed - IP: \(address), Status: \(record.status), Time: \(time), API Key Hash: \(shownKey)"
        if record.code != 0 { line += ", Code: \(record.code)" }
        gateway.diagnostics.write(record.code == 0 ? .info : .notice, line)
    }

    private var shownKey: String { record.key.isEmpty ? "-" : record.key }

    /// The peer's address, or what a listed proxy says that it is.
    private var address: String {
        head.map { Caller.address(in: $0, peer, gateway.settings) } ?? peer.address
    }

    func writeRecord() {
        slot?.write()
        gateway.meter?.count(record)
        gateway.keep(record)
        slot?.close()
    }
}
