// SPDX-License-Identifier: MIT

package import Model

extension Dialect {
    /// The chat site AnuNeko, which holds conversations itself; only its upstream side exists.
    ///
    /// Its protocol is nowhere written down; this is what its own page says and hears.
    package static let anuNeko = Dialect(
        name: Names.dialect,
        upstream: .http(
            HTTPSide(
                landmarks: Names.landmarks,
                keyField: (Names.tokenField, ""),
                provider: Site(),
                dialogues: Desk())))
}
