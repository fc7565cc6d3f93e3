// SPDX-License-Identifier: MIT

import Model

/// What the words of complaints mean.
///
/// https://help.aliyun.com/zh/model-studio/error-code
enum Failures {
    /// What a status does not tell; nil: the status tells all.
    static func code(of word: String) -> Failure.Code? { first(of: word, in: codes) }

    /// The status that an error of this word has, where none is told; nil: the word is not known.
    static func status(of word: String) -> Int? { first(of: word, in: statuses) }

    /// How OpenAI's callers know an answer that was refused for what is in it.
    static let contentFilter = "content_filter"

    /// What stands in a message or code when the request is to blame, whatever the status.
    static let requestMarks = ["<400>", "InternalError.Algo.InvalidParameter"]

    /// What is said when there is nothing left that is free.
    static let free = ["Free allocated quota exceeded"]

    /// What is said of a model that is not there, though the status is of a wrong request.
    static let missing = ["Model not exist"]

    /// A word is `NAME *( "." NAME )`, and means what its longest beginning means.
    private static func first<T>(of word: String, in table: [String: T]) -> T? {
        var rest = word[...]
        while true {
            if let found = table[rest.lowercased()] { return found }
            guard let dot = rest.lastIndex(of: ".") else { return nil }
            rest = rest[..<dot]
        }
    }

    private static let codes: [String: Failure.Code] = [
        // What is not paid
        "arrearage": .quotaExhausted, "commoditynotpurchased": .quotaExhausted,
        "prepaidbilloverdue": .quotaExhausted, "postpaidbilloverdue": .quotaExhausted,
        "budgetlimitexceeded": .quotaExhausted, "allocationquota": .quotaExhausted,
        // What is said
        "datainspectionfailed": .contentRefused, "data_inspection_failed": .contentRefused,
        "customroleblocked": .contentRefused, "faqruleblocked": .contentRefused,
        "ipinfringementsuspect": .contentRefused, "invalidparameter.datainspection": .upstreamInvalid,
        // How much at a time; OpenAI means by the last but one that nothing is left, this provider does not
        "throttling": .upstreamRateLimit, "limitrequests": .upstreamRateLimit,
        "limit_requests": .upstreamRateLimit, "limit_burst_rate": .upstreamRateLimit,
        "insufficient_quota": .upstreamRateLimit, "rate_limit_exceeded": .upstreamRateLimit,
        // Which model
        "modelnotfound": .upstreamNotFound, "model_not_found": .upstreamNotFound,
        "model.notexist": .upstreamNotFound, "model_not_supported": .upstreamNotFound,
        // Whose fault
        "requesttimeout": .upstreamTimeout, "internalerror.timeout": .upstreamTimeout,
        "gatewaytimeout": .upstreamTimeout, "modelservingerror": .upstreamOverloaded,
        "modelunavailable": .upstreamOverloaded,
    ]

    private static let statuses: [String: Int] = [
        "invalidparameter": 400, "invalid_request_error": 400, "invalid_value": 400,
        "invalid_parameter_error": 400, "invalidurl": 400, "invalidfile": 400, "invalidimage": 400,
        "badrequest": 400, "arrearage": 400, "datainspectionfailed": 400, "data_inspection_failed": 400,
        "serviceunavailableerror": 400, "unknown": 502,
        "invalidapikey": 401, "invalid_api_key": 401, "not authorized": 401, "authentication_error": 401,
        "accessdenied": 403, "access_denied": 403, "model.accessdenied": 403, "app.accessdenied": 403,
        "workspace.accessdenied": 403, "endpoint.accessdenied": 403, "allocationquota": 403,
        "permission_error": 403,
        "modelnotfound": 404, "model_not_found": 404, "model.notexist": 404, "model_not_supported": 404,
        "workspacenotfound": 404, "notfound": 404, "not_found_error": 404,
        "conflict": 409, "throttling": 429, "limitrequests": 429, "limit_requests": 429,
        "limit_burst_rate": 429, "insufficient_quota": 429, "commoditynotpurchased": 429,
        "prepaidbilloverdue": 429, "postpaidbilloverdue": 429, "budgetlimitexceeded": 429,
        "rate_limit_error": 429, "rate_limit_exceeded": 429,
        "internalerror": 500, "internal_error": 500, "systemerror": 500, "modelservicefailed": 500,
        "invokepluginfailed": 500, "appprocessfailed": 500, "rewritefailed": 500, "retrivalfailed": 500,
        "server_error": 500, "api_error": 500,
        "modelservingerror": 503, "modelunavailable": 503, "serviceunavailable": 503, "overloaded_error": 503,
        "requesttimeout": 504, "internalerror.timeout": 504, "gatewaytimeout": 504, "timeout_error": 504,
    ]
}
