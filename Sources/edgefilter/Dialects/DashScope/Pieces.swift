// SPDX-License-Identifier: MIT

import JSON
import Model

/// The data of an event in several lines, which the vendor's own client joins until they are a value.
///
///     data = *( piece LF ) piece
enum Pieces {
    /// The values that the lines are, joined without their ends; nil: they are none.
    ///
    /// Each byte is looked at twice, however many lines there are.
    static func documents(_ data: [UInt8]) -> [Value]? {
        guard data.contains(0x0A) else { return nil }
        var roots: [Value] = []
        var joined: [UInt8] = []
        var watch = Watch(plan)
        for line in data.split(separator: 0x0A) {
            guard (try? watch.feed(line.span)) != nil else { return nil }
            joined += line
            guard watch.isComplete else { continue }
            guard let root = (try? Document(joined))?.root else { return nil }
            roots.append(root)
            joined = []
            watch.reset()
        }
        return joined.isEmpty ? roots : nil
    }

    private static let plan = Watch.Plan(paths: [])
}
