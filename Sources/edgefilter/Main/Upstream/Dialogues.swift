// SPDX-License-Identifier: MIT

import Digest
import JSON
import Model
import Settings
import Unix

/// A conversation that a provider holds, as it is written down.
struct Keepsake: Equatable {
    var dialogue: Dialogue
    /// The operator's name for the provider.
    let upstream: String
    /// The model as the caller named it first.
    let model: String
    /// Seconds since 1970.
    let created: Int
}

/// The conversations that providers hold, each a small file in the runtime directory, and their lists of
/// models.
///
///     directory = *( owner "-" name ) *( "models-" upstream ) lock
///
/// Each belongs to the caller whose key's digest begins its name: nobody else reads, uses or takes it away.
/// Whatever a file holds, it is a conversation or none.
struct Dialogues: Sendable {
    private let directory: String
    private let limits: Settings::Limits

    /// A whole file.
    private static let sizeLimit = 64 << 10
    /// An upstream's list of models is asked for again after so many seconds.
    static let catalogueAge = 300
    static let catalogueLimit = 1 << 20

    /// Makes the directory below the runtime directory; throws where that cannot be.
    init(in runtime: String, _ limits: Settings::Limits) throws(Errno) {
        directory = "\(runtime)/sessions"
        self.limits = limits
        try File.makeDirectory(directory)
    }

    /// Who a caller with this key is; all without a key are one.
    static func owner(key: String) -> String {
        key.isEmpty ? String(repeating: "0", count: ownerLength) : Hash.hex(key, ownerLength)
    }

    private static let ownerLength = 32

    /// A name for a new conversation: a UUID of random bits (RFC 9562 section 5.4).
    static func newName() -> String {
        var bytes = randomBytes(16)
        bytes[6] = bytes[6] & 0x0F | 0x40
        bytes[8] = bytes[8] & 0x3F | 0x80
        return uuid(bytes)
    }

    /// Whether a text is a name as we make them.
    static func isName(_ text: String) -> Bool {
        text.utf8.count == 36 && text.utf8.allSatisfy { "0123456789abcdef-".utf8.contains($0) }
    }

    private func path(_ name: String, of owner: String) -> String { "\(directory)/\(owner)-\(name)" }

    /// Holds a conversation until the descriptor closes; nil: another request holds it.
    func lock(_ name: String, of owner: String) throws(Errno) -> Descriptor? {
        let place = Hash.sha256("\(owner)-\(name)").prefix(7).reduce(Int64(0)) { $0 << 8 | Int64($1) }
        return try File.lock("\(directory)/lock", at: place)
    }

    /// The conversation of that name; nil: this caller has none, or it is too old.
    func find(_ name: String, of owner: String) -> Keepsake? {
        guard Dialogues.isName(name) else { return nil }
        let path = path(name, of: owner)
        guard let changed = File.changed(path) else { return nil }
        guard !isOver(changed) else {
            File.remove(path)
            return nil
        }
        return (try? File.read(path, limit: Dialogues.sizeLimit)).flatMap { Keepsake($0, name: name) }
    }

    /// All conversations of a caller.
    func all(of owner: String) -> [Keepsake] {
        let names = names { $0.hasPrefix("\(owner)-") }.map { String($0.dropFirst(owner.utf8.count + 1)) }
        return names.compactMap { find($0, of: owner) }.sorted { $0.created < $1.created }
    }

    /// Writes a conversation down; one that is not `isNew` only where it still is.
    func keep(_ keepsake: Keepsake, of owner: String, isNew: Bool) throws(Errno) {
        let path = path(keepsake.dialogue.name, of: owner)
        if isNew { makeRoom(for: owner) } else if !File.exists(path) { return }
        try File.replace(path, with: keepsake.written)
    }

    /// Forgets a conversation; false: this caller has none of that name.
    func remove(_ name: String, of owner: String) -> Bool {
        guard find(name, of: owner) != nil else { return false }
        return File.remove(path(name, of: owner))
    }

    private func isOver(_ changed: Int) -> Bool {
        limits.sessionTime > 0 && (Moment.now().seconds - changed) * 1000 >= limits.sessionTime
    }

    private func names(where fits: (String) -> Bool) -> [String] {
        ((try? File.names(in: directory)) ?? []).filter(fits)
    }

    /// Sees that one more of a caller's, and one more in all, is within the limits: those not used for
    /// longest go.
    private func makeRoom(for owner: String) {
        let all = names { $0.utf8.count == Dialogues.ownerLength + 37 }
        let own = all.filter { $0.hasPrefix("\(owner)-") }
        if own.count >= limits.sessionsPerCaller { drop(own, to: limits.sessionsPerCaller - 1) }
        // Many at once, so that not every new one has to look at all.
        if all.count >= limits.sessions { drop(all, to: limits.sessions - 1 - limits.sessions / 16) }
    }

    private func drop(_ names: [String], to count: Int) {
        let aged = names.map { (name: $0, changed: File.changed("\(directory)/\($0)") ?? 0) }
        for old in aged.sorted(by: { $0.changed < $1.changed }).dropLast(max(0, count)) {
            File.remove("\(directory)/\(old.name)")
        }
    }
}

// Lists of models.
extension Dialogues {
    private func path(ofModels upstream: String) -> String { "\(directory)/models-\(upstream)" }

    /// What an upstream last said of its models; nil: nothing, or, `isFresh`, nothing of late.
    func models(of upstream: String, isFresh: Bool) -> [UInt8]? {
        let path = path(ofModels: upstream)
        guard let changed = File.changed(path) else { return nil }
        if isFresh, Moment.now().seconds - changed >= Dialogues.catalogueAge { return nil }
        return try? File.read(path, limit: Dialogues.catalogueLimit)
    }

    /// Keeps what an upstream said.
    func keep(models: [UInt8], of upstream: String) {
        try? File.replace(path(ofModels: upstream), with: models)
    }
}

extension Keepsake {
    /// nil: it is none.
    fileprivate init?(_ bytes: [UInt8], name: String) {
        guard let root = (try? Document(bytes))?.root, let upstream = root["upstream"]?.string,
            let chat = root["chat"]?.string, let created = root["created"]?.int
        else { return nil }
        dialogue = Dialogue(name: name)
        dialogue.chat = chat
        dialogue.model = root["chat_model"]?.string ?? ""
        dialogue.receipt = root["receipt"]?.string ?? ""
        dialogue.isSettled = root["settled"]?.bool ?? true
        dialogue.isResumed = root["resumed"]?.bool ?? false
        self.upstream = upstream
        model = root["model"]?.string ?? ""
        // A time of which a date can be made.
        self.created = min(max(0, created), 1 << 36)
    }

    fileprivate var written: [UInt8] {
        var writer = Writer()
        writer.beginObject()
        writer.member("upstream", upstream)
        writer.member("model", model)
        writer.member("created", created)
        writer.member("chat", dialogue.chat)
        writer.member("chat_model", dialogue.model)
        writer.member("receipt", dialogue.receipt)
        writer.member("settled", dialogue.isSettled)
        writer.member("resumed", dialogue.isResumed)
        writer.endObject()
        return writer.bytes
    }
}

/// Sixteen bytes as a UUID is written.
func uuid(_ bytes: [UInt8]) -> String {
    bytes.prefix(16).enumerated().map { place, byte in
        ([4, 6, 8, 10].contains(place) ? "-" : "") + Base16.encoded([byte])
    }.joined()
}
