// SPDX-License-Identifier: MIT

import JSON

/// How many tokens a text will have, about, where nobody who knows is asked.
package enum Estimate {
    /// Bytes of UTF-8 that a token has on the average: English and code are near it, other scripts below.
    private static let bytesPerToken = 4
    /// What an image costs, whatever its size.
    private static let image = 1_500
    /// What a turn or a tool costs beside its words.
    private static let frame = 4

    /// The tokens of a request's prompt; at least one.
    package static func input(of request: Request) -> Int {
        var tokens = 0
        for turn in request.turns { tokens += frame + tokenCount(turn.parts) }
        for tool in request.tools { tokens += frame + tokenCount(tool) }
        return max(1, tokens)
    }

    /// The tokens of a text.
    package static func tokens(inBytes count: Int) -> Int { (count + bytesPerToken - 1) / bytesPerToken }

    /// The tokens of an answer of which only the length on the wire is known: of one that is streamed most
    /// bytes are not its text.
    package static func tokens(inAnswerOf count: Int, isStreamed: Bool) -> Int {
        let bytes = isStreamed ? streamedBytesPerToken : bytesPerToken
        return (count + bytes - 1) / bytes
    }

    /// An event brings one token or a few, and takes 120 to 330 bytes.
    private static let streamedBytesPerToken = 100

    private static func tokenCount(_ parts: [Part]) -> Int { parts.reduce(0) { $0 + tokenCount($1) } }

    private static func tokenCount(_ part: Part) -> Int {
        switch part {
        case .text(let text), .refusal(let text): tokens(inBytes: text.utf8.count)
        case .image, .audio: image
        case .file(let media): tokenCount(media)
        case .call(let call): tokens(inBytes: call.name.utf8.count + call.arguments.utf8.count)
        case .result(let result): tokenCount(result.parts)
        case .reasoning(let reasoning): tokens(inBytes: reasoning.text.utf8.count)
        case .foreign(let foreign): tokens(inBytes: foreign.value.verbatim.count)
        }
    }

    private static func tokenCount(_ media: Media) -> Int {
        switch media.source {
        case .text(let text): tokens(inBytes: text.utf8.count)
        case .data(_, let base64): tokens(inBytes: base64.utf8.count * 3 / 4)
        case .url, .id: image
        }
    }

    private static func tokenCount(_ tool: Tool) -> Int {
        var bytes = tool.name.utf8.count + (tool.description?.utf8.count ?? 0)
        switch tool.kind {
        case .function(let schema): bytes += schema?.verbatim.count ?? 0
        case .custom(let grammar): bytes += grammar?.definition.utf8.count ?? 0
        case .hosted(let foreign): bytes += foreign.value.verbatim.count
        }
        return tokens(inBytes: bytes)
    }
}
