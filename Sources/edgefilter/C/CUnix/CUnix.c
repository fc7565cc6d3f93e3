// SPDX-License-Identifier: MIT
#include "CUnix.h"

// What a signal handler may touch: flags, and a descriptor that stays open while it can run.
static volatile sig_atomic_t is_finishing;
static volatile sig_atomic_t is_urged;
static volatile sig_atomic_t is_idle;
static volatile sig_atomic_t connection = -1;

static void finish(int number) {
    int saved = errno;
    // Ctrl-C reaches everybody at once, the acceptor's wishes come one by one: only those count.
    is_urged = is_urged || (number == SIGTERM && is_finishing == SIGTERM);
    is_finishing = is_finishing == SIGTERM ? SIGTERM : number;
    if (is_idle && connection >= 0)
        shutdown(connection, SHUT_RD);
    errno = saved;
}

void cunix_finish_on_sigterm(int fd) {
    connection = fd;
    struct sigaction action = {.sa_handler = finish, .sa_flags = SA_RESTART};
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGINT, &action, NULL);
}

int cunix_is_finishing(void) {
    return is_finishing != 0;
}

int cunix_is_urged(void) {
    return is_urged;
}

void cunix_set_idle(int idle) {
    is_idle = idle;
}

int cunix_is_idle(void) {
    return is_idle;
}
