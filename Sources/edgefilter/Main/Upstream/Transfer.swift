// SPDX-License-Identifier: MIT

import CCurl
import HTTP
import Model
import Settings
import Unix

/// A request to an upstream and its answer: a curl handle with what goes up, what came down and how it
/// ended.
///
/// One handle serves all requests of a connection, one after the other; what is the same for all is set once.
/// A class, because libcurl's callbacks hold a pointer to it.
@safe final class Transfer {
    let easy: UnsafeMutableRawPointer
    /// The upstream that the handle is set up for, by name.
    var upstream: String?
    /// Where the next request goes.
    private var base: URL?
    /// Its scheme, host and port, as libcurl has parsed them; it would do so anew, and print them anew, for
    /// each request.
    let place = unsafe curl_url()
    /// What is to be sent, and was.
    var upload = Upload()
    /// What came and was not yet passed on.
    var body = Buffer()
    /// The answer's head, once it is complete.
    var head: ResponseHead?
    /// libcurl's last word.
    var result: CURLcode?
    /// Why we broke it off ourselves, when libcurl can only say that we did.
    var refusal: Refusal?
    /// Whether anything at all came from the upstream.
    var hasAnswered = false
    /// So much may wait to be passed on.
    ///
    /// libcurl reads on for as long as there is something to read: a burst begins with little, so that its
    /// first event goes on at once, and goes on with more and more.
    var bodyLimit = bodyLeast
    /// What refusals have taught of models, while the caller's connection lasts.
    var lessons: [Lesson: [String]] = [:]
    /// Whether a name that is no local one may lead to a private address.
    var allowsPrivate = false
    /// What is said over the connection, when libcurl only makes it; nil: libcurl speaks HTTP.
    var webSocket: WebSocket?
    /// The connection's socket, once it is ours to read and write.
    var socket: Int32?
    /// Whether it may hold more that was not waited for.
    var isUnheard = false

    var pending: ResponseHead?
    var headBytes = 0
    var isUploadPaused = false
    var isBodyPaused = false
    private var list: UnsafeMutablePointer<curl_slist>?
    private var last: UnsafeMutablePointer<curl_slist>?

    /// What a callback broke the transfer off for.
    enum Refusal: Equatable {
        case headTooLarge, noHead, privateAddress
        case told(Failure)
    }

    private static let bodyLeast = 512
    private static let bodyMost = 64 << 10
    static let headLimit = 32 << 10
    static let bufferSize = 16 << 10

    init?() {
        guard let handle = unsafe curl_easy_init() else { return nil }
        unsafe easy = handle
        setCallbacks()
        setConstants()
    }

    deinit {
        unsafe curl_easy_cleanup(easy)
        unsafe curl_slist_free_all(list)
        unsafe curl_url_cleanup(place)
    }

    /// The next request goes to the scheme, host and port of `base`; its target is set by itself.
    func aim(at base: URL) {
        guard self.base != base else { return }
        self.base = base
        // Of the place before nothing may be left, should libcurl refuse this one.
        unsafe curl_url_set(place, CURLUPART_URL, nil, 0)
        unsafe curl_url_set(place, CURLUPART_URL, Call.origin(base), 0)
    }

    /// Forgets the request before, but not the upstream and its connection.
    func begin() {
        upload = Upload()
        body.drop(body.count)
        bodyLimit = Transfer.bodyLeast
        head = nil
        pending = nil
        headBytes = 0
        result = nil
        refusal = nil
        hasAnswered = false
        isUploadPaused = false
        isBodyPaused = false
        if webSocket != nil { set(CURLOPT_CONNECT_ONLY, 0) }
        (webSocket, socket, isUnheard) = (nil, nil, false)
        _ = unsafe ccurl_set_list(easy, CURLOPT_HTTPHEADER, nil)
        unsafe curl_slist_free_all(list)
        unsafe list = nil
        unsafe last = nil
        set(CURLOPT_HTTPGET, 1)
    }

    func set(_ option: CURLoption, _ value: Int) { _ = unsafe ccurl_set_long(easy, option, value) }
    func set(_ option: CURLoption, _ value: String) { _ = unsafe ccurl_set_string(easy, option, value) }
    func set(_ option: CURLoption, size: Int) { _ = unsafe ccurl_set_offset(easy, option, curl_off_t(size)) }

