// SPDX-License-Identifier: MIT

import Testing

@testable import Settings

/// The whole of the operator's manual's example.
let example = """
    upstreams:
      glm:                                  # a name of the operator's
        dialect: openai
        base_url: https://open.example/v1
        key: ${credential:glm}
        quirks: [glm]
        headers: { X-Project: demo }
        timeout: { connect: 10s, first_byte: 10m, silence: 5m, total: 0 }
        retries: 1
      openai: { key: ${env:UPSTREAM_KEY} }
    models:
      gpt-4: glm/glm-4.6
      "claude-*": [glm/glm-4.6, openai/gpt-5]
      "gpt-*": {glm/glm-4.6: 3, openai/gpt-5: 1}
      "*": glm
    callers: issued
    cors: [https://app.example.com]
    strict: false
    listen: [127.0.0.1:8000]
    limits: { body: 32MiB, head: 32KiB, connections: 512, per_source: 64, keepalive: 60s, idle_exit: 60s, drain: 45s }
    log: { level: info, key_hash: sha256, bodies: false, keep: 90d }
    trusted_proxies: [127.0.0.1, 10.0.0.0/8, unix]
    admin: { key: ${credential:admin} }
    """

let hash = String(repeating: "0123456789ABCDEF", count: 4)

@Test func theManualsExample() throws {
    let scratch = Scratch()
    scratch.write("glm-secret-1\n", to: "glm")
    scratch.write(hash, to: "admin")
    let settings = try scratch.settings(example, environment: ["UPSTREAM_KEY": "env-secret-2"])
    let glm = try #require(settings.upstream("glm"))
    #expect(glm.dialect == "openai")
    #expect(glm.base?.description == "https://open.example/v1")
    #expect(glm.key == .secret(Secret(value: "glm-secret-1", source: "credential glm")))
    #expect(glm.quirks == ["glm"])
    #expect(glm.headers == [Header(name: "X-Project", value: "demo")])
    #expect(glm.timeout == Timeout())
    let openai = try #require(settings.upstream("openai"))
    #expect(openai.base?.description == "https://api.openai.com/v1")
    #expect(openai.key == .secret(Secret(value: "env-secret-2", source: "env UPSTREAM_KEY")))
    #expect(settings.routes.map(\.pattern) == ["gpt-4", "claude-*", "gpt-*", "*"])
    #expect(settings.routes.map(\.isExact) == [true, false, false, false])
    #expect(settings.routes.map(\.isWeighted) == [false, false, true, false])
    #expect(settings.routes[2].targets.map(\.weight) == [3, 1])
    #expect(settings.callers == .issued)
    #expect(settings.cors == ["https://app.example.com"])
    #expect(settings.listen == ["127.0.0.1:8000"])
    #expect(settings.limits == Limits())
    #expect(settings.log == Log())
    #expect(settings.trustedProxies == ["127.0.0.1", "10.0.0.0/8", "unix"])
    #expect(settings.admin == Secret(value: hash.lowercased(), source: "credential admin"))
    #expect(settings.profile == .edgefilter)
    #expect(settings.notices == [])
}

@Test(arguments: [
    nil, "", "# nothing here\n", "---\n", "~", "upstreams:\nlimits:\nmodels:\ncors:\nlisten:\n",
])
func nothingIsTheDefaults(yaml: String?) throws {
    let settings = try Scratch().settings(yaml)
    #expect(
        settings
            == Settings(
                upstreams: [Upstream(name: "echo", dialect: "echo")],
                routes: [Route(pattern: "*", targets: [Target(upstream: "echo")])],
                listen: ["127.0.0.1:8000"], notices: ["no upstream configured: the embedded echo answers"]))
}

@Test func theSmallestFile() throws {
    let settings = try Scratch().settings(
        "upstreams:\n  glm: {base_url: https://open.example/api/paas/v4/}\n")
    #expect(settings.upstream("glm")?.base?.description == "https://open.example/api/paas/v4")
    #expect(settings.upstream("glm")?.key == .caller)
    #expect(settings.route(for: "anything")?.targets == [Target(upstream: "glm")])
    #expect(settings.upstream("other") == nil)
}

@Test func routesAreExactFirst() throws {
    let models = "models: {'a*': u/1, 'ab*': u/2, abc: u/3, '*z': u/4}"
    let settings = try Scratch().settings("upstreams: {u: {key: none}}\n\(models)")
    #expect(settings.upstream("u")?.key == Key.none)
    let found = ["abc", "abcd", "a", "zz", "q"].map { settings.route(for: $0)?.targets.first?.model }
    #expect(found == ["3", "1", "1", "4", nil])
    #expect(settings.route(for: nil) == nil)
}

@Test func aRequestWithoutAModelTakesTheStar() throws {
    let settings = try Scratch().settings("upstreams: {u: , v: }\nmodels: {'**': u, '*': v/a/b}")
    #expect(settings.route(for: nil)?.targets == [Target(upstream: "v", model: "a/b")])
    #expect(try Scratch().settings("upstreams: {u: }").route(for: nil)?.targets == [Target(upstream: "u")])
}

@Test func theCommandLineWins() throws {
    let sets = [
        "limits.body=64MiB", "cors=[https://a.example]", "upstreams.glm.plain=true",
        "models.\"gpt-4.1\"=glm/x", "models.glm-4.6-air=glm/y", "models.\"a=b\"=glm/z",
        "upstreams.glm.base_url=http://open.example", "log={level: debug}",
    ]
    let yaml = "upstreams: {glm: {base_url: 'https://open.example'}}\nlimits: {body: 1MiB, head: 2KiB}\n"
    let settings = try Scratch().settings(yaml, sets: sets)
    #expect(settings.limits.body == 64 << 20)
    #expect(settings.limits.head == 2 << 10)
    #expect(settings.cors == ["https://a.example"])
    #expect(settings.upstream("glm")?.base?.description == "http://open.example/v1")
    #expect(settings.route(for: "gpt-4.1")?.targets == [Target(upstream: "glm", model: "x")])
    #expect(settings.route(for: "glm-4.6-air")?.targets == [Target(upstream: "glm", model: "y")])
    #expect(settings.route(for: "a=b")?.targets == [Target(upstream: "glm", model: "z")])
    #expect(settings.log.level == .debug)
}

@Test func theCommandLineNamesModelsOfRelayBartender() throws {
    let sets = ["model.mapping.gpt-4.1=x"]
    let settings = try Scratch().settings("backend: {base_url: 'https://x.example'}", sets: sets)
    #expect(settings.route(for: "gpt-4.1")?.targets == [Target(upstream: "backend", model: "x")])
}

@Test(arguments: [
    ("limits.bdy=1MiB", "--set limits.bdy: unknown key \"bdy\": did you mean \"body\"?"),
    ("limits.body", "--set: expected KEY=VALUE, such as limits.body=64MiB"),
    (".=1", "--set: expected KEY=VALUE, such as limits.body=64MiB"),
    ("\"a=1", "--set: expected KEY=VALUE, such as limits.body=64MiB"),
    ("\"a\"b=1", "--set: expected KEY=VALUE, such as limits.body=64MiB"),
    ("cors=[", "--set cors: not YAML: did not find expected node content, while parsing a flow node"),
    ("callers=", "--set callers: expected one of issued, open, upstream, found nothing"),
])
func badSets(text: String, complaint: String) {
    #expect(Scratch().complaints(nil, sets: [text]) == [complaint])
}
