// SPDX-License-Identifier: MIT

import Unix

extension Reader {
    /// What is said of a secret that was taken from what `edgefilter check` prints.
    static var hidden: String {
        "*** is what 'edgefilter check' prints instead of a secret: put the secret, or ${credential:NAME}"
    }

    /// The longest file of a key.
    private static var longest: Int { 64 << 10 }

    /// Reads `caller`, `none`, a reference or a literal key.
    mutating func key(_ node: Node) -> Key? {
        guard case .text(let text) = node.content, text == "caller" || text == "none" else {
            return secret(node).map(Key.secret)
        }
        return text == "none" ? Key.none : .caller
    }

    /// Reads a reference or a literal, and sees that it can be a key; no complaint holds any part of one.
    mutating func secret(_ node: Node) -> Secret? {
        let expected = "a key: ${credential:NAME}, ${env:NAME}, ${file:PATH}, caller or none"
        guard let text = text(node, expected: expected) else { return nil }
        guard text.hasPrefix("${") else {
            guard let secret = checked(text, source: "literal", at: node.place) else { return nil }
            notices.append(
                "\(Complaint(node.place, "a literal key; ${credential:NAME} keeps it out of here"))")
            return secret
        }
        guard let reference = Reference(text) else {
            let name = text.dropFirst("${".count).dropLast()
            let hint = text.hasSuffix("}") && isVariable(name) ? "; did you mean ${env:\(name)}?" : ""
            complain(node.place, "expected \(expected)\(hint)")
            return nil
        }
        return resolve(reference, at: node.place).flatMap {
            checked($0, source: reference.source, at: node.place)
        }
    }

    /// What a reference leads to; nil with a complaint when nothing is there.
    mutating func resolve(_ reference: Reference, at place: Place) -> String? {
        switch reference {
        case .env(let name):
            if let variable = surroundings.variable(name) { return variable.text }
            complain(place, "the environment has no variable \(shown(name)), or it is empty")
            return nil
        case .file(let path):
            guard path.hasPrefix("/") else {
                complain(place, "expected a path that begins with / in ${file:PATH}")
                return nil
            }
            return content(of: path, at: place)
        case .credential(let name):
            return credential(name, at: place)
        }
    }

    private mutating func credential(_ name: String, at place: Place) -> String? {
        guard !name.hasPrefix("."), !name.utf8.contains(UInt8(ascii: "/")) else {
            complain(place, "expected a credential's name, without slashes")
            return nil
        }
        if let directory = surroundings.credentials { return content(of: "\(directory)/\(name)", at: place) }
        let paths = surroundings.stores.map { $0 + name }
        if let bytes = paths.lazy.compactMap({ try? File.read($0, limit: Self.longest) }).first {
            return trimmed(String(decoding: bytes, as: UTF8.self))
        }
        complain(
            place,
            "there are no credentials ($CREDENTIALS_DIRECTORY is not set), and we may read none of "
                + "\(paths.joined(separator: ", ")): LoadCredential=\(name):… hands one over")
        return nil
    }

    private mutating func content(of path: String, at place: Place) -> String? {
        do throws(Errno) {
            let bytes = try File.read(path, limit: Self.longest)
            return trimmed(String(decoding: bytes, as: UTF8.self))
        } catch {
            complain(place, "cannot read the key from \(path): \(error)")
            return nil
        }
    }

    private mutating func checked(_ value: String, source: String, at place: Place) -> Secret? {
        let fault: String? =
            if value.isEmpty {
                "the key is empty"
            } else if isMask(value) {
                Reader.hidden
            } else if isSample(value) {
                "the key is a sample, put the real one"
            } else if value.hasPrefix("$") {
                "the key begins with $, as none does: ${env:NAME} in a configuration file is a variable's value"
            } else if !value.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) {
                "the key holds blanks or other characters that no key has"
            } else {
                nil
            }
        guard let fault else { return Secret(value: value, source: source) }
        complain(
            place, source == "literal" || source == "env \(place.origin)" ? fault : "\(fault) (\(source))")
        return nil
    }
}

/// Whether it is a variable's name as people write them, and no key.
private func isVariable(_ name: Substring) -> Bool {
    (1...64).contains(name.utf8.count)
        && name.utf8.allSatisfy {
            (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) || isDigit($0) || $0 == UInt8(ascii: "_")
        }
}
