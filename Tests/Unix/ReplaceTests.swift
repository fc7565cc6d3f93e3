// SPDX-License-Identifier: MIT

import Glibc
import Testing

@testable import Unix

@Suite struct ReplaceTests {
    @Test("a file is replaced all at once, and nothing is left beside it")
    func replaces() throws {
        let folder = scratchName()
        try File.makeDirectory(folder)
        let path = "\(folder)/a"
        try File.replace(path, with: [1, 2, 3])
        let reader = try Descriptor.open(path, O_RDONLY)
        try File.replace(path, with: [])
        #expect(try File.read(path, limit: 10) == [])
        #expect(try File.readAll(reader.number, limit: 10) == [1, 2, 3], "who has it open reads the old one")
        #expect(try File.names(in: folder) == ["a"])
        #expect(File.changed(path) != nil && File.remove(path))
        #expect(File.changed(path) == nil && !File.remove(path))
        rmdir(folder)
        #expect(throws: Errno.self) { try File.replace("\(folder)/none/a", with: [1]) }
    }

    @Test("one byte of a file is held by one only, and until it is let go")
    func locks() throws {
        let path = scratchName()
        defer { unlink(path) }
        var one = try File.lock(path, at: 1 << 50)
        let isFirst = isHeld(one)
        let (isSecond, isOther) = (
            isHeld(try File.lock(path, at: 1 << 50)), isHeld(try File.lock(path, at: 7))
        )
        one = nil
        let isAgain = isHeld(try File.lock(path, at: 1 << 50))
        #expect(isFirst && !isSecond && isOther && isAgain)
    }

    private func isHeld(_ descriptor: borrowing Descriptor?) -> Bool {
        switch descriptor {
        case nil: false
        case .some: true
        }
    }
}
