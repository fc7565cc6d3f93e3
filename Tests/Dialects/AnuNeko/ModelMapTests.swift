// SPDX-License-Identifier: MIT

import Model
import Testing

@testable import AnuNeko

@Suite struct ModelMapTests {
    private let view = Array(
        #"{"models":["Orange Cat","Exotic Shorthair",{"name":"New One"},7,""],"x":1}"#.utf8)

    @Test func names() throws {
        let map = try #require(ModelMap(view))
        #expect(map.names == ["mihoyo-orange_cat", "mihoyo-exotic_shorthair", "mihoyo-new_one"])
        #expect(
            map.model(called: "mihoyo-new_one") == "New One"
                && map.model(called: "Orange Cat") == "Orange Cat")
        #expect(map.model(called: "gpt-4") == nil)
    }

    @Test(arguments: ["", "{}", "[]", #"{"models":{}}"#, #"{"models":[]}"#, #"{"models":[1]}"#, "<html>"])
    func isNone(body: String) { #expect(ModelMap(Array(body.utf8)) == nil) }

    @Test("what callers read of a model")
    func catalogue() throws {
        let catalogue = try #require(Desk().readCatalogue(view, created: 5))
        #expect(catalogue.offers.map(\.name) == Site().readModels(view))
        #expect(catalogue.offers[1].owner == "anuneko" && catalogue.offers[1].created == 5)
        #expect(
            catalogue.offers[1].notes.map { "\($0.name)=\($0.json)" } == [
                "permission=[]", #"root="mihoyo-exotic_shorthair""#, "parent=null",
                #"anuneko_model="Exotic Shorthair""#, "anuneko_model_id=1",
            ])
        #expect(catalogue.notes.map(\.name) == ["anuneko_api_response"])
        #expect(catalogue.notes[0].json == String(decoding: view, as: UTF8.self))
    }

    @Test("what stands for the list")
    func stopgap() {
        let catalogue = Desk().stopgap(created: 5)
        #expect(
            catalogue.offers.map(\.name) == ["mihoyo-orange_cat"] && catalogue.notes.map(\.json) == ["null"])
        #expect(catalogue.offers[0].notes.last == Catalogue.Note("note", json: #""default_model""#))
        #expect(!catalogue.offers[0].notes.contains { $0.name == "anuneko_model_id" })
    }

    @Test("only a model that is not always there needs the list")
    func needs() {
        #expect(!Desk().needsCatalogue(for: request()))
        #expect(Desk().needsCatalogue(for: request(model: "mihoyo-exotic_shorthair")))
        #expect(Desk().needsCatalogue(for: request(model: "gpt-4")))
        let course = Desk().course(for: request(model: "gpt-4"), in: Dialogue(), models: nil, provider)
        #expect(course.next().map { String(decoding: $0.body, as: UTF8.self) } == #"{"model":"Orange Cat"}"#)
    }
}
