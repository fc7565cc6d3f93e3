// SPDX-License-Identifier: MIT

import HTTP
import JSON
import Model
import Unix

/// A request's body on its way in: unframed, inflated, checked as it goes by, held only until it is known
/// where it goes.
///
/// Of all its members only the model's name is looked at; only its bytes are ever replaced.
struct Intake {
    /// What the content is, as far as it matters for finding a name in it.
    private enum Content {
        case opaque
        case json
        case form(FormWatch)
    }

    /// A name found in the content: a JSON string with its quotes, or the content of a form's part.
    struct Name {
        let text: String
        let range: Range<Int>
        let isForm: Bool
    }

    private let sought: Sought
    private var body: BodyReader
    private let inflate: Inflate?
    private var content: Content
    // No part of `content`: taking it out and back would cost more than what it reads.
    private var watch: Watch?
    /// The endpoint takes a JSON object, nothing else.
    private let isObject: Bool
    /// The endpoint takes an object or a form, and this is the latter.
    private let isForm: Bool
    private var stock = Stock()
    /// The framed length, when the caller gave one and it is the content's.
    private let counted: Int?
    /// Where the first byte is that is no white space.
    private var start: Int?
    /// Whether all of the body has come.
    private(set) var isDone = false
    /// Bytes of the content so far.
    private(set) var received = 0
    /// The model's name, once it has gone by.
    private(set) var model: Name?
    /// Where a null stands in the model's place.
    private var nothing: Range<Int>?
    /// Whether another name followed it.
    private(set) var isAmbiguous = false
    /// Whether other models are named beside it, as far as went by.
    private(set) var namesMore = false
    /// What the provider keeps, as far as something of it is named.
    private(set) var reference = Reference()
    private var names = 0
    /// Whether a stream is asked for, as far as went by.
    private(set) var isStreamed = false

    /// Bytes not yet released.
    var held: [UInt8] { stock.held }

    /// `bearsModel`: the endpoint takes an object with a model's name, whatever the content type says.
    init(_ head: RequestHead, limit: Int, bearsModel: Bool, _ sought: Sought = .plain) throws(Failure) {
        self.sought = sought
        body = try Failure.atDoor { () throws(BadHTTP) in try BodyReader(head.framing, limit: limit) }
        inflate = try Intake.inflate(head, limit)
        content = Intake.content(head, bearsModel)
        watch = if case .json = content { Watch(sought.plan, limits: JSON.Limits(size: limit)) } else { nil }
        isForm = bearsModel && head.isForm
        isObject = bearsModel && !isForm
        isDone = body.isDone
        if case .counted(let count) = head.framing, inflate == nil { counted = count } else { counted = nil }
        if isDone { try finish() }
    }

    private static func inflate(_ head: RequestHead, _ limit: Int) throws(Failure) -> Inflate? {
        let codings = head.fields.list("Content-Encoding").filter { $0 != "identity" }
        guard let coding = codings.first else { return nil }
        guard codings.count == 1, coding == "gzip" || coding == "x-gzip" else {
            let list = codings.joined(separator: ", ")
            throw Failure(
                .badContentCoding, "Content-Encoding '\(list)' is not supported; use gzip or none.",
                status: 415)
        }
        guard let inflate = Inflate(limit: limit) else {
            throw Failure(.internalError, "No memory to decode the body.")
        }
        return inflate
    }

    private static func content(_ head: RequestHead, _ bearsModel: Bool) -> Content {
        if head.isForm {
            let type = head.fields["Content-Type"] ?? ""
            return FormWatch(contentType: type, names: ["model"]).map { .form($0) } ?? .opaque
        }
        if bearsModel { return .json }
        let type = head.framing == .none ? nil : head.fields["Content-Type"]
        return type.flatMap { Parameters($0) }?.isJSON ?? false ? .json : .opaque
    }

    /// A body of unknown length is held up to this size, so that short ones go out with their length, which
    /// any server understands.
    private static let countable = 64 << 10

    /// Whether the transfer may begin before all of the body has come.
    var canStream: Bool { counted != nil || received > Intake.countable }

    /// Whether a model's name may still come.
    var mayBearModel: Bool {
        if case .opaque = content { return false }
        return !isDone && model == nil
    }

    /// Takes what has come; throws on a body that is not what it says.
    mutating func take(_ inbox: inout Buffer) throws(Failure) {
        guard !isDone else { return }
        let before = stock.held.count
        if let inflate {
            var packed: [UInt8] = []
            inbox.drop(try Failure.atDoor { () throws(BadHTTP) in try body.read(inbox.span, into: &packed) })
            try inflate.feed(packed.span, into: &stock.held)
        } else {
            inbox.drop(
                try Failure.atDoor { () throws(BadHTTP) in try body.read(inbox.span, into: &stock.held) })
        }
        received += stock.held.count - before
        try look(from: before)
        isDone = body.isDone
        if isDone { try finish() }
    }

    private mutating func finish() throws(Failure) {
        try inflate?.finish()
        switch content {
        case .opaque: break
        // SDKs tell the type of a body that they do not send: `POST /v1/batches/{id}/cancel`.
        case .json where received == 0:
            if isObject { throw Failure(.invalidJSON, "The body is empty; a JSON object is expected.") }
        case .json:
            try Intake.json { () throws(Malformed) in try watch?.finish() }
            reference.end(sought)
        case .form(var watch):
            watch.finish()
            note(watch)
        }
    }

