// SPDX-License-Identifier: MIT

import Model

/// The side that faces OpenAI's clients.
struct Client: ClientSide {
    let name = Names.dialect

    var members: [RequestMember] { Members.all }

    func isConversation(path: String) -> Bool { path == Names.chatPath }

    func bearsModel(path: String) -> Bool { Names.modelPaths.contains(path) }

    func takesForm(path: String) -> Bool { Names.formPaths.contains(path) }

    var kept: [[String]] { Names.kept }

    func marksEnd(path: String) -> Bool { Names.textPaths.contains(path) }

    var modelsPath: String { Names.modelsPath }

    var tellsDialogues: Bool { true }

    var embeddings: (any EmbeddingsClient)? { Embedding() }

    func replyWriter(for request: Request, id: String, created: Int) -> any ReplyWriter {
        AnswerWriter(request: request, id: id, created: created)
    }

    func writePing(to bytes: inout [UInt8]) { bytes.append(contentsOf: ": keep-alive\n\n".utf8) }
}
