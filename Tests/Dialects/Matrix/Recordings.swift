// SPDX-License-Identifier: MIT

import Foundation
import HTTP
import JSON
import Model

/// A provider's answer as it was recorded, streamed or whole.
struct Recording: CustomStringConvertible, Sendable {
    let name: String
    /// The name of the dialect that it is in.
    let dialect: String
    let content: Content

    enum Content: Sendable {
        case stream([(name: String, data: [UInt8])])
        case whole([UInt8])
    }

    var description: String { name }

    static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../../../../shared/corpora").standardized

    /// Every recorded answer that is no refusal.
    static let all: [Recording] = (vercel + anthropicSDK).sorted { $0.name < $1.name }

    private static var vercel: [Recording] {
        let base = folder.appendingPathComponent("vercel-ai-fixtures")
        return files(below: base).compactMap { file in
            let path = file.path.replacingOccurrences(of: base.path + "/", with: "")
            let isAnthropic = path.hasPrefix("anthropic/")
            let isResponses = path.contains("/responses-") && !path.hasPrefix("openai-compatible/")
            guard !path.contains("openai-completion") else { return nil }
            return recording(
                file, path, isAnthropic ? "anthropic" : isResponses ? "responses" : "openai")
        }
    }

    private static var anthropicSDK: [Recording] {
        files(below: folder.appendingPathComponent("anthropic-sdk-fixtures")).filter {
            $0.pathExtension == "sse"
        }.compactMap { recording($0, $0.lastPathComponent, "anthropic") }
    }

    private static func files(below folder: URL) -> [URL] {
        let all = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)
        return all?.compactMap { $0 as? URL } ?? []
    }

    private static func recording(_ file: URL, _ name: String, _ dialect: String) -> Recording? {
        guard let data = try? Data(contentsOf: file) else { return nil }
        let bytes = [UInt8](data)
        switch file.pathExtension {
        case "txt": return Recording(name: name, dialect: dialect, content: .stream(lines(bytes, dialect)))
        case "sse": return Recording(name: name, dialect: dialect, content: .stream(events(bytes)))
        case "json":
            guard let root = (try? Document(bytes))?.root, root["error"]?.isNull != false else { return nil }
            return Recording(name: name, dialect: dialect, content: .whole(bytes))
        default: return nil
        }
    }

    /// One event's data a line; the name is its type where the dialect has names.
    private static func lines(_ bytes: [UInt8], _ dialect: String) -> [(name: String, data: [UInt8])] {
        let lines = bytes.split(separator: UInt8(ascii: "\n")).map(Array.init)
        let named = lines.map { line in
            (dialect == "openai" ? "" : (try? Document(line))?.root["type"]?.string ?? "", line)
        }
        return dialect == "openai" ? named + [("", Array("[DONE]".utf8))] : named
    }

    /// The events of a stream's bytes.
    static func events(_ bytes: [UInt8]) -> [(name: String, data: [UInt8])] {
        var reader = EventReader()
        var found: [(name: String, data: [UInt8])] = []
        var index = 0
        while (try? reader.next(in: bytes.span, at: &index)) == true {
            guard reader.dispatches else { continue }
            found.append((String(decoding: reader.name, as: UTF8.self), reader.data))
        }
        return found
    }
}

/// A request that a real client made.
struct Captured: CustomStringConvertible, Sendable {
    let name: String
    let dialect: String
    let path: String
    let body: [UInt8]

    var description: String { name }

    /// Every captured conversation.
    static let all: [Captured] = {
        let folder = Recording.folder.appendingPathComponent("client-requests")
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        return names.sorted().compactMap { name in
            guard name.hasSuffix(".json"),
                let data = try? Data(contentsOf: folder.appendingPathComponent(name)),
                let root = (try? Document([UInt8](data)))?.root, let path = root["path"]?.string,
                let body = root["body"], body.object != nil
            else { return nil }
            let dialects = [
                ("/v1/messages", "anthropic"), ("/v1/responses", "responses"),
                ("/chat/completions", "openai"),
            ]
            guard let dialect = dialects.first(where: { path.contains($0.0) })?.1 else { return nil }
            return Captured(name: name, dialect: dialect, path: path, body: Array(body.verbatim))
        }
    }()
}
