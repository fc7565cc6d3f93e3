// SPDX-License-Identifier: MIT

import CCurl
import HTTP
import Model
import Settings
import Unix

// What libcurl calls. None of these may be reached after the handle is gone, and the handle goes with the
// object.
extension Transfer {
    func setCallbacks() {
        let this = unsafe Unmanaged.passUnretained(self).toOpaque()
        _ = unsafe ccurl_set_bytes(easy, CURLOPT_HEADERFUNCTION) { bytes, size, count, context in
            unsafe of(context).takeHead(buffer(bytes, size * count).span)
        }
        _ = unsafe ccurl_set_bytes(easy, CURLOPT_WRITEFUNCTION) { bytes, size, count, context in
            unsafe of(context).takeBody(buffer(bytes, size * count).span)
        }
        _ = unsafe ccurl_set_bytes(easy, CURLOPT_READFUNCTION) { bytes, size, count, context in
            unsafe of(context).give(to: UnsafeMutableRawBufferPointer(start: bytes, count: size * count))
        }
        _ = unsafe ccurl_set_seek(easy) { context, offset, _ in
            unsafe of(context).upload.rewind(to: Int(offset)) ? CURL_SEEKFUNC_OK : CURL_SEEKFUNC_FAIL
        }
        _ = unsafe ccurl_set_prereq(easy) { context, remote, _, _, _ in
            unsafe of(context).allows(remote)
        }
        for option in [
            CURLOPT_HEADERDATA, CURLOPT_WRITEDATA, CURLOPT_READDATA, CURLOPT_SEEKDATA, CURLOPT_PREREQDATA,
        ] {
            _ = unsafe ccurl_set_pointer(easy, option, this)
        }
        unsafe ccurl_set_place(easy, place)
    }

    /// What holds for every request (promise 9): no redirect, no proxy of the environment; HTTP/1.1.
    func setConstants() {
        set(CURLOPT_BUFFERSIZE, Transfer.bufferSize)
        set(CURLOPT_FOLLOWLOCATION, 0)
        set(CURLOPT_PROXY, "")
        // Nor does libcurl look for exceptions to one.
        set(CURLOPT_NOPROXY, "*")
        set(CURLOPT_NOSIGNAL, 1)
        set(CURLOPT_QUICK_EXIT, 1)
        set(CURLOPT_PATH_AS_IS, 1)
        set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1))
        set(CURLOPT_TCP_KEEPALIVE, 1)
    }

    /// One line of the head.
    ///
    /// An interim head (1xx) is followed by another; lines after the head are trailers.
    private func takeHead(_ line: Span<UInt8>) -> Int {
        hasAnswered = true
        // A folded line is dropped: it would be read in two ways.
        guard head == nil, line.count > 0, line[0] != 0x20, line[0] != 0x09 else { return line.count }
        headBytes += line.count
        guard headBytes <= Transfer.headLimit else {
            refusal = .headTooLarge
            return 0
        }
        if let status = ResponseHead.status(of: line) {
            pending = ResponseHead(status)
        } else if let field = Field(line: line) {
            pending?.fields.append(field)
        } else if line.count <= 2, let whole = pending, whole.status >= 200 {
            head = whole
        }
        return line.count
    }

    private func takeBody(_ bytes: Span<UInt8>) -> Int {
        guard head != nil else {
            refusal = .noHead
            return 0
        }
        guard body.count < bodyLimit else {
            isBodyPaused = true
            return Int(CURL_WRITEFUNC_PAUSE)
        }
        body.append(bytes)
        return bytes.count
    }

    private func give(to room: UnsafeMutableRawBufferPointer) -> Int {
        let count = unsafe upload.read(into: room)
        if count > 0 || upload.isComplete { return count }
        isUploadPaused = true
        return Int(CURL_READFUNC_PAUSE)
    }

    private func allows(_ address: UnsafePointer<CChar>?) -> Int32 {
        if allowsPrivate { return CURL_PREREQFUNC_OK }
        let remote = URL(scheme: .https, host: unsafe address.map { unsafe String(cString: $0) } ?? "")
        if !(remote.isPrivate || remote.isLoopback) { return CURL_PREREQFUNC_OK }
        refusal = .privateAddress
        return CURL_PREREQFUNC_ABORT
    }
}

private func of(_ context: UnsafeMutableRawPointer?) -> Transfer {
    guard let context = unsafe context else { preconditionFailure("libcurl lost our pointer") }
    return unsafe Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
}

private func buffer(_ bytes: UnsafeMutablePointer<CChar>?, _ count: Int) -> UnsafeBufferPointer<UInt8> {
    unsafe UnsafeRawBufferPointer(start: bytes, count: count).bindMemory(to: UInt8.self)
}
