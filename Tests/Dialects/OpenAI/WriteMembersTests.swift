// SPDX-License-Identifier: MIT

import Digest
import JSON
import Model
import Testing

@testable import OpenAI

/// The members of a request beside its messages and tools.
@Suite struct WriteMembersTests {
    private func some(_ change: (inout Request) -> Void) -> Request {
        request(Turn(role: .user, text: "x"), change: change)
    }

    @Test("T30 T209: four stop strings are sent, the rest is cut by us")
    func stops() throws {
        let asked = some { $0.stops = ["a", "b", "c", "d", "e", "f"] }
        let (root, outgoing) = try sent(asked)
        #expect(
            root["stop"]?.elements.map { $0.string } == ["a", "b", "c", "d"] && outgoing.cuts == ["e", "f"])
        #expect(try sent(asked, provider("glm")).outgoing.cuts == ["b", "c", "d", "e", "f"])
        #expect(try member(asked, "stop", provider("stops=0")) == nil)
        #expect(try member(some { _ in }, "stop") == nil)
    }

    @Test("T31 T32: sampling as the caller spelt it, where the provider takes it")
    func sampling() throws {
        let asked = some {
            $0.sampling.temperature = "0.10"
            $0.sampling.topP = "1"
            $0.sampling.topK = 40
            $0.sampling.seed = 7
            $0.sampling.presencePenalty = "-0.5"
            $0.sampling.logprobs = true
            $0.sampling.topLogprobs = 3
            $0.sampling.count = 2
        }
        let told = try text(asked)
        #expect(
            told.contains(
                #""temperature":0.10,"top_p":1,"presence_penalty":-0.5,"seed":7,"logprobs":true,"top_logprobs":3"#
            ))
        #expect(!told.contains("top_k") && !told.contains(#""n""#))
        #expect(try member(asked, "top_k", provider("vllm")) == "40")
        let reasoning = try text(asked, provider("no_sampling"))
        #expect(
            !reasoning.contains("temperature") && !reasoning.contains("top_p")
                && !reasoning.contains("penalty"))
        #expect(try !text(asked, provider("groq")).contains("logprobs"))
    }

    @Test("T33: stream_options with a stream, where the provider takes it")
    func stream() throws {
        let asked = some { $0.isStreamed = true }
        #expect(try text(asked).contains(#""stream":true,"stream_options":{"include_usage":true}"#))
        #expect(try member(asked, "stream_options", provider("no_stream_options")) == nil)
        #expect(try member(asked, "stream", provider("no_stream_options")) == "true")
        #expect(try !text(asked, provider("no_stream")).contains("stream"))
        #expect(try !text(some { _ in }).contains("stream"))
    }

    @Test("T34 T124: the form of the answer")
    func format() throws {
        let closed =
            #"{"type":"object","properties":{"a":{"type":"string"}},"required":["a"],"additionalProperties":false}"#
        func told(_ schema: Format.Schema, _ provider: Provider = provider()) throws -> String? {
            try member(some { $0.format = .schema(schema) }, "response_format", provider)
        }
        #expect(
            try told(.init(schema: json(closed)))
                == #"{"type":"json_schema","json_schema":{"name":"output","schema":\#(closed),"strict":true}}"#
        )
        #expect(try told(.init(schema: json(#"{"type":"object"}"#)))?.contains(#""strict":false"#) == true)
        #expect(
            try told(.init(name: "a b", schema: nil, isStrict: false))?.contains(#""name":"a_b_"#) == true)
        #expect(try member(some { $0.format = .object }, "response_format") == #"{"type":"json_object"}"#)
        let words = some { $0.format = .schema(.init(schema: json(closed))) }
        let (root, outgoing) = try sent(words, provider("deepseek"))
        #expect(
            outgoing.losses == [.schemaFormat] && root["response_format"]?["type"]?.string == "json_object")
        let first = root["messages"]?.elements.first { _ in true }
        #expect(first?["role"]?.string == "system" && first?["content"]?.string?.contains(closed) == true)
    }

    @Test("T35: who the user is, in 64 letters")
    func user() throws {
        let long = #"{"device_id":"\#(String(repeating: "x", count: 80))"}"#
        let told = try #require(try sent(some { $0.user = long }).root["user"]?.string)
        #expect(told.utf8.count == 64 && told == Hash.hex(long, 64))
        #expect(try member(some { $0.user = "u" }, "user") == #""u""#)
        #expect(try member(some { $0.user = "u" }, "user", provider("mistral")) == nil)
        #expect(try member(some { $0.tier = .standard }, "service_tier", provider("openai")) == #""default""#)
        #expect(try member(some { $0.tier = .standard }, "service_tier") == nil)
    }

    @Test("T36 T129: what another dialect left over stays away")
    func extras() throws {
        let asked = some {
            $0.dialect = "other"
            $0.extras = [
                Extra(name: "odd", value: json("1")), Extra(name: "store", value: json("true")),
                Extra(name: "min_p", value: json("0.1")),
            ]
        }
        #expect(try !text(asked).contains("odd") && !text(asked).contains("store"))
        #expect(try member(asked, "store", provider("openai")) == "true")
        #expect(try member(asked, "min_p", provider("vllm")) == "0.1")
        var own = asked
        own.dialect = "openai"
        #expect(try text(own).hasSuffix(#""odd":1,"store":true,"min_p":0.1}"#))
    }
}
