// SPDX-License-Identifier: MIT

import Testing
import Unix

@testable import KeyLog

@Suite struct TallyTests {
    @Test func countersAreShared() throws {
        let scratch = try Scratch()
        let (one, other) = (try LivePage(in: scratch.path), try LivePage(in: scratch.path))
        one.add(.unwritten)
        one.addFailure(302)
        one.addFailure(-1)
        one.addFailure(5000)
        one[.spares] = 4
        #expect(other[.unwritten] == 1 && other[.killed] == 0 && other[.spares] == 4)
        #expect(other.failures.map(\.code) == [302] && other.failures[0].count == 1)
    }

    @Test func namesAreKeptOnce() throws {
        let page = try LivePage(in: nil)
        let numbers = ["openai", "glm-*", "openai", ""].map(page.number)
        #expect(numbers[0] == numbers[2] && numbers[0] != numbers[1] && numbers[3] == 0)
        #expect(page.name(numbers[0]) == "openai" && page.name(numbers[1]) == "glm-*")
        #expect(page.name(0) == nil && page.name(-1) == nil && page.name(600) == nil)
        let long = String(repeating: "é", count: 100)
        #expect(page.number(of: long) == page.number(of: long))
        // More than there is room for: the last ones are others.
        let all = (0..<2000).map { page.number(of: "n\($0)") }
        #expect(all.contains(0) && all.allSatisfy { $0 == 0 || page.name($0)?.first == "n" })
        #expect(page.name(numbers[0]) == "openai")
    }

    private func series(_ model: Int, _ status: Int) -> Series {
        var series = Series()
        (series.endpoint, series.client, series.upstream, series.model, series.status) = (
            3, 1, 2, model, status
        )
        return series
    }

    @Test func sumsByLabels() throws {
        let page = try LivePage(in: nil)
        var sums = Sums()
        (sums.requests, sums.input, sums.output) = (1, 10, 20)
        for _ in 0..<3 { page.add(sums, series(5, 200)) }
        page.add(sums, series(5, 429))
        var found: [Series: Sums] = [:]
        page.eachSeries { found[$0] = $1 }
        #expect(
            found.count == 2 && found[series(5, 200)]?.requests == 3 && found[series(5, 200)]?.output == 60)
        #expect(found[series(5, 429)]?.input == 10)
    }

    /// More series than there is room for are summed as others: nothing is lost.
    @Test func aFullTableLosesNothing() throws {
        let page = try LivePage(in: nil)
        var sums = Sums()
        sums.requests = 1
        for number in 0..<5000 { page.add(sums, series(number % 1024, number / 1024)) }
        var (count, sum) = (0, 0)
        page.eachSeries {
            count += 1
            sum += $1.requests
        }
        #expect(sum == 5000 && count <= SeriesTable.count)
    }

    @Test func garbageIsOfNoSeries() throws {
        let page = try LivePage(in: nil)
        let words = page.words(Region.series)
        for index in 0..<words.count { words[index] = .max }
        var count = 0
        page.eachSeries { series, sums in
            count += 1
            #expect(series == Series() && sums.requests >= 0)
        }
        #expect(count == 1)
        let names = page.words(Region.names)
        for index in 0..<names.count { names[index] = index % 8 == 0 ? 2 : .max }
        #expect(page.name(5) != nil && page.losses.count == 511)
    }

    @Test func timesFallIntoBuckets() throws {
        let page = try LivePage(in: nil)
        for time in [0, 5, 6, 1000, 700_000] { page.add(.total, time, kind: 2) }
        page.add(.total, 1, kind: 16)
        page.add(.first, 1, kind: -1)
        let (buckets, sum) = page.times(.total, kind: 2)
        #expect(buckets[0] == 2 && buckets[1] == 1 && buckets[7] == 1 && buckets.last == 1)
        #expect(buckets.reduce(0, +) == 5 && sum == 701_011)
        #expect(page.times(.first, kind: 2).buckets.allSatisfy { $0 == 0 })
    }
}
