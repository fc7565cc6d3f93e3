// SPDX-License-Identifier: MIT

/// Why a caller gets no answer, or no more of it.
///
/// The caller's dialect puts it into its own words and form.
package struct Failure: Error, Equatable, Sendable {
    /// What went wrong, as one row of the table in the manual: it decides kind, status and the stable number.
    package var code: Code
    /// One sentence for the caller: what is wrong, and what to do.
    package var message: String
    /// The member of the request that is to blame, as a path (`messages.3.content`).
    package var param: String?
    /// Seconds after which trying again makes sense.
    package var retryAfter: Int?
    /// The status, where it is not the kind's own: an upstream's, or one of HTTP's many.
    package var status: Int
    /// The provider's own word for it (`insufficient_quota`), for callers whose dialect passes such words on.
    package var word: String?
    /// What the caller reads as its `type` and `code`, where a dialect with such members has to say another's
    /// words.
    package var words: Words?
    /// Whether trying again is of no use, though the status sounds as if it were.
    package var isFinal = false

    package init(
        _ code: Code, _ message: String, param: String? = nil, retryAfter: Int? = nil, status: Int? = nil
    ) {
        self.code = code
        self.message = message
        self.param = param
        self.retryAfter = retryAfter
        self.status = status ?? code.kind.status
    }

    /// Its class, by its code.
    package var kind: Kind { code.kind }
}

// What is wrong with answers of any provider.
extension Failure {
    /// It is not in the form that was asked for.
    package static let malformedAnswer = Failure(
        .brokenAnswer, "The provider's answer is not what its API promises.")
    /// It has no end.
    package static let cutAnswer = Failure(
        .brokenStream, "The provider's answer ended before it was complete.")
    /// It is beyond what a reader holds.
    package static let hugeAnswer = Failure(
        .answerTooLarge, "The provider's answer is larger than can be right.")
}

extension Failure {
    /// A name for a failure, as OpenAI's form has them.
    package struct Words: Equatable, Sendable {
        /// The class.
        package var type: String
        /// The error itself; nil: the one that the dialect has for it.
        package var code: String?

        package init(type: String, code: String?) {
            self.type = type
            self.code = code
        }
    }

    /// The classes that every dialect has words for.
    package enum Kind: Sendable, CaseIterable {
        case invalidRequest, authentication, billing, permission, notFound, methodNotAllowed, slowRequest
        case conflict, tooLarge, rateLimit, server, upstream, overloaded, timeout

        /// The status that a failure of this kind has, unless it says otherwise.
        package var status: Int {
            switch self {
            case .invalidRequest: 400
            case .authentication: 401
            case .billing: 402
            case .permission: 403
            case .notFound: 404
            case .methodNotAllowed: 405
            case .slowRequest: 408
            case .conflict: 409
            case .tooLarge: 413
            case .rateLimit: 429
            case .server: 500
            case .upstream: 502
            case .overloaded: 503
            case .timeout: 504
            }
        }
    }

