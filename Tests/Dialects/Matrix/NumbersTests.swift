// SPDX-License-Identifier: MIT

import Foundation
import Testing

/// The numbered traps of translation: each has a test that bears its number.
///
///     Swift   @Test("T907 T909: what is promised"), also where the name stands on a line of its own
///     Python  def test_t907_t909_what_is_promised
@Suite struct NumbersTests {
    private static let first = 1
    private static let last = 214
    /// Numbers that were given up before anything was written.
    private static let unused: Set<Int> = [58, 59]

    /// The folder of all tests.
    private static let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../..").standardized

    /// The names of tests in each file, by the ending of its name.
    private static var forms: [(ending: String, name: Regex<Substring>)] {
        [("swift", /"T[0-9]+(?: T[0-9]+)*:/), ("py", /def test(?:_t[0-9]+)+_/)]
    }

    @Test func everyTrapIsTested() throws {
        var borne: Set<Int> = []
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
        let wanted = Set(NumbersTests.first...NumbersTests.last).subtracting(NumbersTests.unused)
        let missing = wanted.subtracting(borne).sorted().map { "T\($0)" }
        #expect(missing.isEmpty, "no test bears \(missing.joined(separator: ", "))")
    }

    @Test func numbersAreReadFromNames() {
        let swift = "@Test(\n    \"T907 T909: a\")\n// \"T908: b\"\n@Test(\"no T906: c\")"
        #expect(NumbersTests.numbers(in: swift, NumbersTests.forms[0].name) == [907, 909])
        let python =
            "def test_t907_t909_a():\n# def test_t908_b():\ndef test_t906s():\n  async def test_t905_c():"
        #expect(NumbersTests.numbers(in: python, NumbersTests.forms[1].name) == [905, 907, 909])
    }

    /// The numbers that names of tests bear; comments have none.
    private static func numbers(in text: String, _ name: Regex<Substring>) -> Set<Int> {
        let lines = text.split(whereSeparator: \.isNewline).filter { line in
            let start = line.drop { $0 == " " }
            return !start.hasPrefix("//") && !start.hasPrefix("#")
        }
        let names = lines.flatMap { $0.matches(of: name).map(\.output) }
        return Set(names.flatMap { $0.split { !("0"..."9").contains($0) }.compactMap { Int($0) } })
    }
}
