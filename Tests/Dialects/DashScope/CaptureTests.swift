// SPDX-License-Identifier: MIT

import Glibc
import JSON
import Model
import Testing

@testable import DashScope

/// Requests that the vendor's own SDK made (`dashscope` 2.0.2).
private struct Captured: CustomStringConvertible, Sendable {
    let name: String
    let root: Value

    var description: String { name }
    var body: Value { root["body"] ?? root }
    var parameters: Value { body["parameters"] ?? root }

    /// A field of the request.
    func field(_ name: String) -> String? {
        root["headers"]?.elements.first { $0.elements.first { _ in true }?.string?.lowercased() == name }
            .flatMap { Array($0.elements).last?.string }
    }

    static let all: [Captured] = (1...5).compactMap { number in
        let name = "dashscope-sdk-\(number).json"
        return read(name).flatMap { try? Document($0).root }.map { Captured(name: name, root: $0) }
    }

    private static func read(_ name: String) -> [UInt8]? {
        var parts = #filePath.split(separator: "/").dropLast()
        while !parts.isEmpty {
            let path = "/" + parts.joined(separator: "/") + "/shared/corpora/client-requests/\(name)"
            if let file = fopen(path, "r") {
                defer { fclose(file) }
                var bytes = [UInt8](repeating: 0, count: 1 << 16)
                let count = fread(&bytes, 1, bytes.count, file)
                return Array(bytes.prefix(count))
            }
            parts.removeLast()
        }
        return nil
    }
}

/// What the SDK sends, we send.
@Suite struct CaptureTests {
    @Test func areThere() { #expect(Captured.all.count == 5) }

    /// The request that the SDK was asked for.
    private func asking(_ captured: Captured) -> Request {
        request(captured.body["model"]?.string ?? "", Turn(role: .user, text: "hi")) {
            let told = captured.parameters
            $0.isStreamed = captured.field("x-dashscope-sse") != nil
            $0.sampling.temperature = told["temperature"]?.source
            $0.sampling.topP = told["top_p"]?.source
            $0.sampling.seed = told["seed"]?.int
            $0.outputLimit = told["max_tokens"]?.int
            $0.stops = told["stop"]?.elements.compactMap(\.string) ?? []
            $0.thinking = told["enable_thinking"]?.bool.map { Thinking(isOn: $0) }
            for tool in told["tools"]?.elements.compactMap({ $0["function"] }) ?? [] {
                $0.tools.append(
                    Tool(
                        name: tool["name"]?.string ?? "", description: tool["description"]?.string,
                        kind: .function(schema: tool["parameters"])))
            }
        }
    }

    @Test("D1 D13 D48: the same path, field, messages and parameters", arguments: Captured.all)
    fileprivate func same(captured: Captured) throws {
        let asking = asking(captured)
        let path = Generation().path(of: asking, provider())
        #expect(captured.root["path"]?.string?.hasSuffix(path) == true)
        let fields = Generation().fields(of: asking, provider())
        #expect(fields.map(\.value) == (captured.field("x-dashscope-sse").map { [$0] } ?? []))
        let ours = try sent(asking).root
        #expect(canonical(ours["input"]) == canonical(captured.body["input"]))
        // What it leaves to the service's defaults we say.
        let ownDefaults: Set<String> = ["result_format", "incremental_output", "parallel_tool_calls"]
        for member in captured.parameters.object?.members.map(\.self) ?? [] {
            #expect(canonical(ours["parameters"]?[member.name]) == canonical(member.value), "\(member.name)")
        }
        let more =
            ours["parameters"]?.object?.members.map(\.name).filter { captured.parameters[$0] == nil } ?? []
        #expect(more.allSatisfy { ownDefaults.contains($0) })
    }

    /// Without white space, and with members in order.
    private func canonical(_ value: Value?) -> String {
        guard let value else { return "nothing" }
        if let object = value.object {
            let members = object.members.map { "\($0.name):\(canonical($0.value))" }
            return "{\(members.sorted().joined(separator: ","))}"
        }
        guard value.kind == .array else { return value.source }
        return "[\(value.elements.map { canonical($0) }.joined(separator: ","))]"
    }
}
