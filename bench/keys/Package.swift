// swift-tools-version: 6.2
// SPDX-License-Identifier: MIT

// The driver of `bench/keys/run`: the floors below KeyLog, as they are, and a program that is not shipped.

import PackageDescription

let house: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableExperimentalFeature("Lifetimes"),
    .strictMemorySafety(),
]

func floor(_ name: String, on below: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: below, path: "floors/\(name)", swiftSettings: house)
}

func shim(_ name: String, links libraries: [String] = []) -> Target {
    .target(name: name, path: "floors/C/\(name)", linkerSettings: libraries.map { .linkedLibrary($0) })
}

let package = Package(
    name: "keys",
    targets: [
        shim("CUnix"),
        shim("CConfine"),
        shim("CCrypto", links: ["crypto"]),
        floor("JSON"),
        floor("Unix", on: ["CUnix", "CConfine"]),
        floor("Digest", on: ["CCrypto"]),
        floor("KeyLog", on: ["JSON", "Unix", "Digest", "CUnix"]),
        .executableTarget(
            name: "driver", dependencies: ["KeyLog", "Unix"], path: "driver", swiftSettings: house),
    ],
    swiftLanguageModes: [.v6]
)
