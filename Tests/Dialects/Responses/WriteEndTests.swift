// SPDX-License-Identifier: MIT

import JSON
import Model
import Testing

@testable import Responses

@Suite struct WriteEndTests {
    @Test(
        "T170: what the limit cut is not completed; a call that is whole is",
        arguments: [
            (Item.call(id: "c", name: "f", isCustom: false), #"{"a":"#, "incomplete"),
            (.call(id: "c", name: "f", isCustom: false), "", "incomplete"),
            (.call(id: "c", name: "f", isCustom: false), #"{"a":1}"#, "completed"),
            (.call(id: "c", name: "f", isCustom: true), "free", "incomplete"), (.text, "hi", "incomplete"),
        ]) func cut(item: Item, words: String, status: String) throws
    {
        let before: [Event] = [.begin(Beginning()), .open(.text), .delta(.text("first")), .close]
        let said = before + [.open(item), .delta(.text(words)), .close]
        let cut = said + [.usage(Usage()), .end(Ending(.length))]
        #expect(try faults(stream(cut)) == [])
        let done = try parsed(stream(cut)).filter { $0.name == "response.output_item.done" }
        #expect(done.map { $0.data["item"]?["status"]?.string } == ["completed", status])
        let output = try whole(cut)["output"]
        #expect(output?.elements.map { $0["status"]?.string } == ["completed", status])
        let broken = try parsed(stream(said + [.failure(Failure(.brokenStream, "x"))]))
        #expect(broken.filter { $0.name == "response.output_item.done" }.count == 2)
    }
}
