// SPDX-License-Identifier: MIT

import HTTP
import Model

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

extension Failure {
    /// A form where only JSON is taken.
    static let noForm = Failure(
        .invalidJSON,
        "The body must be a JSON object here, and no form: send it as 'Content-Type: application/json'.")
    /// JSON in front of a form, where anything may stand: some upstreams read it, whatever the type says.
    static let twoBodies = Failure(
        .invalidJSON,
        "The body is said to be a form, and begins like a JSON object; send one of the two alone.")
}
