// SPDX-License-Identifier: MIT

import HTTP
import Settings
import Unix

/// Conversations with ourselves before the first fork: what Swift, libcurl and the dialects set up at their
/// first use is then there in every handler, and its memory is shared.
enum Rehearsal {
    /// Serves one request of each kind: our own page, an answer passed on whole, a stream; and to providers of
    /// these dialects a translated one of each caller's.
    static func run(_ dialects: Set<String>) {
        Sought.prepare()
        serve(page, answeredBy: "")
        serve(asking("/v1/chat/completions", chat, isStream: false), answeredBy: whole)
        serve(asking("/v1/chat/completions", chat, isStream: true), answeredBy: stream)
        if dialects.contains("openai") {
            serve(asking("/v1/messages", messages, isStream: false), answeredBy: whole)
            serve(asking("/v1/messages", messages, isStream: true), answeredBy: stream)
            serve(asking("/v1/responses", responses, isStream: true), answeredBy: stream)
        }
        if dialects.contains("anthropic") {
            serve(asking("/v1/chat/completions", chat, isStream: true), answeredBy: told, by: "anthropic")
        }
        Meter.warm()
    }

    private static let page = "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n"

    private static let chat = #""messages":[{"role":"user","content":"a \"word\""}]"#
    private static let messages =
        #""max_tokens":9,"system":"s","tools":[{"name":"f","input_schema":{"type":"object"}}],"messages":[{"role":"user","content":[{"type":"text","text":"a \"word\""}]}]"#
    private static let responses =
        #""input":"a \"word\"","tools":[{"type":"function","name":"f","parameters":{"type":"object"}}]"#

    private static func asking(_ path: String, _ what: String, isStream: Bool) -> String {
        let body = #"{"model":"rehearsal","stream":\#(isStream),\#(what)}"#
        return """
            POST \(path) HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer rehearsal\r\n\
            Accept: */*\r\nUser-Agent: rehearsal\r\nContent-Type: application/json\r\n\
            anthropic-version: 2023-06-01\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)
            """
    }

    private static let usage =
        #""usage":{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2,"prompt_tokens_details":{"cached_tokens":0}}"#
    private static let answer =
        #"{"id":"1","object":"chat.completion","created":1,"model":"played","choices":[{"index":0,"message":{"role":"assistant","content":"a \"word\""},"finish_reason":"stop"}],\#(usage)}"#
    private static let whole = """
        HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: \(answer.utf8.count)\r\n\r\n\(answer)
        """
    private static let events = [
        #"{"id":"1","model":"played","choices":[{"index":0,"delta":{"content":"word"},"finish_reason":null}]}"#,
        #"{"id":"1","model":"played","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"c","type":"function","function":{"name":"f","arguments":"{}"}}]}}]}"#,
        #"{"id":"1","model":"played","choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}],\#(usage)}"#,
        "[DONE]",
    ]
    private static let stream = streamed(events.map { "data: \($0)" })
    /// The same from Anthropic.
    private static let told = streamed(
        [
            #"{"type":"message_start","message":{"id":"1","role":"assistant","content":[],"usage":{"input_tokens":1,"output_tokens":1}}}"#,
            #"{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}"#,
            #"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"word"}}"#,
            #"{"type":"content_block_stop","index":0}"#,
            #"{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":1}}"#,
            #"{"type":"message_stop"}"#,
        ].map { "event: \($0.split(separator: "\"")[3])\ndata: \($0)" })

    private static func streamed(_ events: [String]) -> String {
        "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
            + events.map { chunk("\($0)\n\n") }.joined() + chunk("")
    }

    private static func chunk(_ text: String) -> String {
        "\(String(text.utf8.count, radix: 16))\r\n\(text)\r\n"
    }

    /// One connection: a caller that has said what it will say, and an upstream that has answered already.
    ///
    /// Nothing leaves this process, and nothing is written to a file.
    private static func serve(_ request: String, answeredBy answer: String, by dialect: String = "openai") {
        guard let caller = try? Channel.streamPair(), let upstream = try? Channel.loopbackPair(),
            let upstreams = try? Upstreams()
        else { return }
        say(request, to: caller.ours)
        say(answer, to: upstream.ours)
        upstreams.lead(to: upstream.theirs)
        var session = Session(
            Gateway(rehearsing: settings(dialect)), Client(socket: caller.theirs, peer: localhost), nil,
            upstreams)
        session.run()
        // Both ends are ours: nobody waits for late words.
        resetOnClose(upstream.ours)
        for end in [caller.ours, caller.theirs, upstream.ours] { Descriptor.close(end) }
        if answer.isEmpty { Descriptor.close(upstream.theirs) }
    }

    private static func say(_ text: String, to end: Int32) {
        var script = Buffer()
        script.append(text.utf8)
        if !script.isEmpty { try? script.send(to: end, isSocket: true) }
    }

    private static let localhost = Peer(road: .network, address: "127.0.0.1")

    private static func upstream(_ dialect: String) -> Upstream {
        Upstream(
            name: "rehearsal", dialect: dialect,
            base: URL(scheme: .http, host: "127.0.0.1", port: 9, path: "/v1"),
            key: .secret(Secret(value: "rehearsal", source: "literal")),
            timeout: Timeout(connect: patience, firstByte: patience, silence: patience, total: patience))
    }
    /// Milliseconds: all of it takes less than one, unless something is in the way.
    private static let patience = 100

    private static func settings(_ dialect: String) -> Settings {
        let upstream = upstream(dialect)
        let played = Settings::Target(upstream: upstream.name, model: "played")
        var settings = Settings(
            upstreams: [upstream], routes: [Route(pattern: "*", targets: [played])])
        settings.callers = .open
        // Nothing more comes, and nobody waits for it.
        settings.limits.keepalive = 1
        return settings
    }
}
