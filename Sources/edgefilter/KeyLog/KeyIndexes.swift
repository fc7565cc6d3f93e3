// SPDX-License-Identifier: MIT

import Unix

/// The two indexes of a store: `keys.index`, large and seldom written, and `keys.recent`, of what came since,
/// small and written often.
///
/// Either may be missing, or be older or newer than the other: what does not fit is left out.
struct KeyIndexes {
    let whole: KeyIndex?
    let recent: KeyIndex?

    /// Of no use to anybody.
    static var none: KeyIndexes { KeyIndexes(whole: nil, recent: nil) }

    private init(whole: KeyIndex?, recent: KeyIndex?) { (self.whole, self.recent) = (whole, recent) }

    /// Those that fit this `keys.log` as it is now.
    init(_ files: KeyFiles, of log: KeyFile, size: Int) throws(Errno) {
        // Of a large one that is made between the two looks the small one is a part; the other way round it
        // might begin behind the end of the large one.
        let recent = try KeyIndex(files.recentPath, of: log, size: size)
        let whole = try KeyIndex(files.indexPath, of: log, size: size)
        self.whole = whole?.start == 0 ? whole : nil
        let covered = self.whole?.covers ?? 0
        self.recent = recent.flatMap { $0.start <= covered && $0.covers > covered ? $0 : nil }
    }

    /// Whether a log still begins with what they know.
    func fit(_ log: KeyFile) throws(Errno) -> Bool {
        for index in [whole, recent] {
            if let index, try !index.fits(log) { return false }
        }
        return true
    }

    /// Bytes of `keys.log` that they know together.
    var covers: Int { recent?.covers ?? whole?.covers ?? 0 }

    /// Bytes that the large one knows alone.
    var wholeCovers: Int { whole?.covers ?? 0 }

    /// Whether one of them is this file.
    func hold(_ file: Standing) -> Bool {
        whole?.standing.isSame(as: file) == true || recent?.standing.isSame(as: file) == true
    }

    /// So much of `keys.log` may be beyond the large one before that is made anew.
    ///
    /// The geometric mean of the tail and the whole: then the small one is written as often as is cheap, the
    /// large one as seldom, and a change costs the root of what there is.
    static func recentLimit(_ size: Int) -> Int {
        Int((Double(KeyFiles.tailLimit) * Double(size)).squareRoot())
    }
}
