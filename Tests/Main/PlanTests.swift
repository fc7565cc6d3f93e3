// SPDX-License-Identifier: MIT

import HTTP
import Model
import Settings
import Testing
import Unix

@testable import edgefilter

@Suite struct PlanTests {
    /// Its first candidate, as a chat asks for one.
    private func plan(_ settings: Settings, _ model: String?, bearsModel: Bool = true) throws -> Candidate {
        let path = bearsModel ? "/v1/chat/completions" : "/v1/files"
        let plan = try planned(settings, try head("POST \(path)"), model: model, bearsModel: bearsModel)
        #expect(plan.asked == model)
        return plan.candidates[0]
    }

    private let routed = settings(
        [upstream("a"), upstream("b"), upstream("e", dialect: "echo")],
        routes: [
            route("gpt-*", "a"), route("gpt-5", "b", "glm-4.6"), route("same", "b", "same"),
            route("echo", "e"),
        ])

    @Test func followsTheRoutes() throws {
        for (asked, upstream, model) in [
            ("gpt-5", "b", "glm-4.6"), ("gpt-4o", "a", nil), ("same", "b", nil), ("echo", "e", nil),
        ] as [(String, String, String?)] {
            let plan = try plan(routed, asked)
            #expect(plan.upstream.name == upstream && plan.model == model)
            #expect(plan.dialect.name == (upstream == "e" ? "echo" : "openai"))
        }
    }

    @Test func knowsNoOtherModel() throws {
        let failure = try #require(throws: Failure.self) { try plan(routed, "claude\"\n") }
        #expect(failure.code == .unknownModel && failure.status == 404 && failure.param == "model")
        let missing = try #require(throws: Failure.self) { try plan(routed, nil) }
        #expect(missing.code == .missingMember && missing.param == "model")
        // An endpoint that knows no model goes to the first upstream.
        let first = try plan(routed, nil, bearsModel: false)
        #expect(first.upstream.name == "a" && first.model == nil)
    }

    @Test func aStarTakesAll() throws {
        let open = settings([upstream("a"), upstream("b")], routes: [route("x", "a"), route("*", "b", "m")])
        for asked in ["y", "", nil, "m"] {
            let plan = try plan(open, asked)
            #expect(plan.upstream.name == "b" && plan.model == (asked == "m" ? nil : "m"))
        }
    }

    @Test func needsAnUpstreamThatExists() throws {
        let broken = settings(
            [upstream("a", dialect: "nobody's")], routes: [route("x", "none"), route("y", "a")])
        for model in ["x", "y"] {
            let failure = try #require(throws: Failure.self) { try plan(broken, model) }
            #expect(failure.code == .internalError)
        }
        let none = try #require(throws: Failure.self) {
            try plan(settings([], routes: []), nil, bearsModel: false)
        }
        #expect(none.code == .missingMember)
    }

    @Test func everyDialectIsBuiltInOnce() {
        #expect(Set(dialects.map(\.name)).count == dialects.count)
        for dialect in dialects { #expect(builtIn(dialect.name)?.name == dialect.name) }
        #expect(builtIn("x") == nil && builtIn("OpenAI") == nil)
    }
}

@Suite struct UploadTests {
    private func append(_ bytes: [UInt8], to upload: inout Upload) {
        upload.append { $0.append(contentsOf: bytes) }
    }

    private func read(_ count: Int, from upload: inout Upload) -> [UInt8] {
        var room = [UInt8](repeating: 0, count: count)
        let taken = room.withUnsafeMutableBytes { upload.read(into: $0) }
        return Array(room.prefix(taken))
    }

    @Test func givesWhatCame() {
        var upload = Upload()
        #expect(!upload.hasMore && read(10, from: &upload).isEmpty)
        append(Array("hello".utf8), to: &upload)
        #expect(upload.waiting == 5 && text(read(2, from: &upload)) == "he" && upload.waiting == 3)
        append(Array("!".utf8), to: &upload)
        #expect(text(read(10, from: &upload)) == "llo!" && !upload.hasMore && !upload.isComplete)
    }

    @Test func rewindsWhileItIsShort() {
        var upload = Upload()
        append([UInt8](repeating: 1, count: Upload.repeatable), to: &upload)
        #expect(read(1000, from: &upload).count == 1000 && upload.isRepeatable)
        let isBack = upload.rewind(to: 0)
        #expect(isBack && upload.waiting == Upload.repeatable)
        #expect(upload.readAll().count == Upload.repeatable)
        let isInside = upload.rewind(to: 500)
        #expect(isInside && upload.waiting == Upload.repeatable - 500)
        let isBeyond = upload.rewind(to: Upload.repeatable + 1)
        #expect(!isBeyond)
    }

    @Test func goesOnceWhenItIsLong() {
        var upload = Upload()
        var next: UInt8 = 0
        var expected: UInt8 = 0
        for _ in 0..<40 {
            append(
                (0..<50_000).map { _ in
                    defer { next &+= 1 }
                    return next
                }, to: &upload)
            for byte in read(49_000, from: &upload) {
                if byte != expected { Issue.record("out of order") }
                expected &+= 1
            }
        }
        let isBack = upload.rewind(to: 0)
        #expect(!isBack && !upload.isRepeatable && upload.waiting == 40_000)
        #expect(upload.readAll().count == 40_000 && !upload.hasMore)
    }

    /// A long body of which nothing has gone yet can still go.
    @Test func rewindsALongOneAtItsStart() {
        var upload = Upload()
        append([UInt8](repeating: 1, count: Upload.repeatable * 2), to: &upload)
        #expect(upload.isRepeatable)
        let isBack = upload.rewind(to: 0)
        #expect(isBack)
        _ = read(1, from: &upload)
        #expect(!upload.isRepeatable)
    }
}
