// SPDX-License-Identifier: MIT

import JSON
import Model
import Testing

@testable import AnuNeko

@Suite struct WriteRequestTests {
    private let system = Turn(role: .system, text: "Be brief.")
    private let one = Turn(role: .user, text: "one")
    private let two = Turn(role: .assistant, text: "two")
    private let three = Turn(role: .user, text: "three")

    @Test("a lone user turn goes as it is, behind the system's text")
    func lone() throws {
        #expect(try text(of: request(one)) == "one")
        #expect(try text(of: request(system, one)) == "Be brief.\n\none")
        #expect(try text(of: request(one, system)) == "one")
        #expect(try text(of: request(one, two)) == "one", "what follows the last user is no turn of it")
    }

    @Test("more than one turn is told in full")
    func several() throws {
        let told = "System: Be brief.\n\nUser: one\n\nAssistant: two\n\nUser: three"
        #expect(try text(of: request(system, one, two, three)) == told)
        #expect(try text(of: request(system, one, two, three, two)) == told)
    }

    @Test("where the site knows the rest, only the last user's text goes")
    func resumed() throws {
        var request = request(system, one, two, three, two)
        request.dialogue = Dialogue()
        request.dialogue?.isResumed = true
        #expect(try text(of: request) == "three")
    }

    @Test("calls and what came of them are told in words")
    func calls() throws {
        let call = Turn(role: .assistant, parts: [.call(ToolCall(id: "c", name: "f", arguments: "{}"))])
        let result = Turn(role: .user, parts: [.result(ToolResult(id: "c", parts: [.text("4")]))])
        #expect(
            try text(of: request(one, call, result))
                == "User: one\n\nAssistant: [f {}]\n\nUser: [tool result] 4")
    }

    @Test("without a user's text there is nothing to send")
    func noText() throws {
        let image = Turn(role: .user, parts: [.image(Media(.url("https://x.example/a.png")))])
        for request in [request(system), request(two), request(image), request(Turn(role: .user, parts: []))]
        {
            let failure = #expect(throws: Failure.self) { try text(of: request) }
            #expect(failure?.code == .noUserText && failure?.status == 400 && failure?.param == "messages")
        }
    }

    @Test("JSON is asked for in words; tools and limits are lost; stops are ours to obey")
    func settings() throws {
        var asked = request(one)
        asked.format = .object
        #expect(try text(of: asked) == "one\n\n\(Instruction.json)")
        asked.outputLimit = 10
        asked.stops = ["END"]
        asked.tools = [Tool(name: "f", kind: .function(schema: nil))]
        var bytes: [UInt8] = []
        let outgoing = try Site().writeRequest(asked, for: provider, to: &bytes)
        #expect(outgoing.losses == [.tools, .outputLimit] && outgoing.cuts == ["END"])
    }

    @Test func coverage() {
        #expect(Site().coverage(of: .session, provider) == .carried)
        #expect(Site().coverage(of: .temperature, provider) == .lost)
        #expect(Site().coverage(of: .images, provider) == .lost)
        #expect(Site().coverage(of: .count, provider) == .refused)
    }
}
