// SPDX-License-Identifier: MIT
// The floor under every gateway that gives each connection a process and leaves the upstream to libcurl:
// what accepting, forking and relaying cost when nothing else is done.
//
//     floor PORT URL      listens on 127.0.0.1:PORT; each request becomes a POST of its body to URL
//
// Before any fork libcurl is initialised, one handle has all its options, and every symbol is bound
// (-z now). A child answers the requests of its connection one after the other; it reuses the handle and
// with it the upstream's connection. What the upstream says, chunk framing included, goes back as it
// came: head and body as libcurl hands them over, each piece in one send.
//
// What it does not do, and a gateway must:
//
//   - read the request line or any field but Content-Length, judge a request, limit its size or its time
//   - pass on the caller's fields, its key or its path; choose an upstream; speak TLS
//   - look at the answer: no events, no usage, no end of the stream known or checked
//   - notice that the caller has gone before it fails to write to it, or hold the upstream back for a slow
//     one other than by blocking; send pings; answer anything itself, errors included
//   - limit connections, log, keep records, drain, reload
//
// So nothing of this shape is faster, unless it forks ahead or calls something other than libcurl.

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <curl/curl.h>
#include <err.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ROOM = 64 * 1024 };

static struct {
    char bytes[ROOM];
    size_t filled;
} in, out;

static int caller;

// Sends what is held; false: the caller is gone.
static int flush(void) {
    for (size_t sent = 0; sent < out.filled;) {
        ssize_t n = send(caller, out.bytes + sent, out.filled - sent, MSG_NOSIGNAL);
        if (n < 0) {
            return 0;
        }
        sent += (size_t)n;
    }
    out.filled = 0;
    return 1;
}

// A line of the answer's head: held, to go out together with the first of the body.
static size_t take_head(char *bytes, size_t one, size_t count, void *unused) {
    (void)one, (void)unused;
    if (count > ROOM - out.filled) {
        return 0;
    }
    memcpy(out.bytes + out.filled, bytes, count);
    out.filled += count;
    return count;
}

static size_t take_body(char *bytes, size_t one, size_t count, void *unused) {
    return take_head(bytes, one, count, unused) == count && flush() ? count : 0;
}

// Where the text ends that ends with `end`, or 0 while that has not arrived.
static size_t behind(const char *end) {
    in.bytes[in.filled] = '\0';
    const char *found = strstr(in.bytes, end);
    return found ? (size_t)(found - in.bytes) + strlen(end) : 0;
}

static int fill(void) {
    ssize_t n = in.filled < ROOM - 1 ? recv(caller, in.bytes + in.filled, ROOM - 1 - in.filled, 0) : 0;
    in.filled += n > 0 ? (size_t)n : 0;
    return n > 0;
}

// Reads a request and relays it; false: there is none, or it went wrong.
static int relay(CURL *call) {
    size_t head;
    while (!(head = behind("\r\n\r\n"))) {
        if (!fill()) {
            return 0;
        }
    }
    const char *length = strcasestr(in.bytes, "\r\nContent-Length:");
    size_t body = length && length < in.bytes + head ? strtoul(length + 17, NULL, 10) : 0;
    while (in.filled < head + body) {
        if (!fill()) {
            return 0;
        }
    }
    curl_easy_setopt(call, CURLOPT_POSTFIELDS, in.bytes + head);
    curl_easy_setopt(call, CURLOPT_POSTFIELDSIZE, (long)body);
    int is_done = curl_easy_perform(call) == CURLE_OK && flush();
    in.filled -= head + body;
    memmove(in.bytes, in.bytes + head + body, in.filled);
    return is_done;
}

static CURL *prepare(const char *url) {
    curl_global_init(CURL_GLOBAL_DEFAULT);
    CURL *call = curl_easy_init();
    struct curl_slist *fields = curl_slist_append(NULL, "Content-Type: application/json");
    curl_easy_setopt(call, CURLOPT_URL, url);
    curl_easy_setopt(call, CURLOPT_HTTPHEADER, fields);
    curl_easy_setopt(call, CURLOPT_HTTP_TRANSFER_DECODING, 0L);
    curl_easy_setopt(call, CURLOPT_HEADERFUNCTION, take_head);
    curl_easy_setopt(call, CURLOPT_WRITEFUNCTION, take_body);
    curl_easy_setopt(call, CURLOPT_PROXY, "");
    curl_easy_setopt(call, CURLOPT_NOSIGNAL, 1L);
    return call;
}

static int listen_at(const char *port) {
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    a.sin_port = htons((unsigned short)atoi(port));
    int door = socket(AF_INET, SOCK_STREAM, 0);
    setsockopt(door, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int));
    if (door < 0 || bind(door, (void *)&a, sizeof a) || listen(door, SOMAXCONN)) {
        err(111, "listening");
    }
    return door;
}

// Reaped, not ignored: so their time is counted as the parent's children's.
static void reap(int signal) {
    (void)signal;
    while (waitpid(-1, NULL, WNOHANG) > 0) {
    }
}

int main(int count, char **words) {
    if (count != 3) {
        errx(100, "usage: floor PORT URL");
    }
    CURL *call = prepare(words[2]);
    int door = listen_at(words[1]);
    struct sigaction on_child = {.sa_handler = reap, .sa_flags = SA_RESTART | SA_NOCLDSTOP};
    sigaction(SIGCHLD, &on_child, NULL);
    for (;;) {
        caller = accept(door, NULL, NULL);
        pid_t child = caller < 0 ? -1 : fork();
        if (child == 0) {
            close(door);
            setsockopt(caller, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
            while (relay(call)) {
            }
            _exit(0);
        }
        if (caller >= 0) {
            close(caller);
        }
    }
}
