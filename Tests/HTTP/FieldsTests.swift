// SPDX-License-Identifier: MIT

import Testing

@testable import HTTP

@Suite struct FieldsTests {
    @Test func looksUpWithoutCase() {
        var fields: Fields = ["Accept": "a", "X-Key": "1", "accept": "b"]
        #expect(fields["ACCEPT"] == "a" && fields.values("aCCept") == ["a", "b"] && fields["Accep"] == nil)
        #expect(fields.contains("x-key") && !fields.contains("x-keys") && fields.count == 3)
        fields.replace("Accept", "c")
        #expect(fields.map(\.name) == ["Accept", "X-Key"] && fields["accept"] == "c")
        fields.replace("New", "d")
        fields.remove("x-KEY")
        #expect(fields.map(\.value) == ["c", "d"])
    }

    @Test func listsElements() {
        let fields: Fields = [
            "Connection": " A ,\t, b,,", "connection": "", "Connection ": "x", "CONNECTION": "C",
        ]
        #expect(fields.list("Connection") == ["a", "b", "c"])
        #expect(fields.list("Other").isEmpty)
        let commas: Fields = ["a": String(repeating: ",", count: 10_000)]
        #expect(commas.list("a").isEmpty)
    }

    @Test(arguments: [
        ("a\r\nb", "c"), ("a", "b\r\nc: d"), ("a", "b\nc"), ("a", "b\rc"), ("a", "b\0"), ("", "b"),
        ("a b", "c"), ("a:", "b"),
    ])
    func neverWritesABrokenField(name: String, value: String) {
        var fields: Fields = ["Safe": "1"]
        let results = (fields.append(name, value), fields.replace(name, value))
        #expect(results == (false, false))
        #expect(Field(name, value) == nil)
        #expect(fields.count == 1)
        #expect(([name: value] as Fields).isEmpty)
    }

    @Test(arguments: [
        ("Content-Type: text/plain\r\n", "Content-Type", "text/plain"), ("a:b", "a", "b"),
        ("a :  b \t\n", "a", "b"),
        ("a:\r\n", "a", ""), ("x: caf\u{E9}\u{7F}\r\n", "x", "caf\u{E9}\u{7F}"), ("a: b: c\r\n", "a", "b: c"),
    ])
    func parsesLinesOfOthers(line: String, name: String, value: String) throws {
        let parsed = Field(line: Array(line.utf8).span)
        let field = try #require(parsed)
        #expect(field.name == name && field.value == value)
    }

    @Test(arguments: [
        "", "\r\n", "abc\r\n", ": x\r\n", "a b: c\r\n", "a: b\u{1}\r\n", "a: b\0\r\n", "a: b\rc\r\n",
        "\r\n: x",
    ])
    func forgivesNoNonsense(line: String) {
        let parsed = Field(line: Array(line.utf8).span)
        #expect(parsed == nil)
    }

    @Test func knowsTokens() {
        let token = Set("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".utf8)
        let name = Set("-._~!$&'()*+,;=0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".utf8)
        for byte in UInt8.min...UInt8.max {
            #expect(ByteSet.token.contains(byte) == token.contains(byte))
            #expect(ByteSet.hostName.contains(byte) == name.contains(byte))
            #expect(byte.hexValue.map(Int.init) == Int(String(UnicodeScalar(byte)), radix: 16))
        }
    }

    @Test(arguments: [
        ("multipart/form-data; boundary=abc", "multipart/form-data", "boundary", "abc"),
        (" Text/Event-Stream ;Charset=\"utf-8\"", "text/event-stream", "charset", "utf-8"),
        ("a;b=\"c\\\"d;e\" ; x=y", "a", "b", "c\"d;e"), ("a;;b=c;", "a", "b", "c"),
    ])
    func readsParameters(value: String, essence: String, name: String, parameter: String) throws {
        let parameters = try #require(Parameters(value))
        #expect(parameters.essence == essence && parameters[name] == parameter)
    }

    @Test(arguments: ["a;b", "a;b=", "a;b=\"c", "a;b=c d=e", "a;b=c;B=d", "a;=b"])
    func refusesParameters(value: String) {
        #expect(Parameters(value) == nil)
    }
}

@Suite struct ResponseHeadTests {
    @Test func writes() {
        var out: [UInt8] = []
        ResponseHead(200, ["Content-Type": "text/plain", "Bad": "a\r\nSet-Cookie: b", "X": ""]).write(
            to: &out)
        #expect(out == wire("HTTP/1.1 200 OK¶Content-Type: text/plain¶X: ¶¶"))
        out = []
        ResponseHead(299).write(to: &out)
        #expect(out == wire("HTTP/1.1 299 ¶¶"))
    }

    @Test(arguments: [
        ("HTTP/1.1 200 OK\r\n", 200), ("HTTP/1.0 404\r\n", 404), ("HTTP/2 529 ", 529), ("HTTP/1.1 100", 100),
        ("HTTP/1.1 2000", nil), ("HTTP/1.1 20", nil), ("HTTP/1.1 099 x", nil), ("HTTP/1.1  200", nil),
        ("", nil),
        ("Content-Type: a", nil), ("HTTP/1.1 2x0 OK", nil), ("HTTP/ 200 OK", nil), ("http/1.1 200", nil),
        ("HTTP/1.1 ", nil),
    ])
    func readsStatusLines(line: String, status: Int?) {
        let read = ResponseHead.status(of: Array(line.utf8).span)
        #expect(read == status)
    }

    @Test func everyReasonHasAPhrase() {
        for reason in BadHTTP.Reason.allCases {
            #expect(!ResponseHead(reason.status).reason.isEmpty)
            #expect(BadHTTP(reason).description.hasSuffix("."))
        }
        #expect(BadHTTP(.bareLF) == BadHTTP(.bareLF) && BadHTTP(.bareLF) != BadHTTP(.bareCR))
    }

    @Test(arguments: [
        (0, "Thu, 01 Jan 1970 00:00:00 GMT"), (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"),
        (951_782_400, "Tue, 29 Feb 2000 00:00:00 GMT"), (951_868_799, "Tue, 29 Feb 2000 23:59:59 GMT"),
        (951_868_800, "Wed, 01 Mar 2000 00:00:00 GMT"), (1_709_251_199, "Thu, 29 Feb 2024 23:59:59 GMT"),
        (1_735_689_599, "Tue, 31 Dec 2024 23:59:59 GMT"), (4_107_542_400, "Mon, 01 Mar 2100 00:00:00 GMT"),
        (-1, "Wed, 31 Dec 1969 23:59:59 GMT"), (253_402_300_799, "Fri, 31 Dec 9999 23:59:59 GMT"),
    ])
    func writesDates(seconds: Int, date: String) {
        var out: [UInt8] = []
        HTTPDate.write(unixSeconds: seconds, to: &out)
        #expect(text(out) == date)
    }
}
