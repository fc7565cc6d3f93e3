// SPDX-License-Identifier: MIT

import HTTP
import Testing

/// A head that is refused, and why.
struct BadHead: CustomTestStringConvertible {
    let reason: BadHTTP.Reason
    let status: Int
    let text: String

    init(_ reason: BadHTTP.Reason, _ status: Int, _ text: String) {
        (self.reason, self.status, self.text) = (reason, status, text)
    }

    var testDescription: String { "\(reason): \(text.prefix(60))" }
}

let badLines = [
    BadHead(.bareLF, 400, "GET / HTTP/1.1\nHost: a¶¶"),
    BadHead(.bareLF, 400, "GET / HTTP/1.1¶Host: a\n¶"),
    BadHead(.bareLF, 400, "GET / HTTP/1.1¶Host: a¶\n"),
    BadHead(.bareLF, 400, "\nGET / HTTP/1.1¶Host: a¶¶"),
    BadHead(.bareCR, 400, "GET / HTTP/1.1\rHost: a¶¶"),
    BadHead(.bareCR, 400, "GET / HTTP/1.1¶Host: a\r\r\n¶"),
    BadHead(.bareCR, 400, "GET / HTTP/1.1¶Host: a¶\rX"),
    BadHead(.nul, 400, "GET /\0 HTTP/1.1¶Host: a¶¶"),
    BadHead(.nul, 400, "GET / HTTP/1.1¶Host: a\0¶¶"),
    BadHead(.badRequestLine, 400, "¶¶GET / HTTP/1.1¶Host: a¶¶"),
    BadHead(.badRequestLine, 400, "GET /¶Host: a¶¶"),
    BadHead(.badRequestLine, 400, "GET HTTP/1.1¶Host: a¶¶"),
    BadHead(.badRequestLine, 400, "GET  / HTTP/1.1¶Host: a¶¶"),
    BadHead(.badRequestLine, 400, "GET /  HTTP/1.1¶Host: a¶¶"),
    BadHead(.badRequestLine, 400, "GET / HTTP/1.1 ¶Host: a¶¶"),
    BadHead(.badRequestLine, 400, "GET /a b HTTP/1.1¶Host: a¶¶"),
    BadHead(.badRequestLine, 400, " GET / HTTP/1.1¶Host: a¶¶"),
    BadHead(.badRequestLine, 400, "GET\t/\tHTTP/1.1¶Host: a¶¶"),
    BadHead(.badMethod, 400, "G:T / HTTP/1.1¶Host: a¶¶"),
    BadHead(.badMethod, 400, "GÉT / HTTP/1.1¶Host: a¶¶"),
    BadHead(.badMethod, 400, "\u{16}\u{3}\u{1} / HTTP/1.1¶Host: a¶¶"),
    BadHead(.badVersion, 400, "GET / http/1.1¶Host: a¶¶"),
    BadHead(.badVersion, 400, "GET / HTTP/1¶Host: a¶¶"),
    BadHead(.badVersion, 400, "GET / HTTP/1.10¶Host: a¶¶"),
    BadHead(.badVersion, 400, "GET / HTTP/01.1¶Host: a¶¶"),
    BadHead(.badVersion, 400, "GET / HTTP/1,1¶Host: a¶¶"),
    BadHead(.badVersion, 400, "GET / HTTPS/1.1¶Host: a¶¶"),
    BadHead(.unsupportedVersion, 505, "GET / HTTP/1.2¶Host: a¶¶"),
    BadHead(.unsupportedVersion, 505, "GET / HTTP/0.9¶Host: a¶¶"),
    BadHead(.unsupportedVersion, 505, "PRI * HTTP/2.0¶¶SM¶¶"),
]

