// SPDX-License-Identifier: MIT

import Model
import Testing

@testable import Responses

@Suite struct DialectTests {
    @Test func hasItsName() { #expect(Dialect.responses.name == "responses") }
}
