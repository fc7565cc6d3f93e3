// SPDX-License-Identifier: MIT

import JSON
import Testing

@testable import Model

@Suite struct PairingTests {
    private func places(_ count: Int) throws -> [Value] {
        let text = "[" + (0..<count).map { "{\"n\":\($0)}" }.joined(separator: ",") + "]"
        return Array(try Document(Array(text.utf8)).root.elements)
    }

    @Test func pairs() throws {
        let places = try places(4)
        var pairing = Pairing()
        #expect(pairing.call("a", at: places[0]) == "a")
        #expect(pairing.call("b", at: places[1]) == "b")
        #expect(pairing.fault?.param == "0")
        #expect(pairing.result("b", at: places[2]) == "b")
        #expect(pairing.result("a", at: places[3]) == "a")
        #expect(pairing.fault == nil)
    }

    @Test("T108: an id that comes again is told apart, with its result") func repeats() throws {
        let places = try places(6)
        var pairing = Pairing()
        #expect(pairing.call("call_0", at: places[0]) == "call_0")
        #expect(pairing.result("call_0", at: places[1]) == "call_0")
        #expect(pairing.call("call_0", at: places[2]) == "call_0_2")
        #expect(pairing.result("call_0", at: places[3]) == "call_0_2")
        #expect(pairing.call("call_0_2", at: places[4]) == "call_0_2_2")
        #expect(pairing.result("call_0_2", at: places[5]) == "call_0_2_2")
        #expect(pairing.fault == nil)
    }

    @Test("T111: one half of a pair is told with its path") func unpaired() throws {
        let places = try places(2)
        var orphan = Pairing()
        _ = orphan.result("x", at: places[1])
        #expect(orphan.fault?.param == "1" && orphan.fault?.code == .invalidMember)
        var open = Pairing()
        _ = open.call("x", at: places[1])
        #expect(open.fault?.param == "1" && open.fault?.message.contains("'x'") == true)
    }
}

@Suite struct GatherTests {
    private func call(_ id: String) -> Part { .call(ToolCall(id: id, name: "f", arguments: "{}")) }
    private func result(_ id: String, _ text: String, isError: Bool = false) -> Part {
        .result(ToolResult(id: id, parts: [.text(text)], isError: isError))
    }

    private func gathered(_ turns: [Turn]) -> [Turn] {
        var request = Request(model: "m", turns: turns, isStreamed: false, wantsUsage: false)
        request.gatherResults()
        return request.turns
    }

    @Test("T5 T145: what stands between calls and results moves behind them") func between() {
        let turns = [
            Turn(role: .user, text: "q"), Turn(role: .assistant, parts: [call("a"), call("b")]),
            Turn(role: .system, text: "mind"), Turn(role: .user, text: "and"),
            Turn(role: .user, parts: [result("b", "2"), .text("x"), result("a", "1")]),
        ]
        #expect(
            gathered(turns) == [
                turns[0], turns[1], Turn(role: .user, parts: [result("b", "2"), result("a", "1")]), turns[2],
                turns[3], Turn(role: .user, text: "x"),
            ])
    }

    @Test("T111: of several results the last; a missing one is made, an orphan is a text") func repairs() {
        let turns = [
            Turn(role: .assistant, parts: [call("a"), call("b")]),
            Turn(role: .user, parts: [result("a", "old"), result("z", "lost"), result("a", "new")]),
        ]
        #expect(
            gathered(turns) == [
                turns[0],
                Turn(role: .user, parts: [result("a", "new"), result("b", "no result", isError: true)]),
                Turn(role: .user, text: "[tool result] lost"),
            ])
    }

    @Test func leavesOthersAlone() {
        let turns = [
            Turn(role: .system, text: "s"), Turn(role: .user, text: "a"), Turn(role: .assistant, text: "b"),
        ]
        #expect(gathered(turns) == turns)
    }
}
