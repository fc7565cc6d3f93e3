// SPDX-License-Identifier: MIT

import JSON
import Testing

@testable import Model

@Suite struct WireTests {
    @Test("T24: a long name is cut and told apart") func names() {
        let long = String(repeating: "a", count: 70)
        let one = Wire.toolName(long)
        #expect(one.utf8.count == 64 && one.hasPrefix(String(repeating: "a", count: 55) + "_"))
        #expect(Wire.toolName(long + "b") != one && Wire.toolName("read_File-2") == "read_File-2")
        #expect(Wire.toolName("ns.read").hasPrefix("ns_read_"))
    }

    @Test("T45 T107: ids that differ stay different") func ids() {
        #expect(Wire.callID("toolu_1") == "toolu_1")
        let ids = ["functions.Bash:0", "functions.Bash:1", "functions_Bash_0", "call|1", "é", ""]
        let made = ids.map(Wire.callID)
        #expect(Set(made).count == ids.count && made.allSatisfy { !$0.isEmpty && $0.utf8.count <= 64 })
    }
}

@Suite struct SealTests {
    @Test("T84: opened for its own upstream alone") func opens() throws {
        for text in ["{}", #"{"s":"é\u0000"}"#, "[1,2]", #""x""#] {
            let seal = Seal.make(upstream: "glm", value: Array(text.utf8).span)
            #expect(Seal.isOurs(seal) && seal.utf8.allSatisfy { $0 > 0x2A && $0 < 0x7B })
            #expect(
                Seal.open(seal, upstream: "glm").map { String(decoding: $0.verbatim, as: UTF8.self) } == text)
            #expect(Seal.open(seal, upstream: "other") == nil)
        }
        for bad in ["", "EqQB", "eflt1:", "eflt1:!!", "eflt1:AAAA"] {
            #expect(Seal.open(bad, upstream: "") == nil)
        }
    }
}

@Suite struct OverflowTests {
    @Test(
        "T130: the ways to say that a conversation is too long",
        arguments: [
            "prompt is too long: 9 tokens > 8 maximum", "This model's Maximum Context Length is 8192 tokens",
            "Please reduce the length of the messages.", "the request exceeds the available context size",
            "Input is too long for requested model.", "Range of input length should be [1, 30720]",
            "The input token count (9) exceeds the maximum number of tokens allowed (8).",
            "maximum prompt length is 131072", "Your request exceeded model token limit: 8192",
        ])
    func phrases(message: String) { #expect(Overflow.isMeant(code: nil, message: message)) }

    @Test("T130: a limit that passes with time is another thing") func others() {
        #expect(!Overflow.isMeant(code: nil, message: "Rate limit reached: too many tokens per minute"))
        #expect(!Overflow.isMeant(code: "context_length_exceeded", message: "Too Many Requests"))
        #expect(!Overflow.isMeant(code: "invalid_value", message: "bad"))
        #expect(Overflow.isMeant(code: "context_length_exceeded", message: ""))
    }
}

@Suite struct QuirkTests {
    private let table = QuirkTable(
        quirks: [Quirk("a", "A."), Quirk("b", "B."), Quirk("n", "N.", takesValue: true)],
        presets: [("both", ["a", "n=5"])])

    @Test func resolves() {
        let (provider, unknown) = table.provider("x", ["both", "b"])
        #expect(provider.name == "x" && unknown.isEmpty && provider.flags == ["a", "b", "n"])
        #expect(provider.value(of: table.quirks[2]) == 5 && provider.has(table.quirks[0]))
        #expect(table.provider("x", ["n=7", "both"]).provider.values["n"] == 5)
    }

    @Test func namesTheUnknown() {
        #expect(table.provider("x", ["c", "a=1", "n", "n=x", "b"]).unknown == ["c", "a=1", "n", "n=x"])
    }
}

@Suite struct LossTests {
    private func request() -> Request {
        var request = Request(model: "m", turns: [], isStreamed: false, wantsUsage: false)
        request.mentions.note(.topK, as: "top_k", at: "top_k")
        request.mentions.note(.cacheControl, as: "messages[].cache_control", at: "messages.0.cache_control")
        request.mentions.note(.cacheControl, as: "messages[].cache_control", at: "messages.1.cache_control")
        for index in 0..<20 { request.mentions.noteExtra("x\(index)") }
        return request
    }

    @Test func comparesWithTheTable() throws {
        let losses = try request().losses(isStrict: false) { $0 == .topK ? .carried : .lost }
        #expect(losses.count == 1 + Mentions.extrasLimit)
        #expect(losses.first?.member == "messages[].cache_control")
        #expect(losses.first?.path == "messages.0.cache_control")
    }

    @Test func refusesWithTheMembersName() throws {
        let strict = try #require(throws: Failure.self) {
            try request().losses(isStrict: true) { $0 == .topK ? .carried : .lost }
        }
        #expect(strict.code == .unsupported && strict.param == "messages.0.cache_control")
        let refused = try #require(throws: Failure.self) {
            try request().losses(isStrict: false) { $0 == .topK ? .refused : .carried }
        }
        #expect(refused.param == "top_k" && refused.status == 400)
        #expect(throws: Failure.self) { try request().losses([.stops], isStrict: true) }
        #expect(try request().losses([.topK], isStrict: false).map(\.member) == ["top_k"])
    }

    @Test func estimatesAtLeastOne() {
        #expect(Estimate.input(of: Request(model: "m", turns: [], isStreamed: true, wantsUsage: true)) == 1)
        var long = request()
        long.turns = [Turn(role: .user, text: String(repeating: "word", count: 100))]
        #expect((100...110).contains(Estimate.input(of: long)))
    }
}
