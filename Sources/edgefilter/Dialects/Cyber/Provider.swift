// SPDX-License-Identifier: MIT

import Digest
import Model

/// The side that faces the engine.
struct Engine: ProviderSide {
    /// The token follows it.
    func path(of request: Request, _ provider: Provider) -> String { "/" }

    func token(for identity: Identity, _ provider: Provider) throws(Failure) -> String {
        if provider.has(.token), let key = identity.key { return key }
        if identity.isCallers {
            guard let key = identity.key else { throw Engine.nameless }
            return key
        }
        return Base16.encoded(Hash.hmac(of: identity.caller, key: Array((identity.key ?? "").utf8)))
    }

    private static let nameless = Failure(
        .missingKey,
        "You didn't provide an API key. It names your conversation at the engine; include "
            + "'Authorization: Bearer <your-api-key>'.")

    func writeRequest(
        _ request: Request, for provider: Provider, to bytes: inout [UInt8]
    ) throws(Failure) -> Outgoing {
        var writer = RequestWriter(request)
        try writer.write()
        bytes.append(contentsOf: writer.bytes)
        return writer.outgoing
    }

    func replyReader(for request: Request, _ outgoing: Outgoing, _ provider: Provider) -> any ReplyReader {
        AnswerReader(for: request)
    }

    func readFailure(status: Int, body: [UInt8], _ provider: Provider) -> Failure {
        Complaint(body: body).failure(status: status)
    }

    /// The engine has no list.
    func readModels(_ body: [UInt8]) -> [String]? { nil }
}
