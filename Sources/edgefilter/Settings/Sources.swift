// SPDX-License-Identifier: MIT

/// Where settings come from.
package struct Sources: Sendable {
    /// The file to read; nil: `$EDGEFILTER_CONFIG`, else the usual place.
    ///
    /// A file that must exist and does not is a complaint. (Relay Bartender takes its defaults then: a
    /// mistyped path would start a gateway that the operator did not describe.)
    package var file: (path: String, mustExist: Bool)?
    /// The variables of the process.
    package var environment: [String: String]
    /// Where systemd, or a container, put the credentials: `$CREDENTIALS_DIRECTORY`.
    package var credentialsDirectory: String?
    /// How the paths of credentials begin where nobody put them anywhere: from there the units take them.
    package var stores: [String]
    /// Settings of the command line, `limits.body=64MiB`; they win over all others.
    package var sets: [String]
    /// A file of variables in systemd's `EnvironmentFile=` form; they win over the environment.
    package var envFile: String?

    /// The place that is looked at when no other is named.
    package static let usualFile = "/etc/edgefilter/edgefilter.yaml"
    /// Those of systemd's `LoadCredential=` in our units, and of the inetd form.
    package static let usualStores = ["/etc/credstore/edgefilter.", "/etc/edgefilter/credentials/"]

    /// Sources of values that are taken as they are.
    package init(
        file: (path: String, mustExist: Bool)? = nil,
        environment: [String: String] = [:],
        credentialsDirectory: String? = nil,
        stores: [String] = usualStores,
        sets: [String] = [],
        envFile: String? = nil
    ) {
        self.file = file
        self.environment = environment
        self.credentialsDirectory = credentialsDirectory
        self.stores = stores
        self.sets = sets
        self.envFile = envFile
    }
}

/// An environment variable and where it was set.
struct Variable: Equatable, Sendable {
    let name: String
    var text: String
    var place: Place
}

/// What a file may refer to: variables and credentials.
struct Surroundings: Sendable {
    var variables: [String: Variable]
    var credentials: String?
    var stores: [String] = []

    /// A variable that is set and not empty.
    ///
    /// A comment behind the value is cut off: the documents of the five systems print such lines, and systemd
    /// hands them over whole.
    func variable(_ name: String) -> Variable? {
        guard var variable = variables[name] else { return nil }
        var words = variable.text.split(separator: " ", omittingEmptySubsequences: false)
        if let comment = words.firstIndex(where: { $0.hasPrefix("#") }), comment > 0 {
            words.removeSubrange(comment...)
        }
        variable.text = trimmed(words.joined(separator: " "))
        return variable.text.isEmpty ? nil : variable
    }

    /// The first of them that is set.
    func first(of names: [String]) -> Variable? {
        names.lazy.compactMap { variable($0) }.first
    }
}

/// The text without blanks, tabs and line ends around it.
func trimmed(_ text: String) -> String {
    let isBlank = { (character: Character) in character.isWhitespace }
    let start = text.drop(while: isBlank)
    return String(start[..<(start.lastIndex { !isBlank($0) }.map(start.index(after:)) ?? start.startIndex)])
}
