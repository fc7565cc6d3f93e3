// SPDX-License-Identifier: MIT

import Testing

@testable import Settings

/// The variables of InfiniProxy's document, with a key that could be one.
private let infini = [
    "OPENAI_BASE_URL": "https://cloud.example/maas/v1/chat/completions", "OPENAI_API_KEY": "9f8e7d6c5b4a",
    "OPENAI_MODEL": "glm-4.6", "PROXY_HOST": "localhost", "PROXY_PORT": "8001", "TIMEOUT": "300",
    "DEBUG": "false",
]

@Test func infiniProxysVariables() throws {
    let settings = try Scratch().settings(nil, environment: infini)
    let base = URL(scheme: .https, host: "cloud.example", path: "/maas/v1")
    let key = Key.secret(Secret(value: "9f8e7d6c5b4a", source: "env OPENAI_API_KEY"))
    let timeout = Timeout(firstByte: 300_000, silence: 300_000)
    #expect(settings.upstreams == [Upstream(name: "openai", base: base, key: key, timeout: timeout)])
    #expect(settings.routes == [Route(pattern: "*", targets: [Target(upstream: "openai", model: "glm-4.6")])])
    #expect(settings.listen == ["localhost:8001"])
    #expect(settings.profile == .infini)
    #expect(settings.log.level == .info)
    let names = "OPENAI_BASE_URL, OPENAI_API_KEY, OPENAI_MODEL, PROXY_HOST, PROXY_PORT, TIMEOUT"
    #expect(settings.notices == ["taken from the environment: \(names)"])
}

@Test func aKeyAloneIsForOpenAI() throws {
    let settings = try Scratch().settings(
        nil, environment: ["OPENAI_API_KEY": "9f8e7d6c5b4a", "OPENAI_MODEL": ""])
    #expect(settings.upstreams.map { $0.base?.description } == ["https://api.openai.com/v1"])
    #expect(settings.routes == [Route(pattern: "*", targets: [Target(upstream: "openai")])])
    #expect(settings.listen == ["localhost:8000"])
}

@Test func aFilesUpstreamsStandAlone() throws {
    let variables = infini.merging(["LOG_LEVEL": "WARNING", "HOST": "0.0.0.0"]) { $1 }
    let yaml = "upstreams: {glm: {timeout: {silence: 1s}}}\nlisten: ['127.0.0.1:1']\n"
    let settings = try Scratch().settings(yaml, environment: variables)
    #expect(settings.upstreams.map(\.name) == ["glm"])
    #expect(settings.upstreams.map(\.timeout) == [Timeout(firstByte: 300_000, silence: 1000)])
    #expect(settings.listen == ["127.0.0.1:1"])
    #expect(settings.profile == .edgefilter)
    #expect(
        settings.notices == [
            "not used, since the file names upstreams: OPENAI_BASE_URL, OPENAI_API_KEY, OPENAI_MODEL",
            "taken from the environment: LOG_LEVEL, TIMEOUT",
        ])
}

@Test func aFileWithoutUpstreamsIsFilled() throws {
    let settings = try Scratch().settings("log: {level: debug}\nmodels: {a: openai/b}", environment: infini)
    #expect(settings.upstreams.map(\.name) == ["openai"])
    #expect(settings.routes.map(\.pattern) == ["a", "*"])
    #expect(settings.log.level == .debug)
}

@Test(arguments: [
    (["HOST": "::", "PORT": "90"], ["[::]:90"]), (["PORT": "90"], ["127.0.0.1:90"]),
    (["HOST": "h"], ["h:8000"]),
    (["FLASK_HOST": "f", "HOST": "h", "FLASK_PORT": "1"], ["f:1"]),
])
func addresses(variables: [String: String], listen: [String]) throws {
    #expect(try Scratch().settings(nil, environment: variables).listen == listen)
}

