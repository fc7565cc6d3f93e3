// SPDX-License-Identifier: MIT

import JSON
import Model
import Testing

@testable import Anthropic

@Suite struct ReadToolsTests {
    @Test("a tool is a name, a description, a schema; hints are told")
    func readsTools() throws {
        let request = try read(
            #"""
            "tools":[{"type":"custom","name":"a","description":"d","input_schema":{"type":"object"},"strict":true,
            "cache_control":{"type":"ephemeral"},"input_examples":[{}],"eager_input_streaming":false},{"name":"b"}]
            """#)
        #expect(
            request.tools == [
                Tool(
                    name: "a", description: "d", kind: .function(schema: try value(#"{"type":"object"}"#)),
                    isStrict: true),
                Tool(name: "b", kind: .function(schema: nil)),
            ])
        #expect(
            request.mentions.all.map(\.path) == [
                "tools.0.strict", "tools.0.cache_control", "tools.0.input_examples",
            ])
    }

    @Test("T27: a tool of the provider's own is kept for it")
    func readsHosted() throws {
        let tool = #"{"type":"web_search_20250305","name":"web_search","max_uses":2}"#
        let request = try read(#""tools":[\#(tool)],"tool_choice":{"type":"tool","name":"web_search"}"#)
        #expect(
            request.tools == [
                Tool(
                    name: "web_search",
                    kind: .hosted(
                        Foreign(dialect: "anthropic", type: "web_search_20250305", value: try value(tool))))
            ])
        #expect(request.mentions.contains(.hostedTools))
    }

    @Test("T28 T198: an empty list of tools is none, and there is nothing to choose")
    func readsNoTools() throws {
        let request = try read(#""tools":[],"tool_choice":{"type":"any","disable_parallel_tool_use":true}"#)
        #expect(request.tools.isEmpty && request.toolChoice == nil && request.allowsParallelCalls == nil)
    }

    @Test(
        "any is required",
        arguments: [
            ("auto", ToolChoice.automatic), ("any", .required), ("none", .none), ("tool", .named("a")),
        ])
    func readsChoices(type: String, choice: ToolChoice) throws {
        let request = try read(
            #""tools":[{"name":"a"}],"tool_choice":{"type":"\#(type)","name":"a","disable_parallel_tool_use":false}"#
        )
        #expect(request.toolChoice == choice && request.allowsParallelCalls == nil)
    }

    @Test("T199: a deferred tool is seen once it was referred to, until it is removed")
    func resolvesReferences() throws {
        let tools =
            #""tools":[{"name":"N","input_schema":{},"defer_loading":true},{"name":"M","input_schema":{}}]"#
        let call =
            #"{"role":"assistant","content":[{"type":"tool_use","id":"a","name":"find","input":{}}]},"#
        let result =
            #"{"role":"user","content":[{"type":"tool_result","tool_use_id":"a","content":[{"type":"tool_reference","tool_name":"N"}]}]}"#
        let addition =
            #"{"role":"system","content":[{"type":"tool_addition","tool":{"type":"tool_reference","name":"N"}}]}"#
        let removal = addition.replacing("addition", with: "removal")
        let user = #"{"role":"user","content":"x"}"#
        for (messages, isDeferred) in [
            (user, true), (call + result, false), (user + "," + addition, false),
            (call + result + "," + removal, true), (user + "," + removal, true),
        ] {
            let request = try read(tools, messages: "[\(messages)]")
            #expect(request.tools.map(\.isDeferred) == [isDeferred, false], "\(messages)")
            #expect(request.mentions.contains(.deferredTools) == isDeferred)
        }
        let chosen = try read(tools + #","tool_choice":{"type":"tool","name":"N"}"#)
        #expect(chosen.tools.map(\.isDeferred) == [false, false])
    }
}
