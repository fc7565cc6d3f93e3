// SPDX-License-Identifier: MIT

import Glibc
package import Unix

/// Why users and keys stay as they are.
package enum KeyLogError: Error, Equatable, CustomStringConvertible {
    /// The system refused; nothing was changed.
    case system(Errno)
    /// The disk is full; nothing was changed.
    case noRoom
    /// Another user has this name.
    case nameTaken(String)
    /// No user, or a removed one.
    case noUser(Int)
    /// No key has this number.
    case noKey(Int)
    /// A revoked key stays so.
    case isRevoked(Int)
    /// A text that cannot be kept, and why.
    case unfit(String)

    /// A sentence for the operator.
    package var description: String {
        switch self {
        case .system(let error): "\(error)"
        case .noRoom: "the disk is full; nothing was changed"
        case .nameTaken(let name): "there is a user \(name) already"
        case .noUser(let id): "there is no user \(id)"
        case .noKey(let id): "there is no key \(id)"
        case .isRevoked(let id): "key \(id) is revoked, for ever; issue a new one"
        case .unfit(let reason): reason
        }
    }

    init(_ error: Errno) {
        self = [ENOSPC, EDQUOT].contains(error.number) ? .noRoom : .system(error)
    }
}
