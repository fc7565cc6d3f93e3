// SPDX-License-Identifier: MIT

import HTTP
import Model
import Testing
import Unix

@testable import edgefilter

@Suite struct ReferenceTests {
    private func member(_ text: String, _ caller: any ClientSide, _ pieces: [[UInt8]]) throws -> String? {
        let head = try head("POST \(caller.modelsPath)", "Content-Length: \(text.utf8.count)")
        let sought = Sought.of(caller, isListed: false, isStranger: true)
        var intake = try Intake(head, limit: 1 << 20, bearsModel: true, sought)
        for piece in pieces {
            var inbox = Buffer()
            inbox.append(piece)
            try intake.take(&inbox)
        }
        return intake.reference.member
    }

    /// However the body is cut.
    @Test(arguments: [
        (#"{"previous_response_id":"r"}"#, "previous_response_id"), (#"{"PROMPT":{}}"#, "PROMPT"),
        (#"{"input":[{"type":"message","content":1},{"id":"m"}],"n":1}"#, "input[].id"),
        (#"{"input":[{"id":"m","type":"message","type":null}]}"#, "input[].id"),
        (#"{"input":[{"type":"item_reference","id":"m"}]}"#, "input[].type"),
        (#"{"tools":[{"container":"c"}]}"#, "tools[].container"),
        (#"{"tools":[{"container":{"file_ids":["f"]}}]}"#, "tools[].container.file_ids[]"),
    ]) func namesWhatIsKept(text: String, path: String) throws {
        for pieces in Array(text.utf8).splits {
            #expect(try member(text, #require(builtIn("responses")?.client), pieces) == path.lowercased())
        }
    }

    @Test(arguments: [
        #"{"previous_response_id":null,"input":"x"}"#, #"{"input":[{"id":"m","content":"x"},{"type":"x"}]}"#,
        #"{"input":[{"input":[{"id":1}],"type":"t"}],"tools":[{"container":{"type":"auto","file_ids":[]}}]}"#,
        #"{"input":[1,2,"id"],"x":{"prompt":1}}"#,
    ]) func namesNothing(text: String) throws {
        let client = try #require(builtIn("responses")?.client)
        for pieces in Array(text.utf8).splits { #expect(try member(text, client, pieces) == nil) }
    }

    @Test(arguments: [
        "/v1/a/../b", "/v1/%2e%2e/b", "/v1/%252e%252e/b", "/v1/%25252e./b",
        "/v1/.%\(String(repeating: "25", count: 4000))2e/b", "/v1/..;x=1/b", "/v1/..%3b/b",
        "/a%2f..%2fb",
        "/a%5c..%5cb", "/.;",
    ]) func climbs(path: String) throws { #expect(try head("GET \(path)").target.climbs) }

    @Test(arguments: ["/v1/a;b/c", "/v1/x..y", "/v1/..x;/b", "/v1/%2525", "/v1/models/a%2Fb"])
    func stays(path: String) throws { #expect(try !head("GET \(path)").target.climbs) }
}
