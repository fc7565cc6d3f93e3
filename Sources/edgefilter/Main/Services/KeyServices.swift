// SPDX-License-Identifier: MIT

import JSON
import KeyLog
import Model
import Unix

/// Issued keys, as InfiniProxy documents them, and their limits.
let keyServices = [
    Service("POST", "/admin/api-keys", .admin) { visit throws(Failure) in
        var order = KeyOrder()
        guard let user = try visit.given.count("user_id") else { throw Given.missing("user_id") }
        order.user = user
        order.name = try visit.given.needed("name")
        order.allowance = try visit.given.allowance(from: Allowance())
        order.defaultModel = try visit.given.text("model_name") ?? ""
        let store = try visit.store
        var issued: (key: String, grant: Grant)?
        try Failure.atStore { () throws(KeyLogError) in
            try store.issue(order, random: randomBytes, at: visit.now) { issued = ($0, $1) }
        }
        guard let issued else { throw Failure(.internalError, "No key was issued.") }
        return try .success { writer throws(Failure) in
            writer.member("api_key", issued.key)
            writer.member("api_key_id", issued.grant.id)
            writer.member("user_id", issued.grant.user)
            writer.member("name", issued.grant.name)
            writer.member("warning", "保存此 API 密钥！它将不会再次显示。")
        }
    },
    Service("GET", "/admin/api-keys", .admin) { visit throws(Failure) in
        var list = try Excerpt<Grant>(visit.given)
        list.query.user = try visit.given.count("user_id")
        let isActive = try visit.given.flag("is_active")
        let store = try visit.store
        if let id = list.exact {
            let grant = try Failure.reading { () throws(Errno) in try store.grant(id) }
            if let grant, list.query.user ?? grant.user == grant.user { _ = list.take(grant, id) }
        } else {
            list.rest = try Failure.reading { () throws(Errno) in
                try store.eachGrant(list.query) { grant in
                    if let isActive, isActive != grant.isLive(at: visit.now) { return true }
                    return list.take(grant, grant.id)
                }
            }
        }
        let names = try visit.names(of: Set(list.all.map(\.user)))
        return try .object { writer throws(Failure) in
            list.write("api_keys", to: &writer) { $1.grant($0, of: names[$0.user] ?? "", at: visit.now) }
        }
    },
    Service("PATCH", "/admin/api-keys/#", .admin) { visit throws(Failure) in
        let store = try visit.store
        let grant = try visit.grant(visit.number)
        let allowance = try visit.given.allowance(from: grant.allowance)
        let model = try visit.given.text("model_name")
        try Failure.atStore { () throws(KeyLogError) in
            if allowance != grant.allowance { try store.limit(grant.id, allowance, at: visit.now) }
            if visit.given.has("model_name") { try store.setDefaultModel(grant.id, model, at: visit.now) }
        }
        let changed = try visit.grant(grant.id)
        let names = try visit.names(of: [changed.user])
        return try .success { writer throws(Failure) in
            writer.name("api_key")
            writer.grant(changed, of: names[changed.user] ?? "", at: visit.now)
        }
    },
    Service("DELETE", "/admin/api-keys/#", .admin) { visit throws(Failure) in
        let store = try visit.store
        try Failure.atStore { () throws(KeyLogError) in try store.revoke(visit.number, at: visit.now) }
        return try .success { writer throws(Failure) in
            writer.member("message", "API key \(visit.number) deactivated")
        }
    },
]

extension Visit {
    /// A key by its number.
    func grant(_ id: Int) throws(Failure) -> Grant {
        let store = try store
        let found = try Failure.reading { () throws(Errno) in try store.grant(id) }
        guard let found else { throw Failure(KeyLogError.noKey(id)) }
        return found
    }

    /// What users are called.
    func names(of users: Set<Int>) throws(Failure) -> [Int: String] {
        if users.isEmpty { return [:] }
        let store = try store
        var names: [Int: String] = [:]
        try Failure.reading { () throws(Errno) in
            for user in users { names[user] = try store.user(user)?.name }
        }
        return names
    }
}

extension Given {
    /// Limits as they are asked for; what is not said stays, and null takes a limit away.
    func allowance(from known: Allowance) throws(Failure) -> Allowance {
        var allowance = known
        if has("expires_at") { allowance.expires = try moment("expires_at")?.seconds ?? 0 }
        if has("allowed_models") { allowance.models = try texts("allowed_models") ?? [] }
        if has("requests_per_minute") { allowance.requestsPerMinute = try count("requests_per_minute") ?? 0 }
        if has("tokens_per_day") { allowance.tokensPerDay = try count("tokens_per_day") ?? 0 }
        return allowance
    }
}

extension Writer {
    fileprivate mutating func grant(_ grant: Grant, of user: String, at now: Int) {
        let allowance = grant.allowance
        beginObject()
        member("id", grant.id)
        member("user_id", grant.user)
        member("username", orNull: user)
        member("name", grant.name)
        member("created_at", Moment(seconds: grant.created).zoneless)
        member("is_active", grant.isLive(at: now))
        member("is_revoked", grant.isRevoked)
        member(
            "expires_at", orNull: allowance.expires == 0 ? "" : Moment(seconds: allowance.expires).zoneless)
        name("allowed_models")
        beginArray()
        for model in allowance.models { string(model) }
        endArray()
        member("requests_per_minute", orNull: allowance.requestsPerMinute)
        member("tokens_per_day", orNull: allowance.tokensPerDay)
        member("model_name", orNull: grant.defaultModel)
        endObject()
    }
}
