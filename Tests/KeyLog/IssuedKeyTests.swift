// SPDX-License-Identifier: MIT

import Digest
import Testing
import Unix

@testable import KeyLog

@Suite struct IssuedKeyTests {
    /// Worked out by Python: zlib.crc32, hashlib.sha256 and divmod by 62.
    @Test func isMadeAsDocumented() throws {
        let text = IssuedKey.make(random: Array(0..<32))
        #expect(text == "sk-ef-003aUlTJC7tjlCTQj2uNU3MFagCXG9LRKRcwGkBIDlf2YYSsC")
        let key = try #require(IssuedKey(text))
        #expect(
            String(decoding: Base16.digits(of: key.hash), as: UTF8.self)
                == "9c029f3de8869dc6cd332b10dabed2055a83ce9f4a360b340f19814dfbb7460e")
    }

    @Test func anyOtherLetterIsAMistake() throws {
        let text = Array(IssuedKey.make(random: randomBytes(32)).utf8)
        #expect(IssuedKey(String(decoding: text, as: UTF8.self)) != nil)
        for place in text.indices {
            var wrong = text
            wrong[place] = text[place] == UInt8(ascii: "x") ? UInt8(ascii: "y") : UInt8(ascii: "x")
            #expect(IssuedKey(String(decoding: wrong, as: UTF8.self)) == nil)
            #expect(IssuedKey(String(decoding: text[..<place], as: UTF8.self)) == nil)
        }
        #expect(IssuedKey(String(decoding: text, as: UTF8.self) + "0") == nil)
    }

    @Test func twoThatChangedPlacesAreAMistake() {
        for _ in 0..<50 {
            let text = Array(IssuedKey.make(random: randomBytes(32)).utf8)
            for place in 6..<(text.count - 1) where text[place] != text[place + 1] {
                var wrong = text
                wrong.swapAt(place, place + 1)
                #expect(IssuedKey(String(decoding: wrong, as: UTF8.self)) == nil)
            }
        }
    }

    @Test(arguments: ["sk-ef-", "sk-ef-short"]) func looksLikeOursButIsNone(_ text: String) {
        #expect(IssuedKey.looksIssued(text) && IssuedKey(text) == nil)
    }

    @Test(arguments: ["", "sk-proj-abc", "SK-EF-x"]) func isNotMeantForUs(_ text: String) {
        #expect(!IssuedKey.looksIssued(text) && IssuedKey(text) == nil)
    }
}