    /// Hands the whole upload over as the body.
    func post() {
        set(CURLOPT_POSTFIELDSIZE_LARGE, size: upload.waiting)
        unsafe upload.withWaiting {
            _ = unsafe ccurl_set_pointer(easy, CURLOPT_COPYPOSTFIELDS, UnsafeMutableRawPointer(mutating: $0))
        }
    }

    /// Takes the body from the upload as it comes.
    func put(_ length: Int?) {
        // Where it was handed a body before it would not begin this one anew.
        _ = unsafe ccurl_set_pointer(easy, CURLOPT_POSTFIELDS, nil)
        set(CURLOPT_UPLOAD, 1)
        set(CURLOPT_INFILESIZE_LARGE, size: length ?? -1)
    }

    /// Trusts the root certificates that the process inherited; in a process of its own the hashed directory,
    /// of which only what is needed is read.
    func trustAuthorities() {
        if unsafe ccurl_share_authorities(easy, Authorities.directory) != 0 { return }
        set(CURLOPT_CAPATH, Authorities.directory)
        guard let file = Authorities.file else {
            _ = unsafe ccurl_set_string(easy, CURLOPT_CAINFO, nil)
            return
        }
        set(CURLOPT_CAINFO, file)
    }

    /// Adds a field line to the request.
    ///
    /// `name:` alone takes away one that libcurl would add.
    ///
    /// `line` ends in a NUL.
    func add(line: [UInt8]) {
        unsafe line.withUnsafeBufferPointer { bytes in
            unsafe bytes.withMemoryRebound(to: CChar.self) {
                guard let longer = unsafe curl_slist_append(last, $0.baseAddress) else { return }
                unsafe last = last == nil ? longer : last?.pointee.next
            }
        }
        guard unsafe list == nil else { return }
        unsafe list = last
        _ = unsafe ccurl_set_list(easy, CURLOPT_HTTPHEADER, list)
    }

    /// Whether a kept connection turned out to be dead before anything came of it (libcurl sees to most of
    /// these itself), and all that was sent can be sent again.
    func hasDiedUnused(_ result: CURLcode) -> Bool {
        let isBroken = [CURLE_SEND_ERROR, CURLE_RECV_ERROR, CURLE_GOT_NOTHING, CURLE_SEND_FAIL_REWIND]
            .contains(result)
        let isReused = unsafe ccurl_get_long(easy, CURLINFO_NUM_CONNECTS) == 0
        return isBroken && isReused && !hasAnswered && upload.isRepeatable
    }

    /// Back to the beginning, for a fresh connection.
    func rewind() {
        _ = upload.rewind(to: 0)
        result = nil
        isUploadPaused = false
        isBodyPaused = false
        set(CURLOPT_FRESH_CONNECT, 1)
    }

    /// The length of the answer's content as libcurl reads it; nil: it ends otherwise.
    var contentLength: Int? {
        let length = unsafe ccurl_get_offset(easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T)
        return length >= 0 && head?.fields.contains("Transfer-Encoding") == false ? Int(length) : nil
    }

    /// Lets the request's body go on after more of it was given.
    func resumeUpload() {
        guard isUploadPaused, upload.hasMore || upload.isComplete else { return }
        isUploadPaused = false
        unpause()
    }

    /// Lets the answer's body go on once enough of it was passed on.
    func resumeBody() {
        guard isBodyPaused else {
            if body.isEmpty { bodyLimit = Transfer.bodyLeast }
            return
        }
        guard body.count <= bodyLimit / 2 else { return }
        isBodyPaused = false
        bodyLimit = min(bodyLimit * 4, Transfer.bodyMost)
        unpause()
    }

    /// Whether the answer waits for us and not for the upstream.
    var isHeld: Bool { isBodyPaused }

    private func unpause() {
        if webSocket != nil { return converse() }
        let still = (isUploadPaused ? CURLPAUSE_SEND : 0) | (isBodyPaused ? CURLPAUSE_RECV : 0)
        unsafe curl_easy_pause(easy, still)
    }
}
