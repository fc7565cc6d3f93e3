// SPDX-License-Identifier: MIT

import JSON
import KeyLog
import Unix

/// What the operator calls the keys and users of a sum.
struct HolderNames {
    private var keys: [Int: String] = [:]
    private var users: [Int: String] = [:]
    private let hasStore: Bool

    /// Looks up those that occur, in one reading each.
    init(of totals: Totals, _ store: KeyStore) throws(Errno) {
        hasStore = store.exists
        guard hasStore else { return }
        let keyIDs = Set(totals.rows.keys.map(\.keyID)).subtracting([0])
        let userIDs = Set(totals.rows.keys.map(\.user)).subtracting([0])
        var (keys, users) = ([Int: String](), [Int: String]())
        if !keyIDs.isEmpty { try store.eachGrant { if keyIDs.contains($0.id) { keys[$0.id] = $0.name } } }
        if !userIDs.isEmpty { try store.eachUser { if userIDs.contains($0.id) { users[$0.id] = $0.name } } }
        (self.keys, self.users) = (keys, users)
    }

    /// The columns that tell a group: the id first.
    func head(_ group: Totals.Group) -> [String] {
        switch group {
        case .key: hasStore ? ["key", "key_name"] : ["key"]
        case .user: hasStore ? ["user", "user_name"] : ["user"]
        default: [group.rawValue]
        }
    }

    func cells(_ labels: Labels, _ group: Totals.Group) -> [String] {
        let id = HolderNames.id(labels, group)
        return switch group {
        case .key: hasStore ? [id, keys[labels.keyID] ?? ""] : [id]
        case .user: hasStore ? [id, users[labels.user] ?? ""] : [id]
        default: [id]
        }
    }

    /// The members that tell a group.
    func write(_ labels: Labels, _ group: Totals.Group, to writer: inout Writer) {
        writer.member(group.rawValue, HolderNames.id(labels, group))
        switch group {
        case .key:
            if labels.keyID != 0 { writer.member("key_id", labels.keyID) }
            if let name = keys[labels.keyID] { writer.member("key_name", name) }
        case .user:
            if labels.user != 0 { writer.member("user_id", labels.user) }
            if let name = users[labels.user] { writer.member("user_name", name) }
        default: break
        }
    }

    private static func id(_ labels: Labels, _ group: Totals.Group) -> String {
        switch group {
        case .key: labels.keyID == 0 ? labels.key : "\(labels.keyID)"
        case .user: labels.user == 0 ? "" : "\(labels.user)"
        case .model: labels.model
        case .endpoint: labels.endpoint
        case .upstream: labels.upstream
        case .day: labels.day?.dashed ?? ""
        }
    }
}
