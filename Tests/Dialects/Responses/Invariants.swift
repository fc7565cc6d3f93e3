// SPDX-License-Identifier: MIT

import JSON

/// Follows a stream as the official SDK's own state does, and complains where that would raise.
struct StreamState {
    private(set) var faults: [String] = []
    private var sequence = 0
    private var responseID: String?
    /// Items that were added, by index: type, id and call id.
    private var added: [Int: (type: String, id: String, callID: String)] = [:]
    private var done: Set<Int> = []
    private var parts: Set<String> = []
    private var texts: [String: String] = [:]
    private(set) var hasEnded = false

    private static let ends = ["response.completed", "response.incomplete", "response.failed"]

    mutating func take(_ name: String, _ data: Value) {
        let type = data["type"]?.string ?? ""
        expect(name == type, "the event is called \(name), its type is \(type)")
        expect(data["sequence_number"]?.int == sequence, "\(type) has not the number \(sequence)")
        expect(!hasEnded, "\(type) comes after the end")
        expect(sequence > 0 || type == "response.created", "\(type) is the first event")
        expect(type == "error" || data["error"] == nil, "\(type) has a member error")
        sequence += 1
        if let response = data["response"] { takeLifecycle(type, response) }
        switch type {
        case "response.output_item.added": add(data)
        case "response.output_item.done": end(data)
        default: if data["output_index"] != nil { takePiece(type, data) }
        }
    }

    private mutating func takeLifecycle(_ type: String, _ response: Value) {
        let id = response["id"]?.string
        expect(responseID == nil || responseID == id, "\(type) has another id")
        responseID = id
        for name in [
            "id", "object", "created_at", "model", "output", "parallel_tool_calls", "tool_choice", "tools",
        ] {
            expect(response[name] != nil, "\(type) has no \(name)")
        }
        if StreamState.ends.contains(type) {
            hasEnded = true
            if type != "response.failed" { checkOutput(response) }
        } else {
            expect(response["output"]?.count == 0, "\(type) has items")
            expect(response["usage"]?.isNull == true, "\(type) has usage")
        }
    }

    private mutating func checkOutput(_ response: Value) {
        let output = response["output"].map { Array($0.elements) } ?? []
        expect(output.count == added.count, "the end has \(output.count) of \(added.count) items")
        for (index, item) in output.enumerated() {
            expect(isAdded(item, at: index), "item \(index) is another")
        }
        for name in ["input_tokens", "output_tokens", "total_tokens"] {
            expect(response["usage"]?[name]?.int != nil, "usage has no \(name)")
        }
        let details = response["usage"]?["input_tokens_details"]
        expect(details?["cached_tokens"]?.int != nil, "no cached_tokens")
        expect(details?["cache_write_tokens"]?.int != nil, "no cache_write_tokens")
        let reasoning = response["usage"]?["output_tokens_details"]?["reasoning_tokens"]
        expect(reasoning?.int != nil, "no reasoning_tokens")
    }

    private mutating func add(_ data: Value) {
        guard let index = data["output_index"]?.int, let item = data["item"] else {
            faults.append("an item without a place")
            return
        }
        expect(index == added.count, "output_index \(index) after \(added.count) items")
        expect(added[index] == nil, "output_index \(index) twice")
        added[index] = (
            item["type"]?.string ?? "", item["id"]?.string ?? "", item["call_id"]?.string ?? ""
        )
    }

    private mutating func end(_ data: Value) {
        guard let index = data["output_index"]?.int, let item = data["item"] else { return }
        expect(isAdded(item, at: index), "item \(index) ends as another")
        expect(done.insert(index).inserted, "item \(index) ends twice")
        let words = item["arguments"]?.string ?? item["input"]?.string
        if let words { expect(texts["\(index)"] ?? "" == words, "the words of item \(index) differ") }
    }

    private func isAdded(_ item: Value, at index: Int) -> Bool {
        guard let known = added[index] else { return false }
        return item["type"]?.string == known.type && item["id"]?.string == known.id
            && item["call_id"]?.string ?? "" == known.callID
    }

    private mutating func takePiece(_ type: String, _ data: Value) {
        guard let index = data["output_index"]?.int, let item = added[index] else {
            faults.append("\(type) before its item")
            return
        }
        expect(!done.contains(index), "\(type) after its item")
        expect(data["item_id"]?.string == item.id, "\(type) has another item's id")
        takePart(type, data, index)
        if let delta = data["delta"]?.string { texts["\(index)", default: ""] += delta }
        for member in ["text", "refusal", "arguments", "input"] where type.hasSuffix(".done") {
            if let all = data[member]?.string {
                expect(texts["\(index)"] ?? "" == all, "\(type) repeats other words")
            }
        }
        if type.hasPrefix("response.output_text.delta") || type == "response.output_text.done" {
            expect(data["logprobs"]?.kind == .array, "\(type) has no logprobs")
        }
    }

    private mutating func takePart(_ type: String, _ data: Value, _ index: Int) {
        guard let part = data["content_index"]?.int ?? data["summary_index"]?.int else { return }
        let key = "\(index).\(part)"
        if type.hasSuffix("part.added") {
            expect(parts.insert(key).inserted, "part \(key) is added twice")
        } else {
            expect(parts.contains(key), "\(type) before its part")
        }
    }

    private mutating func expect(_ isTrue: Bool, _ fault: String) {
        if !isTrue { faults.append(fault) }
    }
}

/// What the SDK would complain of in this stream.
func faults(_ bytes: [UInt8]) throws -> [String] {
    var state = StreamState()
    for (name, data) in try parsed(bytes) { state.take(name, data) }
    return state.faults + (state.hasEnded ? [] : ["the stream has no end"])
}
