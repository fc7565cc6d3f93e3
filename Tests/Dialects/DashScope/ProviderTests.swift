// SPDX-License-Identifier: MIT

import JSON
import Model
import Testing

@testable import DashScope

@Suite struct ProviderTests {
    private func path(_ model: String, _ quirks: String..., amends: [String] = []) -> String {
        let (provider, _) = Generation().quirks.provider("up", quirks)
        let path = Generation().path(of: request(model) { $0.amends = amends }, provider)
        return path.contains("/multimodal-generation/generation") ? "multimodal" : "text"
    }

    @Test(
        "D35: the path by the model's name",
        arguments: [
            ("farui-plus", "text"), ("qwen-plus", "text"), ("qwen-max-latest", "text"), ("qwen3-max", "text"),
            ("qwen3-32b", "text"), ("qwen2.5-72b-instruct", "text"), ("qwq-32b", "text"),
            ("deepseek-v3.2", "text"),
            ("qwen-vl-plus", "multimodal"), ("qwen2.5-vl-72b-instruct", "multimodal"),
            ("qwen3-vl-plus", "multimodal"), ("qvq-max", "multimodal"), ("qwen-omni-turbo", "multimodal"),
            ("qwen3-omni-flash", "multimodal"), ("qwen-audio-turbo", "multimodal"),
            ("qwen-vl-ocr", "multimodal"),
            ("qwen3.5-plus", "multimodal"), ("qwen3.8-max", "multimodal"), ("qwen4-max", "multimodal"),
            ("Qwen3.6-Flash", "multimodal"), ("qwen-turbo-2024-11-01", "text"), ("unheard-of", "text"),
        ])
    func paths(model: String, road: String) {
        #expect(path(model) == road)
        #expect(path(model, "text_path") == "text" && path(model, "multimodal_path") == "multimodal")
        #expect(path(model, amends: ["otherPath"]) != road)
    }

    @Test("D35: a wrong path leads to the other one, once") func otherPath() throws {
        var asking = request("unheard-of")
        let told = Failure(.upstreamInvalid, "url error, please check url！")
        #expect(Generation().amend(&asking, after: told, provider()))
        #expect(Generation().path(of: asking, provider()).contains("multimodal"))
        #expect(try messages(asking) == #"[{"role":"user","content":[{"text":"Hello"}]}]"#)
        #expect(!Generation().amend(&asking, after: told, provider()))
        let event = try events(
            broken(#"{"code":"InvalidParameter","message":"url error, please check url！"}"#))
        var other = request("qwen-vl-max")
        #expect(Generation().amend(&other, after: try #require(failure(event)), provider()))
        #expect(Generation().path(of: other, provider()).contains("text-generation"))
    }

    @Test(
        "what is shown to a model that may see goes where models see", arguments: ["unheard-of", "glm-4.5v"])
    func shown(model: String) throws {
        let turn = Turn(role: .user, parts: [.image(Media(.url("https://x/y.png")))])
        #expect(Generation().path(of: request(model, turn), provider()).contains("multimodal"))
        #expect(Generation().path(of: request(model), provider()).contains("text-generation"))
        #expect(try messages(request(model, turn)).contains("image"))
    }

    @Test("nothing else leads to another try") func noAmends() {
        for code in [Failure.Code.upstreamKey, .contentRefused, .upstreamFault, .quotaExhausted] {
            var asking = request("farui-plus")
            #expect(!Generation().amend(&asking, after: Failure(code, "url error temperature"), provider()))
        }
        var asking = request("farui-plus")
        #expect(!Generation().amend(&asking, after: Failure(.upstreamInvalid, "Range of input"), provider()))
    }

    @Test("a name that nobody knows has a stand-in, if the operator says which") func standIns() {
        let gateway = provider("default_model=farui-plus")
        for model in ["gpt-4", "claude-opus-5", ""] {
            #expect(Generation().standIn(for: model, gateway) == "farui-plus")
            #expect(Generation().standIn(for: model, provider()) == nil)
        }
        for model in ["qwen-plus", "farui-plus", "deepseek-v3", "QWEN-MAX", "qwen9-new"] {
            #expect(Generation().standIn(for: model, gateway) == nil)
        }
        #expect(Generation().ownModels(gateway) == ["farui-plus"] && Generation().ownModels(provider()) == [])
    }

    @Test("quirks that mean nothing are told") func quirks() {
        let words = ["default_model", "default_model=", "max_output=x", "cumulative=1", "farui", "x"]
        #expect(
            Generation().quirks.provider("up", words).unknown
                == ["default_model", "default_model=", "max_output=x", "cumulative=1", "x"])
    }

    @Test("no preset is of flags that are not there") func presets() {
        for preset in Generation().quirks.presets {
            #expect(Generation().quirks.provider("up", [preset.name]).unknown.isEmpty)
        }
    }

    @Test("D19 D42: nothing is refused that can be left out, nothing left out that can be sent")
    func coverage() {
        let lost: [Feature] = [.frequencyPenalty, .logitBias, .user, .store, .metadata, .tier]
        #expect(lost.allSatisfy { Generation().coverage(of: $0, provider()) == .lost })
        let refused = Feature.allCases.filter { Generation().coverage(of: $0, provider()) == .refused }
        #expect(refused == [.count, .audioOutput, .fileIDs, .background, .storedState])
    }
}
