// SPDX-License-Identifier: MIT

import JSON
import Model

// What a message says: a string, or an array of parts.
extension ConversationReader {
    /// Where parts stand.
    enum Place { case instruction, user, assistant, result }

    /// A message's content; none if it is absent or null.
    mutating func content(_ message: Value, _ place: Place) throws(Failure) -> [Part] {
        guard let content = message.given("content") else { return [] }
        if let text = content.string { return [.text(text)] }
        guard content.kind == .array else {
            throw Failure.wrong(content, expected: "a string or an array of parts")
        }
        var parts: [Part] = []
        for element in content.elements { parts.append(try part(element, place)) }
        return parts
    }

    private mutating func part(_ value: Value, _ place: Place) throws(Failure) -> Part {
        try value.checkObject()
        note(.cacheControl, "cache_control", value.given("cache_control"))
        note(.cacheControl, "prompt_cache_breakpoint", value.given("prompt_cache_breakpoint"))
        guard let type = try value.optionalString("type") else {
            // Older clients leave it out where there is a text.
            guard value["text"] != nil else { throw Failure.missing("type", in: value) }
            return .text(try value.requiredString("text"))
        }
        switch (type, place) {
        case ("text", _): return .text(try value.requiredString("text"))
        case ("image_url", .user), ("image_url", .result): return .image(try image(value, place))
        case ("input_audio", .user), ("input_audio", .result): return .audio(try audio(value))
        case ("file", .user), ("file", .result): return .file(try file(value, place))
        case ("refusal", .assistant): return .refusal(try value.requiredString("refusal"))
        case ("thinking", .assistant): return .reasoning(try thinking(value))
        case (_, .result):
            mentions.note(.unknownBlocks, as: "messages[].content[]", at: value.path)
            return .foreign(Foreign(dialect: Names.dialect, type: type, value: value))
        default:
            let known = (Names.parts[place] ?? []).joined(separator: ", ")
            throw Failure.invalid(value["type"] ?? value, "'\(type)' is none of \(known)")
        }
    }

    private mutating func note(_ feature: Feature, _ name: String, _ value: Value?) {
        guard let value else { return }
        mentions.note(feature, as: "messages[].content[].\(name)", at: value.path)
    }

    private mutating func image(_ part: Value, _ place: Place) throws(Failure) -> Media {
        guard let image = part.given("image_url") else { throw Failure.missing("image_url", in: part) }
        note(place == .result ? .resultImages : .images, "image_url", image)
        // Some clients write the address without the object around it.
        if image.string != nil { return Media(try source(image)) }
        guard let url = image.given("url") else {
            guard image.object != nil else { throw Failure.wrong(image, expected: "an object") }
            throw Failure.missing("url", in: image)
        }
        let detail = try image.optionalString("detail")
        note(.imageDetail, "image_url.detail", detail == nil || detail == "auto" ? nil : image["detail"])
        let source = try source(url)
        if case .url = source { note(.imageURLs, "image_url.url", url) }
        return Media(source, detail: detail)
    }

    /// What a `data:` URL holds, or the address itself.
    private func source(_ url: Value) throws(Failure) -> Media.Source {
        guard let text = url.string else { throw Failure.wrong(url, expected: "a string") }
        guard DataURL.isMeant(text) else { return .url(text) }
        guard let data = DataURL(text) else {
            throw Failure.invalid(url, "a data URL must read 'data:TYPE;base64,DATA'")
        }
        return .data(type: data.type, base64: data.base64)
    }

    private mutating func audio(_ part: Value) throws(Failure) -> Media {
        let audio = try part.requiredObject("input_audio")
        note(.audioInput, "input_audio", audio)
        let data = try audio.requiredString("data")
        let format = try audio.optionalString("format")
        guard !data.isWebAddress else { return Media(.url(data), detail: format) }
        let base64 = DataURL(data)?.base64 ?? DataURL.dense(data)
        return Media(.data(type: "audio/\(format ?? "wav")", base64: base64), detail: format)
    }

    private mutating func file(_ part: Value, _ place: Place) throws(Failure) -> Media {
        let file = try part.requiredObject("file")
        let title = try file.optionalString("filename")
        note(place == .result ? .resultDocuments : .documents, "file", file)
        if let id = try file.optionalString("file_id") {
            note(.fileIDs, "file.file_id", file["file_id"])
            return Media(.id(id), title: title)
        }
        let data = try file.requiredString("file_data")
        if data.isWebAddress {
            note(.documentURLs, "file.file_data", file["file_data"])
            return Media(.url(data), title: title)
        }
        guard DataURL.isMeant(data) else {
            return Media(.data(type: "application/pdf", base64: DataURL.dense(data)), title: title)
        }
        return Media(try source(file["file_data"] ?? file), title: title)
    }

    /// Mistral's form: the thoughts are parts of their own.
    private mutating func thinking(_ part: Value) throws(Failure) -> Reasoning {
        note(.thoughts, "thinking", part.given("thinking"))
        let texts = try part.list("thinking")
        return Reasoning(text: texts.map { $0["text"]?.string ?? "" }.joined())
    }
}

extension Value {
    /// The elements of an array that may be absent or null.
    func list(_ name: String) throws(Failure) -> [Value] {
        guard let elements = try optionalArray(name) else { return [] }
        return Array(elements)
    }
}
