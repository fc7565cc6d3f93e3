// SPDX-License-Identifier: MIT

import HTTP
import KeyLog
import Model
import Settings

// `GET /metrics`: what the live page counts, as Prometheus reads it.
extension Exchange {
    static let metricsPath = "/metrics"

    /// Answers with what is counted.
    ///
    /// Throws 401 unless the caller administers this gateway, or is served without a key.
    mutating func answerMetrics(_ head: RequestHead, _ client: inout Client) throws(Failure) {
        try admitToMetrics(head)
        guard ["GET", "HEAD"].contains(head.method) else {
            throw Failure(.wrongMethod, "\(head.method) is not supported on \(head.target.path); use GET.")
        }
        guard let meter = gateway.meter else {
            throw Failure(.internalError, "There is no live page, and nothing is counted.", status: 503)
        }
        let isOpen = head.fields.list("Accept").contains { $0.hasPrefix("application/openmetrics-text") }
        var exposition = Exposition(isOpen: isOpen)
        exposition.write(meter)
        answer(
            200, ["Content-Type": exposition.contentType, "Cache-Control": "no-store"], exposition.bytes,
            &client)
    }
}

extension Exchange {
    /// A key that is none of ours may be the admin's; only here and at administration it is tried, so that it
    /// cannot be guessed elsewhere.
    private func admitToMetrics(_ head: RequestHead) throws(Failure) {
        if Admin.isAtSocket(head, peer) { return }
        switch try Caller.standing(of: head, peer, gateway) {
        case .open: return
        case .own(let key) where !key.isEmpty && gateway.settings.admin != nil:
            let gate = Gate(gateway.settings, gateway.page)
            try gate.check(key: key, of: Admin.source(head, peer, gateway.settings))
        case .issued, .own:
            throw Failure(
                .missingKey,
                "The metrics are for the operator: ask over the admin socket, with the admin key, or from the gateway's own machine."
            )
        }
    }
}

/// The text that Prometheus reads: its own form (version 0.0.4), or OpenMetrics 1.0 for whoever accepts that.
struct Exposition {
    private let isOpen: Bool
    private(set) var bytes: [UInt8] = []

    init(isOpen: Bool) { self.isOpen = isOpen }

    var contentType: String {
        isOpen
            ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
            : "text/plain; version=0.0.4; charset=utf-8"
    }

    enum Kind: String { case counter, gauge, histogram, info }

    /// Begins a family; its samples follow.
    ///
    /// `name`: without the `_total` of a counter and the `_info` of an info, which the older form has in the
    /// name.
    mutating func family(_ name: String, _ kind: Kind, _ help: String) {
        let suffix = isOpen ? "" : kind == .counter ? "_total" : kind == .info ? "_info" : ""
        let type = isOpen || kind != .info ? kind : .gauge
        line("# HELP \(name)\(suffix) \(help)")
        line("# TYPE \(name)\(suffix) \(type.rawValue)")
    }

    /// `name`: whole, with every suffix.
    mutating func sample(_ name: String, _ labels: [(String, String)] = [], _ value: Int) {
        sample(name, labels, "\(value)")
    }

    mutating func sample(_ name: String, _ labels: [(String, String)], _ value: String) {
        let list = labels.map { "\($0)=\"\(Exposition.escaped($1))\"" }.joined(separator: ",")
        line(list.isEmpty ? "\(name) \(value)" : "\(name){\(list)} \(value)")
    }

    mutating func end() { if isOpen { line("# EOF") } }

    private mutating func line(_ text: String) {
        bytes.append(contentsOf: text.utf8)
        bytes.append(0x0A)
    }

    /// A label's value: backslash, quote and newline escaped; what else is no text is left out.
    private static func escaped(_ text: String) -> String {
        var out = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\", "\"": out.append(contentsOf: ["\\", scalar])
            case "\n": out.append(contentsOf: ["\\", "n"])
            case _ where scalar.value < 0x20 || scalar.value == 0x7F: continue
            default: out.append(scalar)
            }
        }
        return String(out)
    }
}
