// SPDX-License-Identifier: MIT

import JSON
import Model

/// Reads the messages of an answer, each a chunk in OpenAI's form, the last with the reason why it ended.
struct AnswerReader: ReplyReader {
    let losses: [Feature] = []
    private let request: Request
    private var hasBegun = false
    private var isOpen = false
    private var isOver = false
    private var written = 0
    private var usage: Usage?

    init(for request: Request) { self.request = request }

    mutating func read(event name: [UInt8], data: [UInt8], to events: inout [Event]) {
        guard !isOver else { return }
        guard let root = (try? Document(data))?.root, root.object != nil else {
            return fail(AnswerReader.broken, to: &events)
        }
        take(root, to: &events)
    }

    /// The engine has no other form; one object is one message.
    mutating func read(whole body: [UInt8], to events: inout [Event]) {
        read(event: [], data: body, to: &events)
        finish(to: &events)
    }

    mutating func finish(to events: inout [Event]) {
        guard !isOver else { return }
        fail(AnswerReader.cut, to: &events)
    }

    private static let broken = Failure(
        .brokenAnswer, "The engine's answer is not what its protocol promises.")
    private static let cut = Failure(.brokenStream, "The engine's answer ended before it was complete.")

    private mutating func fail(_ failure: Failure, to events: inout [Event]) {
        isOver = true
        events.append(.failure(failure))
    }

    private mutating func take(_ root: Value, to events: inout [Event]) {
        let choice = root["choices"]?.elements.first { $0.object != nil && $0["index"]?.int ?? 0 == 0 }
        if root.given("error") != nil || choice == nil && Complaint.isMeant(root) {
            return fail(Complaint(root).failure(status: nil), to: &events)
        }
        if let told = root.given("usage") { take(usage: told) }
        begin(root, to: &events)
        guard let choice else { return }
        if let text = (choice.given("delta") ?? choice["message"])?[Names.content]?.string {
            say(text, to: &events)
        }
        if let word = choice["finish_reason"]?.string, !Names.unfinished.contains(word) {
            end(word, to: &events)
        }
    }

    private mutating func begin(_ root: Value, to events: inout [Event]) {
        guard !hasBegun else { return }
        hasBegun = true
        let (id, model) = (root["id"]?.string ?? "", root[Names.modelMember]?.string ?? "")
        events.append(.begin(Beginning(id: id, model: model)))
    }

    private mutating func say(_ text: String, to events: inout [Event]) {
        guard !text.isEmpty else { return }
        if !isOpen { events.append(.open(.text)) }
        isOpen = true
        written += text.utf8.count
        events.append(.delta(.text(text)))
    }

    private mutating func end(_ word: String, to events: inout [Event]) {
        guard word != "error" else {
            let failure = Failure(.upstreamFault, "The engine ended its answer with an error.")
            return fail(failure, to: &events)
        }
        if isOpen { events.append(.close) }
        events.append(.usage(usage ?? estimate))
        events.append(.end(Ending(Names.stops[word] ?? .finished)))
        isOver = true
    }

    private mutating func take(usage value: Value) {
        guard let input = value["prompt_tokens"]?.int, let output = value["completion_tokens"]?.int,
            Usage.sane.contains(input), Usage.sane.contains(output), input + output > 0
        else { return }
        usage = Usage(input: input, output: output)
    }

    /// The engine does not say what an answer costs.
    private var estimate: Usage {
        var usage = Usage(
            input: Estimate.input(of: request), output: Estimate.tokens(inBytes: written))
        usage.isEstimated = true
        return usage
    }
}
