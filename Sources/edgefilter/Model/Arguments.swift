// SPDX-License-Identifier: MIT

package import JSON

/// A call's arguments as they come: whether what was fed so far can still become one JSON object.
///
/// Each byte is looked at once, however many pieces it comes in.
package struct Arguments: Sendable {
    private static let plan = Watch.Plan(paths: [])

    private var watch = Watch(Arguments.plan)
    private var hasBegun = false
    /// What was fed can begin a JSON object, or is white space alone.
    package private(set) var isPossible = true

    package init() {}

    /// Whether a whole object went by.
    package var isComplete: Bool { isPossible && hasBegun && watch.isComplete }

    /// Whether nothing but white space came.
    package var isBlank: Bool { isPossible && !hasBegun }

    /// Takes the next piece.
    package mutating func feed(_ text: String) {
        guard isPossible else { return }
        if !hasBegun, let first = text.utf8.first(where: { !Arguments.isBlank($0) }) {
            hasBegun = true
            isPossible = first == UInt8(ascii: "{")
            if !isPossible { return }
        }
        var bytes = text
        isPossible = bytes.withUTF8 { bytes in
            let span = unsafe Span(_unsafeElements: bytes)
            return (try? watch.feed(span)) != nil
        }
    }

    private static func isBlank(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D
    }

    /// What stands in the place of arguments that are no JSON object, so that the caller's own check of the
    /// tool's input tells the model: its one member holds them as they came.
    package static let rawName = "_raw_arguments"

    /// Arguments as a JSON object: themselves, `{}` for none or `null`, else wrapped.
    package static func object(_ text: String) -> [UInt8] {
        var arguments = Arguments()
        arguments.feed(text)
        if arguments.isComplete { return Array(text.utf8) }
        if arguments.isBlank || text.utf8.filter({ !isBlank($0) }).elementsEqual("null".utf8) {
            return Array("{}".utf8)
        }
        var writer = Writer()
        writer.beginObject()
        writer.member(rawName, text)
        writer.endObject()
        return writer.bytes
    }

    /// The arguments that an input stands for: its text, or what `object` wrapped.
    package static func text(_ input: Value) -> String {
        if let object = input.object, let raw = input[rawName]?.string,
            object.members.first(where: { !$0.isNamed(rawName) }) == nil
        {
            return raw
        }
        return String(decoding: input.verbatim, as: UTF8.self)
    }

    /// The free text of a custom tool whose call came as a function's: the one member `input`, else all of
    /// it.
    package static func freeText(_ arguments: String) -> String {
        guard let root = (try? Document(Array(arguments.utf8)))?.root, let text = root["input"]?.string else {
            return arguments
        }
        return text
    }

    /// The arguments of a function that stands for a custom tool.
    package static func wrapped(freeText text: String) -> String {
        var writer = Writer()
        writer.beginObject()
        writer.member("input", text)
        writer.endObject()
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    /// The schema of a function that stands for a custom tool.
    package static let freeTextSchema =
        #"{"type":"object","properties":{"input":{"type":"string"}},"required":["input"]}"#
}
