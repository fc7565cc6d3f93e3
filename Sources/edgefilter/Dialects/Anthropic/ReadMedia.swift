// SPDX-License-Identifier: MIT

import JSON
import Model

/// Images, documents, and what a tool may answer.
extension RequestReader {
    /// An image, or a document's parts: itself, and the images among its blocks.
    mutating func readMedia(
        _ block: Value, _ kind: Names.Block, inResult: Bool = false
    ) throws(Failure) -> [Part] {
        let source = try block.requiredObject("source")
        let isImage = kind == .image
        if inResult {
            request.mentions.note(
                isImage ? .resultImages : .resultDocuments,
                as: "messages[].content[].content[].source", at: source.path)
        }
        if isImage {
            request.mentions.note(.images, as: "messages[].content[].source", at: source.path)
            return [.image(Media(try readSource(source, isImage: true)))]
        }
        return try readDocument(block, source)
    }

    private mutating func readDocument(_ block: Value, _ source: Value) throws(Failure) -> [Part] {
        let title = try block.optionalString("title")
        let context = try block.optionalString("context")
        if let name = title != nil ? "title" : context != nil ? "context" : nil {
            request.mentions.note(
                .documentContext, as: "messages[].content[].\(name)", at: "\(block.path).\(name)")
        }
        if let citations = block.given("citations"), citations["enabled"]?.bool == true {
            request.mentions.note(.citations, as: "messages[].content[].citations", at: citations.path)
        }
        if try source.requiredString("type") == "content" {
            return try readInner(source, title: title, context: context)
        }
        return [.file(Media(try readSource(source, isImage: false), title: title, context: context))]
    }

    private mutating func readSource(_ source: Value, isImage: Bool) throws(Failure) -> Media.Source {
        let type = try source.requiredString("type")
        switch type {
        case "base64":
            let media = try source.requiredString("media_type").lowercased()
            if !isImage {
                request.mentions.note(
                    .documents, as: "messages[].content[].source.data", at: source.path + ".data")
            }
            return .data(type: media, base64: DataURL.dense(try source.requiredString("data")))
        case "url":
            request.mentions.note(
                isImage ? .imageURLs : .documentURLs, as: "messages[].content[].source.url",
                at: source.path + ".url")
            return .url(try source.requiredWord("url"))
        case "file":
            request.mentions.note(
                .fileIDs, as: "messages[].content[].source.file_id", at: source.path + ".file_id")
            return .id(try source.requiredWord("file_id"))
        case "text" where !isImage: return .text(try source.requiredString("data"))
        default: throw Failure.invalid(source["type"] ?? source, "'\(type)' is no type of a source here")
        }
    }

    /// A document made of text and images.
    private mutating func readInner(
        _ source: Value, title: String?, context: String?
    ) throws(Failure) -> [Part] {
        guard let content = source.given("content") else { throw Failure.missing("content", in: source) }
        var parts: [Part] = []
        if let text = content.string {
            parts = [.text(text)]
        } else {
            guard content.kind == .array else {
                throw Failure.wrong(content, expected: "a string or an array of blocks")
            }
            for block in content.elements { try readBlock(block, of: .user, into: &parts) }
        }
        let text = Media(.text(parts.text(joinedBy: "\n")), title: title, context: context)
        return [.file(text)] + parts.filter { if case .image = $0 { true } else { false } }
    }

    mutating func readSearchResult(_ block: Value) throws(Failure) -> String {
        request.mentions.note(.searchResults, as: "messages[].content[]", at: block.path)
        var lines = [try block.optionalString("title"), try block.optionalString("source")]
        if let content = try block.optionalArray("content") {
            for text in content { lines.append(text["text"]?.string) }
        }
        return lines.compactMap(\.self).filter { !$0.isEmpty }.joined(separator: "\n")
    }

    /// What a tool answered: nothing of it is a reason to refuse.
    mutating func readResultContent(_ result: Value) throws(Failure) -> [Part] {
        guard let content = result.given("content") else { return [] }
        if let text = content.string { return text.isEmpty ? [] : [.text(text)] }
        guard content.kind == .array else {
            throw Failure.wrong(content, expected: "a string or an array of blocks")
        }
        var parts: [Part] = []
        for block in content.elements {
            try block.checkObject()
            parts += try readResultBlock(block)
        }
        return parts
    }

    private mutating func readResultBlock(_ block: Value) throws(Failure) -> [Part] {
        let type = block["type"]?.string ?? ""
        switch type {
        case "text":
            let text = try block.requiredString("text")
            return text.isEmpty ? [] : [.text(text)]
        case "image": return try readMedia(block, .image, inResult: true)
        case "document": return try readMedia(block, .document, inResult: true)
        case "search_result": return [.text(try readSearchResult(block))]
        case "tool_reference":
            let name = try block.requiredWord("tool_name")
            visibility[name] = true
            request.mentions.note(
                .toolReferences, as: "messages[].content[].content[].tool_name",
                at: block.path + ".tool_name")
            return [.text("Tool \(name) is now available.")]
        default:
            request.mentions.note(
                .unknownBlocks, as: "messages[].content[].content[].type", at: block.path)
            return [.text(block.source)]
        }
    }
}
