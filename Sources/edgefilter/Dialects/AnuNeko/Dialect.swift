// SPDX-License-Identifier: MIT

package import Model

extension Dialect {
    /// The chat site AnuNeko, which holds conversations itself; only its upstream side exists.
    ///
    /// Nobody has written its protocol down; `docs/anuneko.md` tells what was seen of it.
    package static let anuNeko = Dialect(
        name: Names.dialect,
        upstream: .http(
            HTTPSide(
                landmarks: Names.landmarks,
                keyField: (Names.tokenField, ""),
                provider: Site(),
                dialogues: Desk())))
}
