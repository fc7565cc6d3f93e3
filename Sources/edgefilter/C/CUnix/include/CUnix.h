// SPDX-License-Identifier: MIT
// Doors to what Swift's Glibc does not import: calls hidden behind _GNU_SOURCE, macros, variadics.
// _GNU_SOURCE is never defined here (it breaks debug builds): the prototypes are declared by hand.

#ifndef CUNIX_H
#define CUNIX_H

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/random.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

extern int accept4(int, struct sockaddr *, socklen_t *, int);
extern int close_range(unsigned int, unsigned int, int);

/// One of the peer is gone for writing: half-closed, closed or reset.
#define CUNIX_POLLRDHUP 0x2000

/// Accepts one connection, close-on-exec.
static inline int cunix_accept(int listener) {
    return accept4(listener, NULL, NULL, SOCK_CLOEXEC);
}

/// Closes every descriptor from `first` on.
static inline int cunix_close_from(unsigned int first) {
    return close_range(first, ~0u, 0);
}

/// Blocks SIGCHLD, SIGTERM, SIGINT and SIGHUP and gives a descriptor that reads them.
static inline int cunix_signals(void) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGHUP);
    if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
        return -1;
    return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

/// The next signal waiting in `fd`, or 0.
static inline int cunix_next_signal(int fd) {
    struct signalfd_siginfo info;
    return read(fd, &info, sizeof info) == (ssize_t)sizeof info ? (int)info.ssi_signo : 0;
}

/// Delivers every signal again, as a program expects it at its start.
static inline void cunix_unblock_signals(void) {
    sigset_t set;
    sigemptyset(&set);
    sigprocmask(SIG_SETMASK, &set, NULL);
}

/// Writing to a closed pipe becomes EPIPE.
static inline void cunix_ignore_sigpipe(void) {
    signal(SIGPIPE, SIG_IGN);
}

/// Reaps one ended child without waiting: its pid (0: none ended, -1: none left), and the signal that ended it or 0.
static inline pid_t cunix_reap(int *signal_number) {
    int status = 0;
    pid_t pid = waitpid(-1, &status, WNOHANG);
    *signal_number = pid > 0 && WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    return pid;
}

static inline ssize_t cunix_random(void *bytes, size_t count) {
    return getrandom(bytes, count, 0);
}

#endif
