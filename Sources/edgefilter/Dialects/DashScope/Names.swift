// SPDX-License-Identifier: MIT

import Digest
import Model

/// DashScope's spellings, and where they stand.
enum Names {
    static let dialect = "dashscope"

    static let paths: [Road: String] = [
        .text: "/v1/services/aigc/text-generation/generation",
        .multimodal: "/v1/services/aigc/multimodal-generation/generation",
    ]
    static let embeddingsPath = "/v1/services/embeddings/text-embedding/text-embedding"

    /// What asks for a stream; a member of the body does not.
    static let streamField = ("X-DashScope-SSE", "enable")

    /// The event that is an error.
    static let error = "error"
    /// How a comment says an event's status, and how a line of its own does.
    static let statusMarks = [":HTTP_STATUS/", "status:"]

    /// The reason that is none: the answer goes on.
    static let unfinished = "null"

    static let stops: [String: Stop] = [
        "stop": .finished, "length": .length, "tool_calls": .toolCall, "content_filter": .filtered,
    ]

    /// A name that no tool may have, and what it is called instead.
    static let forbiddenTool = "search"
    static let insteadOfForbidden = "search_tool"

    /// What a conversation that ends with the assistant goes on with.
    static let goOn = "Continue."

    /// The id of a call to which its provider gave none, in the answer of that id.
    static func callID(of answer: String, _ place: Int) -> String {
        "call_" + (answer.isEmpty ? "\(place)" : Hash.hex("\(answer)/\(place)", 24))
    }

    /// What the refusal of a wrong path says.
    static let wrongPath = "url error"
    /// What refusals of a model that only streams say.
    static let streamsOnly = [
        "only support stream", "does not support http call", "must be set to false for non-streaming",
    ]
    /// The code of a refusal of thinking, at its beginning.
    static let refusesThinking = "InvalidParameter.NotSupportEnableThinking"
}

/// What a refusal asked to be done otherwise, as it stands in `Request.amends`.
enum Amend: String {
    case otherPath, streamed
    case withoutThinking = "enable_thinking"
    case withoutTemperature = "temperature"
    case withoutStops = "stop"
}

extension Request {
    func has(_ amend: Amend) -> Bool { amends.contains(amend.rawValue) }
}
