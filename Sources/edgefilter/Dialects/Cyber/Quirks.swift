// SPDX-License-Identifier: MIT

import Model

extension Quirk {
    static let token = Quirk(
        "token", "the key itself is the token in the path, the same for every caller")
}

extension Engine {
    var quirks: QuirkTable { QuirkTable(quirks: [.token]) }
}
