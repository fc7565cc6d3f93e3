// SPDX-License-Identifier: MIT

import JSON
import KeyLog
import Model

/// The default model of the caller's key, as InfiniProxy documents it.
let modelServices = [
    Service("GET", "/settings/model", .holder) { visit throws(Failure) in
        let grant = visit.grant ?? Grant()
        return try .object { writer throws(Failure) in
            writer.member("api_key_id", grant.id)
            writer.member("api_key_name", grant.name)
            writer.member("model_name", orNull: grant.defaultModel)
            writer.member("using_default", grant.defaultModel.isEmpty)
        }
    },
    Service("PUT", "/settings/model", .holder) { visit throws(Failure) in
        let grant = visit.grant ?? Grant()
        guard visit.given.has("model_name") else { throw Given.missing("model_name") }
        let asked = try visit.given.text("model_name")
        let model = asked == "" ? nil : asked
        if let model, !grant.allows(model) { throw grant.refusal(of: model, param: "model_name") }
        let store = try visit.store
        try Failure.atStore { () throws(KeyLogError) in
            try store.setDefaultModel(grant.id, model, at: visit.now)
        }
        return try .success { writer throws(Failure) in
            writer.member("api_key_id", grant.id)
            writer.member("model_name", orNull: model ?? "")
            writer.member(
                "message", model.map { "Model set to \($0)" } ?? "Model reset to the gateway's default")
        }
    },
]
