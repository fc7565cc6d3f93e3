// SPDX-License-Identifier: MIT

import Testing

@testable import Settings

private struct Case: CustomTestStringConvertible {
    let yaml: String
    let complaints: [String]

    init(_ yaml: String, _ complaints: String...) {
        self.yaml = yaml
        self.complaints = complaints
    }

    var testDescription: String { yaml }
}

private let cases = [
    // Keys
    Case(
        "limts: {body: 1MiB}\nlimits:\n  boddy: 1MiB\n",
        "1:1: unknown key \"limts\": did you mean \"limits\"?",
        "3:3: unknown key \"boddy\": did you mean \"body\"?"),
    Case(
        "admin: {zzzzzz: 1}", "1:9: unknown key \"zzzzzz\": expected one of key, listen"),
    Case("log: {Key-Hash: hmac}", "1:7: unknown key \"Key-Hash\": did you mean \"key_hash\"?"),
    Case(
        "strict: true\ncallers: x\nstrict: false\n",
        "2:10: expected one of issued, open, upstream", "3:1: key \"strict\" is there already, in line 1"),
    Case("[a]: 1", "1:1: expected a key, a plain text"),
    // Types
    Case("- a\n", "1:1: expected a mapping, found a list"),
    Case("just text", "1:1: expected a mapping, found text"),
    Case("upstreams: 5\n", "1:12: expected a mapping, found text"),
    Case("limits: [a]", "1:9: expected a mapping, found a list"),
    Case("strict: yes", "1:9: expected true or false"),
    Case("strict: True", "1:9: expected true or false"),
    Case("strict: {}", "1:9: expected true or false, found a mapping"),
    Case("cors: '*'", "1:7: expected a list such as [a, b], found text"),
    Case("cors: [https://a.example/x]", "1:8: expected an origin such as https://app.example.com, or \"*\""),
    Case("cors: [[a]]", "1:8: expected text, found a list"),
    Case("limits:\n  connections: many", "2:16: expected a number from 1 to 1000000"),
    Case("limits: {connections: 0}", "1:23: expected a number from 1 to 1000000"),
    Case("limits: {connections: -1}", "1:23: expected a number from 1 to 1000000"),
    Case("limits: {connections: 99999999999999999999}", "1:23: expected a number from 1 to 1000000"),
    Case("log: {level: loud}", "1:14: expected one of error, warning, notice, info, debug"),
    Case("log: {file: \"a\\u0007b\"}", "1:13: expected text without control characters"),
    // Quantities
    Case("limits: {body: 10 parsecs}", "1:16: expected a size such as 32MiB (B KiB MiB GiB)"),
    Case("limits: {body: 0}", "1:16: expected a size such as 32MiB (B KiB MiB GiB)"),
    Case("limits: {drain: 10 parsecs}", "1:17: expected a time such as 30s (ms s m h d)"),
    Case("limits: {drain: 10}", "1:17: expected a time such as 30s (ms s m h d)"),
    Case("limits: {drain: }", "1:17: expected a time such as 30s (ms s m h d), found nothing"),
    // Addresses
    Case(
        "listen: [localhost, ':70000', 'a b:1', '[::1]:80', ':8000', /run/x.sock, unix:/x]",
        "1:10: expected an address such as 127.0.0.1:8000, [::1]:8000, :8000 or /run/edgefilter.sock",
        "1:21: expected an address such as 127.0.0.1:8000, [::1]:8000, :8000 or /run/edgefilter.sock",
        "1:31: expected an address such as 127.0.0.1:8000, [::1]:8000, :8000 or /run/edgefilter.sock",
        "1:74: expected an address such as 127.0.0.1:8000, [::1]:8000, :8000 or /run/edgefilter.sock"),
    Case(
        "trusted_proxies: [10.0.0.0/8, 'fd00::/8', unix, 10.0.0.0/33, example.com]",
        "1:49: expected an address, a network such as 10.0.0.0/8, or unix",
        "1:62: expected an address, a network such as 10.0.0.0/8, or unix"),
    // Upstreams
    Case(
        "upstreams: {a/b: {dialect: echo}}", "1:13: expected an upstream's name: letters, digits, - _ and ."),
    Case(
        "upstreams: {a: {dialect: opnai}}", "1:26: unknown dialect \"opnai\": did you mean openai?"),
    Case(
        "upstreams: {a: {dialect: echo, base_url: 'https://a.example'}}",
        "1:42: an echo upstream has no base_url"),
    Case(
        "upstreams:\n  a:\n    base_url: http://open.example/v1\n",
        "3:15: http to a public host shows keys and texts to all on the way: use https (or plain: true)"),
    Case("upstreams: {a: {base_url: ftp://x}}", "1:27: expected a URL that begins with https://"),
    Case("upstreams: {a: {headers: {'X Y': z}}}", "1:27: expected the name of a header field"),
    Case("upstreams: {a: {headers: {host: z}}}", "1:27: host is set by edgefilter itself"),
    Case("upstreams: {a: {headers: {x: \"a\\nb\"}}}", "1:30: expected text without control characters"),
    Case("upstreams: {a: {retries: 11}}", "1:26: expected a number from 0 to 10"),
    Case("upstreams: {a: {timeout: {connect: soon}}}", "1:36: expected a time such as 30s (ms s m h d)"),
    // Models
    Case("upstreams: {glm: }\nmodels: {m: gml/x}", "2:13: unknown upstream \"gml\": did you mean \"glm\"?"),
    Case("upstreams: {glm: }\nmodels: {m: other}", "2:13: unknown upstream \"other\": there is glm"),
    Case("models: {m: echo/}", "1:13: expected a model's name behind the slash"),
    Case("models: {m: [echo, elsewhere]}", "1:20: unknown upstream \"elsewhere\": there is echo"),
    Case("models: {m: {echo: lots}}", "1:20: expected a number from 1 to 1000000"),
    Case("upstreams: 5\nmodels: {m: x}", "1:12: expected a mapping, found text"),
    Case("models: {m: []}", "1:13: expected upstream/model or upstream, found a list"),
    Case("models: {m: }", "1:13: expected upstream/model or upstream, found nothing"),
    // YAML
    Case(
        "limits: {body: 1MiB\n",
        "2:1: not YAML: did not find expected ',' or '}', while parsing a flow mapping"),
    Case(
        "a: b: c",
        "1:5: not YAML: mapping values are not allowed in this context: "
            + "look at the indentation, and quote a text that holds ': '"),
    Case(
        "strict: true\n\tcallers: open",
        "2:1: not YAML: found a tab character that violates indentation, while scanning a plain scalar"),
    Case("strict: \"tru", "1:13: not YAML: found unexpected end of stream, while scanning a quoted scalar"),
    Case(
        "cors: &a [x]", "1:7: anchors, aliases and tags are not used here: write the value itself"),
    Case("cors: *a", "1:7: anchors, aliases and tags are not used here: write the value itself"),
    Case("strict: !!bool true", "1:9: anchors, aliases and tags are not used here: write the value itself"),
    Case("strict: true\n---\nstrict: false", "2:1: expected one document, found another"),
    Case("cors: " + String(repeating: "[", count: 40), "1:22: nested too deeply"),
    // Both forms
    Case(
        "server: {port: 1}\nupstreams: {}\nmodles: {}\nstrict: true\n",
        "2:1: upstreams is of edgefilter's own form, but server of Relay Bartender's: use one form",
        "3:1: unknown key \"modles\": did you mean \"models\"?"),
]

