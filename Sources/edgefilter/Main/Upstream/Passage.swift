// SPDX-License-Identifier: MIT

import HTTP
import KeyLog

/// Which fields pass from one side to the other.
///
/// What concerns one connection, one host or the caller's privacy stays behind; all else passes byte for
/// byte.
enum Passage {
    /// Of a request: ours to say (Host, lengths, codings), the caller's with us (cookies, keys, where it
    /// comes from), or telemetry of its SDK.
    private static let requestStops = Names(
        Fields.hopByHop.union([
            "host", "content-length", "content-encoding", "accept-encoding", "expect", "cookie", "origin",
            "referer",
            "forwarded", "x-real-ip", "via", "authorization", "x-api-key", "api-key", "x-edgefilter-code",
            "http2-settings",
            "priority", "x-http-method", "x-http-method-override", "x-method-override", "x-original-method",
            "x-original-uri", "x-original-url", "x-rewrite-url",
        ]), prefixes: ["x-forwarded-", "x-stainless-", "sec-", "access-control-", "proxy-"])
    /// Of a request that goes out under the operator's key: what belongs to the caller's account.
    private static let accountStops = Names(["openai-organization", "openai-project"])
    /// Of an answer to a caller who does not own it: what the account is called.
    private static let accountNames = Names([
        "openai-organization", "openai-project", "anthropic-organization-id", "anthropic-workspace-id",
    ])
    private static let anthropic = Names([], prefixes: ["anthropic-"])

    /// Of an answer: ours to say, or meant for the upstream's own host.
    private static let answerStops = Names(
        Fields.hopByHop.union([
            "content-length", "set-cookie", "alt-svc", "strict-transport-security", "server", "via",
            "nel", "report-to", "x-edgefilter-code",
        ]), prefixes: ["access-control-"])

    /// The fields of a request that go upstream.
    ///
    /// `isOurKey`: the operator's key is used; `isAnthropic`: they are Anthropic's, whose own fields are for
    /// them alone (T159).
    static func request(_ fields: Fields, isOurKey: Bool, isAnthropic: Bool = false) -> [Field] {
        let named = Names(Set(fields.list("Connection")))
        var passed: [Field] = []
        // The key's field and one more come behind them.
        passed.reserveCapacity(fields.count + 2)
        for field in fields {
            let name = field.name
            if named.contains(name) || isOurKey && accountStops.contains(name) { continue }
            if requestStops.contains(name) || !isAnthropic && anthropic.contains(name) { continue }
            // In whichever field it stands; nearly all are too short for one.
            if field.raw.count >= IssuedKey.length, IssuedKey.isWithin(field.value) { continue }
            passed.append(field)
        }
        return passed
    }

    /// The fields of an answer that go to the caller.
    ///
    /// `isDecoded`: the content's coding was taken off; `isStranger`: the account is not the caller's.
    static func answer(_ head: ResponseHead, isDecoded: Bool, isStranger: Bool = false) -> Fields {
        let named = Names(Set(head.fields.list("Connection")))
        var kept = Fields()
        for field in head.fields {
            let isCoding = isDecoded && field.isNamed("Content-Encoding")
            if isStranger, accountNames.contains(field.name) { continue }
            if !isCoding, !named.contains(field.name), !answerStops.contains(field.name) {
                kept.append(field)
            }
        }
        return kept
    }
}
