// SPDX-License-Identifier: MIT

import Testing

@testable import HTTP

/// What a watch found in a body, however cut, and whether it settled rightly on the way.
private func watch(
    _ pieces: [[UInt8]], type: String = "multipart/form-data; boundary=b", names: [String] = ["model"]
) -> [FormWatch.Found]? {
    guard var watch = FormWatch(contentType: type, names: names) else { return nil }
    var seen = 0
    var settled = 0
    for piece in pieces {
        watch.feed(piece.span)
        seen += piece.count
        #expect(settled...seen ~= watch.settled)
        settled = watch.settled
    }
    watch.finish()
    #expect(watch.settled == seen)
    return watch.found
}

private func part(_ disposition: String, _ content: String) -> String {
    "--b¶Content-Disposition: \(disposition)¶¶\(content)¶"
}

private let model = part("form-data; name=\"model\"", "whisper-1")
private let file = part("form-data; name=\"file\"; filename=\"model\"", "¶--bx¶-b¶\r\r\n--")

@Suite struct FormWatchTests {
    @Test(arguments: [
        "", model + file + "--b--¶", "¶" + file + model + "--b--", part("form-data; name=x", "y") + "--b--",
    ])
    func readsInOneWay(_ body: String) throws { #expect(try !isDoubtful(body)) }

    @Test(arguments: [
        "form-data;¶ name=\"model\"", "form-data; name*=utf-8''model", "form-data; name=x; name=model",
        "form-data; name=x¶Content-Disposition: form-data; name=model", "attachment; name=model",
        "form-data; name=model; filename=x", "form-data; x=\(long); name=model", "form-data¶name=model",
    ])
    func doubts(_ disposition: String) throws { #expect(try isDoubtful(part(disposition, "x") + "--b--")) }

    @Test func doubtsAValueWithoutAnEnd() throws { #expect(try isDoubtful(model)) }

    private static let long = String(repeating: "y", count: 5000)

    private func isDoubtful(_ body: String) throws -> Bool {
        var watch = try #require(FormWatch(contentType: "multipart/form-data; boundary=b", names: ["model"]))
        for byte in wire(body) { watch.feed([byte].span) }
        watch.finish()
        return watch.isDoubtful
    }

    @Test(arguments: [
        (model + "--b--¶", ["whisper-1"]), (model + file + "--b--", ["whisper-1"]),
        (file + model + "--b--¶", ["whisper-1"]),
        ("preamble¶--bb¶" + model + "--b--¶" + model, ["whisper-1"]),
        ("¶" + model + "--b \t¶¶¶--b--", ["whisper-1"]),
        (part("FORM-DATA;NAME=model", "") + "--b--", [""]),
        ("--b¶Content-Disposition: form-data; name=model¶¶--b--", [""]),
        ("--b¶Content-Disposition: form-data; name=model¶¶¶--b--", [""]),
        (part("form-data; name=\"model\"", "a¶--bc¶--b -¶-¶\r") + "--b--", ["a\r\n--bc\r\n--b -\r\n-\r\n\r"]),
        (part("form-data; name=\"model\"; filename=\"a\"", "x") + "--b--", []),
        (part("form-data; name=\"model\"; filename*=a", "x") + "--b--", []),
        (part("attachment; name=\"model\"", "x") + "--b--", []),
        (part("form-data; name=\"mod\\el\"", "x") + "--b--", ["x"]),
        (
            "--b¶X: \(String(repeating: "y", count: 5000))¶content-disposition: form-data;name=model¶¶x¶--b--",
            ["x"]
        ),
        (part("form-data; name=\"model", "x") + "--b--", []), ("--b¶name=model¶¶x¶--b--", []), (model, []),
        ("", []), ("--b", []), ("--b--", []),
        (model + model + "--b--", ["whisper-1", "whisper-1"]),
        (part("form-data; name=\"other\"", "x") + "--b--", []),
        ("--b\nContent-Disposition: form-data; name=model\n\nx\n--b--", []),
    ])
    func finds(_ body: String, values: [String]) throws {
        let bytes = wire(body)
        let found = try #require(watch([bytes]))
        #expect(found.map { text($0.text) } == values)
        for value in found { #expect(Array(bytes[value.range]) == value.text && !value.isCut) }
        let ways = bytes.count < 1000 ? bytes.splits : (1...20).map { bytes.scattered($0) }
        for pieces in ways { #expect(watch(pieces) == found) }
    }

    @Test(arguments: [
        "multipart/form-data; boundary=b", "Multipart/Form-Data;BOUNDARY=\"b\"",
        "multipart/form-data; charset=utf-8; boundary=b",
    ])
    func acceptsType(_ type: String) {
        #expect(watch([wire(model + "--b--")], type: type)?.count == 1)
    }

    @Test(arguments: [
        "", "multipart/form-data", "multipart/mixed; boundary=b", "multipart/form-data; boundary=",
        "multipart/form-data; boundary=\"\"",
        "multipart/form-data; boundary=\"a \"", "multipart/form-data; boundary=\"é\"",
        "multipart/form-data; boundary=b; boundary=c",
        "multipart/form-data; boundary=\(String(repeating: "b", count: 71))", "application/json",
    ])
    func refusesType(_ type: String) {
        #expect(FormWatch(contentType: type, names: ["model"]) == nil)
    }

    @Test func tellsNamesApart() throws {
        let body = wire(part("form-data; name=a", "1") + part("form-data; name=b", "2") + "--b--")
        #expect(try #require(watch([body], names: ["b", "a"])).map(\.name) == [1, 0])
    }

    @Test(arguments: [(1024, false), (1025, true), (100_000, true)]) func cuts(size: Int, isCut: Bool) throws
    {
        let value = String(repeating: "x", count: size)
        let body = wire(part("form-data; name=model", value) + "--b--")
        let found = try #require(watch(body.scattered(1)))
        #expect(found.count == 1 && found[0].isCut == isCut && found[0].range.count == size)
        #expect(found[0].text.count == min(size, 1024))
    }

    @Test(arguments: 1...5 as ClosedRange<UInt64>) func findsAroundLargeFiles(seed: UInt64) throws {
        var content = (0..<(1 << 20)).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 7) }
        for place in stride(from: 0, to: content.count - 8, by: 1000) {
            content.replaceSubrange(place..<place + 8, with: wire("¶--bx\r\r"))
        }
        let header = wire("--b¶Content-Disposition: form-data; name=file; filename=f¶¶")
        let large = header + content + wire("¶")
        let body = wire(model) + large + wire(model) + large + wire(model + "--b--¶")
        let found = try #require(watch(body.scattered(seed)))
        #expect(found.map { text($0.text) } == ["whisper-1", "whisper-1", "whisper-1"])
        for value in found { #expect(Array(body[value.range]) == value.text) }
    }

    @Test func holdsBackNoMoreThanIsNeeded() {
        guard var watch = FormWatch(contentType: "multipart/form-data; boundary=b", names: ["model"]) else {
            Issue.record("no watch")
            return
        }
        let steps: [(String, Int)] = [
            ("--b¶Content-Disposition: form-data; name=model¶¶", 51), ("gpt", 51), ("¶--b", 51), ("¶", 61),
            ("X: y¶¶abc", 72),
            ("\r", 72), ("x", 74), ("¶--", 74), ("b--", 81),
        ]
        for (piece, settled) in steps {
            watch.feed(wire(piece).span)
            #expect(watch.settled == settled, "\(piece)")
        }
    }

    @Test func boundsWhatItKeeps() throws {
        let body = wire(String(repeating: model, count: 1000) + "--b--")
        #expect(try #require(watch([body])).count == 64)
    }

    @Test func looksAtAByteOnce() throws {
        let body = wire(String(repeating: "¶--", count: 10_000))
        for size in [1, 5, body.count] {
            var watch = try #require(
                FormWatch(contentType: "multipart/form-data; boundary=b", names: ["model"]))
            var rest = body[...]
            while !rest.isEmpty {
                watch.feed(Array(rest.prefix(size)).span)
                rest = rest.dropFirst(size)
            }
            #expect(watch.toil.bytes == body.count)
        }
    }
}
