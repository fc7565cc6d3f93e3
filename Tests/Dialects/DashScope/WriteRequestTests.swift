// SPDX-License-Identifier: MIT

import JSON
import Model
import Testing

@testable import DashScope

@Suite struct WriteRequestTests {
    @Test("D1 D48: a stream is asked for by a field, and by no member") func streams() throws {
        for isStreamed in [false, true] {
            let asked = request { $0.isStreamed = isStreamed }
            let fields = Generation().fields(of: asked, provider())
            #expect(fields.map(\.name) == (isStreamed ? ["X-DashScope-SSE"] : []))
            #expect(fields.map(\.value) == (isStreamed ? ["enable"] : []))
            let root = try sent(asked).root
            #expect(root["stream"] == nil && root["parameters"]?["stream"] == nil)
            #expect(root["parameters"]?["incremental_output"]?.bool == (isStreamed ? true : nil))
            #expect(root["parameters"]?["result_format"]?.string == "message")
        }
    }

    @Test("the whole of a small request") func whole() throws {
        var bytes: [UInt8] = []
        _ = try Generation().writeRequest(request("farui-plus"), for: provider(), to: &bytes)
        #expect(
            String(decoding: bytes, as: UTF8.self)
                == #"{"model":"farui-plus","input":{"messages":[{"role":"user","content":"Hello"}]},"#
                + #""parameters":{"result_format":"message"}}"#)
    }

    @Test(
        "D16: the temperature is below 2",
        arguments: [("0", "0"), ("0.70", "0.70"), ("1.99", "1.99"), ("2", "1.99"), ("5e3", "1.99")])
    func temperature(asked: String, told: String) throws {
        let asking = request { $0.sampling.temperature = asked }
        #expect(try parameter("temperature", asking) == told)
        #expect(try sent(asking).outgoing.losses == (asked == told ? [] : [.temperature]))
    }

    @Test("D16: what is no temperature is refused", arguments: ["-0.1", "-1"]) func noTemperature(
        asked: String
    ) {
        let failure = #expect(throws: Failure.self) { try sent(request { $0.sampling.temperature = asked }) }
        #expect(failure?.status == 400 && failure?.param == "temperature")
    }

    @Test(
        "D17: top_p is above 0, and for some below 1",
        arguments: [
            ("farui-plus", "1", nil), ("farui-plus", "1.0", nil), ("farui-plus", "0.8", "0.8"),
            ("farui-plus", "0", "0.000001"), ("qwen2.5-72b-instruct", "1", nil), ("qwen-plus", "1", "1"),
            ("qwen-plus", "0", "0.000001"),
        ])
    func topP(model: String, asked: String, told: String?) throws {
        let asking = request(model) { $0.sampling.topP = asked }
        #expect(try parameter("top_p", asking) == told)
        #expect(try sent(asking).outgoing.losses == (told == nil ? [.topP] : []))
        #expect(throws: Failure.self) { try sent(request(model) { $0.sampling.topP = "1.1" }) }
    }

    @Test(
        "D18: no answer is longer than its model can",
        arguments: [
            ("farui-plus", 100, "100"), ("farui-plus", 4_096, "2000"), ("qwen-plus", 100_000, "32768"),
            ("qwen-turbo", 16_384, "16384"), ("some-model", 100_000, "100000"),
        ])
    func limits(model: String, asked: Int, told: String) throws {
        let asking = request(model) { $0.outputLimit = asked }
        #expect(try parameter("max_tokens", asking) == told)
        #expect(try sent(asking).outgoing.losses == (told == "\(asked)" ? [] : [.outputLimit]))
        #expect(try parameter("max_tokens", asking, provider("max_output=50")) == "50")
    }

    @Test("D56: a negative seed is no seed") func seeds() throws {
        #expect(try parameter("seed", request { $0.sampling.seed = 7 }) == "7")
        let negative = request { $0.sampling.seed = -1 }
        #expect(try parameter("seed", negative) == nil)
        #expect(try sent(negative).outgoing.losses == [.seed])
    }