@Test(arguments: [
    ("INFO", Log.Level.info), ("debug", .debug), ("Warning", .warning), ("ERROR", .error),
    ("CRITICAL", .error),
])
func levels(name: String, level: Log.Level) throws {
    #expect(try Scratch().settings(nil, environment: ["LOG_LEVEL": name]).log.level == level)
    #expect(
        try Scratch().settings(nil, environment: ["LOG_LEVEL": name, "DEBUG": "True"]).log.level == .debug)
    #expect(
        try Scratch().settings(nil, environment: ["LOG_LEVEL": name, "FLASK_DEBUG": "0"]).log.level == level)
}

@Test func theOtherVariables() throws {
    let settings = try Scratch().settings(
        nil,
        environment: [
            "MAX_CONTENT_LENGTH": "16777216  # 16MB",
            "ALLOWED_ORIGINS": "https://a.example, https://b.example:8443",
            "LOG_PATH": "/var/log/x", "LOG_NAME": "neko", "REQUEST_TIMEOUT": "30", "OPENAI_MODEL": "m",
        ])
    #expect(settings.limits.body == 16 << 20)
    #expect(settings.cors == ["https://a.example", "https://b.example:8443"])
    #expect(settings.log.file == "/var/log/x/neko.log")
    #expect(settings.upstreams.map(\.timeout.firstByte) == [30_000])
    #expect(
        try Scratch().settings(nil, environment: ["LOG_PATH": "p", "LOG_FILE": "a/b.log"]).log.file
            == "a/b.log")
}

@Test(arguments: [
    (["OPENAI_API_KEY": "your-api-key-here"], "OPENAI_API_KEY: the key is a sample, put the real one"),
    (
        ["OPENAI_API_KEY": "two words"],
        "OPENAI_API_KEY: the key holds blanks or other characters that no key has"
    ),
    (["OPENAI_BASE_URL": "open.example"], "OPENAI_BASE_URL: expected a URL that begins with https://"),
    (["PORT": "http"], "PORT: expected a number from 0 to 65535"),
    (["TIMEOUT": "5m"], "TIMEOUT: expected a number of seconds"),
    (["MAX_CONTENT_LENGTH": "16M"], "MAX_CONTENT_LENGTH: expected a size such as 32MiB (B KiB MiB GiB)"),
    (["LOG_LEVEL": "LOUD"], "LOG_LEVEL: expected one of error, warning, notice, info, debug"),
    (["DEBUG": "express:*"], "DEBUG: expected true or false"),
    (
        ["ALLOWED_ORIGINS": "a.example"],
        "ALLOWED_ORIGINS: expected an origin such as https://app.example.com, or \"*\""
    ),
    (["CYBER_ENGINE_PORT": "0"], "CYBER_ENGINE_PORT: expected a number from 1 to 65535"),
    (["CYBER_ENGINE_HOST": "a b"], "CYBER_ENGINE_HOST: a URL is visible ASCII without spaces"),
    (
        ["OPENAI_MODEL": "m", "ANTHROPIC_API_KEY": "k"],
        "environment: more than one upstream is named, openai (OPENAI_MODEL), anthropic (ANTHROPIC_API_KEY): name them in a file"
    ),
])
func badVariables(variables: [String: String], complaint: String) {
    #expect(Scratch().complaints(nil, environment: variables) == [complaint])
}

@Test(arguments: [
    (["CYBER_ENGINE_HOST": "engine.example"], "ws://engine.example:6898", Key.none),
    (["CYBER_ENGINE_PORT": "7000"], "ws://127.0.0.1:7000", .none),
    (["CYBER_ENGINE_HOST": "::1", "CYBER_ENGINE_PORT": "7000"], "ws://[::1]:7000", .none),
    (
        ["CYBER_ENGINE_HOST": "10.0.0.1", "SECRET_KEY": "9f8e7d6c"], "ws://10.0.0.1:6898",
        .secret(Secret(value: "9f8e7d6c", source: "env SECRET_KEY"))
    ),
])
func theEngineOfCyberOpenAI(variables: [String: String], base: String, key: Key) throws {
    let settings = try Scratch().settings(nil, environment: variables)
    #expect(settings.profile == .cyber)
    #expect(settings.upstreams.map(\.dialect) == ["cyber"])
    #expect(settings.upstreams[0].base?.description == base)
    #expect(settings.upstreams[0].key == key)
}

