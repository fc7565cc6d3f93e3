// SPDX-License-Identifier: MIT

import JSON
import Model
import Testing

@testable import DashScope

@Suite struct ReadFailureTests {
    private func failure(_ status: Int, _ body: String) -> Failure {
        Generation().readFailure(status: status, body: Array(body.utf8), provider())
    }

    private func told(_ code: String, _ message: String = "No.") -> String {
        #"{"code":"\#(code)","message":"\#(message)","request_id":"fb53"}"#
    }

    @Test(
        "D23: status and code of a refusal, and the id of its request",
        arguments: [
            (400, "InvalidParameter", Failure.Code.upstreamInvalid), (401, "InvalidApiKey", .upstreamKey),
            (401, "NOT AUTHORIZED", .upstreamKey), (403, "AccessDenied.Unpurchased", .upstreamPermission),
            (404, "ModelNotFound", .upstreamNotFound), (409, "Conflict", .upstreamConflict),
            (429, "Throttling.RateQuota", .upstreamRateLimit), (429, "LimitRequests", .upstreamRateLimit),
            (500, "InternalError", .upstreamFault), (500, "RequestTimeOut", .upstreamTimeout),
            (503, "ModelServingError", .upstreamOverloaded), (504, "GatewayTimeout", .upstreamTimeout),
        ])
    func plain(status: Int, word: String, code: Failure.Code) {
        let failure = failure(status, told(word))
        #expect(failure.code == code && failure.word == word)
        #expect(failure.message == "No. (request_id: fb53)")
        let expected = code == .upstreamTimeout ? 504 : status
        #expect(failure.status == expected && !failure.isFinal)
    }

    @Test("D24: a refusal as a stream, whatever it is called", arguments: ["\n", "\r\n", ""])
    func framed(end: String) {
        let event = "id:1\(end == "" ? "\n" : end)event:error\n:HTTP_STATUS/400\ndata:"
        let failure = failure(400, event + told("InvalidParameter", "Range") + end + end)
        #expect(failure.code == .upstreamInvalid && failure.message.hasPrefix("Range"))
    }

    @Test("D25: a refusal in a whole answer or a stream of status 200") func wellMeant() throws {
        let body = told("InvalidApiKey")
        #expect(DashScopeTests.failure(whole(body))?.code == .upstreamKey)
        #expect(DashScopeTests.failure(try events("data:\(body)\n\n"))?.code == .upstreamKey)
    }

    @Test("D26: a stream that begins with an error has that error's status") func first() throws {
        let body = told("Throttling.RateQuota")
        let failure = DashScopeTests.failure(try events(broken(body, status: ":HTTP_STATUS/429\n")))
        #expect(failure?.status == 429 && failure?.code == .upstreamRateLimit)
    }

    @Test("D27: an error after words ends the answer, and is no end") func late() throws {
        let all = try events(said("a") + broken(told("DataInspectionFailed", "Output data may contain")))
        #expect(deltas(all) == ["a"] && DashScopeTests.failure(all)?.code == .contentRefused)
        #expect(!all.contains { if case .end = $0 { true } else { false } })
    }

    @Test("D28: an error in OpenAI's form") func nested() {
        let body = #"{"error":{"message":"The model x does not exist.","type":"t","code":"model_not_found"}}"#
        let failure = failure(404, body)
        #expect(failure.code == .upstreamNotFound && failure.word == "model_not_found")
        #expect(failure.message == "The model x does not exist.")
    }

    @Test(
        "D29: pages and nothing at all",
        arguments: ["", "<html><h1>Bad gateway</h1></html>", " \n<!doctype html>"])
    func pages(body: String) {
        let failure = failure(502, body)
        #expect(failure.code == .upstreamFault && failure.status == 502)
        #expect(failure.message == "The provider answered with status 502.")
        #expect(self.failure(503, "busy").message == "busy")
    }

    @Test(
        "D30: what is not paid is told as such, and is final",
        arguments: [
            (400, "Arrearage"), (429, "PrepaidBillOverdue"), (403, "PostpaidBillOverdue"),
            (429, "CommodityNotPurchased"), (403, "AllocationQuota.FreeTierOnly"),
            (429, "BudgetLimitExceeded"),
        ])
    func billing(status: Int, word: String) {
        let failure = failure(status, told(word, "Access denied"))
        #expect(failure.code == .quotaExhausted && failure.isFinal)
    }

    @Test("D31: a quota a minute is a limit of the rate, a free one that is used up is not")
    func quotas() {
        let text = "You exceeded your current quota, please check your plan and billing details."
        for word in ["Throttling.AllocationQuota", "insufficient_quota"] {
            let failure = failure(429, told(word, text))
            #expect(failure.code == .upstreamRateLimit && !failure.isFinal && failure.status == 429)
            let free = self.failure(429, told(word, "Free allocated quota exceeded."))
            #expect(free.code == .quotaExhausted && free.isFinal)
        }
    }

    @Test(
        "D32: what is refused for its content is final",
        arguments: ["DataInspectionFailed", "data_inspection_failed", "CustomRoleBlocked"])
    func inspected(word: String) {
        let failure = failure(400, told(word))
        #expect(failure.code == .contentRefused && failure.isFinal && failure.word == "content_filter")
        #expect(self.failure(400, told("InvalidParameter.DataInspection")).code == .upstreamInvalid)
    }

    @Test("D33: the request is to blame, whatever the status says") func blame() {
        let text = "<400> InternalError.Algo.InvalidParameter: Range of max_tokens should be [1, 32768]"
        for body in [told("InternalError.Algo", text), told("InternalError.Algo.InvalidParameter")] {
            let failure = failure(500, body)
            #expect(failure.code == .upstreamInvalid && failure.status == 400)
        }
        let named = failure(400, told("ServiceUnavailableError", "Role must be user or assistant"))
        #expect(named.code == .upstreamInvalid && named.status == 400)
    }

    @Test("D34: a conversation that is too long") func overflow() {
        let text = "<400> InternalError.Algo.InvalidParameter: Range of input length should be [1, 12000]"
        #expect(failure(400, told("InvalidParameter", text)).code == .contextOverflow)
    }

    @Test(
        "D50: where the status of an error stands",
        arguments: [
            (":HTTP_STATUS/429\n", "InternalError", 429), (": HTTP_STATUS/429\n", "InternalError", 429),
            ("status:403\n", "InternalError", 403), ("status: 403\n:HTTP_STATUS/429\n", "x", 429),
            (":HTTP_STATUS/429\nstatus:403\n", "x", 429), ("", "InvalidApiKey", 401),
            ("", "Throttling.BurstRate", 429), ("", "Unheard.Of", 400),
            (":HTTP_STATUS/999\n", "InvalidApiKey", 401),
            (":HTTP_STATUS/200\n", "ModelNotFound", 404), ("", "InternalError.Algo", 500),
        ])
    func statuses(line: String, word: String, status: Int) throws {
        let failure = DashScopeTests.failure(try events(broken(told(word), status: line)))
        #expect(failure?.status == status)
    }

    @Test("D50: a status does not hold for later events") func oneEvent() throws {
        let stream =
            said("a").replacing("200", with: "429") + "event:error\ndata:\(told("InvalidApiKey"))\n\n"
        #expect(DashScopeTests.failure(try events(stream))?.status == 401)
    }

    @Test("an error that is no JSON") func noJSON() throws {
        let failure = DashScopeTests.failure(
            try events(broken("upstream connect error", status: ":HTTP_STATUS/503\n")))
        #expect(failure?.message == "upstream connect error")
    }
}
