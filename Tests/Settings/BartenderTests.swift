// SPDX-License-Identifier: MIT

import Testing

@testable import Settings

/// The file of Relay Bartender's document.
private func sample(_ key: String = "sk-9f8e7d6c5b4a") -> String {
    """
    # the server
    server:
      port: 8080
      host: "0.0.0.0"

    backend:
      base_url: "https://api.openai.com"
      api_key: "\(key)"  # optional

    model:
      override: ""
      mapping:
        gpt-4: "gpt-4-turbo"
        gpt-3.5-turbo: "gpt-4"

    request:
      timeout: 120
      connect_timeout: 30
    """
}

@Test func itsSampleFile() throws {
    let settings = try Scratch().settings(sample())
    let backend = Upstream(
        name: "backend", base: URL(scheme: .https, host: "api.openai.com", path: "/v1"),
        key: .secret(Secret(value: "sk-9f8e7d6c5b4a", source: "literal")),
        timeout: Timeout(connect: 30_000, firstByte: 120_000, silence: 120_000))
    #expect(settings.upstreams == [backend])
    #expect(
        settings.routes == [
            Route(pattern: "gpt-4", targets: [Target(upstream: "backend", model: "gpt-4-turbo")]),
            Route(pattern: "gpt-3.5-turbo", targets: [Target(upstream: "backend", model: "gpt-4")]),
            Route(pattern: "*", targets: [Target(upstream: "backend")]),
        ])
    #expect(settings.listen == ["0.0.0.0:8080"])
    #expect(settings.profile == .bartender)
    #expect(settings.log == Log())
}

@Test func itsSampleKeyIsRefused() {
    let complaints = Scratch().complaints(sample("sk-your-api-key"))
    #expect(complaints == ["edgefilter.yaml:8:12: the key is a sample, put the real one"])
}

@Test(arguments: ["\"\"", "", "~"])
func withoutAKeyTheCallersGoesThrough(key: String) throws {
    let settings = try Scratch().settings("backend:\n  api_key: \(key)\nmodel:\n  mapping:\n")
    #expect(settings.upstreams.map(\.key) == [.caller])
    #expect(settings.upstreams.map { $0.base?.description } == ["https://api.openai.com/v1"])
    #expect(settings.listen == ["0.0.0.0:8080"])
}

@Test func anOverrideIsForEveryModel() throws {
    let settings = try Scratch().settings("model: {override: big, mapping: {small: other}}")
    #expect(settings.routes == [Route(pattern: "*", targets: [Target(upstream: "backend", model: "big")])])
}

@Test(arguments: [
    ("https://x.example", "/v1"), ("https://x.example/", "/v1"), ("https://x.example/v1", "/v1"),
    ("https://x.example/v1/", "/v1"), ("https://x.example/api/paas/v4", "/api/paas/v4"),
])
func baseWithAndWithoutTheVersion(base: String, path: String) throws {
    #expect(
        try Scratch().settings("backend: {base_url: '\(base)'}").upstreams.map { $0.base?.path } == [path])
    #expect(
        try Scratch().settings("upstreams: {a: {base_url: '\(base)'}}").upstreams.map { $0.base?.path } == [
            path
        ])
}

@Test func whatItsLoggingSaysIsHonoured() throws {
    let said = "request_body: true, response_headers: true, mask_sensitive: true, max_body_length: 10"
    let log = try Scratch().settings("logging: {enabled: true, \(said)}").log
    #expect(
        [log.requestHeaders, log.requestBody, log.responseHeaders, log.responseBody] == [
            false, true, true, false,
        ])
    #expect(log.maxBodyLength == 10)
    #expect(try Scratch().settings("logging: {enabled: false, \(said)}").log == Log())
    #expect(try Scratch().settings("logging:\nserver:\n").log == Log())
}

@Test func aFileThatWouldLogKeysGoesOnWithoutThem() throws {
    let settings = try Scratch().settings("logging: {request_headers: true, mask_sensitive: false}")
    #expect(settings.log.requestHeaders)
    #expect(settings.notices.contains { $0.contains(":1:50: no key is ever logged") }, "\(settings.notices)")
    #expect(Scratch().complaints("logging: {mask_sensitive: perhaps}").count == 1)
}

@Test func ourOwnKeysBesideIts() throws {
    let settings = try Scratch().settings(
        "server: {host: '::1', port: '9000'}\nrequest: {timeout: 0.5}\ncallers: open\nlog: {level: debug}\n"
            + "logging: {request_body: true}\n",
        sets: ["backend.base_url=https://y.example", "server.port=9001"])
    #expect(settings.listen == ["[::1]:9001"])
    #expect(settings.callers == .open)
    #expect(settings.log.level == .debug)
    #expect(settings.log.requestBody)
    #expect(settings.upstreams.first?.timeout == Timeout(connect: 30_000, firstByte: 500, silence: 500))
    #expect(settings.upstreams.first?.base?.host == "y.example")
}

@Test(arguments: [
    ("server: {prt: 1}", "1:10: unknown key \"prt\": did you mean \"port\"?"),
    ("server: {port: high}", "1:16: expected a number from 0 to 65535"),
    ("server: 8080", "1:9: expected a mapping, found text"),
    ("request: {timeout: soon}", "1:20: expected a number of seconds"),
    ("request: {connect_timeout: -1}", "1:28: expected a number of seconds"),
    ("request: {timeout: 1.}", "1:20: expected a number of seconds"),
    ("model: {mapping: [a]}", "1:18: expected a mapping, found a list"),
    ("model: {mapping: {a: }}", "1:22: expected a model's name, found nothing"),
    ("model: {override: [a]}", "1:19: expected text, found a list"),
    ("logging: {enabled: 1}", "1:20: expected true or false"),
    ("logging: {request_body: 1}", "1:25: expected true or false"),
    (
        "server: {}\nlisten: [x]",
        "2:1: listen is of edgefilter's own form, but server of Relay Bartender's: use one form"
    ),
])
func itsComplaints(yaml: String, complaint: String) {
    #expect(Scratch().complaints(yaml) == ["edgefilter.yaml:\(complaint)"])
}
