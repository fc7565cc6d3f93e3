// SPDX-License-Identifier: MIT

import Testing
import Unix

@testable import KeyLog

@Suite struct SignInsTests {
    private func bytes(_ byte: UInt8) -> [UInt8] { [UInt8](repeating: byte, count: SignIns.secretCount) }

    @Test func oneSecretForAll() throws {
        let page = try LivePage(in: nil)
        let first = page.signIns.secret { bytes(7) }
        #expect(first.count == SignIns.secretCount && Set(first) == [7])
        #expect(page.signIns.secret { bytes(9) } == first, "made once")
        page.signIns.renew(bytes(4))
        #expect(page.signIns.secret { bytes(9) } != first)
        page.signIns.renew([1, 2, 3])
        #expect(page.signIns.secret { bytes(9) }.count == SignIns.secretCount, "too short is none")
    }

    @Test func aSecretIsNeverNone() throws {
        let page = try LivePage(in: nil)
        let made = page.signIns.secret { bytes(0) }
        #expect(page.signIns.secret { bytes(9) } == made)
    }

    @Test func wrongTriesOfASourceWait() throws {
        let signIns = try LivePage(in: nil).signIns
        #expect((0..<5).allSatisfy { signIns.take("203.0.113.7", at: 1000 + $0) == nil })
        #expect(signIns.take("203.0.113.7", at: 1300) == 30)
        #expect(signIns.take("203.0.113.8", at: 1300) == nil, "another source has tries of its own")
        #expect(signIns.take("203.0.113.7", at: 1600) == nil, "a minute is over")
    }

    @Test func rightTriesDoNotCount() throws {
        let signIns = try LivePage(in: nil).signIns
        for moment in 1000..<1100 {
            #expect(signIns.take("::1", at: moment) == nil)
            signIns.giveBack("::1", at: moment)
        }
    }

    @Test func secretAndTriesDoNotMeet() throws {
        let page = try LivePage(in: nil)
        let secret = page.signIns.secret { bytes(5) }
        for source in 0..<9999 { _ = page.signIns.take("\(source)", at: 1000) }
        #expect(page.signIns.secret { bytes(9) } == secret)
    }
}
