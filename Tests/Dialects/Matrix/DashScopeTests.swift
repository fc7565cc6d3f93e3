// SPDX-License-Identifier: MIT

import HTTP
import JSON
import Model
import Testing

/// Every caller in front of DashScope, in whose own words nobody calls.
@Suite struct DashScopeMatrixTests {
    private let side = Sides.dashScope

    private func provider(_ quirks: String...) -> Provider { side.quirks.provider("main", quirks).provider }

    private static let good = Captured.all.filter {
        !$0.name.contains("sdk-12") && !$0.path.contains("count_tokens") && !$0.path.contains("input_tokens")
    }

    private func request(_ captured: Captured) throws -> Request {
        try Sides.named(captured.dialect).client.readRequest(captured.body)
    }

    @Test("D13 D19 D48: what real clients ask, for models of each kind", arguments: good)
    func requests(captured: Captured) throws {
        for model in ["farui-plus", "qwen-plus", "qwen-vl-max", "qwq-plus", "qwen-72b-chat"] {
            var asking = try request(captured)
            guard asking.unpaired == nil, asking.sampling.count ?? 1 == 1 else { return }
            asking.model = model
            var bytes: [UInt8] = []
            let isSeeing = model == "qwen-vl-max"
            guard isSeeing || !asking.turns.contains(where: { $0.parts.contains(where: \.isPicture) }) else {
                continue
            }
            _ = try side.writeRequest(asking, for: provider(), to: &bytes)
            let root = try Document(bytes).root
            #expect(root.object?.members.map(\.name) == ["model", "input", "parameters"])
            let known: Set<String> = [
                "result_format", "incremental_output", "max_tokens", "temperature", "top_p", "top_k", "seed",
                "presence_penalty", "logprobs", "top_logprobs", "stop", "response_format", "enable_thinking",
                "thinking_budget", "enable_search", "search_options", "repetition_penalty", "tools",
                "tool_choice",
                "parallel_tool_calls",
            ]
            let names = Set(root["parameters"]?.object?.members.map(\.name) ?? [])
            #expect(names.isSubset(of: known))
            #expect(root["parameters"]?["result_format"]?.string == "message")
            let messages = Array(root["input"]?["messages"]?.elements ?? root.elements)
            let roles = messages.map { $0["role"]?.string ?? "" }
            #expect(
                !roles.dropFirst().contains("system") && ["user", "tool", "assistant"].contains(roles.last))
            #expect(messages.allSatisfy { ($0["content"]?.kind == .array) == isSeeing })
        }
    }

    private let frames = [
        #"{"reasoning_content":"hm","content":""}"#, #"{"content":"Let me see."}"#,
        #"{"content":"","tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":"{\"x\":"}}]}"#,
        #"{"content":"","tool_calls":[{"index":1,"id":"b","function":{"name":"g","arguments":"{}"}}]}"#,
        #"{"content":"","tool_calls":[{"index":0,"id":"","function":{"arguments":"1}"}}]}"#,
    ]

    private func stream(isFailing: Bool = false) -> [Event] {
        var reader = side.replyReader(for: .thoughtful, Outgoing(), provider())
        var events: [Event] = []
        for frame in frames {
            let data =
                #"{"output":{"choices":[{"message":\#(frame),"finish_reason":"null"}]},"request_id":"r"}"#
            reader.read(event: Array("result".utf8), data: Array(data.utf8), to: &events)
        }
        if isFailing {
            reader.read(remark: Array(":HTTP_STATUS/429".utf8))
            reader.read(
                event: Array("error".utf8), data: Array(#"{"code":"Throttling","message":"Wait."}"#.utf8),
                to: &events)
        } else {
            let data =
                #"{"output":{"choices":[{"message":{"content":""},"finish_reason":"tool_calls"}]},"#
                + #""usage":{"input_tokens":5,"output_tokens":7}}"#
            reader.read(event: [], data: Array(data.utf8), to: &events)
        }
        reader.finish(to: &events)
        #expect(fault(events) == nil)
        return events
    }

    @Test("D9 D12 D37: every caller reads its answers, streamed and whole", arguments: Sides.all)
    func answers(caller: Sides) throws {
        let events = stream()
        let expected = try Reply(folding: events)
        #expect(expected.calls.map(\.arguments) == [#"{"x":1}"#, "{}"] && expected.text == "Let me see.")
        let streamed = caller.read(.stream(Recording.events(caller.streamed(events))))
        let whole = caller.read(.whole(caller.whole(expected)))
        #expect(Essence(try Reply(folding: streamed)) == Essence(expected))
        #expect(Essence(try Reply(folding: whole)) == Essence(expected))
    }

    @Test("D27: every caller hears of an error in the middle, and of no end", arguments: Sides.all)
    func errors(caller: Sides) throws {
        let back = caller.read(.stream(Recording.events(caller.streamed(stream(isFailing: true)))))
        guard case .failure(let failure)? = back.last else {
            Issue.record("no failure: \(back)")
            return
        }
        #expect(failure.message.contains("Wait."))
    }
}

extension Part {
    /// Whether it is nothing that a model of texts can be told.
    fileprivate var isPicture: Bool {
        switch self {
        case .image, .audio: true
        default: false
        }
    }
}
