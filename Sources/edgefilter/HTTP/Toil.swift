// SPDX-License-Identifier: MIT

/// How many bytes a machine has looked at.
///
/// Counted in debug builds only, where tests use it to show that no split of the input makes a machine look
/// at a byte again and again.
struct Toil: Sendable {
    #if DEBUG
    private(set) var bytes = 0
    #endif

    mutating func add(_ count: Int) {
        #if DEBUG
        bytes += count
        #endif
    }
}
