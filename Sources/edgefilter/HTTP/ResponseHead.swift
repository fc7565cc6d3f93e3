// SPDX-License-Identifier: MIT

/// The head of an answer.
package struct ResponseHead: Equatable, Sendable {
    /// The status, of three digits.
    package var status: Int
    /// The fields in the order in which they are written.
    package var fields: Fields

    /// The head of an answer with that status.
    package init(_ status: Int, _ fields: Fields = Fields()) {
        self.status = status
        self.fields = fields
    }

    /// The standard phrase of the status; empty when it has none.
    package var reason: String { Self.phrases[status] ?? "" }

    /// Appends the head with its empty line, always as HTTP/1.1.
    ///
    /// Nothing can break out of it: a `Field` with a line end does not exist.
    package func write(to out: inout [UInt8]) {
        out.append("HTTP/1.1 ")
        out.append(status)
        out.append(" ")
        out.append(reason)
        out.append("\r\n")
        for field in fields { field.write(to: &out) }
        out.append("\r\n")
    }

    /// The status in a status line as another library hands it over, with or without its line end: `"HTTP/"
    /// version SP 3DIGIT [ SP … ]`.
    ///
    /// Nil for anything else.
    package static func status(of line: Span<UInt8>) -> Int? {
        guard let space = line.first(.space), space > 5, line.count >= space + 4,
            line.string(0..<5) == "HTTP/"
        else { return nil }
        let digits = line.extracting(space + 1..<space + 4)
        guard digits.all(\.isDigit), digits[0] != UInt8(ascii: "0") else { return nil }
        guard line.count == space + 4 || line[space + 4] <= .space else { return nil }
        return Int(line.string(space + 1..<space + 4))
    }

    /// RFC 9110 §15, RFC 6585, and what balancers show for 499 and 529.
    private static let phrases: [Int: String] = [
        100: "Continue", 101: "Switching Protocols",
        200: "OK", 201: "Created", 202: "Accepted", 203: "Non-Authoritative Information", 204: "No Content",
        205: "Reset Content", 206: "Partial Content",
        300: "Multiple Choices", 301: "Moved Permanently", 302: "Found", 303: "See Other",
        304: "Not Modified", 307: "Temporary Redirect", 308: "Permanent Redirect",
        400: "Bad Request", 401: "Unauthorized", 402: "Payment Required", 403: "Forbidden",
        404: "Not Found", 405: "Method Not Allowed", 406: "Not Acceptable",
        407: "Proxy Authentication Required", 408: "Request Timeout", 409: "Conflict", 410: "Gone",
        411: "Length Required", 412: "Precondition Failed", 413: "Content Too Large", 414: "URI Too Long",
        415: "Unsupported Media Type", 416: "Range Not Satisfiable", 417: "Expectation Failed",
        421: "Misdirected Request", 422: "Unprocessable Content", 424: "Failed Dependency", 425: "Too Early",
        426: "Upgrade Required", 428: "Precondition Required", 429: "Too Many Requests",
        431: "Request Header Fields Too Large", 451: "Unavailable For Legal Reasons",
        499: "Client Closed Request",
        500: "Internal Server Error", 501: "Not Implemented", 502: "Bad Gateway",
        503: "Service Unavailable", 504: "Gateway Timeout", 505: "HTTP Version Not Supported",
        529: "Overloaded",
    ]
}
