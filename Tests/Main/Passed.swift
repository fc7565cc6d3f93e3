// SPDX-License-Identifier: MIT

import HTTP
import Model
import Unix

@testable import edgefilter

/// What became of an answer on its way through an `Answer`, as the relay drives it.
struct Passed: Equatable {
    /// What the caller got.
    var content = ""
    var usage = Usage()
    var stop: Stop?
    var isComplete = false
    var hasFailed = false
    var code: Failure.Code?

    /// `name`: what the caller calls the model.
    init(_ pieces: [[UInt8]], type: String, name: String? = nil) {
        do throws(Failure) {
            var answer = Answer(
                ResponseHead(200, ["Content-Type": type]), framing: .untilClose,
                landmarks: try httpSide().landmarks, client: caller, name: name, eventLimit: 8 << 20)
            try take(pieces, &answer)
        } catch {
            code = error.code
        }
    }

    private mutating func take(_ pieces: [[UInt8]], _ answer: inout Answer) throws(Failure) {
        var body = Buffer()
        var out = Buffer()
        for piece in pieces {
            body.append(piece)
            try answer.take(&body, to: &out)
        }
        _ = answer.finish(to: &out)
        content = text(out.takeAll())
        (usage, stop) = (answer.usage, answer.stop)
        (isComplete, hasFailed) = (answer.isComplete, answer.hasFailed)
        if answer.sent != content.utf8.count { code = .internalError }
    }
}
