// SPDX-License-Identifier: MIT

import Glibc
import Testing

@testable import Settings

/// A directory of its own for each test, gone with it.
final class Scratch {
    let path: String

    init() {
        var template = Array("/tmp/edgefilter-settings-XXXXXX".utf8CString)
        path = template.withUnsafeMutableBufferPointer { buffer in
            buffer.baseAddress.flatMap { mkdtemp($0) }.map { String(cString: $0) } ?? "/nonexistent"
        }
    }

    deinit {
        for name in names { unlink("\(path)/\(name)") }
        rmdir(path)
    }

    private var names: [String] = []

    @discardableResult
    func write(_ bytes: [UInt8], to name: String) -> String {
        names.append(name)
        let file = fopen("\(path)/\(name)", "w")
        if let file {
            fwrite(bytes, 1, bytes.count, file)
            fclose(file)
        }
        return "\(path)/\(name)"
    }

    @discardableResult
    func write(_ text: String, to name: String) -> String { write(Array(text.utf8), to: name) }

    /// The settings of a file of that content.
    func settings(
        _ yaml: String?, environment: [String: String] = [:], sets: [String] = [], env: String? = nil
    ) throws(Complaints) -> Settings {
        let file = yaml.map { (path: write($0, to: "edgefilter.yaml"), mustExist: true) }
        return try Reading.settings(
            Sources(
                file: file ?? (path: "\(path)/none.yaml", mustExist: false), environment: environment,
                credentialsDirectory: path, sets: sets, envFile: env.map { write($0, to: "env") }))
    }

    /// The complaints about a file of that content, without the directory's name.
    func complaints(
        _ yaml: String?, environment: [String: String] = [:], sets: [String] = [], env: String? = nil
    ) -> [String] {
        do throws(Complaints) {
            _ = try settings(yaml, environment: environment, sets: sets, env: env)
            return []
        } catch {
            return error.all.map { complaint in
                let text = complaint.description
                return text.hasPrefix(path) ? String(text.dropFirst(path.utf8.count + 1)) : text
            }
        }
    }
}