/// Kubernetes sets PROXY_PORT to a URL where there is a service of the name.
@Test func whatTheFileSaysIsNotLookedFor() throws {
    let variables = ["PROXY_PORT": "tcp://10.0.0.1:80", "LOG_LEVEL": "LOUD", "MAX_CONTENT_LENGTH": "?"]
    let yaml = "listen: [':1']\nlog: {level: error}\nlimits: {body: 1MiB}\n"
    let settings = try Scratch().settings(yaml, environment: variables)
    #expect(settings.listen == [":1"])
    #expect(settings.log.level == .error)
}

@Test(arguments: [
    ("dashscope-gateway", "0.0.0.0:8000", Log.KeyHash.md5), ("anuneko-openai", "0.0.0.0:8000", .sha256),
    ("cyber-openai", "0.0.0.0:8000", .sha256), ("relay-bartender", "0.0.0.0:8080", .sha256),
    ("infiniproxy", "localhost:8000", .sha256), ("edgefilter", "127.0.0.1:8000", .sha256),
])
func aProfileHasDefaults(name: String, listen: String, hash: Log.KeyHash) throws {
    let yaml = "profile: \(name)\nupstreams: {a: {}}"
    let settings = try Scratch().settings(yaml)
    #expect(settings.profile.rawValue == name)
    #expect(settings.listen == [listen])
    #expect(settings.log.keyHash == hash)
    #expect(settings.limits.body == (name == "anuneko-openai" ? 16 << 20 : 32 << 20))
    #expect(try Scratch().settings(settings.effective) == settings)
    let said = try Scratch().settings(
        yaml, sets: ["log.key_hash=hmac", "listen=[':1']", "profile=edgefilter"])
    #expect((said.log.keyHash, said.listen, said.profile) == (.hmac, [":1"], .edgefilter))
}

@Test func theFilesProfileWins() throws {
    let settings = try Scratch().settings("profile: cyber-openai", environment: infini)
    #expect(settings.profile == .cyber)
    #expect(settings.upstreams.map(\.name) == ["openai"])
    #expect(
        Scratch().complaints("profile: cyber") == [
            "edgefilter.yaml:1:10: expected one of edgefilter, cyber-openai, dashscope-gateway, anuneko-openai, "
                + "relay-bartender, infiniproxy"
        ])
}

@Test func aProfileDecidesAmongFamilies() throws {
    let both = ["ANTHROPIC_API_KEY": "9f8e7d6c5b4a"].merging(infini) { $1 }
    #expect(
        try Scratch().settings(nil, environment: both, sets: ["profile=infiniproxy"]).upstreams.map(\.name)
            == ["openai"])
    // What it needs is not there: nothing is guessed.
    let none = try Scratch().settings("profile: infiniproxy")
    #expect(none.upstreams.map(\.dialect) == ["echo"])
    #expect(none.profile == .infini)
    for other in ["edgefilter", "cyber-openai"] {
        #expect(Scratch().complaints("profile: \(other)", environment: both).count == 1)
    }
}

@Test func whomItStandsInFor() throws {
    let text = try Scratch().settings(nil, environment: infini).effective
    #expect(text.contains("\nprofile: infiniproxy  # standing in for InfiniProxy\n"))
    #expect(try !Scratch().settings("upstreams: {a: {}}").effective.contains("standing in"))
}

@Test func aSecretKeyAloneSaysNothing() throws {
    #expect(try Scratch().settings(nil, environment: ["SECRET_KEY": "x"]).profile == .edgefilter)
}

/// Every line of the originals' documents that has a comment behind it, and the same in quotes.
@Test(arguments: [
    "MAX_CONTENT_LENGTH=16777216  # 16MB", "MAX_CONTENT_LENGTH=\"16777216\"  # 16MB",
    "export MAX_CONTENT_LENGTH='16777216' # 16MB",
])
func commentsBehindValues(line: String) throws {
    #expect(try Scratch().settings(nil, env: line).limits.body == 16 << 20)
}

