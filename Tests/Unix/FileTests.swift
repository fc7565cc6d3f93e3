// SPDX-License-Identifier: MIT

import Glibc
import Testing

@testable import Unix

@Suite struct FileTests {
    @Test func readsWholeFiles() throws {
        let path = scratchName()
        defer { unlink(path) }
        let bytes = (0..<100_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        try write(bytes, to: path)
        #expect(try File.read(path, limit: 100_000) == bytes)
        let error = #expect(throws: Errno.self) { try File.read(path, limit: 99_999) }
        #expect(error?.number == EFBIG)
        try write([], to: path)
        #expect(try File.read(path, limit: 0) == [])
    }

    @Test func saysWhyItCannotRead() {
        let error = #expect(throws: Errno.self) { try File.read("/nonexistent/file", limit: 10) }
        #expect(error == Errno(ENOENT, in: "open"))
        #expect(error?.description == "open: No such file or directory")
        #expect(throws: Errno(EISDIR, in: "read")) { try File.read("/tmp", limit: 10) }
    }

    @Test func makesDirectories() throws {
        let path = scratchName()
        try File.makeDirectory("\(path)/b/c")
        try File.makeDirectory("\(path)/b/c")
        #expect(File.exists("\(path)/b/c") && !File.exists("\(path)/d"))
        for name in ["z", "a", ".h", "m"] { try write([1], to: "\(path)/b/\(name)") }
        #expect(try File.names(in: "\(path)/b") == [".h", "a", "c", "m", "z"])
        let error = #expect(throws: Errno.self) { try File.makeDirectory("\(path)/b/a/x") }
        #expect(error?.number == ENOTDIR)
        #expect(throws: Errno(ENOENT, in: "opendir")) { try File.names(in: "\(path)/none") }
        for name in ["b/z", "b/a", "b/.h", "b/m"] { unlink("\(path)/\(name)") }
        for name in ["b/c", "b", ""] { rmdir("\(path)/\(name)") }
    }

    private func write(_ bytes: [UInt8], to path: String) throws {
        let file = try Descriptor.open(path, O_WRONLY | O_CREAT | O_TRUNC)
        #expect(Glibc.write(file.number, bytes, bytes.count) == bytes.count)
    }

    @Test func closesWhatItOwns() throws {
        let number = try { () throws -> Int32 in
            let file = try Descriptor.open("/dev/null", O_RDONLY)
            #expect(fcntl(file.number, F_GETFD) & FD_CLOEXEC != 0)
            return file.release()
        }()
        #expect(fcntl(number, F_GETFD) >= 0)
        close(number)
    }

    @Test func knowsTheSame() throws {
        let (one, other) = try socketPair()
        let copy = dup(one)
        defer { for number in [one, other, copy] { close(number) } }
        #expect(isSame(one, copy) && !isSame(one, other) && !isSame(one, -1))
        #expect(isSocket(one) && !isSocket(-1))
        let null = try Descriptor.open("/dev/null", O_RDONLY)
        #expect(!isSocket(null.number))
    }

    @Test func bytesAreRandom() {
        #expect(randomBytes(0).isEmpty && randomBytes(32).count == 32 && randomBytes(32) != randomBytes(32))
    }

    @Test func readsTheEnvironment() throws {
        let said = try inChild {
            setenv("EDGEFILTER_TEST", "a=b", 1)
            setenv("EDGEFILTER_EMPTY", "", 1)
            let all = environment()
            let found = [
                environment("EDGEFILTER_TEST"), environment("EDGEFILTER_EMPTY"),
                environment("EDGEFILTER_NONE"),
                all["EDGEFILTER_TEST"], all["EDGEFILTER_EMPTY"],
            ]
            return found.map { $0.map { "'\($0)'" } ?? "-" }.joined(separator: " ")
        }
        #expect(said == "'a=b' - - 'a=b' ''")
    }

    /// An interrupted call is made again; any other error is thrown with the call's name.
    @Test func callsUntilItIsNotInterrupted() throws {
        var calls = 0
        let result = try system("x") {
            calls += 1
            errno = EINTR
            return calls < 3 ? -1 : 7
        }
        #expect(result == 7 && calls == 3)
        let error = #expect(throws: Errno.self) {
            try system("frob") {
                errno = ENOSPC
                return -1
            }
        }
        #expect(error?.number == ENOSPC && error?.call == "frob")
    }
}

@Suite struct DiagnosticsTests {
    @Test func writesOneLineEach() throws {
        let path = scratchName()
        defer { unlink(path) }
        let diagnostics = try Diagnostics(level: .notice, file: path)
        diagnostics.write(.info, "not shown")
        diagnostics.write(.notice, "a\nb\r\u{1B}[31m\u{0}\u{7F} é")
        diagnostics.write(.error, "c")
        let lines = text(try File.read(path, limit: 10_000)).split(
            separator: "\n", omittingEmptySubsequences: false)
        #expect(lines.count == 3 && lines.last == "")
        #expect(lines[0].hasSuffix(" - a b  [31m   é") && lines[1].hasSuffix(" - c"))
    }

    @Test func levelsAreOrdered() {
        #expect(Diagnostics.Level.error < .warning && Diagnostics.Level.info < .debug)
    }
}
