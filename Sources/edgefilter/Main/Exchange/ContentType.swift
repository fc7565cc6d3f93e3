// SPDX-License-Identifier: MIT

import HTTP

extension RequestHead {
    /// Whether the body is a form with files.
    var isForm: Bool {
        if fields.says("Content-Type", Answer.json) { return false }
        return fields["Content-Type"].map(RequestHead.forms.contains) ?? false
    }

    private static let forms = Names([], prefixes: ["multipart/form-data"])
}

extension Parameters {
    /// Whether a content type means one JSON text.
    var isJSON: Bool { essence == "application/json" || essence.hasSuffix("+json") }
}
