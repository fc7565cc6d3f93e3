// SPDX-License-Identifier: MIT

import KeyLog
import Model
import Settings
import Testing
import Unix

@testable import edgefilter

@Suite struct MeterTests {
    private func record(
        _ endpoint: String, _ model: String, _ status: Int, upstream: String = "main"
    ) -> Record {
        var record = Record()
        (record.endpoint, record.model, record.status, record.upstream) = (endpoint, model, status, upstream)
        record.client = "openai"
        return record
    }

    private func lines(_ meter: Meter, isOpen: Bool = false) -> [String] {
        var exposition = Exposition(isOpen: isOpen)
        exposition.write(meter)
        return text(exposition.bytes).split(separator: "\n").map(String.init)
    }

    private func counted(_ records: [Record]) throws -> [String] {
        let own = settings(routes: [route("gpt-\"5\"", "main"), route("glm-*", "main"), route("*", "main")])
        let meter = Meter(try LivePage(in: nil), own)
        for record in records { meter.count(record) }
        return lines(meter).filter { $0.hasPrefix("edgefilter_requests_total") }
    }

    /// No label is a caller's word: the model is the operator's pattern, and a rare status its class.
    @Test(arguments: [
        ("/v1/chat/completions", "gpt-\"5\"", 200, "chat", #"gpt-\"5\""#, "200"),
        ("/chat/completions", "glm-4.6", 200, "chat", "glm-*", "200"),
        ("/v1/v1/messages", "anything\n", 418, "messages", "*", "4xx"),
        ("/v1/models/x", "x", 999, "models", "*", "9xx"), ("/health", "", 200, "page", "*", "200"),
        ("/metrics", "", 0, "page", "*", "none"), ("/made/up", "x", 77, "other", "*", "none"),
    ])
    func labels(
        endpoint: String, model: String, status: Int, kind: String, pattern: String, told: String
    ) throws {
        let found = try counted([record(endpoint, model, status)])
        #expect(
            found == [
                "edgefilter_requests_total{endpoint=\"\(kind)\",client=\"openai\",upstream=\"main\",model=\"\(pattern)\",status=\"\(told)\"} 1"
            ])
    }

    @Test func whatReachedNoUpstreamHasNoModel() throws {
        let found = try counted([record("/v1/chat/completions", "gpt-5", 401, upstream: "")])
        #expect(found.count == 1 && found[0].contains(#"upstream="none",model="none",status="401""#))
    }

    @Test func bothFormsNameAlike() throws {
        let meter = Meter(try LivePage(in: nil), settings())
        var failed = record("/v1/responses", "x", 502)
        (failed.code, failed.first, failed.milliseconds) = (401, 1500, 90_000)
        meter.count(failed)
        let (plain, open) = (lines(meter), lines(meter, isOpen: true))
        #expect(plain.filter { $0.first != "#" } == open.filter { $0.first != "#" } && open.last == "# EOF")
        #expect(plain.contains("# TYPE edgefilter_requests_total counter"))
        #expect(
            open.contains("# TYPE edgefilter_requests counter")
                && open.contains("# TYPE edgefilter_build info"))
        #expect(plain.contains(#"edgefilter_failures_total{code="401",name="unreachable"} 1"#))
        #expect(plain.contains(#"edgefilter_time_to_first_byte_seconds_sum{endpoint="responses"} 1.5"#))
        #expect(
            plain.contains(#"edgefilter_request_duration_seconds_bucket{endpoint="responses",le="0.005"} 0"#))
        #expect(
            plain.contains(#"edgefilter_request_duration_seconds_bucket{endpoint="responses",le="120.0"} 1"#))
    }
}