    /// Lets the watcher see the bytes from `index` on.
    private mutating func look(from index: Int) throws(Failure) {
        let bytes = stock.held
        let more = bytes.span.extracting(index..<bytes.count)
        try checkStart(more)
        switch content {
        case .opaque: break
        case .json: try feed(more)
        case .form(var watch):
            content = .opaque
            watch.feed(more)
            content = .form(watch)
            note(watch)
        }
    }

    private mutating func checkStart(_ bytes: Span<UInt8>) throws(Failure) {
        guard isObject || isForm, start == nil else { return }
        guard let index = bytes.indices.first(where: { !isBlank(bytes[$0]) }) else { return }
        start = received - bytes.count + index
        let isBrace = bytes[index] == UInt8(ascii: "{")
        if isForm {
            if isBrace { throw Failure.twoBodies }
            return
        }
        guard isBrace else {
            // Programs on Windows write such a mark.
            let mark = bytes[index] == 0xEF ? " It begins with a byte order mark: send it without." : ""
            throw Failure(.invalidJSON, "The body must be a JSON object.\(mark)")
        }
    }

    /// In pieces so short that none has more to be found than a watch holds.
    private mutating func feed(_ bytes: Span<UInt8>) throws(Failure) {
        var at = 0
        while at < bytes.count {
            let piece = bytes.extracting(at..<min(at + Intake.piece, bytes.count))
            try Intake.json { () throws(Malformed) in try watch?.feed(piece) }
            for found in watch?.found ?? [] { try note(found) }
            watch?.forget()
            at += piece.count
        }
    }

    /// Two bytes of JSON are the shortest that can be found.
    private static let piece = 2 * Watch.foundLimit

    private mutating func note(_ found: Watch.Found) throws(Failure) {
        switch sought.meanings[found.path] {
        case .model:
            names += 1
            if names == 1, model == nil { try note(name: found) }
            isAmbiguous = names > 1
        case .stream: isStreamed = found.kind == .bool && found.text.first == UInt8(ascii: "t")
        case .more: namesMore = namesMore || found.kind != .null
        default: reference.note(found, sought)
        }
    }

    private mutating func note(name found: Watch.Found) throws(Failure) {
        if let text = found.string, !found.isCut {
            model = Name(text: text, range: found.range, isForm: false)
        } else if found.kind == .null {
            nothing = found.range
        } else if isObject {
            let what = found.isCut ? "a string of at most \(Watch.textLimit) bytes" : "a string"
            throw Failure(
                .invalidMember, "Invalid type for 'model': expected \(what), but got \(found.kind) instead.",
                param: "model")
        }
    }

    private mutating func note(_ watch: FormWatch) {
        let found = watch.found.first
        // A name that is too long to be one hides what the upstream will read.
        isAmbiguous = watch.isDoubtful || watch.found.count > 1 || found?.isCut ?? false
        guard let found, !found.isCut else { return }
        model = Name(text: String(decoding: found.text, as: UTF8.self), range: found.range, isForm: true)
    }

    private static func json(_ work: () throws(Malformed) -> Void) throws(Failure) {
        do throws(Malformed) { try work() } catch {
            throw Failure(.invalidJSON, "The body is not valid JSON: \(error).")
        }
    }
}

// On its way out.
extension Intake {
    /// From now on another name stands where the model's is; where there is none, it is put in front.
    ///
    /// To be called before anything is released.
    mutating func replaceModel(with name: String) {
        var bytes: [UInt8] = []
        if let nothing, model == nil {
            Writer.append(name, to: &bytes)
            stock.replace(nothing, with: bytes)
        } else if let model {
            if model.isForm { bytes = Array(name.utf8) } else { Writer.append(name, to: &bytes) }
            stock.replace(model.range, with: bytes)
        } else if let start, isObject {
            bytes = Array("\"model\":".utf8)
            Writer.append(name, to: &bytes)
            let next = stock.held[(start + 1)...].first { !isBlank($0) }
            if next != UInt8(ascii: "}") { bytes.append(UInt8(ascii: ",")) }
            stock.replace(start + 1..<start + 1, with: bytes)
        }
    }

    /// The content's length as it goes out, when it is known.
    var length: Int? { isDone ? received + stock.growth : counted.map { $0 + stock.growth } }

    /// Moves what may go on to where it goes.
    mutating func release(to upload: inout Upload) {
        stock.release(upTo: settled, isAll: isDone, to: &upload)
    }

    /// Takes back all that was released, which must still be there, with the caller's own name in it.
    mutating func takeBack(_ upload: inout Upload) { stock.takeBack(&upload) }

    /// Puts another content in the place of all that has come, before anything of it is released.
    mutating func replaceContent(with bytes: [UInt8]) throws(Failure) {
        (stock, received) = (Stock(bytes), bytes.count)
        (model, nothing, start, isAmbiguous) = (nil, nil, nil, false)
        (names, reference) = (0, Reference())
        content = .json
        watch = Watch(sought.plan, limits: JSON.Limits(size: .max))
        try look(from: 0)
        reference.end(sought)
    }

    /// Names the model in an object that is all here and names none.
    mutating func putModel(_ name: String) throws(Failure) {
        guard isDone, isObject, model == nil else { return }
        replaceModel(with: name)
        if let bytes = stock.replaced { try replaceContent(with: bytes) }
    }

    private var settled: Int {
        if isDone { return received }
        return switch content {
        case .opaque: received
        case .json: watch?.settled ?? received
        case .form(let watch): watch.settled
        }
    }
}

private func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || 0x09...0x0A ~= byte || byte == 0x0D }