@Test func systemdsForm() throws {
    let text = """
        # comment
        ; another
        A=plain text \t
          B = blanks around # kept
        C=one\\
        two\\ \\
        three
        D="over
        lines"
        E=
        F=a=b # kept
        A=again
        export G=1
        H="quoted"  # dropped
        I='a'#kept
        2=none
        export
        """
    var complaints: [Complaint] = []
    let variables = EnvironmentFile.variables(Array(text.utf8), origin: "env", complaints: &complaints)
    let words = "expected a variable's name: letters, digits and _"
    #expect(complaints.map(\.description) == ["env:16:1: \(words)", "env:17:1: expected NAME=VALUE"])
    let found = [
        "A": "again", "B": "blanks around # kept", "C": "onetwo three", "D": "over\nlines", "E": "",
        "F": "a=b # kept", "G": "1", "H": "quoted", "I": "a#kept",
    ]
    #expect(variables.mapValues(\.text) == found)
}

@Test(arguments: [
    ("A= x ", "x"), ("A='x '", "x "), ("A=\"a\\\"b\\\\c\\$d\\`e\\xf\"", "a\"b\\c$d`e\\xf"),
    ("A='a\\b'", "a\\b"),
    ("A='a' \"b\" c'd' ", "abc'd'"), ("A=a\\\nb", "ab"), ("A=\"a\\\nb\"", "ab"), ("A='a\nb'", "a\nb"),
    ("A=a\\ ", "a "),
    ("\n\n  A=1\r\n", "1"), ("A=#x", "#x"), ("A=\\", ""),
])
func values(text: String, value: String) {
    var complaints: [Complaint] = []
    let variables = EnvironmentFile.variables(Array(text.utf8), origin: "env", complaints: &complaints)
    #expect(variables.mapValues(\.text) == ["A": value])
    #expect(complaints.isEmpty)
}

@Test func aFileOfVariablesWinsAndHasPositions() throws {
    let env = "OPENAI_BASE_URL=https://b.example\n"
    let settings = try Scratch().settings(
        nil, environment: ["OPENAI_BASE_URL": "https://a.example"], env: env)
    #expect(settings.upstreams.map { $0.base?.host } == ["b.example"])
    let bad = "\nOPENAI_API_KEY=your-key\nnonsense\nA='open\nB=\"\\"
    #expect(
        Scratch().complaints(nil, env: bad) == [
            "env:2:1: the key is a sample, put the real one (env OPENAI_API_KEY)",
            "env:3:1: expected NAME=VALUE",
            "env:4:3: this quote is not closed",
        ])
}

@Test(arguments: [
    ("https://dashscope-intl.aliyuncs.com", "https://dashscope-intl.aliyuncs.com/api/v1"),
    ("https://dashscope-us.aliyuncs.com/", "https://dashscope-us.aliyuncs.com/api/v1"),
    ("https://dashscope.aliyuncs.com/api/v1", "https://dashscope.aliyuncs.com/api/v1"),
    ("https://w.cn-beijing.maas.aliyuncs.com/api", "https://w.cn-beijing.maas.aliyuncs.com/api/v1"),
    (
        "https://dashscope.aliyuncs.com/compatible-mode/v1", "https://dashscope.aliyuncs.com/api/v1"
    ),
    ("http://127.0.0.1:9/proxy/api/v1/", "http://127.0.0.1:9/proxy/api/v1"),
])
func dashScopesVariable(url: String, base: String) throws {
    let settings = try Scratch().settings(nil, environment: ["DASHSCOPE_BASE_URL": url])
    #expect(
        settings.upstreams == [
            Upstream(
                name: "dashscope", dialect: "dashscope", base: try URL(base),
                quirks: ["default_model=farui-plus"])
        ])
    #expect(settings.profile == .dashscope && settings.routes.map(\.pattern) == ["*"])
    #expect(settings.notices == ["taken from the environment: DASHSCOPE_BASE_URL"])
}
