// SPDX-License-Identifier: MIT

/// What is wrong with what a peer sent, and the status it deserves.
package struct BadHTTP: Error, Equatable, CustomStringConvertible {
    /// What is wrong; two errors with the same reason are equal.
    package let reason: Reason

    /// The error for that reason.
    package init(_ reason: Reason) {
        self.reason = reason
    }

    /// The status of the answer: 400, unless RFC 9110 §15 has a better one.
    package var status: Int { reason.status }

    /// A sentence that says what is wrong and what is expected; it holds nothing that the peer sent.
    package var description: String { reason.rawValue }

    /// One case for each distinct wrong; the raw value is its sentence.
    package enum Reason: String, CaseIterable, Sendable {
        case bareLF = "A line ends in LF alone; every line must end in CR LF."
        case bareCR = "A CR is not followed by LF; every line must end in CR LF."
        case nul = "A line holds a NUL byte."
        case badRequestLine =
            "The request line is not a method, one space, a target, one space and a version."
        case badMethod = "The method is not a token."
        case badTarget =
            "The target is neither a path nor an http URL without user and fragment."
        case targetTooLong = "The request line is too long."
        case badVersion = "The version is not written as HTTP/1.1."
        case unsupportedVersion = "Only HTTP/1.0 and HTTP/1.1 are spoken here."
        case missingHost = "An HTTP/1.1 request must have a Host field."
        case repeatedHost = "There is more than one Host field."
        case badHost = "The Host field is not a host name or address with an optional port."
        case missingColon = "A field line has no colon."
        case badFieldName = "A field name is not a token."
        case spaceBeforeColon = "There is whitespace between a field name and its colon."
        case obsFold = "A line of the head begins with whitespace; folded fields are not accepted."
        case badFieldValue = "A field value holds a control character."
        case fieldTooLong = "A field line is too long."
        case headTooLarge = "The head is too large."
        case tooManyFields = "The head has too many fields."
        case badLength = "Content-Length is not one decimal number of at most 2^53."
        case conflictingLength = "There is more than one Content-Length field."
        case lengthAndCoding = "Content-Length and Transfer-Encoding exclude each other."
        case codingInHTTP10 = "HTTP/1.0 has no Transfer-Encoding."
        case badCoding = "Transfer-Encoding is malformed, or chunked is not its last coding, once."
        case unknownCoding = "The only transfer coding understood here is chunked."
        case unknownExpectation = "The only expectation understood here is 100-continue."
        case badChunkSize = "A chunk does not begin with its size in 1 to 16 hexadecimal digits."
        case badChunkExtension = "A chunk extension is malformed."
        case chunkExtensionTooLong = "The extensions of a chunk, or of all chunks, are too long."
        case badChunkEnd = "A chunk is not followed by CR LF."
        case badTrailer = "A trailer field bears a name that belongs in the head."
        case trailerTooLarge = "The trailer is too large or has too many fields."
        case bodyTooLarge = "The body is too large."
        case truncated = "The connection ended before the request did."
        case timedOut = "The request did not arrive in time."
        case eventTooLarge = "An event of the stream is too large."

        var status: Int {
            switch self {
            case .timedOut: 408
            case .bodyTooLarge: 413
            case .targetTooLong: 414
            case .unknownExpectation: 417
            case .fieldTooLong, .headTooLarge, .tooManyFields, .trailerTooLarge: 431
            case .unknownCoding: 501
            case .eventTooLarge: 502
            case .unsupportedVersion: 505
            default: 400
            }
        }
    }
}
