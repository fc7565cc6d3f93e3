// SPDX-License-Identifier: MIT

import HTTP
import JSON
import Model

/// `{"type":"error","error":{"type","message"},"request_id"}`, as a body and as an event.
extension Client {
    func status(of failure: Failure) -> Int {
        switch failure.kind {
        case .billing, .timeout: failure.kind.status
        // Anthropic's own, of which its clients know that it passes.
        case .overloaded: 529
        case .upstream: failure.status == 500 ? 500 : failure.kind.status
        case .invalidRequest:
            failure.code.rawValue / 100 == 4 ? failure.kind.status : failure.status
        default: failure.status
        }
    }

    func writeFailure(_ failure: Failure, id: String, to bytes: inout [UInt8]) {
        var writer = Writer()
        writer.beginObject()
        writer.member("type", "error")
        writer.name("error")
        writer.beginObject()
        writer.member("type", Names.errorType(failure.kind))
        writer.member("message", message(of: failure))
        writer.endObject()
        if !id.isEmpty { writer.member("request_id", id) }
        writer.endObject()
        bytes.append(contentsOf: writer.bytes)
    }

    func writeFailureEvent(_ failure: Failure, to bytes: inout [UInt8]) {
        var body: [UInt8] = []
        writeFailure(failure, id: "", to: &body)
        EventWriter.write(name: "error", data: body.span, to: &bytes)
    }

    /// Claude Code makes room by itself when it reads these words.
    private func message(of failure: Failure) -> String {
        let words = "prompt is too long"
        guard failure.code == .contextOverflow, !failure.message.lowercased().hasPrefix(words) else {
            return failure.message
        }
        return "\(words): \(failure.message)"
    }
}

/// The list of models, which OpenAI's clients read too.
extension Client {
    func writeModels(_ names: [String], to bytes: inout [UInt8]) {
        var writer = Writer()
        writer.beginObject()
        writer.member("object", "list")
        writer.name("data")
        writer.beginArray()
        for name in names { writer.model(name) }
        writer.endArray()
        writer.member("has_more", false)
        writer.member("first_id", orNull: names.first)
        writer.member("last_id", orNull: names.last)
        writer.endObject()
        bytes.append(contentsOf: writer.bytes)
    }

    func writeModel(_ name: String, to bytes: inout [UInt8]) {
        var writer = Writer()
        writer.model(name)
        bytes.append(contentsOf: writer.bytes)
    }
}

extension Writer {
    fileprivate mutating func model(_ id: String) {
        beginObject()
        member("type", "model")
        member("id", id)
        member("display_name", id)
        member("created_at", "1970-01-01T00:00:00Z")
        member("object", "model")
        member("created", 0)
        member("owned_by", "edgefilter")
        endObject()
    }
}
