// SPDX-License-Identifier: MIT

import Model

extension Engine {
    /// Texts alone arrive; what cannot be left out without another answer than was asked for is refused.
    func coverage(of feature: Feature, _ provider: Provider) -> Coverage {
        switch feature {
        // By us: the answer is cut there.
        case .model, .stops: .carried
        // They stand in the text.
        case .resultErrors, .toolReferences: .carried
        case .count, .background, .storedState, .fileIDs: .refused
        default: .lost
        }
    }
}
