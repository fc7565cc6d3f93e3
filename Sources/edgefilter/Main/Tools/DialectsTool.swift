// SPDX-License-Identifier: MIT

import Model

/// `edgefilter dialects`: what of a request arrives where, and the quirks an upstream can be given.
///
/// Everything is read from the tables that translation itself goes by.
struct DialectsTool {
    private let callers: [any ClientSide]
    private let providers: [(name: String, side: any ProviderSide, provider: Provider)]

    static func run(_ options: Options) {
        do throws(Failure) {
            let tool = try DialectsTool(options)
            say(options.flags.contains("--mdoc") ? tool.manual : tool.text)
        } catch {
            die(Exit.usage, error.message)
        }
    }

    private init(_ options: Options) throws(Failure) {
        let from = options.values["--from"]
        let to = options.values["--to"]
        callers = dialects.compactMap { from == nil || $0.name == from ? $0.client : nil }
        var found: [(name: String, side: any ProviderSide, provider: Provider)] = []
        for dialect in dialects where to == nil || dialect.name == to {
            guard case .http(let http)? = dialect.upstream else { continue }
            let words = to == nil ? [] : options.quirks
            let (provider, unknown) = http.provider.quirks.provider(dialect.name, words)
            if let word = unknown.first {
                throw Failure(.invalidMember, "\(dialect.name) knows no quirk '\(word)'")
            }
            found.append((dialect.name, http.provider, provider))
        }
        providers = found
        if callers.isEmpty {
            throw Failure(
                .invalidMember, "nobody calls in the dialect '\(from ?? "")'; \(DialectsTool.knownCallers)")
        }
        if providers.isEmpty {
            throw Failure(
                .invalidMember, "no provider has the dialect '\(to ?? "")'; \(DialectsTool.knownProviders)")
        }
    }

    /// Which dialects there are on either side.
    static let knownCallers = known(dialects.filter { $0.client != nil })
    static let knownProviders = known(
        dialects.filter { if case .http? = $0.upstream { true } else { false } })

    private static func known(_ dialects: [Dialect]) -> String {
        "known: \(dialects.map(\.name).joined(separator: ", "))"
    }
}

// The rows.
extension DialectsTool {
    /// What becomes of a member, for each provider.
    private func verdicts(_ member: RequestMember, _ caller: any ClientSide) -> [String] {
        providers.map { name, side, provider in
            if name == caller.name { return "untouched" }
            guard let feature = member.feature else { return Coverage.carried.rawValue }
            return side.coverage(of: feature, provider).rawValue
        }
    }

    private var text: String {
        var lines: [String] = []
        for caller in callers {
            let rows = caller.members.map { ($0.name, verdicts($0, caller)) }
            let width = (rows.map(\.0.count) + [caller.name.count]).max() ?? 0
            let heads = providers.map { "to \($0.name)" }
            lines += DialectsTool.columns(["from \(caller.name)"] + heads, width)
            for (name, verdicts) in rows { lines += DialectsTool.columns([name] + verdicts, width) }
            lines.append("")
        }
        for (name, side, _) in providers { lines += DialectsTool.quirks(name, side.quirks) }
        while lines.last == "" { lines.removeLast() }
        return lines.joined(separator: "\n")
    }

    private static func columns(_ words: [String], _ width: Int) -> [String] {
        let cells = words.enumerated().map { padded($1, $0 == 0 ? width : columnWidth) }
        return [trimmed(cells.joined(separator: "  "))]
    }

    private static let columnWidth = 12

    private static func padded(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }

    private static func trimmed(_ text: String) -> String {
        var text = text
        while text.last == " " { text.removeLast() }
        return text
    }

    private static func quirks(_ name: String, _ table: QuirkTable) -> [String] {
        guard !table.quirks.isEmpty else { return [] }
        let width = (table.quirks.map { $0.form.count } + table.presets.map(\.name.count)).max() ?? 0
        let flags = table.quirks.map { "  \(padded($0.form, width))  \($0.meaning)" }
        let presets = table.presets.map {
            trimmed("  \(padded($0.name, width))  \($0.flags.joined(separator: " "))")
        }
        return ["quirks of \(name)"] + flags + ["", "presets of \(name)"] + presets + [""]
    }
}

// The manual page `edgefilter-dialects(7)`.
extension DialectsTool {
    private var manual: String {
        var lines = [
            ".\\\" Made by 'edgefilter dialects --mdoc' from the tables in the source.",
            ".Dd $Mdocdate$", ".Dt EDGEFILTER-DIALECTS 7", ".Os", ".Sh NAME", ".Nm edgefilter-dialects",
            ".Nd what of a request arrives where", ".Sh DESCRIPTION",
            "A request that goes to a provider of its own dialect is passed on untouched.",
            "Toward others each member is", ".Em carried ,", ".Em lost", "and reported in",
            ".Ql x-edgefilter-loss", "and in the record, or", ".Em refused", "with status 400.", "With",
            ".Ql strict: true", "what would be lost is refused as well.",
            "A value within a carried member can still be lost, which is reported the same way.",
        ]
        for caller in callers { lines += rows(caller) }
        for (name, side, _) in providers where !side.quirks.quirks.isEmpty {
            lines += DialectsTool.manual(name, side.quirks)
        }
        lines += [".Sh SEE ALSO", ".Xr edgefilter.yaml 5 ,", ".Xr edgefilter 8"]
        return lines.joined(separator: "\n")
    }

    private func rows(_ caller: any ClientSide) -> [String] {
        let others = providers.indices.filter { providers[$0].name != caller.name }
        var lines = [
            ".Sh FROM \(caller.name.uppercased())",
            ".Bl -column \"messages[].content[].source.cache\" "
                + others.map { _ in "refused" }.joined(separator: " "),
            ".It Em member " + others.map { "Ta Em \(providers[$0].name)" }.joined(separator: " "),
        ]
        for member in caller.members {
            let words = verdicts(member, caller)
            lines.append(".It Li \(member.name) " + others.map { "Ta \(words[$0])" }.joined(separator: " "))
        }
        return others.isEmpty ? [] : lines + [".El"]
    }

    private static func manual(_ name: String, _ table: QuirkTable) -> [String] {
        var lines = [".Sh QUIRKS OF \(name.uppercased())", ".Bl -tag -width Ds"]
        for quirk in table.quirks { lines += [".It Cm \(quirk.form)", quirk.meaning] }
        lines.append(".El")
        if table.presets.isEmpty { return lines }
        lines += [".Pp", "Presets:", ".Bl -tag -width Ds"]
        for preset in table.presets {
            lines += [
                ".It Cm \(preset.name)", preset.flags.isEmpty ? "none" : preset.flags.joined(separator: ", "),
            ]
        }
        return lines + [".El"]
    }
}
