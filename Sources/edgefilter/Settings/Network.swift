// SPDX-License-Identifier: MIT

extension Settings {
    /// Whether a forwarded client address is believed when it comes from here: a numeric address, or `unix`.
    package func trusts(proxy address: String) -> Bool {
        trustedProxies.contains { $0 == address || Network($0)?.contains(address) ?? false }
    }
}

/// A range of addresses: `10.0.0.0/8`, or a single one.
struct Network {
    private let base: Address
    private let bits: Int

    init?(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false).map(
            String.init)
        guard let base = Address(parts[0]) else { return nil }
        let most = base.bytes.count * 8
        guard let bits = parts.count == 1 ? most : decimal(parts[1][...]), (0...most).contains(bits) else {
            return nil
        }
        self.base = base
        self.bits = bits
    }

    func contains(_ text: String) -> Bool {
        guard let address = Address(text), address.bytes.count == base.bytes.count else { return false }
        return (0..<base.bytes.count).allSatisfy { index in
            let left = min(8, max(0, bits - index * 8))
            let mask = UInt8(truncatingIfNeeded: 0xFF00 >> left)
            return (address.bytes[index] ^ base.bytes[index]) & mask == 0
        }
    }
}
