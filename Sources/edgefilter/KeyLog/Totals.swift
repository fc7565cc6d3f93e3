// SPDX-License-Identifier: MIT

/// Sums over records, grouped.
package struct Totals: Sendable {
    /// What may be grouped by.
    package enum Group: String, CaseIterable, Sendable {
        case key, user, model, endpoint, upstream, day
    }

    /// What they are grouped by.
    package let groups: [Group]
    /// The sums by what they were grouped by: the other labels are empty.
    package private(set) var rows: [Labels: Row] = [:]
    /// All groups together.
    package private(set) var sum = Row()
    /// Lines that were torn or altered, of the days that were summed: they count nowhere.
    package var broken = 0
    /// Days that were asked for in part, and of which only the sum of the whole day is left: they are counted
    /// whole.
    package var coarse: [Day] = []

    /// Days whose segment was removed and whose totals are damaged: they are missing.
    package var damaged: [Day] = []

    /// Of no records yet.
    package init(by groups: [Group]) { self.groups = groups }

    /// Counts a record; `day`: the one it was written on.
    package mutating func add(_ record: Record, on day: Day) {
        add(Row(of: record), under: Labels(of: record), on: day)
    }

    /// Counts sums of a day.
    package mutating func add(_ row: Row, under labels: Labels, on day: Day) {
        add(row, grouped: labels.kept(for: groups, on: day))
    }

    /// The sums by some of these groups, of the rows whose labels are wanted.
    package func sums(by groups: [Group], where isWanted: (Labels) -> Bool) -> Totals {
        var sums = Totals(by: groups)
        (sums.broken, sums.coarse, sums.damaged) = (broken, coarse, damaged)
        for (labels, row) in rows where isWanted(labels) {
            sums.add(row, under: labels, on: labels.day ?? Day(number: 0))
        }
        return sums
    }

    mutating func add(_ row: Row, grouped labels: Labels) {
        rows[labels, default: Row()].add(row)
        sum.add(row)
    }
}

/// Whose requests a sum is of.
package struct Labels: Hashable, Sendable {
    /// The public id of the issued key; 0: the caller had none of ours.
    package var keyID = 0
    /// The hash of the caller's key; empty where `keyID` says it in a group.
    package var key = ""
    /// The user's public id, or 0.
    package var user = 0
    /// The path that was asked for.
    package var endpoint = ""
    /// The model that was asked for.
    package var model = ""
    /// The upstream's name.
    package var upstream = ""
    /// The day, where it is grouped by.
    package var day: Day?

    package init() {}

    /// Those of one record; its day is the reader's to say.
    package init(of record: Record) {
        (keyID, key, user) = (record.keyID, record.key, record.user)
        (endpoint, model, upstream) = (record.endpoint, record.model, record.upstream)
    }

    /// What distinguishes groups, and no more.
    func kept(for groups: [Totals.Group], on day: Day) -> Labels {
        var kept = Labels()
        for group in groups {
            switch group {
            // The hash of an issued key changes with the pepper, its id never.
            case .key: (kept.keyID, kept.key) = (keyID, keyID == 0 ? key : "")
            case .user: kept.user = user
            case .model: kept.model = model
            case .endpoint: kept.endpoint = endpoint
            case .upstream: kept.upstream = upstream
            case .day: kept.day = day
            }
        }
        return kept
    }
}

extension Record {
    /// Whether the caller did not get what it asked for.
    package var isFailure: Bool { status == 0 || status >= 400 || code != 0 || ended != "complete" }
}
