// SPDX-License-Identifier: MIT

package import Model

/// A dialect of ours without a provider: it answers with the caller's last words, word by word.
/// For trying edgefilter out, and for tests of everything but an upstream.
extension Dialect {
    /// The caller's last words, without a provider.
    package static let echo = Dialect(name: "echo", upstream: .embedded(Echo()))
}

struct Echo: EmbeddedSide {
    /// `echo` answers at once, `echo-slow` as fast as a person reads.
    let models = ["echo", "echo-slow"]

    /// Milliseconds between two words of `echo-slow`.
    private static let slowPace = 80

    func reply(to request: Request) -> any EmbeddedReply {
        Words(of: request, pace: request.model.hasSuffix("-slow") ? Echo.slowPace : 0)
    }
}

/// The words of the last user turn, one delta each; a word counts as a token.
struct Words: EmbeddedReply {
    let pace: Int
    private let words: [String]
    private let usage: Usage
    private var step = 0

    init(of request: Request, pace: Int) {
        self.pace = pace
        let last = request.turns.last { $0.role == .user }?.text() ?? ""
        words = Words.split(last)
        usage = Usage(
            input: request.turns.reduce(0) { $0 + Words.split($1.text()).count },
            output: words.count)
    }

    mutating func next() -> Event? {
        defer { step += 1 }
        let before: [Event] = [.begin(Beginning()), .open(.text)]
        let after: [Event] = [.close, .usage(usage), .end(Ending(.finished))]
        let word = step - before.count
        if word < 0 { return before[step] }
        if word < words.count { return .delta(.text(words[word])) }
        return word - words.count < after.count ? after[word - words.count] : nil
    }

    /// Each word with the white space before it, so that joining gives the text back.
    private static func split(_ text: String) -> [String] {
        var words: [String] = []
        var word = ""
        var isInside = false
        for character in text {
            if character.isWhitespace, isInside {
                words.append(word)
                word = ""
            }
            isInside = !character.isWhitespace
            word.append(character)
        }
        return word.isEmpty ? words : words + [word]
    }
}
