// SPDX-License-Identifier: MIT

import Model
import Testing

@testable import edgefilter

@Suite struct SignInTests {
    private let signingKey = SigningKey(secret: [1, 2, 3], hash: "aa")
    private let signIn = SignIn(at: 1000, random: [UInt8](0..<16))

    private func cookie(_ signingKey: SigningKey) -> String {
        let field = signIn.setCookie(signingKey, isSecure: false)
        return String(field.dropFirst("edgefilter-admin=".count).prefix { $0 != ";" })
    }

    @Test func itsCookieSaysIt() {
        #expect(SignIn(cookie(signingKey), signingKey, at: 1000) == signIn)
        #expect(SignIn(cookie(signingKey), signingKey, at: 1000 + SignIn.life - 1) == signIn)
    }

    @Test func itEnds() {
        #expect(SignIn(cookie(signingKey), signingKey, at: 1000 + SignIn.life) == nil)
        #expect(
            SignIn(cookie(signingKey), signingKey, at: 999) == nil,
            "one that lasts longer than any is none of ours")
    }

    @Test(arguments: [([9], "aa"), ([1, 2, 3], "bb")] as [([UInt8], String)])
    func anotherSecretOrKeyEndsIt(secret: [UInt8], hash: String) {
        #expect(SignIn(cookie(signingKey), SigningKey(secret: secret, hash: hash), at: 1000) == nil)
    }

    @Test func everyByteOfTheCookieCounts() {
        let cookie = Array(cookie(signingKey).utf8)
        for index in cookie.indices {
            var other = cookie
            other[index] = other[index] == UInt8(ascii: "2") ? UInt8(ascii: "3") : UInt8(ascii: "2")
            #expect(SignIn(text(other), signingKey, at: 1000) == nil, "byte \(index)")
            #expect(SignIn(text(Array(cookie.prefix(index))), signingKey, at: 1000) == nil, "cut at \(index)")
        }
    }

    @Test func changesNeedItsToken() throws {
        let token = signIn.token(signingKey)
        #expect(
            token != cookie(signingKey).split(separator: ".").last.map(String.init),
            "the cookie does not tell it")
        try signIn.checkToken(in: try head("POST /admin/users", "x-csrf-token: \(token)"), signingKey)
        for fields in [[], ["X-CSRF-Token: "], ["X-CSRF-Token: \(token)x"]] {
            let head = try fields.isEmpty ? head("POST /a") : head("POST /a", fields[0])
            #expect { try signIn.checkToken(in: head, signingKey) } throws: {
                ($0 as? Failure)?.code == .forged
            }
        }
    }

    @Test func findsItsCookieAmongOthers() throws {
        #expect(SignIn.cookie(in: try head("GET /", "Cookie: a=1; edgefilter-admin=x.y; b=2")) == "x.y")
        #expect(
            SignIn.cookie(
                in: try head("GET /", "Cookie: edgefilter-admin=x", "Cookie: __Host-edgefilter-admin=y"))
                == "y", "the safer one counts")
        #expect(SignIn.cookie(in: try head("GET /", "Cookie: xedgefilter-admin=1")) == nil)
    }

    @Test func overHTTPSItIsSafer() {
        let field = signIn.setCookie(signingKey, isSecure: true)
        #expect(field.hasPrefix("__Host-edgefilter-admin=") && field.hasSuffix("; Secure"))
        #expect(SignIn.clearCookie(isSecure: true).contains("Max-Age=0"))
    }

    @Test func comparesWhole() {
        #expect(isEqual("abc", "abc") && !isEqual("abc", "abd") && !isEqual("abc", "ab") && !isEqual("", ""))
    }
}
