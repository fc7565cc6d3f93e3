// SPDX-License-Identifier: MIT

/// What may stand in `keys.log`.
enum Fitness {
    /// So many patterns of model names a key may have.
    static let modelLimit = 24

    static func check(_ order: KeyOrder) throws(KeyLogError) {
        try check(order.name, "name")
        try check(order.allowance)
        if !order.defaultModel.isEmpty { try check(order.defaultModel, "model") }
        guard (1...KeyOrder.countLimit).contains(order.count) else {
            throw .unfit("\(order.count) keys cannot be issued at once; 1 to \(KeyOrder.countLimit) can")
        }
    }

    static func check(_ allowance: Allowance) throws(KeyLogError) {
        guard allowance.models.count <= modelLimit else {
            throw .unfit("a key can name at most \(modelLimit) models; use patterns such as gpt-*")
        }
        for model in allowance.models { try check(model, "model") }
        let numbers = [allowance.expires, allowance.requestsPerMinute, allowance.tokensPerDay]
        guard numbers.allSatisfy({ (0...Record.sane(.max)).contains($0) }) else {
            throw .unfit("a limit must lie between 0 (none) and \(Record.sane(.max))")
        }
    }

    /// A text of the operator's: something, not too long, and nothing that moves a terminal's cursor.
    static func check(_ text: String, _ what: String) throws(KeyLogError) {
        if text.isEmpty { throw .unfit("the \(what) is empty") }
        if text.utf8.count > KeyEvent.textLimit {
            throw .unfit("the \(what) is longer than \(KeyEvent.textLimit) bytes")
        }
        guard text.unicodeScalars.allSatisfy(isVisible) else {
            throw .unfit("the \(what) contains a control character")
        }
        if text.first == " " || text.last == " " { throw .unfit("the \(what) begins or ends with a space") }
    }

    private static func isVisible(_ scalar: Unicode.Scalar) -> Bool {
        ![.control, .format, .lineSeparator, .paragraphSeparator].contains(scalar.properties.generalCategory)
    }
}
