// SPDX-License-Identifier: MIT

import HTTP
import Model
import OpenAI

/// What a request is for: the dialect that its caller speaks, which the path tells, and the path in its one
/// form.
struct Endpoint {
    let caller: any ClientSide
    let path: String

    /// nil: what came was no request.
    init(_ head: RequestHead?) {
        path = head.map { canonical($0.target.path) } ?? ""
        caller =
            Endpoint.dialect(of: path, head?.fields ?? Fields()).flatMap { builtIn($0)?.client }
            ?? OpenAI.client
    }

    /// What below `/v1` belongs to one dialect; all else is OpenAI's.
    fileprivate static let owners = [("messages", "anthropic"), ("responses", "responses")]

    /// Whose it is; nil: none of theirs.
    fileprivate static func owner(of first: String) -> String? { owners.first { $0.0 == first }?.1 }

    private static func dialect(of path: String, _ fields: Fields) -> String? {
        guard path.hasPrefix("/v1/") else { return nil }
        let below = path.utf8.dropFirst("/v1/".utf8.count).prefix { $0 != UInt8(ascii: "/") }
        let first = String(decoding: below, as: UTF8.self)
        if first == "models" {
            // Both have a list of models there; Anthropic's callers are known by their fields.
            let isTheirs = fields.contains("anthropic-version") || fields.contains("x-api-key")
            return isTheirs ? "anthropic" : nil
        }
        return owner(of: first)
    }

    /// Whether in some dialect a request to this path names a model.
    fileprivate static func isKnown(_ path: String) -> Bool {
        if OpenAI.client.bearsModel(path: path) { return true }
        return owners.contains { builtIn($0.1)?.client?.bearsModel(path: path) ?? false }
    }

    /// The path under which a request for `raw` is kept and summed up: one for each endpoint that we know.
    func recorded(_ raw: String) -> String { path != raw && Endpoint.isKnown(path) ? path : raw }

    /// Whether a body is looked through before it goes to a provider of the caller's own dialect (`mend`).
    var isMended: Bool { caller.isMending && caller.isConversation(path: path) }
    /// Whether it is the list of models, or one of them.
    var isModels: Bool { path == caller.modelsPath || Call.modelInPath(path, caller) != nil }
}

/// A path in the one form that we understand: `/v1` once, in front of what the dialects have below it, whether the
/// client's base URL ended in `/v1` (or in two of them), in something before it, or in none.
///
/// An upstream may decode a path, and leave out empty segments, before it looks at it. So that no endpoint has a name by
/// which limits miss it, that is done here too; any other path stays as it came.
func canonical(_ path: String) -> String {
    guard hasOtherForm(path) else { return below(path) }
    let plain = unescaped(path[...]).split(separator: "/").map { "/\($0)" }.joined()
    let known = below(plain)
    return Endpoint.isKnown(known) ? known : below(path)
}

/// Whether something in it is escaped, or a segment is empty.
private func hasOtherForm(_ path: String) -> Bool {
    var last = UInt8(ascii: " ")
    let bytes = path.utf8.span
    for index in bytes.indices {
        let byte = bytes[index]
        if byte == UInt8(ascii: "%") || byte == UInt8(ascii: "/") && last == byte { return true }
        last = byte
    }
    return last == UInt8(ascii: "/")
}

private func below(_ path: String) -> String {
    // The usual form.
    if path.hasPrefix("/v1/"), !path.hasPrefix("/v1/v1") { return path }
    var parts = path.split(separator: "/", omittingEmptySubsequences: false).dropFirst()
    if let first = parts.firstIndex(of: "v1") {
        parts = parts[first...].drop { $0 == "v1" }
        return "/v1/" + parts.joined(separator: "/")
    }
    let below = "/v1" + path
    let isOwned = parts.first.map { Endpoint.owner(of: String($0)) != nil } ?? false
    let isKnown = OpenAI.client.bearsModel(path: below) || below == OpenAI.client.modelsPath
    return isOwned || isKnown ? below : path
}

extension Target {
    /// Whether the path tries to climb.
    var climbs: Bool {
        // As an upstream may read it, that decodes before it splits, or twice, or takes parameters out of segments (RFC
        // 3986 section 3.3).
        let bytes = path.utf8.span
        guard
            bytes.indices.contains(where: { bytes[$0] == UInt8(ascii: ".") || bytes[$0] == UInt8(ascii: "%") }
            )
        else { return false }
        var plain = path.lowercased()
        if plain.contains("%25") { plain = Target.unwrapped(plain) }
        for (escape, meaning) in Target.escapes { plain = plain.replacing(escape, with: meaning) }
        return plain.split(separator: "/").contains { segment in
            let name = segment.prefix { $0 != ";" }
            return name == "." || name == ".."
        }
    }

    /// With each `%` that was escaped, however often, as itself; in one go, since a caller says how often.
    private static func unwrapped(_ text: String) -> String {
        var plain: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            plain.append(byte)
            guard byte == UInt8(ascii: "%") else { continue }
            while rest.starts(with: "25".utf8) { rest = rest.dropFirst(2) }
        }
        return String(decoding: plain, as: UTF8.self)
    }

    private static let escapes = [("%2e", "."), ("%2f", "/"), ("%5c", "/"), ("\\", "/"), ("%3b", ";")]
}
