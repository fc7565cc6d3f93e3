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
        // Anthropic counts the prompt when its stream begins, and the answer when that is over.
        if record.keyID != 0, stop == nil, record.ended != "complete", isStreamed, caller.marksEnd(path: path)
        {
            record.isEstimated = true
            estimate()
        }
    }

    /// Counts tokens where the upstream has not yet said what it counted: a holder of an issued key who goes
    /// before would go without paying.
    ///
    /// Of what is no text, nobody counts tokens.
    private mutating func estimate() {
        guard record.isEstimated, caller.marksEnd(path: path) else { return }
        let estimate = Estimate.tokens(inAnswerOf: record.sent, isStreamed: isStreamed)
        record.output = max(record.output, estimate)
    }

    func logStart() {
        gateway.diagnostics.write(.info) { line in
            line.append("Request started - IP: ")
            line.append(address)
            line.append(", Method: ")
            line.append(record.method)
            line.append(", Path: ")
            line.append(withoutKey(head?.target.path ?? ""))
            line.append(", API Key Hash: ")
            line.append(shownKey)
        }
    }

    func logEnd() {
        let hundredths = (record.milliseconds + 5) / 10
        let fraction = hundredths % 100
        gateway.diagnostics.write(record.code == 0 ? .info : .notice) { line in
            line.append("Request completed - IP: ")
            line.append(address)
            line.append(", Status: ")
            line.append(String(record.status))
            line.append(", Time: ")
            line.append(String(hundredths / 100))
            line.append(fraction < 10 ? ".0" : ".")
            line.append(String(fraction))
            line.append("s, API Key Hash: ")
            line.append(shownKey)
            if record.code != 0 { line.append(", Code: \(record.code)") }
        }
    }

    /// What became of it, for who looks for a fault.
    func logDetails() {
        gateway.diagnostics.write(.debug) { line in
            let told = [
                ("ID", id), ("Dialects", [record.client, record.dialect].joined(separator: " to ")),
                ("Model", record.model), ("Used", record.used), ("Upstream", record.upstream),
                ("Attempts", record.attempts.joined(separator: " ")), ("Stop", record.stop),
                ("Tokens", "\(record.input) in, \(record.output) out"),
                ("Losses", record.losses.joined(separator: " ")), ("Ended", record.ended),
            ]
            line.append("Request details - ")
            line.append(told.filter { !$0.1.isEmpty }.map { "\($0): \($1)" }.joined(separator: ", "))
        }
    }

    func log(_ failure: Failure) {
        gateway.diagnostics.write(.debug) { line in
            line.append("Request failed - Code: \(failure.code.rawValue), Message: ")
            line.append(withoutKey(failure.message))
        }
    }

    private var shownKey: String { record.key.isEmpty ? "-" : record.key }

    func writeRecord() {
        slot?.write()
        gateway.meter?.count(record, at: path)
        gateway.keep(record)
        slot?.close()
    }
}
