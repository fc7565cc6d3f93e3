// SPDX-License-Identifier: MIT

import HTTP
import JSON
import Model

/// The side that faces clients of the Responses API.
struct Client: ClientSide {
    let isMending = true
    let name = Names.dialect

    var members: [RequestMember] { Members.all }

    func isConversation(path: String) -> Bool { path == Names.path }

    func isCount(path: String) -> Bool { path == Names.countPath }

    func bearsModel(path: String) -> Bool { Names.modelPaths.contains(path) }

    var kept: [[String]] { Names.kept }

    var keptItems: KeptItems? {
        KeptItems(items: ["input", "*"], name: "id", signs: ["type", "content"], type: Names.Kind.reference)
    }

    func marksEnd(path: String) -> Bool { path == Names.path }

    var modelsPath: String { Names.modelsPath }

    func readRequest(_ body: [UInt8]) throws(Failure) -> Request {
        var reader = RequestReader(try Failure.reading(body), size: body.count)
        return try reader.read()
    }

    func replyWriter(for request: Request, id: String, created: Int) -> any ReplyWriter {
        AnswerWriter(to: request, id: id, created: created)
    }

    func writePing(to bytes: inout [UInt8]) { EventWriter.comment("keep-alive", to: &bytes) }

    func writeCount(_ tokens: Int, to bytes: inout [UInt8]) {
        var writer = Writer()
        writer.beginObject()
        writer.member("object", "response.input_tokens")
        writer.member("input_tokens", tokens)
        writer.endObject()
        bytes.append(contentsOf: writer.bytes)
    }

    /// Thoughts that we sealed mean nothing to a provider: they are cut out of a relayed body.
    func mend(_ body: [UInt8]) -> (body: [UInt8], losses: [Loss])? {
        guard body.contains(Array(Seal.mark.utf8)), let root = (try? Document(body, limits: .request))?.root,
            let input = root["input"], let first = input.elements.first(where: Client.isOurs)
        else { return nil }
        var mended = Writer()
        mended.beginArray()
        for item in input.elements where !Client.isOurs(item) { mended.verbatim(item) }
        mended.endArray()
        let start = input.offset
        let body = body[..<start] + mended.bytes + body[(start + input.verbatim.count)...]
        let loss = Loss(.redactedThoughts, member: "input[].encrypted_content", path: first.path)
        return (Array(body), [loss])
    }

    private static func isOurs(_ item: Value) -> Bool {
        item["type"]?.string == Names.Kind.reasoning
            && item["encrypted_content"]?.string.map(Seal.isOurs) == true
    }
}

extension [UInt8] {
    /// Whether these bytes stand in it somewhere.
    fileprivate func contains(_ mark: [UInt8]) -> Bool {
        guard let first = mark.first, count >= mark.count else { return false }
        let text = span
        var at = 0
        while at <= text.count - mark.count {
            if text[at] == first, self[at..<at + mark.count].elementsEqual(mark) { return true }
            at += 1
        }
        return false
    }
}
