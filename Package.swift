// swift-tools-version: 6.2
// SPDX-License-Identifier: MIT

// The floor plan: one target a floor, each below Sources/edgefilter. An arrow may only point down;
// `make check` builds with --explicit-target-dependency-import-check error, so it cannot point up unseen.

import PackageDescription

let house: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableExperimentalFeature("Lifetimes"),
    .strictMemorySafety(),
]

/// A floor: a target named like its folder.
///
/// `embedding`: files whose bytes become part of the program.
func floor(
    _ name: String, at path: String? = nil, on below: [Target.Dependency] = [], embedding files: [String] = []
) -> Target {
    .target(
        name: name,
        dependencies: below,
        path: "Sources/edgefilter/\(path ?? name)",
        resources: files.map { .embedInCode($0) },
        swiftSettings: house)
}

/// An ordinary C target: one .c line, typed doors in include/.
func shim(_ name: String, links libraries: [String] = []) -> Target {
    .target(
        name: name,
        path: "Sources/edgefilter/C/\(name)",
        linkerSettings: libraries.map { .linkedLibrary($0) })
}

func tests(of name: String, at path: String? = nil, on below: [Target.Dependency]) -> Target {
    .testTarget(
        name: "\(name)Tests",
        dependencies: below,
        path: "Tests/\(path ?? name)",
        swiftSettings: [.enableUpcomingFeature("ExistentialAny")])
}

let dialects = ["OpenAI", "Anthropic", "Responses", "DashScope", "AnuNeko", "Cyber", "Echo"]

let page =
    ["page.html", "closed.html", "page.css", "openapi.json"]
    + ["words", "dom", "api", "picker", "chart", "usage", "keys", "users", "start"].map { "\($0).js" }

let package = Package(
    name: "edgefilter",
    targets: [
        shim("CUnix"),
        shim("CConfine"),
        shim("CCurl", links: ["curl", "ssl", "crypto"]),
        shim("CYAML", links: ["yaml"]),
        shim("CCrypto", links: ["crypto"]),
        shim("CZlib", links: ["z"]),
        shim("CWslay", links: ["wslay"]),
        floor("JSON"),
        floor("HTTP"),
        floor("Unix", on: ["CUnix", "CConfine"]),
        floor("Digest", on: ["CCrypto"]),
        floor("Model", on: ["JSON", "HTTP", "Digest"]),
        floor("KeyLog", on: ["JSON", "Unix", "Digest", "CUnix"]),
        floor("Settings", on: ["CYAML", "Unix", "Model"]),
        // The build makes a Swift file of these, in no source tree.
        floor("Page", embedding: page),
        .executableTarget(
            name: "edgefilter",
            dependencies: [
                "JSON", "HTTP", "Unix", "Digest", "Model", "KeyLog", "Settings", "Page",
                "CCurl", "CZlib", "CUnix", "CWslay",
            ] + dialects.map { .init(stringLiteral: $0) },
            path: "Sources/edgefilter/Main",
            swiftSettings: house),
        .target(name: "Corpora", path: "Tests/Corpora"),
        tests(of: "JSON", on: ["JSON", "Corpora"]),
        tests(of: "HTTP", on: ["HTTP"]),
        tests(of: "Unix", on: ["Unix"]),
        tests(of: "Digest", on: ["Digest"]),
        tests(of: "Model", on: ["Model"]),
        tests(of: "KeyLog", on: ["KeyLog", "JSON", "Unix", "Digest"]),
        tests(of: "Settings", on: ["Settings", "Model"]),
        tests(
            of: "Matrix", at: "Dialects/Matrix",
            on: ["Model", "JSON", "HTTP"] + dialects.map { .init(stringLiteral: $0) }),
        tests(
            of: "Main",
            on: [
                "edgefilter", "JSON", "HTTP", "Unix", "Digest", "Model", "KeyLog", "Settings", "Page",
                "CCurl", "CZlib", "OpenAI",
            ]),
    ]
        + dialects.map { floor($0, at: "Dialects/\($0)", on: ["Model", "JSON", "HTTP", "Digest"]) }
        + dialects.map {
            tests(
                of: $0, at: "Dialects/\($0)",
                on: ["Model", "JSON", "HTTP", "Digest", "Corpora", .init(stringLiteral: $0)])
        },
    swiftLanguageModes: [.v6]
)
