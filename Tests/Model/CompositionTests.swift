// SPDX-License-Identifier: MIT

import Model
import Testing

@Suite struct CompositionTests {
    /// A composition, and what became of it, whose grammar is that of a reply.
    private struct Page {
        var composition = Composition()
        var events: [Event] = [.begin(Beginning())]

        mutating func say(_ kind: Item, _ text: String) { composition.say(kind, text, to: &events) }

        /// A piece of the call at that place, which is made if it is new.
        mutating func call(_ place: Int, id: String = "", name: String = "", _ text: String = "") {
            while composition.calls.count <= place { composition.calls.append(Composition.Call()) }
            if !id.isEmpty { composition.calls[place].id = id }
            if !name.isEmpty { composition.calls[place].name = name }
            composition.take(text, ofCall: place, to: &events)
        }

        /// What came, once all of it is ended.
        mutating func told() throws -> [Reply.Item] {
            composition.end(to: &events)
            events.append(.end(Ending(.finished)))
            var grammar = Grammar()
            for event in events { grammar.take(event) }
            #expect(grammar.fault == nil)
            #expect(grammar.isComplete)
            return try Reply(folding: events).items
        }
    }

    private func text(_ words: String) -> Reply.Item { .text(Reply.Text(text: words)) }
    private func thoughts(_ words: String) -> Reply.Item { .reasoning(Reasoning(text: words)) }
    private func call(_ id: String, _ arguments: String) -> Reply.Item {
        .call(ToolCall(id: id, name: "w", arguments: arguments))
    }

    @Test func wordsOfAnotherKindEndThoseBefore() throws {
        var page = Page()
        page.say(.reasoning, "a")
        page.say(.reasoning, "b")
        page.say(.text, "c")
        page.say(.reasoning, "d")
        page.say(.refusal, "e")
        #expect(try page.told() == [thoughts("ab"), text("c"), thoughts("d"), .refusal("e")])
    }

    @Test func nothingIsNothing() throws {
        var page = Page()
        #expect(!page.composition.hasSpoken)
        #expect(!page.composition.hasCalls)
        #expect(try page.told().isEmpty)
    }

    @Test func aCallWaitsForItsIDAndItsName() throws {
        var page = Page()
        page.call(0, "{\"a\"")
        page.call(0, name: "w", ":")
        #expect(page.events.count == 1)
        #expect(!page.composition.calls[0].isOpened)
        page.call(0, id: "i", "1}")
        #expect(page.composition.calls[0].isOpened)
        #expect(page.events.contains(.delta(.text("{\"a\":1}"))))
        #expect(try page.told() == [call("i", "{\"a\":1}")])
    }

    @Test func aCallThatNeverMayOpenIsNone() throws {
        var page = Page()
        page.composition.calls.append(Composition.Call())
        page.composition.calls[0].id = "i"
        page.composition.calls[0].name = "w"
        page.composition.take("{}", ofCall: 0, mayOpen: false, to: &page.events)
        #expect(page.composition.calls[0].held == "{}")
        #expect(try page.told().isEmpty)
        #expect(!page.composition.hasCalls)
    }

    @Test func callsThatComeTogetherComeOneAfterTheOther() throws {
        var page = Page()
        page.call(0, id: "i", name: "w")
        page.call(1, id: "j", name: "w")
        page.call(1, "{\"b\":")
        page.call(0, "{\"a\":")
        page.call(1, "2}")
        page.call(0, "1}")
        #expect(try page.told() == [call("i", "{\"a\":1}"), call("j", "{\"b\":2}")])
    }

    /// The first call is closed when its arguments are whole, so that what follows goes on at once.
    @Test func aWholeCallMakesWay() throws {
        var page = Page()
        page.call(0, id: "i", name: "w", "{}")
        page.say(.text, "a")
        #expect(page.events.last == .delta(.text("a")))
        page.call(1, id: "j", name: "w", "{")
        page.say(.text, "b")
        #expect(page.events.last == .delta(.text("{")))
        page.call(1, "}")
        #expect(page.events.last == .delta(.text("b")))
        #expect(try page.told() == [call("i", "{}"), text("a"), call("j", "{}"), text("b")])
    }

    @Test func anIDCountsOnce() throws {
        var page = Page()
        page.call(0, id: "i", name: "w", "{}")
        page.call(1, id: "i", name: "w", "{}")
        let ids = try page.told().map { if case .call(let call) = $0 { call.id } else { "" } }
        #expect(Set(ids).count == 2)
        #expect(ids.first == "i")
    }

    @Test func whatBelongsToWordsGoesToThemAlone() throws {
        var page = Page()
        page.composition.note(.seal("lost"), to: &page.events)
        page.composition.begin(.reasoning, to: &page.events)
        page.composition.note(.seal("s"), to: &page.events)
        page.composition.endWords(to: &page.events)
        page.composition.note(.seal("lost"), to: &page.events)
        page.composition.insert(ToolCall(id: "i", name: "w", arguments: "{}"), to: &page.events)
        #expect(try page.told() == [.reasoning(Reasoning(seal: "s")), call("i", "{}")])
    }

    @Test func whatWaitsIsLimited() throws {
        var page = Page()
        let piece = String(repeating: "x", count: 1 << 20)
        page.call(0, id: "i", name: "w", "{")
        for _ in 0..<31 { page.say(.text, piece) }
        #expect(!page.composition.isTooLarge)
        page.say(.text, piece)
        page.say(.text, "x")
        #expect(page.composition.isTooLarge)
        let count = page.events.count
        page.say(.text, piece)
        page.call(0, "}")
        #expect(page.events.count == count)
    }

    /// A long answer of one item waits for nothing.
    @Test func whatGoesOnAtOnceIsNotLimited() throws {
        var page = Page()
        for _ in 0..<40 { page.say(.text, String(repeating: "x", count: 1 << 20)) }
        #expect(!page.composition.isTooLarge)
    }
}
