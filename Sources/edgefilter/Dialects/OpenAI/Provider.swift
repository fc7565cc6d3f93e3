// SPDX-License-Identifier: MIT

import Model

/// The side that faces a provider of Chat Completions.
struct Chat: ProviderSide {
    let quirks = QuirkTable()

    func coverage(of feature: Feature, _ provider: Provider) -> Coverage { .lost }

    func path(of request: Request, _ provider: Provider) -> String { Names.chatPath }

    func writeRequest(
        _ request: Request, for provider: Provider, to bytes: inout [UInt8]
    ) throws(Failure) -> Outgoing {
        throw Failure(.unsupported, "Not in this version.")
    }

    func replyReader(for request: Request, _ outgoing: Outgoing, _ provider: Provider) -> any ReplyReader {
        Nobody()
    }

    func readFailure(status: Int, body: [UInt8], _ provider: Provider) -> Failure {
        Failure(.upstreamFault, "")
    }

    func readModels(_ body: [UInt8]) -> [String]? { nil }
}

struct Nobody: ReplyReader {
    let losses: [Feature] = []
    mutating func read(event name: [UInt8], data: [UInt8], to events: inout [Event]) {}
    mutating func read(whole body: [UInt8], to events: inout [Event]) {}
    mutating func finish(to events: inout [Event]) {}
}