    @Test("numbers of the others") func numbers() throws {
        let asking = request {
            $0.sampling.topK = 40
            $0.sampling.presencePenalty = "-3"
            $0.sampling.logprobs = true
            $0.sampling.topLogprobs = 9
            $0.stops = ["a", "b"]
            $0.extras = [
                Extra(name: "repetition_penalty", value: json("1.1")),
                Extra(name: "enable_search", value: json("true")),
                Extra(name: "min_p", value: json("0.1")), Extra(name: "unheard_of", value: json("1")),
            ]
        }
        let (root, outgoing) = try sent(asking)
        let names = root["parameters"]?.object?.members.map(\.name)
        #expect(
            names == [
                "result_format", "top_k", "presence_penalty", "logprobs", "top_logprobs", "stop",
                "repetition_penalty", "enable_search",
            ])
        #expect(root["parameters"]?["presence_penalty"]?.source == "-2.0")
        #expect(root["parameters"]?["top_logprobs"]?.int == 5)
        #expect(outgoing.losses == [.presencePenalty, .logprobs, .tokenOptions])
    }

    @Test("farui-plus gets what it is said to take, and nothing else") func farui() throws {
        let asking = request("farui-plus") {
            $0.sampling.temperature = "0.7"
            $0.stops = ["x"]
            $0.tools = [weather]
            $0.thinking = Thinking(isOn: true, effort: .high)
            $0.extras = [
                Extra(name: "repetition_penalty", value: json("1.1")),
                Extra(name: "enable_search", value: json("true")),
            ]
        }
        let (root, outgoing) = try sent(asking)
        #expect(root["parameters"]?.object?.members.map(\.name) == ["result_format", "temperature", "stop"])
        #expect(outgoing.losses == [.effort, .tokenOptions, .search, .tools])
    }

    @Test(
        "D57: farui-plus is asked once more without what it refuses",
        arguments: [("temperature", Feature.temperature), ("stop", .stops)])
    func farui(name: String, feature: Feature) throws {
        var asking = request("farui-plus") {
            $0.sampling.temperature = "0.7"
            $0.stops = ["x"]
        }
        var refusal = Failure(.upstreamInvalid, "<400> InvalidParameter: '\(name)' is not supported")
        #expect(Generation().amend(&asking, after: refusal, provider()))
        let (root, outgoing) = try sent(asking)
        #expect(root["parameters"]?[name] == nil && outgoing.losses == [feature])
        #expect(root["parameters"]?.object?.members.count(where: { _ in true }) == 2)
        #expect(outgoing.cuts == (name == "stop" ? ["x"] : []))
        #expect(!Generation().amend(&asking, after: refusal, provider()))
        refusal.message = "temperatures or stopping"
        #expect(!Generation().amend(&asking, after: refusal, provider()))
        var other = request("qwen-plus")
        #expect(!Generation().amend(&other, after: Failure(.upstreamInvalid, "temperature"), provider()))
    }

    @Test(
        "D36 D48: models that think stream, and need no telling",
        arguments: ["qwq-plus", "qvq-max", "deepseek-r1"])
    func thinkers(model: String) throws {
        let asking = request(model)
        #expect(Generation().isStreamed(asking, provider()))
        let parameters = try sent(asking).root["parameters"]
        #expect(
            parameters?["incremental_output"]?.bool == true
                && parameters?["result_format"]?.string == "message")
        #expect(parameters?["enable_thinking"] == nil)
        let off = request(model) { $0.thinking = Thinking(isOn: false) }
        #expect(try sent(off).outgoing.losses == [.effort])
    }

    @Test(
        "D36 D48: thoughts are asked for in a stream",
        arguments: [
            (Thinking(isOn: true), "true", nil), (Thinking(isOn: true, effort: .low), "true", "1024"),
            (Thinking(isOn: true, effort: .medium), "true", "4096"),
            (Thinking(isOn: true, effort: .high), "true", "16384"),
            (Thinking(isOn: true, budget: 77), "true", "77"), (Thinking(isOn: false), "false", nil),
            (Thinking(isOn: true, effort: .minimal), "false", nil),
        ] as [(Thinking, String, String?)])
    func thinking(wish: Thinking, isEnabled: String, budget: String?) throws {
        let asking = request { $0.thinking = wish }
        #expect(try parameter("enable_thinking", asking) == isEnabled)
        #expect(try parameter("thinking_budget", asking) == budget)
        #expect(Generation().isStreamed(asking, provider()) == (isEnabled == "true"))
        #expect(
            try parameter("incremental_output", asking, provider("cumulative"))
                == (isEnabled == "true" ? "true" : nil))
        let instruct = request("qwen3-235b-a22b-instruct-2507") { $0.thinking = wish }
        #expect(try parameter("enable_thinking", instruct) == nil)
        #expect(try parameter("enable_thinking", asking, provider("no_thinking")) == nil)
    }

    @Test("a refusal of thinking, or of whole answers, is heeded once") func amends() throws {
        var asking = request { $0.thinking = Thinking(isOn: true) }
        var refusal = Failure(.upstreamInvalid, "No thoughts.")
        refusal.word = "InvalidParameter.NotSupportEnableThinking"
        #expect(Generation().amend(&asking, after: refusal, provider()))
        #expect(try parameter("enable_thinking", asking) == nil)
        #expect(try sent(asking).outgoing.losses == [.effort])
        var whole = request("some-model")
        let only = Failure(.upstreamInvalid, "This model only support stream mode, please enable it.")
        #expect(Generation().amend(&whole, after: only, provider()))
        #expect(Generation().isStreamed(whole, provider()))
        #expect(!Generation().amend(&whole, after: only, provider()))
    }

    @Test("a stream repeats itself where calls would come broken") func cumulative() throws {
        let old = request("qwen-72b-chat") {
            $0.isStreamed = true
            $0.tools = [weather]
        }
        #expect(try parameter("incremental_output", old) == "false")
        #expect(
            try parameter("incremental_output", request("qwen-72b-chat") { $0.isStreamed = true }) == "true")
        let plain = request { $0.isStreamed = true }
        #expect(try parameter("incremental_output", plain, provider("cumulative")) == "false")
    }

    @Test("JSON is asked for by a member and by a word") func formats() throws {
        let object = request { $0.format = .object }
        #expect(try parameter("response_format", object) == #"{"type":"json_object"}"#)
        #expect(try messages(object).contains("JSON"))
        let schema = Format.Schema(name: "s", schema: json(#"{"type":"object"}"#))
        let asking = request { $0.format = .schema(schema) }
        #expect(try parameter("response_format", asking) == #"{"type":"json_object"}"#)
        #expect(try sent(asking).outgoing.losses == [.schemaFormat])
        #expect(try messages(asking).contains(#"{\"type\":\"object\"}"#))
        #expect(
            try parameter("response_format", asking, provider("json_schema"))
                == #"{"type":"json_schema","json_schema":{"name":"s","schema":{"type":"object"}}}"#)
        let thinking = request("qwq-plus") { $0.format = .object }
        #expect(try parameter("response_format", thinking) == nil)
        #expect(try sent(thinking).outgoing.losses == [.objectFormat] && messages(thinking).contains("JSON"))
    }
}
