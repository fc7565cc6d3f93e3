// SPDX-License-Identifier: MIT

import HTTP
import JSON
import Model

/// `{"error":{"message","type","param","code"}}`, as a body and as an event.
extension Client {
    /// OpenAI's API has neither 402 for what is not paid nor 529 for what is too much.
    func status(of failure: Failure) -> Int {
        switch failure.code {
        case .quotaExhausted: 429
        case .upstreamOverloaded: 503
        default: failure.status == 529 ? 503 : failure.status
        }
    }

    func writeFailure(_ failure: Failure, id: String, to bytes: inout [UInt8]) {
        let words = Names.words(for: failure)
        var writer = Writer()
        writer.beginObject()
        writer.name("error")
        writer.beginObject()
        writer.member("message", failure.message)
        writer.member("type", words.type)
        writer.member(
            "param", orNull: failure.param ?? (failure.code == .contextOverflow ? "messages" : nil))
        writer.member("code", orNull: words.code)
        writer.endObject()
        writer.endObject()
        bytes.append(contentsOf: writer.bytes)
    }

    func writeFailureEvent(_ failure: Failure, to bytes: inout [UInt8]) {
        var body: [UInt8] = []
        writeFailure(failure, id: "", to: &body)
        EventWriter.write(name: nil, data: body.span, to: &bytes)
        Names.writeEnd(to: &bytes)
    }
}
