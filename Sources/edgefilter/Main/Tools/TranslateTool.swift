// SPDX-License-Identifier: MIT

import HTTP
import JSON
import Model
import Settings
import Unix

/// `edgefilter translate`: what a request, or the answer to one, becomes on its way; no network, no
/// configuration.
struct TranslateTool {
    private let caller: any ClientSide
    private let provider: any ProviderSide
    private let upstream: Provider
    private let options: Options

    static func run(_ options: Options) {
        do throws(Failure) {
            let tool = try TranslateTool(options)
            options.flags.contains("--reply") ? tool.answer() : tool.ask()
        } catch {
            die(Exit.usage, error.message)
        }
    }

    private init(_ options: Options) throws(Failure) {
        self.options = options
        guard let from = options.values["--from"], let to = options.values["--to"] else {
            throw Failure(.missingMember, "--from DIALECT and --to DIALECT are needed")
        }
        guard let client = builtIn(from)?.client else {
            throw Failure(
                .invalidMember, "nobody calls in the dialect '\(from)'; \(DialectsTool.knownCallers)")
        }
        guard case .http(let http)? = builtIn(to)?.upstream else {
            throw Failure(
                .invalidMember, "no provider has the dialect '\(to)'; \(DialectsTool.knownProviders)")
        }
        caller = client
        provider = http.provider
        let (upstream, unknown) = http.provider.quirks.provider("main", options.quirks)
        self.upstream = upstream
        if let word = unknown.first { throw Failure(.invalidMember, "\(to) knows no quirk '\(word)'") }
    }

    private func input() -> [UInt8] {
        do throws(Errno) { return try File.drain(0, limit: TranslateTool.inputLimit) } catch {
            die(Exit.system, "standard input: \(error)")
        }
    }

    private func contents(of path: String) -> [UInt8] {
        do throws(Errno) { return try File.read(path, limit: TranslateTool.inputLimit) } catch {
            die(Exit.system, "\(path): \(error)")
        }
    }

    private static let inputLimit = 64 << 20

    /// Prints the upstream request, and on standard error what it lost.
    private func ask() {
        do throws(Failure) {
            let request = try caller.readRequest(input())
            if options.flags.contains("--explain") { return say(Explanation(request).text) }
            let (body, _, losses) = try written(request)
            for loss in losses { complain("lost: \(loss.path)") }
            say(String(decoding: body, as: UTF8.self))
        } catch {
            refuse(error)
        }
    }

    private func written(_ request: Request) throws(Failure) -> ([UInt8], Outgoing, [Loss]) {
        if let unpaired = request.unpaired, !upstream.has(Flags.repairsHistory) { throw unpaired }
        var body: [UInt8] = []
        var sent = request
        sent.isStreamed = provider.isStreamed(request, upstream)
        let (outgoing, losses) = try provider.write(
            sent, asked: request, for: upstream,
            isOwn: options.values["--from"] == options.values["--to"],
            isStrict: options.flags.contains("--strict"), to: &body)
        return (body, outgoing, losses)
    }

    /// As the caller would get it.
    private func refuse(_ failure: Failure) -> Never {
        var body: [UInt8] = []
        caller.writeFailure(failure, id: "", to: &body)
        complain("status \(caller.status(of: failure)), code \(failure.code.rawValue)")
        say(String(decoding: body, as: UTF8.self))
        Processes.leave(1)
    }
}

// The way back.
extension TranslateTool {
    /// Prints what the caller gets of an upstream's answer.
    private func answer() {
        var out = Buffer()
        do throws(Failure) {
            let isExplained = options.flags.contains("--explain")
            var request = try context()
            request.isStreamed = isExplained || options.flags.contains("--stream")
            let (_, outgoing, _) = try written(request)
            let writer: any ReplyWriter =
                isExplained ? Retelling() : caller.replyWriter(for: request, id: "0", created: 0)
            var pump = Pump(
                request, from: provider.replyReader(for: request, outgoing, upstream), outgoing,
                to: Addressee(client: caller, writer: writer), limits: Settings::Limits())
            try pass(input(), through: &pump, to: &out)
        } catch {
            refuse(error)
        }
        put(&out, to: 1)
    }

    /// What was sent before a failure stays, and ends in it.
    private func pass(
        _ answer: [UInt8], through pump: inout Pump, to out: inout Buffer
    ) throws(Failure) {
        do throws(Failure) {
            try pump.take(answer.span, to: &out)
            try pump.end(nil)
        } catch {
            guard pump.opening != nil else { throw error }
            pump.begin(.untilClose, to: &out)
            pump.fail(error, to: &out)
            return
        }
        if pump.opening != nil { pump.begin(.untilClose, to: &out) }
        if case .whole(let body) = pump.finish(to: &out) { out.append(body + Array("\n".utf8)) }
    }

    /// The request that the answer is to; without one a request that wants to see everything.
    private func context() throws(Failure) -> Request {
        if let path = options.values["--request"] { return try caller.readRequest(contents(of: path)) }
        var request = Request(
            model: "model", turns: [Turn(role: .user, text: "Hello")], isStreamed: true, wantsUsage: true)
        request.thinking = Thinking(isOn: true, display: .summarized)
        return request
    }
}

/// A writer for a person: the steps of a reply as an explanation.
private struct Retelling: ReplyWriter {
    private var explanation = Explanation()

    mutating func write(_ event: Event, to bytes: inout [UInt8]) {
        bytes.append(contentsOf: explanation.lines(of: event).utf8)
    }

    mutating func write(_ reply: Reply, to bytes: inout [UInt8]) {}
}
