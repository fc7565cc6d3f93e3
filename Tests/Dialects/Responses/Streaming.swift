// SPDX-License-Identifier: MIT

import JSON
import Model
import Testing

@testable import Responses

/// What streams of a provider are made of.
protocol Streaming {}

extension Streaming {
    var created: String { #"{"type":"response.created","response":{"id":"resp_1","model":"m","output":[]}}"# }
    var completed: String { #"{"type":"response.completed","response":{"status":"completed","output":[]}}"# }

    func added(_ index: Int, _ item: String) -> String {
        #"{"type":"response.output_item.added","output_index":\#(index),"item":\#(item)}"#
    }

    func done(_ index: Int, _ item: String) -> String {
        #"{"type":"response.output_item.done","output_index":\#(index),"item":\#(item)}"#
    }

    func delta(_ kind: String, _ index: Int, _ text: String, _ more: String = "") -> String {
        #"{"type":"response.\#(kind).delta","output_index":\#(index),"delta":"\#(text)"\#(more)}"#
    }

    func call(_ id: String, _ arguments: String = "", _ more: String = "") -> String {
        #"{"type":"function_call","id":"fc_\#(id)","call_id":"\#(id)","name":"f","arguments":"\#(arguments)"\#(more)}"#
    }

    var message: String { #"{"type":"message","id":"msg_1","role":"assistant","content":[]}"# }

    func reply(_ data: [String], _ provider: Provider = provider()) throws -> Reply {
        let found = events(data, provider)
        #expect(fault(found.events) == nil)
        return try Reply(folding: found.events)
    }

    func events(
        _ data: [String], _ provider: Provider = provider()
    ) -> (events: [Event], losses: [Feature]) {
        ResponsesTests.events(data, for: asked(), provider)
    }
}
