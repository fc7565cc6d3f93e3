// SPDX-License-Identifier: MIT

import Testing

@testable import Settings

@Test func noSecretIsPrinted() throws {
    let scratch = Scratch()
    scratch.write("glm-hidden-1\n", to: "glm")
    scratch.write(hash, to: "admin")
    let path = scratch.write("file-hidden-4", to: "key")
    let more = """
          lit: {key: lit-hidden-3, headers: {Authorization: Basic hidden-5, X-Api-Key: hidden-6}}
          fil: {key: "${file:\(path)}"}
        models:
        """
    let yaml = example.split(separator: "models:").joined(separator: more)
    let settings = try scratch.settings(yaml, environment: ["UPSTREAM_KEY": "env-hidden-2"])
    var dumped = ""
    dump(settings, to: &dumped)
    let shown = [settings.effective, "\(settings)", String(reflecting: settings), dumped]
    for text in shown {
        #expect(!text.contains("hidden"))
        #expect(!text.lowercased().contains(hash.lowercased()))
    }
    #expect(settings.effective.contains("key: \"${credential:glm}\"  # *** (credential glm)\n"))
    #expect(settings.effective.contains("key: \"${env:UPSTREAM_KEY}\"  # *** (env UPSTREAM_KEY)\n"))
    #expect(settings.effective.contains("key: \"***\"  # *** (literal)\n"))
    #expect(settings.effective.contains("# *** (file \(path))\n"))
    #expect(settings.notices.count == 1)
    #expect(
        settings.notices.first?.hasSuffix("a literal key; ${credential:NAME} keeps it out of here") == true)
}

@Test func theEffectiveFileReadsAsTheSame() throws {
    let scratch = Scratch()
    scratch.write("glm-hidden-1\n", to: "glm")
    scratch.write(hash, to: "admin")
    let variables = ["UPSTREAM_KEY": "env-hidden-2"]
    let sets = [
        "log.file='a \"b\" \\ c'", "log.key_hash=md5-8", "cors=[]", "models.\"null\"=glm",
        "models.\"a: b\"=glm/x",
        "upstreams.glm.headers={X-Text: 'ä ~ {1}'}", "limits.drain=1500ms", "callers=open",
        "admin.listen=[127.0.0.1:8001, /run/admin]",
    ]
    let settings = try scratch.settings(example, environment: variables, sets: sets)
    #expect(settings.routes.count == 6)
    #expect(try scratch.settings(settings.effective, environment: variables) == settings)
    let plain = try scratch.settings(nil)
    #expect(try scratch.settings(plain.effective).upstreams == plain.upstreams)
}

@Test(arguments: [
    ("${credential:none}", "cannot read the key from SCRATCH/none: open: No such file or directory"),
    ("${credential:../x}", "expected a credential's name, without slashes"),
    ("${env:NONE}", "the environment has no variable \"NONE\", or it is empty"),
    ("${env:EMPTY}", "the environment has no variable \"EMPTY\", or it is empty"),
    ("${env:SAMPLE}", "the key is a sample, put the real one (env SAMPLE)"),
    ("${file:relative}", "expected a path that begins with / in ${file:PATH}"),
    (
        "${file:/nonexistent/key}",
        "cannot read the key from /nonexistent/key: open: No such file or directory"
    ),
    ("${credential:empty}", "the key is empty (credential empty)"),
    ("${credential:two}", "the key holds blanks or other characters that no key has (credential two)"),
    ("${vault:x}", "expected a key: ${credential:NAME}, ${env:NAME}, ${file:PATH}, caller or none"),
    ("${env:}", "expected a key: ${credential:NAME}, ${env:NAME}, ${file:PATH}, caller or none"),
    ("", "the key is empty"),
    (
        "***",
        "*** is what 'edgefilter check' prints instead of a secret: put the secret, or ${credential:NAME}"
    ),
    (
        "sk-hidden\\n",
        "expected a key: ${credential:NAME}, ${env:NAME}, ${file:PATH}, caller or none without control characters"
    ),
])
func badKeys(key: String, complaint: String) {
    let scratch = Scratch()
    scratch.write("\n", to: "empty")
    scratch.write("two\nhidden lines\n", to: "two")
    let found = scratch.complaints(
        "upstreams:\n  a:\n    key: \"\(key)\"\n", environment: ["EMPTY": "", "SAMPLE": "sk-xxxxxxxx"])
    let words = complaint.split(separator: "SCRATCH").joined(separator: scratch.path)
    #expect(found == ["edgefilter.yaml:3:10: \(words)"])
}

@Test func withoutCredentials() {
    #expect(throws: Complaints.self) {
        try Reading.settings(
            Sources(file: (path: "/nonexistent", mustExist: false), sets: ["upstreams.a.key=${credential:x}"])
        )
    }
}

/// As in a shell beside a service.
@Test func credentialsWhereTheUnitsTakeThem() throws {
    let scratch = Scratch()
    scratch.write("stored-hidden-7\n", to: "edgefilter.x")
    let settings = try Reading.settings(
        Sources(
            file: (path: "/nonexistent", mustExist: false),
            stores: ["\(scratch.path)/none/", "\(scratch.path)/edgefilter."],
            sets: ["upstreams.a.key=${credential:x}"]))
    let key = Key.secret(Secret(value: "stored-hidden-7", source: "credential x"))
    #expect(settings.upstreams.map(\.key) == [key])
}

@Test func theAdminKeyIsAHash() {
    #expect(
        Scratch().complaints("admin: {key: 9f8e7d6c}")
            == ["edgefilter.yaml:1:14: expected the SHA-256 of the admin key: 64 hex digits"])
}

@Test(arguments: [
    "sk-your-api-key", "your-api-key-here", "your_secret_key", "sk-xxx", "sk-xxxxxxxxxxxx", "sk-real-api-key",
    "your-third-party-key", "YOUR_DASHSCOPE_API_KEY", "your_token_here", "sk-abc123...", "<key>", "***",
    "changeme",
    "sk-你的密钥", "Your API key",
])
func samples(key: String) {
    #expect(isSample(key))
}

@Test(arguments: [
    "sk-proj-Ab3dEf6hIj9kLm2nOp5q", "sk-ant-api03-9f8e7d6c5b4a", "AIzaSyD9f8e7d6c5b4a", "token-9f8e7d",
    "EMPTY",
    "6f1d0c1e9f8e7d6c5b4a.Xx3Yy7Zz",
])
func realKeys(key: String) {
    #expect(!isSample(key))
}

@Test func aFieldOfOursComesFromWhereSecretsAre() throws {
    let scratch = Scratch()
    let yaml = "upstreams: {a: {key: none, headers: {X-Site: ${env:SITE}, X-Project: demo}}}"
    let settings = try scratch.settings(yaml, environment: ["SITE": "a b; c=d"])
    let fields = settings.upstreams[0].headers
    #expect(fields.map(\.value) == ["a b; c=d", "demo"])
    #expect(fields.map(\.isSensitive) == [true, false])
    #expect(settings.effective.contains("headers: {X-Site: \"${env:SITE}\", X-Project: demo}"))
    let missing = "edgefilter.yaml:1:46: the environment has no variable \"SITE\", or it is empty"
    #expect(scratch.complaints(yaml) == [missing])
    let stray = "upstreams: {a: {key: none, headers: {X-Site: '${SITE}'}}}"
    #expect(scratch.complaints(stray).first?.contains("expected ${credential:NAME}, ${env:NAME}") == true)
}
