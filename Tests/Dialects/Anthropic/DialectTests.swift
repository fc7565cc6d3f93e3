// SPDX-License-Identifier: MIT

import Model
import Testing

@testable import Anthropic

@Suite struct DialectTests {
    @Test func hasItsName() { #expect(Dialect.anthropic.name == "anthropic") }
}