    /// Every way to fail, with its stable number: in the header `x-edgefilter-code`, in the record and in the
    /// manual.
    ///
    /// Numbers are never reused.
    package enum Code: Int, Sendable, CaseIterable {
        // 1xx: HTTP at the door
        case badHTTP = 101
        case slowHead = 102
        case slowBody = 103
        case badContentCoding = 104
        case webSocket = 105
        // 2xx: the request's content
        case invalidJSON = 201
        case invalidMember = 202
        case missingMember = 203
        case bodyTooLarge = 204
        case unknownModel = 205
        case unknownEndpoint = 206
        case wrongMethod = 207
        case unsupported = 208
        // Issued keys, and what may be used of this gateway
        case malformedKey = 217
        case unknownKey = 218
        case revokedKey = 219
        case expiredKey = 220
        case removedUser = 221
        case modelNotAllowed = 222
        case needsOwnKey = 223
        case keyRequests = 224
        case keyTokens = 225
        case addressRequests = 226
        // Administration
        case adminOnly = 227
        case adminKey = 228
        case adminExpired = 229
        case forged = 230
        case adminWait = 231
        case nameTaken = 232
        case noSuchUser = 233
        case noSuchKey = 234
        case keyRevoked = 235
        case storeFailed = 236
        // What callers share
        case accountClosed = 237
        case addressBusy = 238
        // 3xx: the caller
        case missingKey = 301
        case refusedKey = 302
        case foreignOrigin = 303
        case foreignHost = 304
        // 4xx: towards the upstream
        case unreachable = 401
        case connectTimeout = 402
        case firstByteTimeout = 403
        case silence = 404
        case totalTimeout = 405
        case brokenAnswer = 406
        case untrusted = 407
        case addressRefused = 408
        case brokenStream = 409
        case upstreamRefused = 410
        case uploadStalled = 411
        case upstreamInvalid = 412
        case contextOverflow = 413
        case contentRefused = 414
        case upstreamKey = 415
        case upstreamPermission = 416
        case upstreamNotFound = 417
        case upstreamConflict = 418
        case upstreamTooLarge = 419
        case upstreamRateLimit = 420
        case quotaExhausted = 421
        case upstreamFault = 422
        case upstreamOverloaded = 423
        case upstreamTimeout = 424
        case brokenArguments = 425
        case answerTooLarge = 426
        case gatewayKey = 436
        case noUserText = 437
        case dialogueBusy = 438
        // 5xx: ourselves
        case full = 501
        case internalError = 502
        case penalty = 503
        case stopping = 504
        // 6xx: the caller went
        case callerGone = 601
        case callerStalled = 602
        // What admission needs and cannot have
        case keysUnreadable = 603
        case budgetUnkept = 604

        /// What an upstream means by a status of 400 or above, where its words say no more.
        package init(status: Int) {
            self = Code.byStatus[status] ?? (status < 500 ? .upstreamInvalid : .upstreamFault)
        }

        private static let byStatus: [Int: Code] = [
            401: .upstreamKey, 402: .quotaExhausted, 403: .upstreamPermission, 404: .upstreamNotFound,
            408: .upstreamTimeout, 409: .upstreamConflict, 413: .upstreamTooLarge, 429: .upstreamRateLimit,
            503: .upstreamOverloaded, 504: .upstreamTimeout, 529: .upstreamOverloaded,
        ]

        /// Its class.
        package var kind: Kind {
            switch self {
            case .badHTTP, .badContentCoding, .webSocket, .invalidJSON, .invalidMember, .missingMember,
                .unsupported, .noUserText,
                .upstreamInvalid, .contextOverflow, .contentRefused:
                .invalidRequest
            case .slowHead, .slowBody: .slowRequest
            case .bodyTooLarge, .upstreamTooLarge: .tooLarge
            case .unknownModel, .unknownEndpoint, .upstreamNotFound, .noSuchUser, .noSuchKey: .notFound
            case .upstreamConflict, .dialogueBusy, .nameTaken, .keyRevoked: .conflict
            case .quotaExhausted: .billing
            case .wrongMethod: .methodNotAllowed
            case .missingKey, .refusedKey, .malformedKey, .unknownKey, .revokedKey, .expiredKey, .removedUser,
                .needsOwnKey, .upstreamKey, .adminOnly, .adminKey, .adminExpired:
                .authentication
            case .foreignOrigin, .foreignHost, .modelNotAllowed, .upstreamPermission, .forged,
                .accountClosed:
                .permission
            case .connectTimeout, .firstByteTimeout, .silence, .totalTimeout, .uploadStalled,
                .upstreamTimeout:
                .timeout
            case .unreachable, .brokenAnswer, .untrusted, .addressRefused, .brokenStream, .upstreamRefused,
                .upstreamFault, .brokenArguments, .answerTooLarge, .gatewayKey:
                .upstream
            case .full, .stopping, .keysUnreadable, .budgetUnkept, .upstreamOverloaded, .storeFailed:
                .overloaded
            case .penalty, .keyRequests, .keyTokens, .addressRequests, .addressBusy, .upstreamRateLimit,
                .adminWait:
                .rateLimit
            case .internalError, .callerGone, .callerStalled: .server
            }
        }
    }
}
