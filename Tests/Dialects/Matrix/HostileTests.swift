// SPDX-License-Identifier: MIT

import JSON
import Model
import Testing

/// Providers whose answers were recorded, each with something wrong in it: whatever it is, an answer comes to
/// its end or to a failure, and callers of each dialect are told the same of it.
@Suite struct HostileTests {
    /// How often each recording is damaged.
    private static let rounds = 8
    /// Of long recordings the beginning and the end tell as much.
    private static let kept = 40

    @Test(arguments: Recording.all) func damagedAnswers(recording: Recording) throws {
        var vandal = Vandal(seed: recording.name)
        for round in 0..<HostileTests.rounds {
            let content = vandal.damaged(HostileTests.shortened(recording.content))
            let events = try Sides.named(recording.dialect).read(content)
            #expect(fault(events) == nil, "round \(round): \(vandal.deed)")
            try expectAllAreTold(events, "round \(round): \(vandal.deed)")
        }
    }

    private static func shortened(_ content: Recording.Content) -> Recording.Content {
        guard case .stream(let stream) = content, stream.count > 2 * kept else { return content }
        return .stream(stream.prefix(kept) + stream.suffix(kept))
    }

    private func expectAllAreTold(_ events: [Event], _ comment: Comment) throws {
        let reply = try? Reply(folding: events)
        for side in Sides.all {
            let back = side.read(.stream(Recording.events(side.streamed(events))))
            #expect(fault(back) == nil, "\(side) \(comment)")
            guard let reply else {
                if case .failure? = back.last { continue }
                Issue.record("\(side) hears of no failure: \(comment)")
                continue
            }
            // Arguments that are no JSON are a failure at once where they cannot be told.
            guard let again = try? Reply(folding: back) else { continue }
            #expect(Essence(again).text == Essence(reply).text, "\(side) \(comment)")
            #expect(Essence(again).thoughts == Essence(reply).thoughts, "\(side) \(comment)")
            #expect(Essence(again).calls.count == Essence(reply).calls.count, "\(side) \(comment)")
        }
    }
}

/// Damages answers, the same ones in the same way each time.
private struct Vandal {
    private var state: UInt64
    /// What it did last.
    private(set) var deed = ""

    init(seed: String) {
        state = seed.utf8.reduce(14_695_981_039_346_656_037) { ($0 ^ UInt64($1)) &* 1_099_511_628_211 }
    }

    /// A number below `limit`.
    private mutating func draw(_ limit: Int) -> Int {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int((state >> 33) % UInt64(max(1, limit)))
    }

    mutating func damaged(_ content: Recording.Content) -> Recording.Content {
        switch content {
        case .whole(let body): return .whole(changed(body))
        case .stream(var stream):
            guard !stream.isEmpty else { return content }
            for _ in 0...draw(3) { damage(&stream) }
            return .stream(stream)
        }
    }

    private mutating func damage(_ stream: inout [(name: String, data: [UInt8])]) {
        guard !stream.isEmpty else { return }
        let place = draw(stream.count)
        switch draw(8) {
        case 0:
            deed = "event \(place) is missing"
            stream.remove(at: place)
        case 1:
            deed = "event \(place) comes twice"
            stream.insert(stream[place], at: place)
        case 2:
            let other = draw(stream.count)
            deed = "events \(place) and \(other) have changed places"
            stream.swapAt(place, other)
        default: stream[place].data = changed(stream[place].data)
        }
    }

    private static let values = [
        "null", "true", "0", "-1", "1e400", "9223372036854775807", "-9223372036854775808", "0.5", "\"\"",
        "[]", "{}",
        "\"x\"", "\"\\u0000\"", "\"\\ud83d\"", "[null]", "{\"text\":null}", "\"message_stop\"", "[[[[]]]]",
        "4096",
        "[{\"type\":\"text\",\"text\":\"y\"}]", "{\"error\":{}}", "\"[DONE]\"", "\"tool_use\"", "65",
    ]

    /// A value somewhere in it is another one, or its member is called otherwise.
    private mutating func changed(_ data: [UInt8]) -> [UInt8] {
        guard let root = (try? Document(data))?.root else { return data }
        var all: [Value] = []
        collect(root, &all)
        let victim = all[draw(all.count)]
        let value = Vandal.values[draw(Vandal.values.count)]
        deed =
            "\(String(decoding: victim.verbatim.prefix(60), as: UTF8.self)) at \(victim.offset) is \(value)"
        var changed = data
        changed.replaceSubrange(
            victim.offset..<victim.offset + victim.verbatim.count, with: Array(value.utf8))
        return changed
    }

    private func collect(_ value: Value, _ all: inout [Value]) {
        all.append(value)
        for element in value.elements { collect(element, &all) }
        guard let object = value.object else { return }
        for member in object.members { collect(member.value, &all) }
    }
}
