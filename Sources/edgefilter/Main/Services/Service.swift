// SPDX-License-Identifier: MIT

import Glibc
import HTTP
import JSON
import KeyLog
import Model
import Settings
import Unix

/// An endpoint of our own: what it is asked by, who may ask, and what it does.
struct Service: Sendable {
    /// Who may ask.
    enum Access { case anyone, admin, holder }

    let method: String
    /// Its path; `#` stands for a number.
    let path: String
    let access: Access
    let act: @Sendable (Visit) throws(Failure) -> Served

    init(
        _ method: String, _ path: String, _ access: Access,
        _ act: @escaping @Sendable (Visit) throws(Failure) -> Served
    ) {
        self.method = method
        self.path = path
        self.access = access
        self.act = act
    }

    static let all: [Service] = pageServices + userServices + keyServices + usageServices + modelServices

    /// What begins a path of ours.
    private static let beginnings = ["/admin", "/usage/", "/settings/model", "/openapi.json"]

    /// Whether a path belongs to administration, or to holders of issued keys: nothing below it is ever sent
    /// on.
    ///
    /// Given for every request.
    static func owns(_ path: String) -> Bool {
        guard let letter = path.utf8.dropFirst().first, "auso".utf8.contains(letter) else { return false }
        return beginnings.contains { path == $0 || path.hasPrefix($0.hasSuffix("/") ? $0 : $0 + "/") }
    }

    /// Whether no page of another site may so much as read what it answers.
    static func isClosed(_ path: String) -> Bool { owns(path) && !isOpen(path) }

    private static func isOpen(_ path: String) -> Bool {
        ["/usage/me", "/settings/model", "/openapi.json"].contains(trimmed(path))
    }

    /// The services of a path, with the number in it.
    static func at(_ path: String) -> [(service: Service, number: Int)] {
        let parts = trimmed(path).split(separator: "/", omittingEmptySubsequences: false)
        return all.compactMap { service in service.number(in: parts).map { (service, $0) } }
    }

    private static func trimmed(_ path: String) -> String {
        path.hasSuffix("/") && path.utf8.count > 1 ? String(path.dropLast()) : path
    }

    /// nil: the path is not this one's; 0: no number is in it.
    private func number(in parts: [Substring]) -> Int? {
        let own = path.split(separator: "/", omittingEmptySubsequences: false)
        guard own.count == parts.count else { return nil }
        var number = 0
        for (mine, part) in zip(own, parts) where mine == "#" || mine != part {
            guard mine == "#", let value = Int(part), value > 0, String(value) == part else { return nil }
            number = value
        }
        return number
    }
}

/// A request to a service, its asker admitted.
struct Visit {
    let gateway: Gateway
    let gate: Gate
    let head: RequestHead
    let peer: Peer
    /// The number in the path.
    var number = 0
    let given: Given
    /// How an administrator came in.
    var way: Admin.Way?
    /// The key that the caller holds.
    var grant: Grant?

    /// Seconds since 1970.
    let now = Moment.now().seconds

    var settings: Settings { gateway.settings }

    /// Users and issued keys.
    var store: KeyStore {
        get throws(Failure) {
            guard let store = gateway.keys else {
                throw Failure(
                    .storeFailed,
                    "There is no state directory for users and keys (operator: set STATE_DIRECTORY).")
            }
            return store
        }
    }

    /// The records' sums.
    var ledger: Ledger {
        get throws(Failure) { Ledger(directory: try store.directory) }
    }

    /// Whether the browser came over https, as far as it was we or a listed proxy that it told.
    var isSecure: Bool {
        settings.trusts(proxy: peer.address)
            && head.fields["X-Forwarded-Proto"]?.lowercased() == "https"
    }
}

/// What a service answers.
struct Served {
    var status = 200
    var fields: Fields = ["Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"]
    var body: [UInt8] = []

    /// A JSON object.
    static func object(_ write: (inout Writer) throws(Failure) -> Void) throws(Failure) -> Served {
        var writer = Writer()
        writer.beginObject()
        try write(&writer)
        writer.endObject()
        return Served(type: "application/json", writer.bytes)
    }

    /// A JSON object that says first that it was done.
    static func success(_ write: (inout Writer) throws(Failure) -> Void) throws(Failure) -> Served {
        try .object { writer throws(Failure) in
            writer.member("success", true)
            try write(&writer)
        }
    }

    init(type: String, _ body: [UInt8]) {
        fields.append("Content-Type", type)
        self.body = body
    }
}

extension Failure {
    /// Runs what the key log may refuse.
    static func atStore<T>(_ work: () throws(KeyLogError) -> T) throws(Failure) -> T {
        do throws(KeyLogError) { return try work() } catch { throw Failure(error) }
    }

    /// Runs what reading files may refuse.
    static func reading<T>(_ work: () throws(Errno) -> T) throws(Failure) -> T {
        do throws(Errno) { return try work() } catch {
            throw Failure(.storeFailed, "The log cannot be read: \(error).")
        }
    }

    init(_ error: KeyLogError) {
        switch error {
        case .noRoom:
            self.init(.storeFailed, "The disk is full; nothing was changed.", status: 507)
        case .system(let cause):
            let rights = [EROFS, EACCES, EPERM].contains(cause.number)
            let advice = rights ? "; the directory must be writable for the service" : ""
            self.init(.storeFailed, "The key log cannot be written (\(cause)\(advice)); nothing was changed.")
        case .nameTaken: self.init(.nameTaken, "\(error).".capitalizedFirst, param: "username")
        case .noUser: self.init(.noSuchUser, "\(error).".capitalizedFirst)
        case .noKey: self.init(.noSuchKey, "\(error).".capitalizedFirst)
        case .isRevoked: self.init(.keyRevoked, "\(error).".capitalizedFirst)
        case .unfit: self.init(.invalidMember, "\(error).".capitalizedFirst)
        }
    }
}

extension String {
    fileprivate var capitalizedFirst: String { prefix(1).uppercased() + dropFirst() }
}
