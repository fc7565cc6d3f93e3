// SPDX-License-Identifier: MIT

import KeyLog
import Model

// Every family there is.
extension Exposition {
    mutating func write(_ meter: Meter) {
        let page = meter.page
        family("edgefilter_build", .info, "The program.")
        sample("edgefilter_build_info", [("version", version)], 1)
        writeRequests(page)
        writeTimes(page)
        writeFailures(page)
        writeConnections(page)
        family(
            "edgefilter_losses", .counter,
            "What of requests and answers a translation could not carry, by feature.")
        for (feature, count) in page.losses {
            sample("edgefilter_losses_total", [("feature", feature)], count)
        }
        family("edgefilter_log_write_failures", .counter, "Request records that could not be written.")
        sample("edgefilter_log_write_failures_total", [], page[.unwritten])
        end()
    }

    private mutating func writeRequests(_ page: LivePage) {
        var requests: [Series: Int] = [:]
        var tokens: [[Int]: Sums] = [:]
        page.eachSeries { series, sums in
            requests[series, default: 0] += sums.requests
            tokens[[series.upstream, series.model], default: Sums()].add(sums)
        }
        family(
            "edgefilter_requests", .counter, "Requests that ended, by what they were for and the status sent."
        )
        for (series, count) in requests.sorted(by: { $0.key.text.lexicographicallyPrecedes($1.key.text) }) {
            let labels = [
                ("endpoint", Exposition.endpoint(series.endpoint)),
                ("client", page.label(series.client)), ("upstream", page.label(series.upstream)),
                ("model", page.label(series.model)), ("status", Exposition.status(series.status)),
            ]
            sample("edgefilter_requests_total", labels, count)
        }
        family(
            "edgefilter_tokens", .counter,
            "Tokens: cached and cache_write are part of input, reasoning of output.")
        for (place, sums) in tokens.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
            for (kind, count) in sums.kinds where count > 0 {
                let labels = [
                    ("upstream", page.label(place[0])), ("model", page.label(place[1])), ("type", kind),
                ]
                sample("edgefilter_tokens_total", labels, count)
            }
        }
    }

    private mutating func writeTimes(_ page: LivePage) {
        let families: [(LivePage.Time, String, String)] = [
            (
                .first, "edgefilter_time_to_first_byte_seconds",
                "From a request's head to the first byte of its answer."
            ),
            (.total, "edgefilter_request_duration_seconds", "From a request's head to its end."),
        ]
        for (time, name, help) in families {
            family(name, .histogram, help)
            for kind in EndpointKind.allCases {
                let (buckets, sum) = page.times(time, kind: kind.rawValue)
                guard buckets.contains(where: { $0 > 0 }) else { continue }
                writeHistogram(name, ("endpoint", "\(kind)"), buckets, sum)
            }
        }
    }

    private mutating func writeHistogram(
        _ name: String, _ label: (String, String), _ buckets: [Int], _ sum: Int
    ) {
        var count = 0
        for (index, each) in buckets.enumerated() {
            count &+= each
            let bound = index < LivePage.bounds.count ? Exposition.seconds(LivePage.bounds[index]) : "+Inf"
            sample("\(name)_bucket", [label, ("le", bound)], count)
        }
        sample("\(name)_sum", [label], Exposition.seconds(sum))
        sample("\(name)_count", [label], count)
    }

    private mutating func writeFailures(_ page: LivePage) {
        let failures = page.failures
        family(
            "edgefilter_failures", .counter, "Requests that failed, by the number that the manual explains.")
        for (code, count) in failures {
            let name = Failure.Code(rawValue: code).map { "\($0)" } ?? "other"
            sample("edgefilter_failures_total", [("code", "\(code)"), ("name", name)], count)
        }
        family("edgefilter_rate_limited", .counter, "Requests that a limit turned away.")
        let limits: [(String, Failure.Code)] = [
            ("key_requests", .keyRequests), ("key_tokens", .keyTokens), ("address", .addressRequests),
            ("address_busy", .addressBusy),
        ]
        for (limit, code) in limits {
            let count = failures.first { $0.code == code.rawValue }?.count ?? 0
            sample("edgefilter_rate_limited_total", [("limit", limit)], count)
        }
    }

    private mutating func writeConnections(_ page: LivePage) {
        family("edgefilter_connections_active", .gauge, "Connections that a handler serves now.")
        sample("edgefilter_connections_active", [], page.active)
        family("edgefilter_spares", .gauge, "Handlers that wait for a connection.")
        sample("edgefilter_spares", [], page[.spares])
        family("edgefilter_connections", .counter, "Connections that were taken.")
        sample("edgefilter_connections_total", [], page[.accepted])
        family("edgefilter_connections_refused", .counter, "Connections that were turned away.")
        sample("edgefilter_connections_refused_total", [("reason", "full")], page[.refused])
        sample("edgefilter_connections_refused_total", [("reason", "penalty")], page[.penalized])
        family("edgefilter_handlers_died", .counter, "Handlers that left a record to be settled.")
        sample("edgefilter_handlers_died_total", [("how", "killed")], page[.killed])
        sample("edgefilter_handlers_died_total", [("how", "lost")], page[.lost])
    }

    private static func endpoint(_ number: Int) -> String { "\(EndpointKind(rawValue: number) ?? .other)" }

    /// A status, its class, or that none was sent.
    private static func status(_ number: Int) -> String {
        switch number {
        case 100...999: "\(number)"
        case 1...9: "\(number)xx"
        default: "none"
        }
    }

    /// Milliseconds as seconds.
    private static func seconds(_ milliseconds: Int) -> String {
        let (whole, rest) = milliseconds.quotientAndRemainder(dividingBy: 1000)
        guard rest > 0 else { return "\(whole).0" }
        var digits = String(1000 + rest).dropFirst()
        while digits.hasSuffix("0") { digits.removeLast() }
        return "\(whole).\(digits)"
    }
}

extension LivePage {
    /// What stands in a label for the number of a name.
    fileprivate func label(_ number: Int) -> String { number == 0 ? "none" : name(number) ?? "other" }
}

extension Series {
    /// For a stable order.
    fileprivate var text: [Int] { [endpoint, client, upstream, model, status] }
}

extension Sums {
    fileprivate mutating func add(_ other: Sums) {
        requests &+= other.requests
        input &+= other.input
        output &+= other.output
        cached &+= other.cached
        written &+= other.written
        reasoning &+= other.reasoning
    }

    fileprivate var kinds: [(String, Int)] {
        [
            ("input", input), ("output", output), ("cached", cached), ("cache_write", written),
            ("reasoning", reasoning),
        ]
    }
}
