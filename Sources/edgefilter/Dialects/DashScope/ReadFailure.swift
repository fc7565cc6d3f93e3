// SPDX-License-Identifier: MIT

import HTTP
import JSON
import Model

/// What a provider complains of, in any framing.
///
///     complaint = { code, message / msg, request_id } / { "error": { code, message, type } } / event / text
///     event     = *( comment / field ) "data:" complaint
struct Complaint {
    private var message = ""
    /// `code`, or where there is none `type`.
    private var word = ""
    private var id = ""
    /// What the event's own lines say of its status.
    private var status: Int?

    /// Of an answer of status 400 or above; a stream may be labelled JSON, and the other way round.
    init(body: [UInt8]) {
        if let root = Document.lenient(body)?.root {
            take(root)
        } else if let (data, remark) = Complaint.firstEvent(body) {
            if let root = Document.lenient(data)?.root { take(root) } else { message = Plain.words(data) }
            status = Complaint.status(remark)
        } else {
            message = Plain.words(body)
        }
    }

    /// Of an event, whose remark says its status.
    init(_ root: Value, status: Int? = nil) {
        take(root)
        self.status = status
    }

    /// The status that a remark of an event names.
    static func status(_ remark: [UInt8]) -> Int? {
        let text = String(decoding: remark, as: UTF8.self).filter { $0 != " " }
        guard let mark = Names.statusMarks.first(where: text.hasPrefix),
            let status = Int(text.dropFirst(mark.count)), 400..<600 ~= status
        else { return nil }
        return status
    }

    /// Whether an answer is one, whatever else is in it (a code that is empty or 0 is none).
    static func isMeant(_ root: Value) -> Bool {
        if let code = root.given("code"),
            code.string?.isEmpty == false || code.kind == .number && code.int != 0
        {
            return true
        }
        guard let error = root.given("error") else { return false }
        return error.object != nil || error.string?.isEmpty == false
    }

    private mutating func take(_ root: Value) {
        let inner = root.given("error")
        let error = inner?.object == nil ? root : inner ?? root
        message = Complaint.text(error["message"] ?? error["msg"] ?? inner)
        word = Complaint.text(error["code"])
        if word.isEmpty { word = Complaint.text(error["type"]) }
        id = String(Complaint.text(root["request_id"] ?? error["request_id"]).prefix(64))
    }

    private static func text(_ value: Value?) -> String {
        guard let value else { return "" }
        return String((value.string ?? value.number ?? "").prefix(Plain.longest))
    }

    private static func firstEvent(_ body: [UInt8]) -> (data: [UInt8], remark: [UInt8])? {
        guard ["data:", "event:", "id:", ":"].contains(where: { body.starts(with: $0.utf8) }) else {
            return nil
        }
        var reader = EventReader()
        var index = 0
        let whole = body + "\n\n".utf8
        while index < whole.count, (try? reader.next(in: whole.span, at: &index)) == true {
            if reader.dispatches { return (reader.data, reader.remark) }
        }
        return nil
    }
}

// What it means.
extension Complaint {
    /// `outer`: the status of the answer; nil: the complaint came in an answer that had begun well.
    func failure(status outer: Int?) -> Failure {
        let status = status(outer)
        let code = code(status)
        var failure = Failure(code, told(status))
        failure.word = word.isEmpty ? nil : word
        if code == .contentRefused { failure.word = Failures.contentFilter }
        failure.isFinal = code == .quotaExhausted || code == .contentRefused
        if code == .upstreamFault { failure.status = status == 500 ? 500 : 502 }
        return failure
    }

    /// A request that is wrong is told as a fault of the server's by some.
    private func status(_ outer: Int?) -> Int {
        let told =
            outer.flatMap { $0 >= 400 ? $0 : nil } ?? status ?? Failures.status(of: word)
            ?? (word.isEmpty ? 502 : 400)
        guard told >= 500 else { return told }
        return Failures.requestMarks.contains { message.contains($0) || word.contains($0) } ? 400 : told
    }

    private func told(_ status: Int) -> String {
        let text = message.isEmpty ? "The provider answered with status \(status)." : message
        return id.isEmpty || text.contains(id) ? text : "\(text) (request_id: \(id))"
    }

    private func code(_ status: Int) -> Failure.Code {
        if status != 429, Overflow.isMeant(code: word, message: message) { return .contextOverflow }
        if Failures.free.contains(where: message.contains) { return .quotaExhausted }
        if status == 400, Failures.missing.contains(where: message.contains) { return .upstreamNotFound }
        return Failures.code(of: word) ?? Failure.Code(status: status)
    }
}
