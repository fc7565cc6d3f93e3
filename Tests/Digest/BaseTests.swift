// SPDX-License-Identifier: MIT

import Testing

@testable import Digest

@Suite struct Base16Tests {
    @Test func digits() {
        #expect(Base16.encoded([]).isEmpty && Base16.encoded([0x00, 0x9A, 0xFF]) == "009aff")
    }
}

@Suite struct Base62Tests {
    /// Worked out by Python's divmod.
    @Test func digits() {
        #expect(text([], 3) == "000" && text([61], 2) == "0z" && text([1, 0], 2) == "48")
        #expect(text(Array(0..<32), 43) == "003aUlTJC7tjlCTQj2uNU3MFagCXG9LRKRcwGkBIDlf")
        #expect(
            text([UInt8](repeating: 0xFF, count: 9), 5) == "SSTS3",
            "the last digits of a number that has more")
    }

    private func text(_ number: [UInt8], _ count: Int) -> String {
        String(decoding: Base62.digits(of: number, count: count), as: UTF8.self)
    }
}

@Suite struct Base64Tests {
    /// RFC 4648 section 10, without padding.
    @Test(arguments: [
        ("", ""), ("f", "Zg"), ("fo", "Zm8"), ("foo", "Zm9v"), ("foob", "Zm9vYg"), ("fooba", "Zm9vYmE"),
    ])
    func vectors(plain: String, coded: String) {
        #expect(Base64.standard.encoded(Array(plain.utf8)) == coded)
        #expect(Base64.standard.decoded(coded.utf8) == Array(plain.utf8))
    }

    @Test func alphabets() {
        #expect(Base64.standard.encoded([0xFB, 0xFF]) == "+/8" && Base64.url.encoded([0xFB, 0xFF]) == "-_8")
        #expect(Base64.standard.decoded("-_8".utf8) == nil && Base64.url.decoded("+/8".utf8) == nil)
        #expect(Base64.standard.decoded("Zg==".utf8) == nil)
    }
}
