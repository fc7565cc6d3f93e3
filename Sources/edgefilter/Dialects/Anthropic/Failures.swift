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
