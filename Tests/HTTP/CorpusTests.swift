// SPDX-License-Identifier: MIT

import HTTP
import Testing

/// A case of gunicorn's corpus.
private struct Case: Decodable {
    struct Request: Decodable {
        let method: String
        let uri: String
        let version: [Int]
        let headers: [[String]]
        let body: String
    }

    let file: String
    let expect: String
    let requests: [Request]?
    let options: Options

    enum CodingKeys: String, CodingKey {
        case file, expect, requests
        case options = "gunicorn_cfg"
    }
}

/// An object of which only the names matter.
private struct Options: Decodable {
    struct Name: CodingKey {
        let stringValue: String
        let intValue: Int? = nil
        init?(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    let isEmpty: Bool

    init(from decoder: any Decoder) throws {
        isEmpty = try decoder.container(keyedBy: Name.self).allKeys.isEmpty
    }
}

/// Where this door is stricter than gunicorn on purpose.
private let stricter: [String: (reason: BadHTTP.Reason, why: String)] = [
    "valid/005.raw": (.badTarget, "a fragment is never sent"),
    "valid/009.raw": (.badTarget, "a fragment is never sent"),
    "valid/025.raw": (.unknownCoding, "no coding but chunked"),
    "valid/025_line.raw": (.unknownCoding, "no coding but chunked"),
    "valid/027.raw": (.badTarget, "a target is ASCII"),
    "valid/029.raw": (.unknownCoding, "no coding but chunked"),
    "valid/030.raw": (.unknownCoding, "no coding but chunked"),
    "valid/099.raw": (.truncated, "the file ends before its Content-Length does"),
    "valid/rfc9112_smuggle_gzip_chunked_01.raw": (.unknownCoding, "no coding but chunked"),
    "valid/rfc9112_smuggle_te_identity_chunked_01.raw": (.unknownCoding, "no coding but chunked"),
    "valid/rfc9112_target_absolute_userinfo_01.raw": (
        .badTarget, "a user is a phishing trick (RFC 9110 §4.2.4)"
    ),
]

/// Where it is more lenient on purpose.
private let laxer: [String: String] = [
    "invalid/003c.raw": "any token is a method; an unknown one is 405 or 501 later",
    "invalid/006.raw": "a request line may have 8 KiB here, 4 KiB there",
    "invalid/008.raw": "a field line may have 8192 bytes here, 8190 with its line end there",
    "invalid/017.raw": "a field line may have 8192 bytes here, 8190 with its line end there",
    "invalid/041.raw": "only what frames, routes or expects must not be repeated",
]

/// What is wrong with the others.
private let wrongs: [BadHTTP.Reason: [String]] = [
    .truncated: ["001", "rfc9112_chunked_missing_final_crlf_01"],
    .badRequestLine: ["002"],
    .bareLF: ["003", "chunked_11", "invalid_field_value_01"],
    .bareCR: ["chunked_14"],
    .badMethod: ["003b", "nonascii_01", "nonascii_02", "prefix_05"],
    .badVersion: ["004", "018", "prefix_06", "version_01"],
    .unsupportedVersion: ["version_02"],
    .nul: ["005", "prefix_01", "prefix_02"],
    .fieldTooLong: ["007"],
    .tooManyFields: ["009"],
    .badLength: [
        "014", "015", "022", "023", "024", "prefix_03", "prefix_04", "rfc9112_smuggle_cl_list_form_01",
    ],
    .badTarget: [
        "016", "rfc9112_target_asterisk_non_options_01", "rfc9112_target_authority_non_connect_01",
        "rfc9112_target_relative_01",
    ],
    .spaceBeforeColon: ["020"],
    .conflictingLength: ["021"],
    .repeatedHost: ["042"],
    .badChunkSize: [
        "chunked_01", "chunked_10", "chunked_12", "chunked_13", "rfc9112_chunked_size_minus_sign_01",
        "rfc9112_chunked_size_plus_sign_01",
    ],
    .badChunkExtension: ["chunked_09"],
    .lengthAndCoding: ["chunked_02", "rfc9112_smuggle_cl_te_chunked_01"],
    .badCoding: ["chunked_03", "chunked_04", "chunked_06", "chunked_08"],
    .codingInHTTP10: ["chunked_05"],
    .badFieldName: ["nonascii_03", "nonascii_04"],
    .obsFold: ["obs_fold_01"],
    .badFieldValue: ["rfc9110_field_value_ctl_bel_01", "rfc9110_field_value_ctl_del_01"],
    .badTrailer: [
        "rfc9110_trailer_forbidden_cl_01", "rfc9110_trailer_forbidden_host_01",
        "rfc9110_trailer_forbidden_te_01",
    ],
]

/// Here a line that must not get a Host.
private let bodyLikeARequest = "valid/020.raw"

@Suite struct CorpusTests {
    private let cases: [Case]

