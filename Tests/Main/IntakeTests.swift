// SPDX-License-Identifier: MIT

import HTTP
import Model
import Testing
import Unix

@testable import edgefilter

@Suite struct IntakeTests {
    private func json(_ body: [UInt8], _ coding: String = "identity") throws -> RequestHead {
        try head(
            "POST /v1/chat/completions", "Content-Length: \(body.count)", "Content-Encoding: \(coding)")
    }

    private let body =
        #"{"messages":[{"role":"user","content":"model \"model\""}], "model" : "gpt-5", "n":1}"#

    /// Every way to cut the body gives the same; only the model's bytes change.
    @Test func replacesTheModelOnly() throws {
        let bytes = Array(body.utf8)
        let head = try json(bytes)
        for pieces in bytes.splits {
            let kept = Taken(head, pieces)
            #expect(
                kept.content == body && kept.model == "gpt-5" && kept.code == nil
                    && kept.length == bytes.count)
            let taken = Taken(head, pieces, name: "glm-\"4\"")
            #expect(taken.content == body.replacing(#""gpt-5""#, with: #""glm-\"4\"""#))
            #expect(taken.model == "gpt-5" && taken.length == taken.content.utf8.count && taken.rest == 0)
        }
    }

    @Test func takesChunks() throws {
        let head = try head("POST /v1/chat/completions", "Transfer-Encoding: chunked")
        let expected = body.replacing("gpt-5", with: "m")
        for pieces in Array(body.utf8).chunked(by: [1, 30, 2]).splits {
            let taken = Taken(head, pieces, name: "m")
            #expect(taken.content == expected && taken.length == expected.utf8.count && taken.code == nil)
        }
    }

    @Test func takesGzip() throws {
        let packed = Array(body.utf8).gzipped
        for coding in ["gzip", "x-gzip", "GZIP", "identity, gzip"] {
            let head = try json(packed, coding)
            let expected = body.replacing("gpt-5", with: "m")
            for pieces in packed.splits {
                let taken = Taken(head, pieces, name: "m")
                #expect(taken.content == expected && taken.length == expected.utf8.count && taken.code == nil)
            }
        }
        let both = packed.chunked(by: [7])
        let chunked = try head(
            "POST /v1/chat/completions", "Transfer-Encoding: chunked", "Content-Encoding: gzip")
        for pieces in both.splits { #expect(Taken(chunked, pieces).content == body) }
    }

    @Test(arguments: ["br", "deflate", "gzip, gzip", "zstd", "gzip, br"]) func refusesCodings(
        coding: String
    ) throws {
        let head = try head("POST /v1/chat/completions", "Content-Length: 5", "Content-Encoding: \(coding)")
        let refusal = #expect(throws: Failure.self) { try Intake(head, limit: 100, bearsModel: true) }
        #expect(refusal?.code == .badContentCoding && refusal?.status == 415)
    }

    /// Where there is no model, one is put in front.
    @Test(arguments: [
        (#"{"a":1}"#, #"{"model":"m","a":1}"#), ("{}", #"{"model":"m"}"#),
        (" \n{ }", " \n{\"model\":\"m\" }"),
        (" { \n\"a\":{}}", " {\"model\":\"m\", \n\"a\":{}}"),
        (#"{"a":{"model":"x"},"Model":"y"}"#, #"{"model":"m","a":{"model":"x"},"Model":"y"}"#),
    ])
    func insertsAModel(body: String, expected: String) throws {
        let bytes = Array(body.utf8)
        let head = try json(bytes)
        for pieces in bytes.splits {
            let taken = Taken(head, pieces, name: "m")
            #expect(taken.content == expected && taken.model == nil && taken.length == expected.utf8.count)
            #expect(Taken(head, pieces).content == body)
        }
    }

    /// A model of `null` is none; it must not stand beside another.
    @Test func replacesNull() throws {
        let bytes = Array(#"{"model":null,"a":1}"#.utf8)
        let taken = Taken(try json(bytes), [bytes], name: "m")
        #expect(taken.content == #"{"model":"m","a":1}"#)
    }

    /// What is no object has no place for a model.
    @Test(arguments: [#""abc""#, "17", "true", "null", "[1]", " \r\n\t[]"]) func refusesScalars(
        body: String
    ) throws {
        let bytes = Array(body.utf8)
        let head = try json(bytes)
        for pieces in bytes.splits {
            let code = Taken(head, pieces, name: "m").code
            #expect(code == .invalidMember || code == .invalidJSON)
        }
    }

    @Test func seesTwoModels() throws {
        let bytes = Array(#"{"model":"a","b":{"model":"x"},"mod\u0065l":"c"}"#.utf8)
        for pieces in bytes.splits {
            let taken = Taken(try json(bytes), pieces)
            #expect(taken.isAmbiguous && taken.model == "a")
        }
        let one = Array(#"{"model":"a","b":{"model":"x"}}"#.utf8)
        #expect(!Taken(try json(one), [one]).isAmbiguous)
    }

    @Test(arguments: [
        (#"{"model":5}"#, Failure.Code.invalidMember, "model" as String?),
        (#"{"model":{"a":1}}"#, .invalidMember, "model"),
        (#"{"model":["a"]}"#, .invalidMember, "model"), (#"{"model":true}"#, .invalidMember, "model"),
        ("", .invalidJSON, nil),
        ("{", .invalidJSON, nil), ("x", .invalidJSON, nil), (#"{"model":"a"}}"#, .invalidJSON, nil),
        (#"{"model":"a",}"#, .invalidJSON, nil), (#"{"a":"\#u{1}"}"#, .invalidJSON, nil),
        (#"{"model":"a"} {"#, .invalidJSON, nil),
    ])
    func complains(body: String, code: Failure.Code, param: String?) throws {
        let bytes = Array(body.utf8)
        let head = try json(bytes)
        for pieces in bytes.splits {
            let taken = Taken(head, pieces, name: "m")
            #expect(taken.code == code && taken.param == param)
        }
    }

    @Test func refusesALongName() throws {
        let bytes = Array(#"{"model":"\#(String(repeating: "m", count: 2000))"}"#.utf8)
        let taken = Taken(try json(bytes), [bytes])
        #expect(taken.code == .invalidMember && taken.param == "model")
    }

    @Test func holdsToItsLimit() throws {
        let bytes = Array(#"{"model":"abc"}"#.utf8)
        let counted = try json(bytes)
        #expect(Taken(counted, [bytes], limit: bytes.count).code == nil)
        #expect(Taken(counted, [bytes], limit: bytes.count - 1).code == .bodyTooLarge)
        let chunked = try head("POST /v1/chat/completions", "Transfer-Encoding: chunked")
        #expect(Taken(chunked, [bytes.chunked(by: [4])], limit: bytes.count).code == nil)
        #expect(Taken(chunked, [bytes.chunked(by: [4])], limit: bytes.count - 1).code == .bodyTooLarge)
        let packed = bytes.gzipped
        let gzip = try json(packed, "gzip")
        #expect(Taken(gzip, [packed], limit: 1000).code == nil)
        let many = Array(#"{"model":"\#(String(repeating: "a", count: 900))"}"#.utf8).gzipped
        let bomb = try json(many, "gzip")
        #expect(Taken(bomb, [many], limit: 910).code == .bodyTooLarge)
        #expect(Taken(bomb, [many], limit: 1000).code == nil)
    }

    /// Two requests in a row: the second stays where it is.
    @Test func leavesTheNextRequest() throws {
        let bytes = Array(body.utf8)
        let taken = Taken(try json(bytes), [bytes + wire("GET / HTTP/1.1¶")])
        #expect(taken.content == body && taken.rest == 16)
    }
}

/// What was sent and is taken back, for another try.
@Suite struct IntakeAgainTests {
    private let body = #"{"a":1,"model":"gpt","stream":true,"b":"xyz"}"#

    private func intake(_ text: String) throws -> Intake {
        let head = try head("POST /v1/chat/completions", "Content-Length: \(text.utf8.count)")
        var intake = try Intake(head, limit: 1 << 20, bearsModel: true)
        var inbox = Buffer()
        inbox.append(text.utf8)
        try intake.take(&inbox)
        return intake
    }

    @Test func goesOutAgainUnderAnotherName() throws {
        var intake = try intake(body)
        for name in ["longer-name", "x", "gpt"] {
            var upload = Upload()
            intake.replaceModel(with: name)
            #expect(intake.length == body.utf8.count + name.utf8.count - 3)
            intake.release(to: &upload)
            var room = [UInt8](repeating: 0, count: 5)
            _ = room.withUnsafeMutableBytes { upload.read(into: $0) }
            intake.takeBack(&upload)
            #expect(text(intake.held) == body)
        }
        #expect(intake.isStreamed)
    }

    @Test func takesAnotherContent() throws {
        var intake = try intake(body)
        try intake.replaceContent(with: Array(#"{"model":"gpt"}"#.utf8))
        intake.replaceModel(with: "z")
        var upload = Upload()
        intake.release(to: &upload)
        #expect(text(upload.readAll()) == #"{"model":"z"}"# && upload.isComplete)
    }

    @Test(arguments: [
        (#"{"stream":true}"#, true), (#"{"stream":false}"#, false), (#"{"stream":null}"#, false),
        (#"{"x":{"stream":true}}"#, false), (#"{"stream":"true"}"#, false), ("{}", false),
    ])
    func seesThatAStreamIsWanted(body: String, isStreamed: Bool) throws {
        #expect(try intake(body).isStreamed == isStreamed)
    }
}
