// SPDX-License-Identifier: MIT

import JSON
import Model

/// What of a reply every dialect carries, in a form that can be compared.
struct Essence: Equatable {
    var text = ""
    var thoughts = ""
    var calls: [String] = []
    var stop = Stop.finished
    var usage = Usage()

    init(_ reply: Reply) {
        for item in reply.items {
            switch item {
            case .text(let text): self.text += text.text
            // A refusal is one stop; who has no item for its words tells them elsewhere.
            case .refusal: break
            case .reasoning(let reasoning): thoughts += reasoning.text
            case .call(let call):
                let arguments = Arguments.object(
                    call.isCustom ? Arguments.wrapped(freeText: call.arguments) : call.arguments)
                calls.append("\(call.name) \(String(decoding: arguments, as: UTF8.self))")
            }
        }
        usage = reply.usage ?? Usage()
        usage.billed = nil
        stop = Essence.plain(reply.ending?.stop ?? .finished, hasCalls: !calls.isEmpty)
    }

    /// Whether a reply ended with a call is seen by the call.
    private static func plain(_ stop: Stop, hasCalls: Bool) -> Stop {
        switch stop {
        case .finished, .toolCall, .sequence: hasCalls ? .toolCall : .finished
        case .length, .filtered: stop
        }
    }
}
