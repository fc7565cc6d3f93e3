// SPDX-License-Identifier: MIT
// A load client for chat completions: so many connections, each with one request at a time.
//
//     load [--connections C] [--requests N] [--seconds S] [--mode keepalive|new] [--kind whole|stream]
//          [--pieces N] [--pause MS] http://ADDRESS:PORT/PATH
//
// It begins no request after N requests or S seconds, whichever comes first. Each connection's first request
// is a rehearsal: checked, not timed. Every answer is checked: status 200, every piece, in order, the end.
// A connection that got a wrong answer asks no more; after a wrong rehearsal nobody does. Prints one JSON
// line; times are in microseconds from the request (with `new`: from connect) to the first octet of the
// answer's body and to its end. Exit: 0 all right, 1 a wrong answer, 100 usage, 111 the system failed.

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "figures.h"
#include "judge.h"
#include "message.h"
#include "options.h"

enum { READY = 256, PATIENCE = 10 /* s of silence from everyone */, SOURCES = 250 };

enum state { CLOSED, IDLE, CONNECTING, ASKING };

struct connection {
    int fd;
    enum state state;
    bool is_used, is_out; // is_used: this socket has carried an answer; is_out: a wrong one
    int64_t began, first;
    struct message answer;
};

static struct options options;

static struct {
    int events;
    struct connection *connections;
    size_t dialled, begun, busy, finished, wrong, reconnects;
    int64_t start, end, deadline; // start 0: still rehearsing
    struct figures first, total;
} run;

static int64_t now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void hang_up(struct connection *c) {
    if (c->state != CLOSED) {
        close(c->fd);
    }
    message_clear(&c->answer);
    c->state = CLOSED;
    c->is_used = false;
}

// A socket bound to the next of many loopback addresses: from a single one, a second of new connections
// leaves so many ports in TIME-WAIT that the search for a free one is what would be measured.
static void open_socket(struct connection *c) {
    struct sockaddr_in source = {.sin_family = AF_INET};
    source.sin_addr.s_addr = htonl(INADDR_LOOPBACK + 256 + run.dialled++ % SOURCES);
    struct epoll_event e = {.events = EPOLLOUT, .data.ptr = c};
    c->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (c->fd < 0 || setsockopt(c->fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &(int){1}, sizeof(int))
        || bind(c->fd, (void *)&source, sizeof source) || epoll_ctl(run.events, EPOLL_CTL_ADD, c->fd, &e)) {
        err(111, "opening a socket");
    }
}

static void dial(struct connection *c) {
    c->state = CONNECTING;
    if (connect(c->fd, (void *)&options.address, sizeof options.address) && errno != EINPROGRESS) {
        err(111, "connect");
    }
}

static void redial(struct connection *c) {
    run.reconnects++;
    hang_up(c);
    open_socket(c);
    dial(c);
}

static void finish(struct connection *c, const char *fault);

static void ask(struct connection *c) {
    ssize_t n = send(c->fd, options.request, options.request_length, MSG_NOSIGNAL);
    c->state = ASKING;
    if (n == (ssize_t)options.request_length) {
        return;
    }
    if (c->is_used) {
        redial(c);
    } else {
        finish(c, "request not taken");
    }
}

static void begin(struct connection *c) {
    bool is_closed = c->state == CLOSED;
    if (is_closed) {
        open_socket(c);
    }
    run.busy++;
    c->first = 0;
    c->began = now();
    if (is_closed) {
        dial(c);
    } else {
        ask(c);
    }
}

static void go_on(struct connection *c) {
    if (!c->is_out && run.begun < options.requests && now() < run.deadline) {
        run.begun++;
        begin(c);
    }
}

static void count(struct connection *c, int64_t end) {
    run.finished++;
    run.end = end;
    figures_add(&run.first, c->first - c->began);
    figures_add(&run.total, end - c->began);
}

