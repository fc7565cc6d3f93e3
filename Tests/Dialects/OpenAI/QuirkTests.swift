// SPDX-License-Identifier: MIT

import Model
import Testing

@testable import OpenAI

@Suite struct QuirkTests {
    private let table = Chat().quirks

    @Test func hasThePresetsOfTheManual() {
        #expect(
            table.presets.map(\.name) == [
                "openai", "deepseek", "qwen", "glm", "kimi", "vllm", "llama.cpp", "ollama", "openrouter",
                "mistral",
                "groq", "xai", "gemini",
            ])
        for name in ["responses", "repair_history", "no_stream", "max_output"] {
            #expect(table.quirks.contains { $0.name == name })
        }
    }

    @Test func everyPresetIsKnown() {
        for preset in table.presets {
            let (provider, unknown) = table.provider("up", [preset.name])
            #expect(unknown.isEmpty && provider.flags.count == preset.flags.count, "\(preset.name)")
        }
        #expect(Set(table.quirks.map(\.name)).count == table.quirks.count)
        #expect(table.quirks.allSatisfy { !$0.meaning.isEmpty && $0.meaning.count < 100 })
        #expect(Set(table.quirks.map(\.name)).isDisjoint(with: table.presets.map(\.name)))
    }

    @Test func coverageKnowsEveryFeature() {
        for feature in Feature.allCases {
            let plain = Chat().coverage(of: feature, provider())
            for preset in table.presets {
                let told = Chat().coverage(of: feature, provider(preset.name))
                #expect(told != .refused || plain == .refused)
            }
        }
        #expect(Chat().coverage(of: .temperature, provider("no_sampling")) == .lost)
        #expect(Chat().coverage(of: .count, provider()) == .refused)
        #expect(Chat().coverage(of: .thoughts, provider("deepseek")) == .carried)
        #expect(Chat().coverage(of: .images, provider("deepseek")) == .lost)
    }

    @Test func readsListsOfModels() {
        func names(_ body: String) -> [String]? { Chat().readModels(Array(body.utf8)) }
        #expect(names(#"{"object":"list","data":[{"id":"a"},{"id":"org/b"}]}"#) == ["a", "org/b"])
        #expect(names(#"{"models":[{"name":"a:7b","model":"a:7b"}]}"#) == ["a:7b"])
        #expect(names(#"[{"id":"a"},{"x":1}]"#) == ["a"])
        #expect(names("{}") == nil && names("x") == nil)
    }
}
