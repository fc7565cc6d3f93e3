// SPDX-License-Identifier: MIT

/// What a JSON value is (RFC 8259 §3).
package enum Kind: UInt8, Sendable {
    case null, bool, number, string, array, object
}
