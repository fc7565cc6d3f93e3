// SPDX-License-Identifier: MIT

import JSON
import Model

/// Where a part stands: in a message, or in what a tool said.
enum Place {
    case prompt, result
}

/// Parts of messages and results.
extension RequestReader {
    /// nil: no part is called so; in a result that is a text of its JSON, with a loss.
    mutating func part(_ value: Value, _ place: Place) throws(Failure) -> Part? {
        try value.checkObject()
        let type = try value.requiredString("type")
        if Names.Part.texts.contains(type) { return try text(value) }
        switch type {
        case Names.Part.refusal: return .refusal(try value.requiredString("refusal"))
        case Names.Part.image: return .image(try image(value))
        case Names.Part.file: return .file(try file(value))
        case Names.Part.audio: return .audio(try audio(value))
        default:
            guard place == .result else { return nil }
            request.mentions.note(.unknownBlocks, as: "input[].output[]", at: value.path)
            return .text(value.source)
        }
    }

    private mutating func text(_ value: Value) throws(Failure) -> Part {
        if let annotations = try value.optionalArray("annotations"),
            !annotations.isEmpty
        {
            request.mentions.note(.citations, as: "input[].content[].annotations", at: value.path)
        }
        return .text(try value.requiredString("text"))
    }

    private mutating func image(_ value: Value) throws(Failure) -> Media {
        request.mentions.note(.images, as: "input[].content[].image_url", at: value.path)
        let detail = try value.optionalString("detail")
        if let detail, detail != "auto" {
            request.mentions.note(.imageDetail, as: "input[].content[].detail", at: "\(value.path).detail")
        }
        if let id = try value.optionalString("file_id") { return Media(fileID(id, value), detail: detail) }
        let url = try value.requiredString("image_url")
        guard let place = value["image_url"] else { throw Failure.missing("image_url", in: value) }
        if !DataURL.isMeant(url) {
            request.mentions.note(.imageURLs, as: "input[].content[].image_url", at: place.path)
            return Media(.url(url), detail: detail)
        }
        return Media(try data(url, place), detail: detail)
    }

    private mutating func fileID(_ id: String, _ value: Value) -> Media.Source {
        request.mentions.note(.fileIDs, as: "input[].content[].file_id", at: "\(value.path).file_id")
        return .id(id)
    }

    private func data(_ url: String, _ place: Value) throws(Failure) -> Media.Source {
        guard let data = DataURL(url), data.type.contains("/") else {
            throw Failure.invalid(place, "expected data:TYPE;base64,DATA")
        }
        return .data(type: data.type, base64: data.base64)
    }

    private mutating func file(_ value: Value) throws(Failure) -> Media {
        request.mentions.note(.documents, as: "input[].content[].file_data", at: value.path)
        let title = try value.optionalString("filename")
        if let id = try value.optionalString("file_id") { return Media(fileID(id, value), title: title) }
        if let url = try value.optionalString("file_url") {
            request.mentions.note(
                .documentURLs, as: "input[].content[].file_url", at: "\(value.path).file_url")
            return Media(.url(url), title: title)
        }
        let text = try value.requiredString("file_data")
        guard let place = value["file_data"], DataURL.isMeant(text) else {
            let type = FileType.of(title ?? "")
            return Media(.data(type: type, base64: DataURL.dense(text)), title: title)
        }
        return Media(try data(text, place), title: title)
    }

    private mutating func audio(_ value: Value) throws(Failure) -> Media {
        request.mentions.note(.audioInput, as: "input[].content[].input_audio", at: value.path)
        let audio = try value.requiredObject("input_audio")
        let format = try audio.requiredString("format")
        let data = try audio.requiredString("data")
        return Media(.data(type: "audio/\(format.lowercased())", base64: data), detail: format)
    }
}

extension Names {
    /// Whether a part may stand in the text of a result's JSON.
    static func isResultPart(_ type: String) -> Bool {
        Part.texts.contains(type) || type == Part.image || type == Part.file
    }
}

/// What files are.
enum FileType {
    private static let pdf = "application/pdf"

    /// What a file of that name is, where nothing else says it.
    static func of(_ name: String) -> String {
        let name = name.lowercased()
        return types.first { name.hasSuffix($0.key) }?.value ?? pdf
    }

    private static let types = [
        ".pdf": pdf, ".txt": "text/plain", ".md": "text/markdown", ".csv": "text/csv",
        ".json": "application/json", ".html": "text/html", ".xml": "text/xml",
    ]
}
