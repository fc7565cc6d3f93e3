// SPDX-License-Identifier: MIT

import Testing

@testable import Digest

@Suite struct HashTests {
    /// The examples of FIPS 180-4, which NIST keeps beside it: none, one and two blocks.
    @Test(arguments: [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        ),
    ])
    func sha256(text: String, digest: String) {
        #expect(Base16.encoded(Hash.sha256(text)) == digest)
        #expect(Base16.encoded(Hash.sha256(Array(text.utf8))) == digest)
    }

    /// RFC 3174 section 7.3, RFC 1321 section A.5.
    @Test func olderOnes() {
        #expect(Base16.encoded(Hash.sha1("abc")) == "a9993e364706816aba3e25717850c26c9cd0d89d")
        #expect(Base16.encoded(Hash.md5(Array("abc".utf8))) == "900150983cd24fb0d6963f7d28e17f72")
    }

    /// RFC 4231, cases 1, 2 and 6: short keys, and one longer than a block.
    @Test func hmac() {
        let vectors: [(key: [UInt8], data: String, tag: String)] = [
            (
                [UInt8](repeating: 0x0B, count: 20), "Hi There",
                "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
            ),
            (
                Array("Jefe".utf8), "what do ya want for nothing?",
                "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
            ),
            (
                [UInt8](repeating: 0xAA, count: 131),
                "Test Using Larger Than Block-Size Key - Hash Key First",
                "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
            ),
        ]
        for (key, data, tag) in vectors {
            #expect(Base16.encoded(Hash.hmac(of: Array(data.utf8), key: key)) == tag)
        }
    }

    /// RFC 2104 allows it.
    @Test func aKeyMayBeEmpty() {
        let tag = Base16.encoded(Hash.hmac(of: Array("abc".utf8), key: []))
        #expect(tag == "fd7adb152c05ef80dccf50a1fa4c05d5a3ec6da95575fc312ae7c5d091836351")
    }

    /// Worked out by Python's hashlib and divmod.
    @Test func shortNames() {
        #expect(Hash.hex("abc", 16) == "ba7816bf8f01cfea" && Hash.hex("abc", 64).utf8.count == 64)
        #expect(Hash.base62("toolu_01", 9) == "T4FqBgpdH" && Hash.base62("toolu_01", 43).utf8.count == 43)
    }
}
