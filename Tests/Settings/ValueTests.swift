// SPDX-License-Identifier: MIT

import Testing

@testable import Settings

@Test(arguments: [
    ("0", 0), ("0B", 0), ("1B", 1), ("32KiB", 32_768), ("32MiB", 33_554_432), ("2GiB", 2_147_483_648),
    ("1", nil),
    ("1kB", nil), ("1 MiB", nil), ("1.5MiB", nil), ("-1B", nil), ("MiB", nil), ("", nil),
    ("9223372036854775807B", .max),
    ("9223372036854775808B", nil), ("9223372036854775807KiB", nil), ("+1B", nil), ("١B", nil),
])
func sizes(text: String, size: Int?) {
    #expect(Quantity.size.read(text) == size)
}

@Test(arguments: [
    ("0", 0), ("10ms", 10), ("10s", 10_000), ("10m", 600_000), ("2h", 7_200_000), ("90d", 7_776_000_000),
    ("10", nil),
    ("10 parsecs", nil), ("10S", nil), ("1h30m", nil), ("s", nil),
])
func times(text: String, time: Int?) {
    #expect(Quantity.time.read(text) == time)
}

@Test(arguments: [(0, "0"), (1, "1ms"), (1000, "1s"), (90_000, "90s"), (60_000, "1m"), (86_400_000, "1d")])
func shortestTimes(time: Int, text: String) {
    #expect(Quantity.time.text(time) == text)
}

@Test(arguments: [
    ("", "", true), ("", "a", false), ("*", "", true), ("*", "any", true), ("a*", "a", true),
    ("a*", "ba", false),
    ("*a", "aba", true), ("a*c", "abc", true), ("a*c", "abcd", false), ("a*b*c", "a-b-b-c", true),
    ("**", "x", true),
    ("*ab*ab*", "abab", true), ("*ab*ab*", "aba", false), ("gpt-4", "gpt-4", true),
    ("gpt-4", "gpt-4o", false),
    ("é*", "école", true),
])
func patterns(pattern: String, text: String, isMatch: Bool) {
    #expect(matches(pattern, text) == isMatch)
}

@Test func aHostilePatternEnds() {
    let pattern = String(repeating: "a*", count: 200) + "b"
    #expect(!matches(pattern, String(repeating: "a", count: 2000)))
}

@Test(arguments: [
    ("https://a.example", "https://a.example"), ("HTTPS://A.Example:8443/V1/", "https://a.example:8443/V1"),
    ("http://[::1]:80/v1", "http://[::1]:80/v1"), ("http://10.0.0.1//", "http://10.0.0.1"),
    ("https://a-b_c.example/x%20y", "https://a-b_c.example/x%20y"), ("http://vllm:8000", "http://vllm:8000"),
])
func goodURLs(text: String, url: String) throws {
    #expect(try URL(text).description == url)
}

@Test(arguments: [
    "", "https://", "https:///v1", "a.example", "ftp://a", "https://user:pw@a.example",
    "https://a.example?x=1",
    "https://a.example#x", "https://a.example:0", "https://a.example:65536", "https://a.example:",
    "https://a.example:8x",
    "https://[::1", "https://[1.2.3.4]", "https://[::1]x", "https://a b", "https://é.example", "https://a..b",
    "https://127.1", "https://0x7f.1", "https://1.2.3.04", "https://a.example/a//b", "https://a.example/../b",
    "https://a.example/<x>", "https://a.example\\b", "https://.a",
])
func badURLs(text: String) {
    #expect(throws: BadURL.self) { try URL(text) }
}

@Test(arguments: [
    ("localhost", true, false), ("a.localhost", true, false), ("127.8.9.1", true, false),
    ("::1", true, false),
    ("::ffff:127.0.0.1", true, false), ("10.1.2.3", false, true), ("172.31.0.1", false, true),
    ("172.32.0.1", false, false), ("192.168.1.1", false, true), ("169.254.1.1", false, true),
    ("100.64.0.1", false, true), ("100.128.0.1", false, false), ("fd12::1", false, true),
    ("fe80::1", false, true),
    ("2001:db8::1", false, false), ("::ffff:10.0.0.1", false, true), ("8.8.8.8", false, false),
    ("vllm", false, true), ("box.local", false, true), ("a.internal", false, true),
    ("open.example", false, false),
])
func ranges(host: String, isLoopback: Bool, isPrivate: Bool) {
    let url = URL(scheme: .http, host: host)
    #expect(url.isLoopback == isLoopback)
    #expect(url.isPrivate == isPrivate)
}

@Test(arguments: [
    "", ":", ":::", "1::2::3", "12345::", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "::g", "1.2.3", "1.2.3.256",
])
func noAddresses(text: String) {
    #expect(Address(text) == nil)
}

@Test func addressesInBytes() {
    #expect(Address("::")?.bytes == [UInt8](repeating: 0, count: 16))
    #expect(Address("1:2:3:4:5:6:7:8")?.bytes == [0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0, 7, 0, 8])
    #expect(Address("1::8")?.bytes == [0, 1] + [UInt8](repeating: 0, count: 12) + [0, 8])
}