let badTargets = [
    BadHead(.badTarget, 400, "GET v1 HTTP/1.1¶Host: a¶¶"),
    BadHead(.badTarget, 400, "GET * HTTP/1.1¶Host: a¶¶"),
    BadHead(.badTarget, 400, "OPTIONS ** HTTP/1.1¶Host: a¶¶"),
    BadHead(.badTarget, 400, "GET a:443 HTTP/1.1¶Host: a¶¶"),
    BadHead(.badTarget, 400, "CONNECT / HTTP/1.1¶Host: a¶¶"),
    BadHead(.badTarget, 400, "CONNECT a HTTP/1.1¶Host: a¶¶"),
    BadHead(.badTarget, 400, "CONNECT a:1/x HTTP/1.1¶Host: a¶¶"),
    BadHead(.badTarget, 400, "GET /#x HTTP/1.1¶Host: a¶¶"),
    BadHead(.badTarget, 400, "GET /é HTTP/1.1¶Host: a¶¶"),
    BadHead(.badTarget, 400, "GET /\u{1} HTTP/1.1¶Host: a¶¶"),
    BadHead(.badTarget, 400, "GET /\t HTTP/1.1¶Host: a¶¶"),
    BadHead(.badTarget, 400, "GET /\u{7F} HTTP/1.1¶Host: a¶¶"),
    BadHead(.badTarget, 400, "GET ftp://a/ HTTP/1.1¶Host: a¶¶"),
    BadHead(.badTarget, 400, "GET http:/a HTTP/1.1¶Host: a¶¶"),
    BadHead(.badTarget, 400, "GET http:// HTTP/1.1¶Host: a¶¶"),
    BadHead(.badTarget, 400, "GET http:///x HTTP/1.1¶Host: a¶¶"),
    BadHead(.badTarget, 400, "GET http://u@a/ HTTP/1.1¶Host: a¶¶"),
    BadHead(.badTarget, 400, "GET http://u:p@a/ HTTP/1.1¶Host: a¶¶"),
    BadHead(.badTarget, 400, "GET http://a/#f HTTP/1.1¶Host: a¶¶"),
    BadHead(.badTarget, 400, "GET http://a:x/ HTTP/1.1¶Host: a¶¶"),
    BadHead(.targetTooLong, 414, "GET /" + String(repeating: "a", count: 8192) + " HTTP/1.1¶Host: a¶¶"),
    BadHead(.targetTooLong, 414, "GET /" + String(repeating: "a", count: 9000)),
    BadHead(.missingHost, 400, "GET / HTTP/1.1¶¶"),
    BadHead(.missingHost, 400, "GET http://a/ HTTP/1.1¶X: b¶¶"),
    BadHead(.repeatedHost, 400, "GET / HTTP/1.1¶Host: a¶host: a¶¶"),
    BadHead(.repeatedHost, 400, "GET / HTTP/1.0¶Host: a¶Host: b¶¶"),
    BadHead(.badHost, 400, "GET / HTTP/1.1¶Host:¶¶"),
    BadHead(.badHost, 400, "GET / HTTP/1.0¶Host: a/b¶¶"),
    BadHead(.badHost, 400, "GET / HTTP/1.1¶Host: a b¶¶"),
    BadHead(.badHost, 400, "GET / HTTP/1.1¶Host: a<b¶¶"),
    BadHead(.badHost, 400, "GET / HTTP/1.1¶Host: u@a¶¶"),
    BadHead(.badHost, 400, "GET / HTTP/1.1¶Host: a:b¶¶"),
    BadHead(.badHost, 400, "GET / HTTP/1.1¶Host: a:1:2¶¶"),
    BadHead(.badHost, 400, "GET / HTTP/1.1¶Host: a:65536¶¶"),
    BadHead(.badHost, 400, "GET / HTTP/1.1¶Host: ::1¶¶"),
    BadHead(.badHost, 400, "GET / HTTP/1.1¶Host: [::1¶¶"),
    BadHead(.badHost, 400, "GET / HTTP/1.1¶Host: [a]¶¶"),
    BadHead(.badHost, 400, "GET / HTTP/1.1¶Host: a%2¶¶"),
    BadHead(.badHost, 400, "GET / HTTP/1.1¶Host: é¶¶"),
]

