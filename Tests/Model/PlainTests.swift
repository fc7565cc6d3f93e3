// SPDX-License-Identifier: MIT

import Testing

@testable import Model

@Test(arguments: [
    ("plain", "plain"), (" \n two\nlines \t", "two\nlines"), ("", ""), ("a < b > c", "a < b > c"),
    ("<html><h1>502</h1> key sk-1</html>", ""), ("\n<!DOCTYPE html><p>x", ""), ("x <BODY>y</BODY>", ""),
    ("<?xml version='1.0'?><Error/>", ""),
])
func plainWords(text: String, words: String) {
    #expect(Plain.words(text) == words)
    #expect(Plain.words(Array(text.utf8)) == words)
}

@Test func plainWordsAreNotTooMany() {
    let long = String(repeating: "ä ", count: 100_000)
    #expect(Plain.words(Array(long.utf8)).count == Plain.longest - 1)
    #expect(Plain.words([0xFF, 0x41]).hasSuffix("A"))
}
