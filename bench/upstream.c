// SPDX-License-Identifier: MIT
// A fast stand-in for an OpenAI server. `upstream` listens on a free port of 127.0.0.1 and prints its number.
//
//     POST /v1/chat/completions   with "stream":true a stream, else a whole answer; the model's name says how
//                                 many pieces and, if given, the pause before each in milliseconds:
//                                 "stream-200", "stream-200-50"
//     GET /v1/models
//     GET /health                 for peers that ask before they serve
//
// One process, one thread, keep-alive; each event is a write of its own, and streams take turns.

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "message.h"
#include "script.h"

enum { READY = 256 };

struct client {
    int fd;
    bool is_streaming, awaits_room; // awaits_room: epoll watches for EPOLLOUT
    struct message request;
    struct stream stream;
    struct text out;
    int64_t due; // milliseconds; 0: not asleep
    struct client *before, *after;
};

static int events;
static struct client asleep = {.before = &asleep, .after = &asleep}; // a ring, soonest first

static int64_t now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void go_to_sleep(struct client *c) {
    c->due = now() + c->stream.pause;
    struct client *before = asleep.before;
    while (before != &asleep && before->due > c->due) {
        before = before->before;
    }
    c->before = before;
    c->after = before->after;
    c->before->after = c->after->before = c;
}

static void wake_up(struct client *c) {
    c->before->after = c->after;
    c->after->before = c->before;
    c->due = 0;
}

static void hang_up(struct client *c) {
    if (c->due) {
        wake_up(c);
    }
    close(c->fd);
    free(c->request.bytes);
    free(c);
}

// The peer has closed: closing by a reset ends its TIME-WAIT; thousands of those make its next connect slow.
static void forget_peer(struct client *c) {
    setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &(struct linger){.l_onoff = 1}, sizeof(struct linger));
}

static void watch(struct client *c, bool awaits_room) {
    if (c->awaits_room == awaits_room) {
        return;
    }
    struct epoll_event e = {.events = EPOLLIN | (awaits_room ? EPOLLOUT : 0), .data.ptr = c};
    c->awaits_room = awaits_room;
    if (epoll_ctl(events, EPOLL_CTL_MOD, c->fd, &e)) {
        err(111, "epoll_ctl");
    }
}

// Sends what is composed; false: the peer is gone.
static bool flush(struct client *c) {
    while (c->out.start < c->out.end) {
        ssize_t n = send(c->fd, c->out.bytes + c->out.start, c->out.end - c->out.start, MSG_NOSIGNAL);
        if (n < 0) {
            return errno == EAGAIN;
        }
        c->out.start += (size_t)n;
    }
    c->out.start = c->out.end = 0;
    return true;
}

// One write of the stream, or the beginning of a pause; false: the peer is gone.
static bool go_on(struct client *c) {
    if (c->stream.pause && !c->due && stream_is_at_piece(&c->stream)) {
        go_to_sleep(c);
        watch(c, false);
        return true;
    }
    if (c->due) {
        wake_up(c);
    }
    stream_step(&c->stream, &c->out);
    c->is_streaming = !stream_is_over(&c->stream);
    return flush(c);
}

static bool is_for(const struct client *c, const char *start) {
    return !strncmp(c->request.bytes, start, strlen(start));
}

// The value of a member of the request's body (its first mention), or "".
static const char *member(const struct client *c, const char *name) {
    const char *found = strstr(c->request.bytes + c->request.head, name);
    if (!found) {
        return "";
    }
    found += strlen(name);
    return found + strspn(found, " \t\r\n:");
}

static void answer_chat(struct client *c) {
    c->stream.model[0] = '\0';
    sscanf(member(c, "\"model\""), "\"%63[^\"\\]", c->stream.model);
    c->is_streaming = !strncmp(member(c, "\"stream\""), "true", 4);
    if (c->is_streaming) {
        stream_begin(&c->stream);
    } else {
        say_chat(c->stream.model, &c->out);
    }
}

static void answer(struct client *c) {
    if (is_for(c, "POST /v1/chat/completions ")) {
        answer_chat(c);
    } else if (is_for(c, "GET /v1/models ")) {
        say_models(&c->out);
    } else if (is_for(c, "GET /health ")) {
        say_health(&c->out);
    } else {
        say_unknown(&c->out);
    }
}

static bool is_busy(const struct client *c) {
    return c->is_streaming || c->out.end;
}

// Answers the requests that have arrived whole; false: the connection is over.
static bool converse(struct client *c) {
    while (!is_busy(c)) {
        if (c->request.phase == COMPLETE) { // of the answer just given
            if (message_closes(&c->request)) {
                return false;
            }
            message_next(&c->request);
        }
        enum progress progress = message_take(&c->request, false);
        if (progress != WHOLE_MESSAGE) {
            return progress == MORE;
        }
        answer(c);
        if (c->is_streaming ? !go_on(c) : !flush(c)) {
            return false;
        }
    }
    watch(c, !c->due);
    return true;
}

// A connection that can be read from or written to; false: it is over.
static bool attend(struct client *c, uint32_t what) {
    if (what & ~(uint32_t)EPOLLOUT) {
        ssize_t n = message_fill(&c->request, c->fd);
        if (n == 0) {
            forget_peer(c);
        }
        if (n == 0 || (n < 0 && errno != EAGAIN)) {
            return false;
        }
    }
    if (what & EPOLLOUT && c->out.end && !flush(c)) {
        return false;
    }
    if (what & EPOLLOUT && c->is_streaming && !c->out.end && !c->due && !go_on(c)) {
        return false;
    }
    if (!is_busy(c)) {
        watch(c, false);
        return converse(c);
    }
    return true;
}

static void admit(int fd) {
    struct client *c = calloc(1, sizeof *c);
    struct epoll_event e = {.events = EPOLLIN, .data.ptr = c};
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
    if (!c || epoll_ctl(events, EPOLL_CTL_ADD, fd, &e)) {
        err(111, "admitting a client");
    }
    c->fd = fd;
}

static void admit_all(int door) {
    for (int fd; (fd = accept4(door, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0;) {
        admit(fd);
    }
}

// Lets the sleepers go on whose pause is over; returns the milliseconds until the next, -1 if none sleeps.
static int wake_sleepers(void) {
    while (asleep.after != &asleep) {
        struct client *c = asleep.after;
        int64_t left = c->due - now();
        if (left > 0) {
            return (int)left;
        }
        if (go_on(c)) {
            watch(c, true);
        } else {
            hang_up(c);
        }
    }
    return -1;
}

static int listen_somewhere(void) {
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof a;
    int door = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (door < 0 || bind(door, (void *)&a, length) || listen(door, SOMAXCONN)
        || getsockname(door, (void *)&a, &length)) {
        err(111, "listening");
    }
    printf("%d\n", ntohs(a.sin_port));
    fflush(stdout);
    return door;
}

int main(void) {
    int door = listen_somewhere();
    events = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event ready[READY], e = {.events = EPOLLIN};
    epoll_ctl(events, EPOLL_CTL_ADD, door, &e);
    for (;;) {
        int n = epoll_wait(events, ready, READY, wake_sleepers());
        for (int i = 0; i < n; i++) {
            struct client *c = ready[i].data.ptr;
            if (!c) {
                admit_all(door);
            } else if (!attend(c, ready[i].events)) {
                hang_up(c);
            }
        }
    }
}