    init() throws {
        let all = try Corpus.json("gunicorn-http/cases.json", as: [Case].self)
        #expect(all.count == 137)
        cases = all.filter(\.options.isEmpty)
    }

    private func outcome(_ file: String) throws -> Conversation {
        let bytes = try Corpus.bytes("gunicorn-http/\(file)")
        let raw = file == bodyLikeARequest ? bytes : bytes.withHost
        let whole = Conversation([raw])
        for pieces in raw.count < 1000 ? raw.splits : (1...20).map({ raw.scattered($0) }) {
            #expect(Conversation(pieces) == whole, "\(file)")
        }
        return whole
    }

    @Test func refusesWhatIsInvalid() throws {
        let reasons = wrongs.flatMap { reason, names in names.map { ("invalid/\($0).raw", reason) } }
        let expected = Dictionary(uniqueKeysWithValues: reasons)
        for bad in cases where bad.expect == "reject" {
            let isLaxer = laxer[bad.file] != nil
            #expect((expected[bad.file] == nil) == isLaxer, "\(bad.file)")
            #expect(try outcome(bad.file).bad == expected[bad.file], "\(bad.file)")
        }
    }

    @Test func acceptsWhatIsValid() throws {
        for good in cases where good.expect == "accept" {
            let outcome = try outcome(good.file)
            #expect(outcome.bad == stricter[good.file]?.reason, "\(good.file)")
            guard outcome.bad == nil, let requests = good.requests else { continue }
            #expect(outcome.requests.count == requests.count, "\(good.file)")
            for (read, request) in zip(outcome.requests, requests) { compare(read, request, good.file) }
        }
    }

    private func compare(_ read: Conversation.Request, _ request: Case.Request, _ file: String) {
        let target = read.head.target.path + (read.head.target.query.map { "?\($0)" } ?? "")
        #expect(read.head.method == request.method && request.uri.hasSuffix(target), "\(file)")
        #expect((read.head.version == .http11) == (request.version == [1, 1]), "\(file)")
        // gunicorn drops names with an underscore, for CGI would take it for a hyphen; here it is none.
        let fields = read.head.fields.filter { $0.value != "added" && !$0.name.contains("_") }
        #expect(fields.map { $0.name.uppercased() } == request.headers.map { $0[0] }, "\(file)")
        let values = fields.map { String(String.UnicodeScalarView($0.raw.map { UnicodeScalar($0) })) }
        #expect(values == request.headers.map { $0[1] }, "\(file)")
        #expect(text(read.body) == request.body, "\(file)")
    }

    /// Most files have no Host, which gunicorn does not ask for.
    @Test func asksForAHost() throws {
        for file in ["valid/004.raw", "valid/010.raw", "valid/100.raw"] {
            #expect(Conversation([try Corpus.bytes("gunicorn-http/\(file)")]).bad == .missingHost)
        }
    }
}

extension [UInt8] {
    /// The same requests, with a Host where none has one.
    fileprivate var withHost: [UInt8] {
        let whole = text(self).lowercased()
        guard !whole.contains("\nhost:"), !whole.contains("\r\nhost:") else { return self }
        let mark = wire(" HTTP/1.1¶")
        var result: [UInt8] = []
        for byte in self {
            result.append(byte)
            if result.suffix(mark.count).elementsEqual(mark) { result += wire("Host: added¶") }
        }
        return result
    }
}
