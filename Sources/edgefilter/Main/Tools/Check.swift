// SPDX-License-Identifier: MIT

import CCurl
import HTTP
import Model
import Settings
import Unix

/// `edgefilter check`: what the configuration comes to, and with `--connect` whether the upstreams answer.
enum Check {
    static func run(_ options: Options, _ settings: Settings) {
        say(settings.effective)
        if settings.log.keyHash == .hmac, Gateway.pepper() == nil {
            complain("log.key_hash is hmac, but there is no credential 'key-pepper'; the plain hash is used")
        }
        guard options.flags.contains("--connect") else { return }
        var isWell = true
        for upstream in settings.upstreams { isWell = connect(upstream, settings) && isWell }
        if !isWell { Processes.leave(Exit.system) }
    }

    /// Asks for the list of models, and tells each step: name, TCP, TLS, key, models.
    private static func connect(_ upstream: Upstream, _ settings: Settings) -> Bool {
        guard let base = upstream.base else {
            say("\(upstream.name): answers inside this program")
            return true
        }
        say("\(upstream.name): \(base)")
        guard let transfer = Transfer(), let dialect = builtIn(upstream.dialect),
            case .http(let side)? = dialect.upstream
        else { return false }
        let candidate = Candidate(upstream, dialect, upstream.provider.provider, model: nil, road: .list)
        var key: String?
        if case .secret(let secret) = upstream.key { key = secret.value }
        Call(listing: candidate, side, Credential(key: key, isOurs: true)).prepare(transfer, body: .none)
        transfer.bodyLimit = .max
        transfer.set(CURLOPT_MAXFILESIZE, longestList)
        transfer.set(CURLOPT_TIMEOUT_MS, upstream.timeout.connect + probeTime)
        // A handshake would begin a conversation.
        let isSocket = side.transport == .webSocket
        if isSocket { transfer.set(CURLOPT_CONNECT_ONLY, 1) }
        let result = transfer.perform()
        steps(transfer, isSecure: base.scheme.isSecure)
        if let error = TransferError(result, transfer, upstream) {
            say("  failed: \(error.failure.message)")
            return false
        }
        if isSocket { return true }
        return verdict(transfer, upstream, side, settings)
    }

    /// A list of models is not longer.
    private static let longestList = 64 << 20
    /// So long may the answer take once connected.
    private static let probeTime = 10_000

    /// How long each step took that was reached, in milliseconds.
    private static func steps(_ transfer: Transfer, isSecure: Bool) {
        var last = 0
        for (name, mark) in transfer.marks where isSecure || name != "TLS" {
            guard mark > 0 else { break }
            let tenths = (mark - last + 50) / 100
            say("  \(name): \(tenths / 10).\(tenths % 10) ms")
            last = mark
        }
    }

    private static func verdict(
        _ transfer: Transfer, _ upstream: Upstream, _ side: HTTPSide, _ settings: Settings
    ) -> Bool {
        let status = transfer.head?.status ?? 0
        switch status {
        case 200:
            let body = transfer.body
            let names = side.provider.readModels(body.span.array)
            say("  key: accepted; models: \(models(names))")
            let strange = settings.names(at: upstream.name).filter { names?.contains($0) == false }
            if !strange.isEmpty { say("  models: not in its list: \(models(strange))") }
            return true
        case 401, 403:
            let said =
                switch upstream.key {
                case .caller: "none of ours to try; callers bring theirs"
                case .none: "none is sent, and one is wanted"
                case .secret: "refused"
                }
            say("  key: \(said) (\(status))")
            return upstream.key == .caller
        case 404 where side.provider.ownModels(upstream.provider.provider) != nil:
            say("  key: not tried, since this API has no list of models to try it on")
            return true
        case 404:
            say("  models: no list here (404); is the base URL right?")
            return false
        default:
            say("  models: status \(status)")
            return false
        }
    }

    private static func models(_ names: [String]?) -> String {
        guard let names else { return "none in a form we know" }
        let shown = names.prefix(shownModels).joined(separator: ", ")
        return names.count > shownModels ? "\(shown) and \(names.count - shownModels) more" : shown
    }

    private static let shownModels = 8
}

extension Settings {
    /// The names by which routes ask an upstream, each once.
    fileprivate func names(at upstream: String) -> [String] {
        var names: [String] = []
        for target in routes.flatMap(\.targets) where target.upstream == upstream {
            if let name = target.model, !names.contains(name) { names.append(name) }
        }
        return names
    }
}

extension Transfer {
    /// Runs the transfer alone, to its end.
    func perform() -> CURLcode { unsafe curl_easy_perform(easy) }

    /// When each step was done, in microseconds from the start; 0: not reached.
    var marks: [(name: String, microseconds: Int)] {
        let infos: [(String, CURLINFO)] = [
            ("name", CURLINFO_NAMELOOKUP_TIME_T), ("TCP", CURLINFO_CONNECT_TIME_T),
            ("TLS", CURLINFO_APPCONNECT_TIME_T), ("first byte", CURLINFO_STARTTRANSFER_TIME_T),
        ]
        return infos.map { ($0.0, Int(unsafe ccurl_get_offset(easy, $0.1))) }
    }
}
