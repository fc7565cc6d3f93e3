// SPDX-License-Identifier: MIT

import HTTP
import Model
import OpenAI

/// The side of the dialect that a caller speaks.
func callerSide(of head: RequestHead?) -> any ClientSide { OpenAI.client }

/// A path in the one form that we understand: `/v1` once, in front of what OpenAI has below it, whether the
/// client's base URL ended in `/v1` (or in two of them), in something before it, or in none.
func canonical(_ path: String, _ caller: any ClientSide) -> String {
    // The usual form.
    if path.hasPrefix("/v1/"), !path.hasPrefix("/v1/v1") { return path }
    var parts = path.split(separator: "/", omittingEmptySubsequences: false).dropFirst()
    if let first = parts.firstIndex(of: "v1") {
        parts = parts[first...].drop { $0 == "v1" }
        return "/v1/" + parts.joined(separator: "/")
    }
    let below = "/v1" + path
    return caller.bearsModel(path: below) || below == caller.modelsPath ? below : path
}

extension Target {
    /// Whether the path tries to climb.
    var climbs: Bool {
        // As an upstream may read it, that decodes before it splits.
        guard path.utf8.contains(where: { $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "%") }) else {
            return false
        }
        let escapes = ["%2e": ".", "%2f": "/", "%5c": "/", "\\": "/"]
        let plain = escapes.reduce(path.lowercased()) { $0.replacing($1.key, with: $1.value) }
        return plain.split(separator: "/").contains { $0 == "." || $0 == ".." }
    }
}
