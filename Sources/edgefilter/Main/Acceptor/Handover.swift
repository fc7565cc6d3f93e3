// SPDX-License-Identifier: MIT

import Glibc
import Unix

/// What goes over to the next image of the acceptor: descriptors that stay open, and a list in a nameless
/// file.
///
///     list = "pid" PID *( "listener" FD / "admin" FD / "page" FD / "seat" PID SLOT SOURCE EXEMPT / "penalty" NANOSECONDS SOURCE ), a line each
struct Handover {
    var listeners: [Listener] = []
    var page: Int32?
    var seats: [Int32: Crowd.Seat] = [:]
    var penalties: [String: Int] = [:]

    private static let variable = "EDGEFILTER_HANDOVER"

    init(listeners: [Listener], page: Int32?, seats: [Int32: Crowd.Seat], penalties: [String: Int]) {
        self.listeners = listeners
        self.page = page
        self.seats = seats
        self.penalties = penalties
    }

    /// What the image before us left; nil: there was none.
    init?() {
        guard let value = environment(Handover.variable), let number = Int32(value) else { return nil }
        unsafe unsetenv(Handover.variable)
        defer { Descriptor.close(number) }
        guard let text = try? File.readAll(number, limit: 16 << 20) else { return nil }
        let lines = String(decoding: text, as: UTF8.self).split(separator: "\n")
        guard lines.first == "pid \(Processes.own)" else { return nil }
        for line in lines.dropFirst() { take(line.split(separator: " ").map(String.init)) }
        for number in inherited { setInherited(number, false) }
    }

    private mutating func take(_ words: [String]) {
        switch (words.first, words.count) {
        case ("listener", 2), ("admin", 2):
            guard let number = Int32(words[1]) else { return }
            listeners.append(Listener(inherited: number, isAdmin: words[0] == "admin"))
        case ("page", 2): page = Int32(words[1])
        case ("penalty", 3): penalties[words[2]] = Int(words[1])
        case ("seat", 5):
            guard let pid = Int32(words[1]), let slot = Int(words[2]) else { return }
            seats[pid] = Crowd.Seat(source: words[3], slot: slot, isExempt: words[4] == "1")
        default: return
        }
    }

    private var text: String {
        var lines = ["pid \(Processes.own)"]
        lines += listeners.map { "\($0.isAdmin ? "admin" : "listener") \($0.number)" }
        if let page { lines.append("page \(page)") }
        lines += seats.map {
            "seat \($0.key) \($0.value.slot) \($0.value.source) \($0.value.isExempt ? 1 : 0)"
        }
        lines += penalties.map { "penalty \($0.value) \($0.key)" }
        return lines.joined(separator: "\n") + "\n"
    }

    private var inherited: [Int32] { listeners.map(\.number) + [page].compactMap { $0 } }

    /// Becomes the new program, in this process; comes back with the reason when that fails.
    func become(_ program: String) -> Errno {
        do throws(Errno) {
            let list = try File.nameless(Array(text.utf8))
            // libcurl opens some that would go over.
            closeOnExec(from: 3)
            for number in inherited { setInherited(number, true) }
            setInherited(list.number, true)
            unsafe setenv(Handover.variable, "\(list.number)", 1)
            let error = Processes.become(program, [program] + CommandLine.arguments.dropFirst(), quiet: false)
            for number in inherited { setInherited(number, false) }
            unsafe unsetenv(Handover.variable)
            return error
        } catch {
            return error
        }
    }
}
