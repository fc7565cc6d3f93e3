// SPDX-License-Identifier: MIT

import Digest
package import JSON

/// Reasoning that a provider wants back and that its caller's dialect has no place for, as a text that the
/// caller carries for us.
///
///     seal = "eflt1:" base64url( {"upstream":NAME, "value":JSON} )
///
/// It is opened for the same upstream only, and never sent to anyone as it is.
package enum Seal {
    /// What all of them begin with.
    package static let mark = "eflt1:"

    /// Whether a signature or an encrypted content is one of ours.
    package static func isOurs(_ text: String) -> Bool { text.hasPrefix(mark) }

    /// `value` is JSON text.
    package static func make(upstream: String, value: Span<UInt8>) -> String {
        var writer = Writer()
        writer.beginObject()
        writer.member("upstream", upstream)
        writer.name("value")
        writer.verbatim(value)
        writer.endObject()
        return mark + Base64.url.encoded(writer.bytes)
    }

    /// What was sealed for this upstream; nil: it is none of ours, another's, or damaged.
    package static func open(_ text: String, upstream: String) -> Value? {
        guard isOurs(text), let bytes = Base64.url.decoded(text.utf8.dropFirst(mark.utf8.count)),
            let root = (try? Document(bytes))?.root, root["upstream"]?.string == upstream
        else { return nil }
        return root["value"]
    }
}
