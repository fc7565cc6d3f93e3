// SPDX-License-Identifier: MIT

import CCurl
import Model
import Settings

/// Why a transfer did not come to its end, in the caller's terms.
struct TransferError {
    let failure: Failure

    /// nil when it did.
    init?(_ result: CURLcode, _ transfer: Transfer, _ upstream: Upstream) {
        guard result != CURLE_OK else { return nil }
        failure =
            TransferError.refused(transfer, upstream) ?? TransferError.broken(result, transfer, upstream)
    }

    private static func refused(_ transfer: Transfer, _ upstream: Upstream) -> Failure? {
        switch transfer.refusal {
        case nil: nil
        case .told(let failure): failure
        case .headTooLarge:
            Failure(.brokenAnswer, "Backend request failed: the head of its answer is too large.")
        case .noHead: Failure(.brokenAnswer, "Backend request failed: its answer has no HTTP head.")
        case .privateAddress:
            Failure(
                .addressRefused,
                "Backend request failed: the name of upstream '\(upstream.name)' leads to a private address, which its configuration does not allow ('plain: true' would)."
            )
        }
    }

    private static func broken(_ result: CURLcode, _ transfer: Transfer, _ upstream: Upstream) -> Failure {
        if transfer.head != nil {
            return Failure(.brokenStream, "Backend request failed: the answer broke off (\(words(result))).")
        }
        if result == CURLE_OPERATION_TIMEDOUT {
            return Failure(
                .connectTimeout,
                "Backend request timeout: no connection within \(spoken(milliseconds: upstream.timeout.connect))."
            )
        }
        let code = codes.first { $0.results.contains(result.rawValue) }?.code ?? .brokenAnswer
        return Failure(code, "Backend request failed: \(words(result)).")
    }

    private static let codes: [(results: [UInt32], code: Failure.Code)] = [
        ([CURLE_COULDNT_RESOLVE_HOST.rawValue, CURLE_COULDNT_CONNECT.rawValue], .unreachable),
        (
            [
                CURLE_PEER_FAILED_VERIFICATION.rawValue, CURLE_SSL_CONNECT_ERROR.rawValue,
                CURLE_SSL_CACERT_BADFILE.rawValue, CURLE_SSL_ISSUER_ERROR.rawValue,
            ], .untrusted
        ),
    ]

    /// Where libcurl's words leave it open what to look for.
    private static let plainly: [(result: CURLcode, words: String)] = [
        (CURLE_SSL_CONNECT_ERROR, "no TLS handshake: is https spoken there?"),
        (
            CURLE_PEER_FAILED_VERIFICATION,
            "the certificate shown there is not trusted here (see SSL_CERT_FILE)"
        ),
        (CURLE_GOT_NOTHING, "closed without an answer: is http spoken there, or https?"),
    ]

    private static func words(_ result: CURLcode) -> String {
        if let known = plainly.first(where: { $0.result == result }) { return known.words }
        return unsafe curl_easy_strerror(result).map { unsafe String(cString: $0) }?.lowercased()
            ?? "error \(result.rawValue)"
    }
}
