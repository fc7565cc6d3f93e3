// SPDX-License-Identifier: MIT

/// What all processes that let administrators in have in common: the secret that signs, and how often each
/// source showed a wrong key.
///
/// It is part of the live page: it outlives processes and reloads, and is gone with the machine's uptime.
package struct SignIns: Sendable {
    private let words: Words
    private let salt: UInt64

    /// Random bytes of the secret.
    package static let secretCount = secretWords * 8

    static let secretWords = 4
    /// Windows of sources, behind the secret.
    ///
    /// Sources that fall into one share it; the place is by a random number of the page.
    static let windows = 4096
    static let stride = secretWords + 4 + windows

    /// So many wrong keys of a source, in so many seconds.
    private static let window = Window(seconds: 60, limit: 5)

    init(words: Words, salt: UInt64) {
        self.words = words
        self.salt = salt
    }

    /// The secret; made when there is none yet, of these random bytes.
    package func secret(orMade random: () -> [UInt8]) -> [UInt8] {
        if words[0] == 0 { renew(random()) }
        return (0..<SignIns.secretWords).flatMap { index in
            (0..<8).map { UInt8(truncatingIfNeeded: words[index] >> UInt64(8 * $0)) }
        }
    }

    /// Another secret: whatever was signed before is no longer.
    ///
    /// `random`: `secretCount` bytes. The first word goes last: who finds one finds all.
    package func renew(_ random: [UInt8]) {
        guard random.count == SignIns.secretCount else { return }
        for index in (0..<SignIns.secretWords).reversed() {
            let part = random[(index * 8)..<(index * 8 + 8)]
            words[index] = part.reduce(0) { $0 << 8 | UInt64($1) } | (index == 0 ? 1 : 0)
        }
    }

    /// Counts a try; seconds to wait, where the source had too many wrong ones.
    ///
    /// `tenths`: now, in tenths of a second.
    package func take(_ source: String, at tenths: Int) -> Int? {
        let state = SignIns.window.take(words, place(of: source), at: tenths)
        return state.passes ? nil : state.reset
    }

    /// The try was a right one.
    package func giveBack(_ source: String, at tenths: Int) {
        SignIns.window.giveBack(words, place(of: source), at: tenths)
    }

    private func place(of source: String) -> Int {
        let mix = source.utf8.reduce(salt) { mixed($0 ^ UInt64($1)) &+ 1 }
        return SignIns.secretWords + Int(mixed(mix) % UInt64(SignIns.windows))
    }
}

extension LivePage {
    /// What is shared by those who let administrators in.
    package var signIns: SignIns {
        SignIns(words: words(Region.signIns), salt: words(Region.header)[Header.salt])
    }
}
