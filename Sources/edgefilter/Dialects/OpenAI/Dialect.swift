// SPDX-License-Identifier: MIT

package import Model

/// OpenAI's API: Chat Completions read and written, everything else relayed.
/// https://platform.openai.com/docs/api-reference
extension Dialect {
    package static let openAI = Dialect(
        name: Names.dialect,
        client: Client(),
        upstream: .http(
            HTTPSide(
                landmarks: Names.landmarks,
                keyField: ("Authorization", "Bearer "),
                provider: Chat())))
}

/// The side that faces OpenAI's clients.
struct Client: ClientSide {
    let name = Names.dialect

    var members: [RequestMember] { Names.members }

    func isConversation(path: String) -> Bool { path == Names.chatPath }

    func bearsModel(path: String) -> Bool { Names.modelPaths.contains(path) }

    func marksEnd(path: String) -> Bool { Names.textPaths.contains(path) }

    var modelsPath: String { Names.modelsPath }

    func replyWriter(for request: Request, id: String, created: Int) -> any ReplyWriter {
        Chunks(request: request, id: id, created: created)
    }

    func writePing(to bytes: inout [UInt8]) { bytes.append(contentsOf: ": keep-alive\n\n".utf8) }
}

/// The side that faces callers, for requests that name no dialect of their own.
package let client: any ClientSide = Client()