@Test(arguments: cases)
private func complains(of one: Case) {
    #expect(Scratch().complaints(one.yaml) == one.complaints.map { "edgefilter.yaml:\($0)" })
}

@Test func everyComplaintIsListedInOrder() {
    let yaml = """
        models:
          m: nowhere
        limits:
          body: big
          drain: never
        upstreams:
          a:
            key: sk-your-api-key
            base_url: nonsense
        """
    #expect(
        Scratch().complaints(yaml, sets: ["limits.head=huge", "nonsense"]) == [
            "--set: expected KEY=VALUE, such as limits.body=64MiB",
            "--set limits.head: expected a size such as 32MiB (B KiB MiB GiB)",
            "edgefilter.yaml:2:6: unknown upstream \"nowhere\": there is a",
            "edgefilter.yaml:4:9: expected a size such as 32MiB (B KiB MiB GiB)",
            "edgefilter.yaml:5:10: expected a time such as 30s (ms s m h d)",
            "edgefilter.yaml:8:10: the key is a sample, put the real one",
            "edgefilter.yaml:9:15: expected a URL that begins with https://",
        ])
}

@Test func aFileThatMustExistIsMissed() {
    let scratch = Scratch()
    let path = "\(scratch.path)/missing.yaml"
    let words = "cannot be read: open: No such file or directory"
    #expect(throws: Complaints(all: [Complaint(file: path, message: words)])) {
        try Reading.settings(Sources(file: (path: path, mustExist: true)))
    }
    #expect(throws: Complaints(all: [Complaint(file: path, message: words)])) {
        try Reading.settings(Sources(environment: ["EDGEFILTER_CONFIG": path]))
    }
}

@Test func aFileThatNeedNotExistMustBeReadable() {
    let scratch = Scratch()
    let complaint = Complaint(file: scratch.path, message: "cannot be read: read: Is a directory")
    #expect(throws: Complaints(all: [complaint])) {
        try Reading.settings(Sources(file: (path: scratch.path, mustExist: false)))
    }
}

@Test func aLongFileIsRefused() {
    let complaints = Scratch().complaints(String(repeating: "# comment\n", count: 110_000))
    #expect(complaints == ["edgefilter.yaml: cannot be read: read: File too large"])
}

@Test func positionsAreInCharacters() {
    #expect(Scratch().complaints("cors: [\"é\", 1]").first?.hasPrefix("edgefilter.yaml:1:8: ") == true)
    #expect(Scratch().complaints("cors: [\"*\", '东京', x]").last?.hasPrefix("edgefilter.yaml:1:19: ") == true)
}

@Test func bytesThatAreNoTextAreRefused() {
    let scratch = Scratch()
    let path = scratch.write(Array("strict: true\nab".utf8) + [0xFF], to: "bad.yaml")
    do throws(Complaints) {
        _ = try Reading.settings(Sources(file: (path: path, mustExist: true)))
        Issue.record("no complaint")
    } catch {
        #expect(error.all.map(\.line) == [2])
        #expect(error.all.map(\.column) == [3])
    }
}
