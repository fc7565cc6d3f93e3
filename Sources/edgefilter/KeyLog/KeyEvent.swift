// SPDX-License-Identifier: MIT

import Digest
import JSON

/// One line of `keys.log`: how a user or a key stands from now on, in full, so that the last line about it is
/// all there is to know.
///
///     {"key":7,"hash":"…64…","event":"issued","keys":7,"users":2,"user":2,"name":…,"crc":"…"}
///     {"user":2,"hash":"…64…","event":"added","keys":6,"users":2,"name":…,"crc":"…"}
///
/// A key's hash is its own, a user's that of the name. `keys` and `users` are the highest numbers given so
/// far:
/// they only grow, so that a number can be searched for by halves.
struct KeyEvent: Equatable {
    /// What happened, as the line says it.
    enum Kind: String { case added, removed, issued, revoked, limited, chosen }

    enum Subject: Equatable {
        case user(User)
        case key(Grant)
    }

    var kind: Kind
    var subject: Subject
    /// SHA-256, 64 lower-case hex digits.
    var hash: [UInt8]
    var marks: Marks
    /// Seconds since 1970.
    var time: Int

    /// No line is longer.
    static let lineLimit = 4096
    /// Nearly all fit this.
    static let usualLine = 512
    /// Room for a name, an address, a model's name or a pattern of them, in bytes.
    static let textLimit = 128

    /// The last line's number of each kind.
    struct Marks: Equatable {
        var keys = 0
        var users = 0
    }

    var grant: Grant? { if case .key(let grant) = subject { grant } else { nil } }
    var user: User? { if case .user(let user) = subject { user } else { nil } }

    var isKey: Bool { grant != nil }
    var id: Int { grant?.id ?? user?.id ?? 0 }

    /// The hash under which a user is found by name.
    static func hash(ofUser name: String) -> [UInt8] { Base16.digits(of: Hash.sha256("user \(name)")) }
}

extension KeyEvent {
    /// Appends the line and its newline.
    func write(to bytes: inout [UInt8]) {
        var writer = Writer()
        writer.beginObject()
        switch subject {
        case .user(let user): writer.member("user", user.id)
        case .key(let grant): writer.member("key", grant.id)
        }
        writer.member("hash", String(decoding: hash, as: UTF8.self))
        writer.member("event", kind.rawValue)
        writer.member("keys", marks.keys)
        writer.member("users", marks.users)
        switch subject {
        case .user(let user): write(user, to: &writer)
        case .key(let grant): write(grant, to: &writer)
        }
        writer.member("at", time)
        Checksum.close(&writer)
        bytes.append(contentsOf: writer.bytes)
        bytes.append(0x0A)
    }

    private func write(_ user: User, to writer: inout Writer) {
        writer.member("name", user.name)
        if !user.email.isEmpty { writer.member("email", user.email) }
        writer.member("created", user.created)
        if user.isRemoved { writer.member("removed", true) }
    }

    private func write(_ grant: Grant, to writer: inout Writer) {
        writer.member("user", grant.user)
        writer.member("name", grant.name)
        writer.member("created", grant.created)
        if grant.isRevoked { writer.member("revoked", true) }
        if grant.allowance.expires != 0 { writer.member("expires", grant.allowance.expires) }
        if !grant.allowance.models.isEmpty {
            writer.name("models")
            writer.beginArray()
            for model in grant.allowance.models { writer.string(model) }
            writer.endArray()
        }
        if grant.allowance.requestsPerMinute != 0 { writer.member("rpm", grant.allowance.requestsPerMinute) }
        if grant.allowance.tokensPerDay != 0 { writer.member("tpd", grant.allowance.tokensPerDay) }
        if !grant.defaultModel.isEmpty { writer.member("default_model", grant.defaultModel) }
    }
}

extension KeyEvent {
    /// Nil: torn, altered or something else.
    init?(line: Span<UInt8>) {
        guard line.count <= KeyEvent.lineLimit, Checksum.holds(line) else { return nil }
        var plain = KeyLine(line)
        if let event = plain.event() {
            self = event
            return
        }
        guard let document = try? Document(copying: line) else { return nil }
        self.init(document.root)
    }

    private init?(_ root: Value) {
        guard let kind = root["event"]?.string.flatMap(Kind.init), let hash = root["hash"]?.string,
            hash.utf8.count == 64, let keys = root["keys"]?.int, let users = root["users"]?.int
        else { return nil }
        self.kind = kind
        self.hash = Array(hash.utf8)
        marks = Marks(keys: keys, users: users)
        time = root["at"]?.int ?? 0
        if let id = root["key"]?.int {
            subject = .key(Grant(id, root))
        } else {
            guard let id = root["user"]?.int else { return nil }
            subject = .user(User(id, root))
        }
    }
}

extension User {
    fileprivate init(_ id: Int, _ root: Value) {
        self.id = id
        name = root["name"]?.string ?? ""
        email = root["email"]?.string ?? ""
        created = root["created"]?.int ?? 0
        isRemoved = root["removed"]?.bool ?? false
    }
}

extension Grant {
    fileprivate init(_ id: Int, _ root: Value) {
        self.id = id
        user = root["user"]?.int ?? 0
        name = root["name"]?.string ?? ""
        created = root["created"]?.int ?? 0
        isRevoked = root["revoked"]?.bool ?? false
        allowance.expires = root["expires"]?.int ?? 0
        allowance.models = root["models"]?.elements.compactMap(\.string) ?? []
        allowance.requestsPerMinute = root["rpm"]?.int ?? 0
        allowance.tokensPerDay = root["tpd"]?.int ?? 0
        defaultModel = root["default_model"]?.string ?? ""
    }
}
