// SPDX-License-Identifier: MIT

/// The sums of one day, by all labels.
///
/// A caller may name models and paths as it likes, and bring any key: what one caller may fill is bounded,
/// and what all together may fill that hold no issued key; the rest is summed under `other`.
struct DayTotals: Sendable {
    /// So many different labels has one key.
    static let perKey = 256
    /// So many have all keys together that were not issued here.
    static let foreign = 16384
    /// And so many a day.
    static let all = 1 << 20

    private(set) var rows: [Row] = []
    private var table = TagTable()
    private var spread: [Tag: Int] = [:]
    private var foreignCount = 0
    var counts = Counts()

    static let other = Array("other".utf8)

    /// How many groups there are.
    var count: Int { rows.count }

    /// Counts sums.
    mutating func add(_ row: Row, under tag: Tag) {
        let place = table.find(tag) ?? self.place(for: tag)
        rows[place].add(row)
    }

    /// Takes over sums that were made by these rules.
    mutating func load(_ row: Row, under tag: Tag) {
        let place = table.find(tag) ?? insert(tag)
        rows[place].add(row)
    }

    private mutating func place(for tag: Tag) -> Int {
        if hasRoom(for: tag) { return insert(tag) }
        let folded = rows.count < DayTotals.all ? tag.folded : Tag.nobody
        if let place = table.find(folded) { return place }
        return folded.isForeign && foreignCount >= DayTotals.foreign ? insertNobody() : insert(folded)
    }

    private func hasRoom(for tag: Tag) -> Bool {
        spread[tag.caller, default: 0] < DayTotals.perKey && rows.count < DayTotals.all
            && (!tag.isForeign || foreignCount < DayTotals.foreign)
    }

    private mutating func insertNobody() -> Int { table.find(Tag.nobody) ?? insert(Tag.nobody) }

    private mutating func insert(_ tag: Tag) -> Int {
        let place = table.insert(tag)
        rows.append(Row())
        // What is folded is one more for each caller, and no part of its room.
        if !tag.isFolded {
            spread[tag.caller, default: 0] += 1
            if tag.isForeign { foreignCount += 1 }
        }
        return place
    }

    /// The sums of one group; nil: there is none.
    func row(of tag: Tag) -> Row? { table.find(tag).map { rows[$0] } }

    /// All groups, sorted.
    var sorted: [(tag: Tag, row: Row)] {
        let tags = table.tags
        return rows.indices.sorted { tags[$0] < tags[$1] }.map { (tags[$0], rows[$0]) }
    }

    /// Gives each group in no order.
    func each(_ take: (Tag, Row) -> Void) {
        for (place, tag) in table.tags.enumerated() { take(tag, rows[place]) }
    }
}

/// What a day's lines were.
struct Counts: Equatable, Sendable {
    /// Lines that are not empty.
    var lines = 0
    /// Of these: torn, cut off in the middle.
    var torn = 0
    /// Of these: whole, but with a wrong sum.
    var altered = 0
    /// Of these: written on behalf of a dead handler, perhaps a second time.
    var again = 0
    /// Of `again`: those that were written before, which therefore count nowhere.
    var twins = 0

    var broken: Int { torn + altered }

    static func + (one: Counts, other: Counts) -> Counts {
        var sum = one
        sum.lines += other.lines
        sum.torn += other.torn
        sum.altered += other.altered
        sum.again += other.again
        sum.twins += other.twins
        return sum
    }
}

extension Tag {
    /// Whose room is filled: the issued key's, or the foreign key's.
    fileprivate var caller: Tag {
        var caller = Tag()
        caller.begin(keyID: keyID, user: 0)
        caller.append(keyID == 0 ? Array(escaped(.key)) : [])
        return caller
    }

    fileprivate var isForeign: Bool { keyID == 0 }

    fileprivate var isFolded: Bool {
        Array(escaped(.endpoint)) == DayTotals.other && Array(escaped(.model)) == DayTotals.other
    }

    /// The same caller with all else under `other`.
    fileprivate var folded: Tag {
        var folded = Tag()
        folded.begin(keyID: keyID, user: user)
        folded.append(Array(escaped(.key)))
        for _ in 0..<3 { folded.append(DayTotals.other) }
        return folded
    }

    /// Nobody in particular.
    fileprivate static let nobody = {
        var nobody = Tag()
        nobody.begin(keyID: 0, user: 0)
        for _ in Text.allCases { nobody.append(DayTotals.other) }
        return nobody
    }()
}