static void complain(struct connection *c, const char *fault) {
    if (!run.wrong++) {
        warnx("%s: %.300s", fault, c->answer.filled ? c->answer.bytes : "(nothing)");
    }
    c->is_out = true;
}

// May the next request go over this socket?
static bool stays(const struct connection *c) {
    return !options.is_new && !c->is_out && c->answer.phase == COMPLETE && !message_closes(&c->answer);
}

// The exchange is over: with an answer (fault NULL: yet to be judged) or without.
static void finish(struct connection *c, const char *fault) {
    int64_t end = now();
    run.busy--;
    if (!fault) {
        fault = judge(&c->answer, options.is_stream, options.pieces);
    }
    if (fault) {
        complain(c, fault);
    } else if (run.start) {
        count(c, end);
    }
    if (stays(c)) {
        message_next(&c->answer);
        c->state = IDLE;
        c->is_used = true;
    } else {
        hang_up(c);
    }
    if (run.start) {
        go_on(c);
    }
}

static void on_connected(struct connection *c) {
    int error = 0;
    socklen_t length = sizeof error;
    getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &error, &length);
    if (error) {
        finish(c, strerror(error));
        return;
    }
    struct epoll_event e = {.events = EPOLLIN, .data.ptr = c};
    epoll_ctl(run.events, EPOLL_CTL_MOD, c->fd, &e);
    ask(c);
}

static void on_end(struct connection *c) {
    if (c->is_used && !c->answer.filled) { // closed while idle, as every server may
        redial(c);
    } else {
        finish(c, message_end(&c->answer) == WHOLE_MESSAGE ? NULL : "broke off");
    }
}

static void on_readable(struct connection *c) {
    ssize_t n = message_fill(&c->answer, c->fd);
    if (n < 0 && errno == EAGAIN) {
        return;
    }
    if (n <= 0) {
        on_end(c);
        return;
    }
    enum progress progress = message_take(&c->answer, true);
    if (!c->first && c->answer.body > c->answer.head) {
        c->first = now();
    }
    if (progress != MORE) {
        finish(c, progress == BROKEN ? "malformed" : NULL);
    }
}

static void attend(struct connection *c) {
    switch (c->state) {
    case CONNECTING: on_connected(c); break;
    case ASKING: on_readable(c); break;
    case IDLE: hang_up(c); break;
    case CLOSED: break;
    }
}

// Until no exchange is under way, or nothing happens for too long.
static void attend_all(void) {
    struct epoll_event ready[READY];
    while (run.busy) {
        int n = epoll_wait(run.events, ready, READY, PATIENCE * 1000);
        if (n == 0) {
            warnx("no answer within %d s on %zu connections", PATIENCE, run.busy);
            run.wrong += run.busy;
            return;
        }
        for (int i = 0; i < n; i++) {
            attend(ready[i].data.ptr);
        }
    }
}

static void for_all(void (*act)(struct connection *)) {
    for (size_t i = 0; i < options.connections; i++) {
        act(&run.connections[i]);
    }
    attend_all();
}

static void report(void) {
    double seconds = (double)(run.end - run.start) / 1e9;
    printf("{\"requests\":%zu,\"wrong\":%zu,\"reconnects\":%zu,\"seconds\":%.3f,\"rate\":%.1f,", run.finished,
           run.wrong, run.reconnects, seconds, run.finished ? (double)run.finished / seconds : 0);
    figures_print(&run.first, "first");
    putchar(',');
    figures_print(&run.total, "total");
    puts("}");
}

int main(int count, char **words) {
    options = options_read(count, words);
    run.connections = calloc(options.connections, sizeof *run.connections);
    run.events = epoll_create1(EPOLL_CLOEXEC);
    if (!run.connections || run.events < 0) {
        err(111, "starting");
    }
    for_all(begin);
    if (!run.wrong) {
        run.start = run.end = now();
        run.deadline = run.start + (int64_t)(options.seconds * 1e9);
        for_all(go_on);
    }
    report();
    return run.wrong ? 1 : 0;
}
