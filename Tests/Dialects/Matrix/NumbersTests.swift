// SPDX-License-Identifier: MIT

import Foundation
import Testing

/// The numbered traps, those of translation (T) and those of DashScope (D): each has a test that bears its
/// number.
///
///     Swift   @Test("T907 D909: what is promised"), also where the name stands on a line of its own
///     Python  def test_t907_d909_what_is_promised
@Suite struct NumbersTests {
    /// T58 and T59 were given up before anything was written; D45, D52 and D53 are traps of a server that
    /// speaks DashScope's own dialect to callers, which we are not.
    private static let wanted: [String] =
        (1...214).filter { ![58, 59].contains($0) }.map { "T\($0)" }
        + (1...57).filter { ![45, 52, 53].contains($0) }.map { "D\($0)" }

    /// The folder of all tests.
    private static let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../..").standardized

    /// The names of tests in each file, by the ending of its name.
    private static var forms: [(ending: String, name: Regex<Substring>)] {
        [("swift", /"[TD][0-9]+(?: [TD][0-9]+)*:/), ("py", /def test(?:_[td][0-9]+)+_/)]
    }

    @Test func everyTrapIsTested() throws {
        var borne: Set<String> = []
        var files = 0
        let all = FileManager.default.enumerator(at: NumbersTests.tests, includingPropertiesForKeys: nil)
        for case let file as URL in try #require(all) {
            guard let form = NumbersTests.forms.first(where: { $0.ending == file.pathExtension }) else {
                continue
            }
            borne.formUnion(
                NumbersTests.numbers(in: try String(contentsOf: file, encoding: .utf8), form.name))
            files += 1
        }
        #expect(files > 100, "these are not all tests: \(NumbersTests.tests.path)")
        let missing = NumbersTests.wanted.filter { !borne.contains($0) }
        #expect(missing.isEmpty, "no test bears \(missing.joined(separator: ", "))")
    }

    @Test func numbersAreReadFromNames() {
        let swift = "@Test(\n    \"T907 D909: a\")\n// \"T908: b\"\n@Test(\"no T906: c\")"
        #expect(NumbersTests.numbers(in: swift, NumbersTests.forms[0].name) == ["T907", "D909"])
        let python =
            "def test_t907_d909_a():\n# def test_t908_b():\ndef test_t906s():\n  async def test_t905_c():"
        #expect(NumbersTests.numbers(in: python, NumbersTests.forms[1].name) == ["T905", "T907", "D909"])
    }

    /// The numbers that names of tests bear; comments have none.
    private static func numbers(in text: String, _ name: Regex<Substring>) -> Set<String> {
        let lines = text.split(whereSeparator: \.isNewline).filter { line in
            let start = line.drop { $0 == " " }
            return !start.hasPrefix("//") && !start.hasPrefix("#")
        }
        let names = lines.flatMap { $0.matches(of: name).map(\.output) }
        return Set(names.flatMap { $0.uppercased().matches(of: /[TD][0-9]+/).map { String($0.output) } })
    }
}
