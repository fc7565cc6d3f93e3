// SPDX-License-Identifier: MIT

import Corpora
import JSON
import Testing

/// JSONTestSuite, read whole and in pieces.
@Suite struct SuiteTests {
    @Test func corpusIsThere() {
        #expect(Corpus.parsing.count == 318)
        #expect(Corpus.transform.count == 22)
        #expect(Corpus.recorded.count > 30)
    }

    @Test(arguments: Corpus.parsing) func verdict(path: String) throws {
        let bytes = try Corpus.read(path)
        let complaint = complaint(of: bytes)
        let name = path.split(separator: "/").last ?? ""
        if name.hasPrefix("y_") { #expect(complaint == nil) }
        if name.hasPrefix("n_") { #expect(complaint != nil) }
    }

    @Test(arguments: Corpus.parsing + Corpus.transform) func cutAnywhere(path: String) throws {
        let bytes = try Corpus.read(path)
        let complaint = complaint(of: bytes)
        let whole = watched(bytes, cutAt: [])
        expect(whole, toAgreeWith: complaint)
        let step = bytes.count > 4096 ? bytes.count / 4 : 1
        for cut in stride(from: 0, through: bytes.count, by: step) {
            #expect(watched(bytes, cutAt: [cut]) == whole)
        }
        let pieces = watched(bytes, cutAt: 1..<max(bytes.count, 1))
        #expect(pieces == whole)
        expect(pieces, toAgreeWith: complaint)
    }

    @Test(arguments: Corpus.recorded) func recorded(path: String) throws {
        let bytes = try Corpus.read(path)
        #expect(complaint(of: bytes) == nil)
        let whole = watched(bytes, cutAt: [])
        for size in [1, 7, 1000] {
            #expect(watched(bytes, cutAt: stride(from: size, to: bytes.count, by: size)) == whole)
        }
        var writer = Writer()
        write(try Document(bytes).root, to: &writer)
        #expect(complaint(of: writer.bytes) == nil)
        let again = try Document(writer.bytes)
        #expect(same(again.root, try Document(bytes).root))
    }

    /// The place counts here, beyond `==`.
    private func expect(_ result: Result<[Watch.Found], Malformed>, toAgreeWith complaint: Malformed?) {
        switch result {
        case .success: #expect(complaint == nil)
        case .failure(let error):
            #expect(error == complaint)
            #expect(error.offset == complaint?.offset)
            #expect(error.byte == complaint?.byte)
        }
    }

    @Test(arguments: [
        "-9223372036854775808", "-9223372036854775809", "1.0", "1.000000000000000005", "1000000000000000",
        "10000000000000000999", "1e-999", "1e6", "9223372036854775807", "9223372036854775808",
    ])
    func numbersStayText(name: String) throws {
        let bytes = try Corpus.read("JSONTestSuite/test_transform/number_\(name).json")
        let root = try Document(bytes).root
        let number = root.elements.first { _ in true }?.number
        #expect(number == (name == "1e6" ? "1E6" : name == "1e-999" ? "1E-999" : name))
    }

    @Test(arguments: [
        ("object_same_key_different_values", ["a", "a"], ["1", "2"]),
        ("object_same_key_same_value", ["a", "a"], ["1", "1"]),
        ("object_same_key_unclear_values", ["a", "a"], ["0", "-0"]),
        ("object_key_nfc_nfd", ["\u{E9}", "e\u{301}"], ["\"NFC\"", "\"NFD\""]),
        ("object_key_nfd_nfc", ["e\u{301}", "\u{E9}"], ["\"NFD\"", "\"NFC\""]),
    ])
    func twinsStayInOrder(name: String, names: [String], values: [String]) throws {
        let root = try Document(try Corpus.read("JSONTestSuite/test_transform/\(name).json")).root
        let members = Array(try #require(root.object).members)
        #expect(members.map { Array($0.name.utf8) } == names.map { Array($0.utf8) })
        #expect(members.map { String(decoding: $0.value.verbatim, as: UTF8.self) } == values)
        #expect(try #require(root[names[1]]).offset == members[1].value.offset)
    }
}

/// Writes a value anew, not by its source text.
func write(_ value: Value, to writer: inout Writer) {
    switch value.kind {
    case .null: writer.null()
    case .bool: writer.bool(value.bool ?? false)
    case .number: writer.number(value.number ?? "")
    case .string: writer.string(value.string ?? "")
    case .array:
        writer.beginArray()
        for element in value.elements { write(element, to: &writer) }
        writer.endArray()
    case .object:
        writer.beginObject()
        for member in value.object?.rest ?? [] {
            writer.name(member.name)
            write(member.value, to: &writer)
        }
        writer.endObject()
    }
}

/// Whether two values mean the same, numbers by their text and members by order.
func same(_ left: Value, _ right: Value) -> Bool {
    guard left.kind == right.kind else { return false }
    switch left.kind {
    case .null: return true
    case .bool: return left.bool == right.bool
    case .number: return left.number == right.number
    case .string: return left.string.map { Array($0.utf8) } == right.string.map { Array($0.utf8) }
    case .array: return Array(left.elements).elementsEqual(Array(right.elements), by: same)
    case .object:
        let (left, right) = (left.object?.rest ?? [], right.object?.rest ?? [])
        return left.elementsEqual(right) { $0.name == $1.name && same($0.value, $1.value) }
    }
}
