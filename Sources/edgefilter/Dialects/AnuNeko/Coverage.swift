// SPDX-License-Identifier: MIT

import Model

extension Site {
    /// The site takes one text, and knows nothing beside it.
    func coverage(of feature: Feature, _ provider: Provider) -> Coverage {
        switch feature {
        case .session, .model, .stops, .objectFormat, .schemaFormat: .carried
        // An answer without these would not be what was asked for.
        case .count, .fileIDs, .audioInput, .audioOutput, .background, .storedState: .refused
        default: .lost
        }
    }
}