let badFields = [
    BadHead(.missingColon, 400, "GET / HTTP/1.1¶Host: a¶baz¶¶"),
    BadHead(.badFieldName, 400, "GET / HTTP/1.1¶Host: a¶: b¶¶"),
    BadHead(.badFieldName, 400, "GET / HTTP/1.1¶Host: a¶a b: c¶¶"),
    BadHead(.badFieldName, 400, "GET / HTTP/1.1¶Host: a¶a(b): c¶¶"),
    BadHead(.badFieldName, 400, "GET / HTTP/1.1¶Host: a¶é: c¶¶"),
    BadHead(.badFieldName, 400, "GET / HTTP/1.1¶Host: a¶Content-Length\u{B}: 3¶¶"),
    BadHead(.spaceBeforeColon, 400, "GET / HTTP/1.1¶Host: a¶a : c¶¶"),
    BadHead(.spaceBeforeColon, 400, "GET / HTTP/1.1¶Host: a¶Transfer-Encoding\t: chunked¶¶"),
    BadHead(.obsFold, 400, "GET / HTTP/1.1¶Host: a¶b: c¶ d¶¶"),
    BadHead(.obsFold, 400, "GET / HTTP/1.1¶\tHost: a¶¶"),
    BadHead(.obsFold, 400, "GET / HTTP/1.1¶Host: a¶ ¶¶"),
    BadHead(.badFieldValue, 400, "GET / HTTP/1.1¶Host: a¶b: \u{1}¶¶"),
    BadHead(.badFieldValue, 400, "GET / HTTP/1.1¶Host: a¶b: c\u{7F}d¶¶"),
    BadHead(.badFieldValue, 400, "GET / HTTP/1.1¶Host: a¶Transfer-Encoding: \u{B}chunked¶¶"),
    BadHead(
        .fieldTooLong, 431, "GET / HTTP/1.1¶Host: a¶b:" + String(repeating: "c", count: 8191) + "¶¶"),
    BadHead(
        .headTooLarge, 431,
        "GET / HTTP/1.1¶Host: a¶"
            + String(repeating: "b: " + String(repeating: "c", count: 997) + "¶", count: 33)),
    BadHead(
        .tooManyFields, 431, "GET / HTTP/1.1¶Host: a¶" + String(repeating: "b: c¶", count: 100) + "¶"),
]

let badFramings = [
    BadHead(.badLength, 400, "Content-Length:"),
    BadHead(.badLength, 400, "Content-Length: -1"),
    BadHead(.badLength, 400, "Content-Length: +1"),
    BadHead(.badLength, 400, "Content-Length: 1_0"),
    BadHead(.badLength, 400, "Content-Length: 0x1"),
    BadHead(.badLength, 400, "Content-Length: 1 0"),
    BadHead(.badLength, 400, "Content-Length: 1.0"),
    BadHead(.badLength, 400, "Content-Length: 5, 5"),
    BadHead(.badLength, 400, "Content-Length: ٣"),
    BadHead(.badLength, 400, "Content-Length: 9007199254740993"),
    BadHead(.badLength, 400, "Content-Length: 99999999999999999999999999"),
    BadHead(.conflictingLength, 400, "Content-Length: 5¶content-length: 6"),
    BadHead(.conflictingLength, 400, "Content-Length: 5¶Content-Length: 5"),
    BadHead(.lengthAndCoding, 400, "Content-Length: 5¶Transfer-Encoding: chunked"),
    BadHead(.lengthAndCoding, 400, "Transfer-Encoding: gzip¶Content-Length: 0"),
    BadHead(.badCoding, 400, "Transfer-Encoding:"),
    BadHead(.badCoding, 400, "Transfer-Encoding: ,"),
    BadHead(.badCoding, 400, "Transfer-Encoding: chunked,"),
    BadHead(.badCoding, 400, "Transfer-Encoding: ,chunked"),
    BadHead(.badCoding, 400, "Transfer-Encoding: chunked¶Transfer-Encoding:"),
    BadHead(.badCoding, 400, "Transfer-Encoding: chunked, chunked"),
    BadHead(.badCoding, 400, "Transfer-Encoding: chunked¶Transfer-Encoding: chunked"),
    BadHead(.badCoding, 400, "Transfer-Encoding: chunked, gzip"),
    BadHead(.badCoding, 400, "Transfer-Encoding: chunked;q=1"),
    BadHead(.badCoding, 400, "Transfer-Encoding: \"chunked\""),
    BadHead(.badCoding, 400, "Transfer-Encoding: chun ked"),
    BadHead(.unknownCoding, 501, "Transfer-Encoding: gzip"),
    BadHead(.unknownCoding, 501, "Transfer-Encoding: gzip, chunked"),
    BadHead(.unknownCoding, 501, "Transfer-Encoding: identity"),
    BadHead(.unknownCoding, 501, "Transfer-Encoding: xchunked"),
    BadHead(.unknownExpectation, 417, "Expect: 200-ok"),
    BadHead(.unknownExpectation, 417, "Expect: 100-continue, x"),
]

let badOldFramings = [BadHead(.codingInHTTP10, 400, "GET / HTTP/1.0¶Transfer-Encoding: chunked¶¶")]
