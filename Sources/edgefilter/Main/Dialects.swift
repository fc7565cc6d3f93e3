// SPDX-License-Identifier: MIT

import Anthropic
import AnuNeko
import Cyber
import DashScope
import Digest
import Echo
import Model
import OpenAI
import Responses
import Settings

/// Every dialect of this program; a new one is a folder and a line here.
let dialects: [Dialect] = [.openAI, .anthropic, .responses, .dashScope, .anuNeko, .cyber, .echo]

/// The dialect of that name, as the operator's file spells it.
func builtIn(_ name: String) -> Dialect? { dialects.first { $0.name == name } }

/// Flags that are understood here, whatever the dialect.
enum Flags {
    static let repairsHistory = Quirk(
        "repair_history", "a call without its result gets one, a result without its call becomes a text")
    static let asksWhole = Quirk(
        "no_stream", "it is never asked for a stream; whole answers are streamed by us")
    /// An OpenAI look-alike that has `/v1/responses` too.
    static let responses = "responses"

    static let all = [repairsHistory, asksWhole]
}

extension Dialect {
    /// All flags and presets that an upstream of it may be given; nil: it takes none.
    var quirks: QuirkTable? {
        guard case .http(let side)? = upstream else { return nil }
        let table = side.provider.quirks
        let more = Flags.all.filter { flag in !table.quirks.contains { $0.name == flag.name } }
        return QuirkTable(quirks: table.quirks + more, presets: table.presets)
    }
}

extension Upstream {
    /// What its dialect must know of it, and the operator's words that mean nothing.
    var provider: (provider: Provider, unknown: [String]) {
        var found = (builtIn(dialect)?.quirks ?? QuirkTable()).provider(name, quirks)
        if holdsDialogues, let base { introduce(&found.provider, to: base) }
        return found
    }

    /// Whether its provider holds conversations itself.
    var holdsDialogues: Bool {
        guard case .http(let side)? = builtIn(dialect)?.upstream else { return false }
        return side.dialogues != nil
    }

    /// A device that is the same for each start and each handler, and another one for another account.
    private func introduce(_ provider: inout Provider, to base: URL) {
        provider.origin = URL(scheme: base.scheme, host: base.host, port: base.port).description
        var account = ""
        if case .secret(let secret) = key { account = secret.value }
        var bytes = Array(Hash.sha256("device of \(account)").prefix(16))
        bytes[6] = bytes[6] & 0x0F | 0x80
        bytes[8] = bytes[8] & 0x3F | 0x80
        provider.device = uuid(bytes)
    }
}

extension Settings {
    /// What is wrong with the quirks of the upstreams, a line each.
    var quirkFaults: [String] {
        upstreams.flatMap { upstream in
            upstream.provider.unknown.map { word in
                let table = builtIn(upstream.dialect)?.quirks ?? QuirkTable()
                let flags = table.quirks.map(\.form)
                let known = (table.presets.map(\.name) + flags).joined(separator: ", ")
                let choice = known.isEmpty ? "it has none" : "expected one of \(known)"
                return "upstreams.\(upstream.name).quirks: unknown '\(word)': \(choice)"
            }
        }
    }
}
