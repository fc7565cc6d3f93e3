// SPDX-License-Identifier: MIT
// Typed doors to libcurl's variadic calls: one for each kind of argument.

#ifndef CCURL_H
#define CCURL_H

#include <curl/curl.h>
#include <poll.h>

/// The shape of a callback that gets (or gives) bytes: size * count of them.
typedef size_t (*ccurl_bytes)(char *bytes, size_t size, size_t count, void *context);
typedef int (*ccurl_seek)(void *context, curl_off_t offset, int origin);
typedef int (*ccurl_prereq)(void *context, char *remote, char *local, int remote_port, int local_port);

static inline CURLcode ccurl_set_long(CURL *h, CURLoption o, long v) { return curl_easy_setopt(h, o, v); }
static inline CURLcode ccurl_set_offset(CURL *h, CURLoption o, curl_off_t v) { return curl_easy_setopt(h, o, v); }
static inline CURLcode ccurl_set_string(CURL *h, CURLoption o, const char *v) { return curl_easy_setopt(h, o, v); }
static inline CURLcode ccurl_set_list(CURL *h, CURLoption o, struct curl_slist *v) { return curl_easy_setopt(h, o, v); }
static inline CURLcode ccurl_set_pointer(CURL *h, CURLoption o, void *v) { return curl_easy_setopt(h, o, v); }
static inline CURLcode ccurl_set_place(CURL *h, CURLU *place) { return curl_easy_setopt(h, CURLOPT_CURLU, place); }
static inline CURLcode ccurl_set_bytes(CURL *h, CURLoption o, ccurl_bytes v) { return curl_easy_setopt(h, o, v); }
static inline CURLcode ccurl_set_seek(CURL *h, ccurl_seek v) { return curl_easy_setopt(h, CURLOPT_SEEKFUNCTION, v); }
static inline CURLcode ccurl_set_prereq(CURL *h, ccurl_prereq v) { return curl_easy_setopt(h, CURLOPT_PREREQFUNCTION, v); }

/// How many sockets libcurl waits for now, which come as poll(2) takes them, at most `room`.
int ccurl_multi_sockets(CURLM *m, struct pollfd *sockets, int room);

/// The milliseconds after which libcurl wants to be called in any case; -1: never.
static inline long ccurl_multi_patience(CURLM *m) {
    long milliseconds = -1;
    curl_multi_timeout(m, &milliseconds);
    return milliseconds;
}

static inline long ccurl_get_long(CURL *h, CURLINFO i) {
    long v = 0;
    curl_easy_getinfo(h, i, &v);
    return v;
}
static inline curl_off_t ccurl_get_offset(CURL *h, CURLINFO i) {
    curl_off_t v = 0;
    curl_easy_getinfo(h, i, &v);
    return v;
}

/// The socket of a connection that was made with CURLOPT_CONNECT_ONLY, or -1.
static inline int ccurl_get_socket(CURL *h) {
    curl_socket_t socket = CURL_SOCKET_BAD;
    return curl_easy_getinfo(h, CURLINFO_ACTIVESOCKET, &socket) == CURLE_OK ? (int)socket : -1;
}

/// Loads root certificates into a store that later transfers share instead of loading them each: from a bundle. 1 on success.
int ccurl_load_authorities(const char *bundle);
/// Makes a transfer use that store; 0 where there is none. `directory`: hashed certificates, so that libcurl does not go and load its defaults before.
int ccurl_share_authorities(CURL *h, const char *directory);
/// Fetches what the first TLS connection of a process would fetch, and gives unused memory back.
void ccurl_warm_tls(void);

/// Makes a transfer take this socket for its next connection instead of making one: a TCP socket whose connect(2) is in progress.
void ccurl_lead_to(CURL *h, int socket);

/// The result of the transfer that has ended, or -1 while it runs.
static inline int ccurl_multi_ended(CURLM *m) {
    int left = 0;
    CURLMsg *message = curl_multi_info_read(m, &left);
    return message && message->msg == CURLMSG_DONE ? (int)message->data.result : -1;
}

#endif
