// SPDX-License-Identifier: MIT
#include "CUnix.h"

#include <arpa/inet.h>
#include <locale.h>
#include <malloc.h>
#include <netinet/in.h>
#include <wchar.h>

extern int wcwidth(wchar_t);

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
    // A request that is here already is still served.
    char byte;
    if (is_idle && connection >= 0 && recv(connection, &byte, 1, MSG_PEEK | MSG_DONTWAIT) <= 0)
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

static int meet(int door, int ends[2]) {
    struct sockaddr_in name = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)}, peer = name;
    struct sockaddr *plain = (struct sockaddr *)&name;
    socklen_t size = sizeof name, peer_size = sizeof peer;
    if (bind(door, plain, size) < 0 || listen(door, 1) < 0 || getsockname(door, plain, &size) < 0)
        return -1;
    if (connect(ends[1], plain, size) < 0 && errno != EINPROGRESS)
        return -1;
    ends[0] = accept4(door, (struct sockaddr *)&peer, &peer_size, SOCK_CLOEXEC);
    if (ends[0] < 0 || getsockname(ends[1], plain, &size) < 0)
        return -1;
    // Somebody else of this machine may have been quicker.
    return name.sin_port == peer.sin_port ? 0 : -1;
}

int cunix_loopback(int ends[2]) {
    int door = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    ends[0] = -1;
    ends[1] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    int result = door < 0 || ends[1] < 0 ? -1 : meet(door, ends), saved = errno;
    close(door);
    if (result < 0) {
        close(ends[0]);
        close(ends[1]);
    }
    errno = saved;
    return result;
}

void cunix_plug_heap(void) {
    // What is this small and freed would not become one with the room at the end, but wait to be given out again.
    // Of each size of a chunk one request, and the least of all is 16: what the holes are mostly made of.
    enum { LARGEST = 64 << 10, SMALL = 1040, SMALLEST = 16, STEP = 16, ROOM = 256 << 10 };
    malloc_trim(ROOM);
    char *frontier = malloc(LARGEST), *chunk;
    for (size_t size = LARGEST; size >= SMALLEST; size -= STEP) {
        while ((chunk = malloc(size)) && chunk < frontier)
            ;
        if (size > SMALL)
            free(chunk);
    }
}

int cunix_width(uint32_t character) {
    // The language that the C library carries within itself, whatever the machine is set to.
    static locale_t unicode;
    if (!unicode)
        unicode = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
    locale_t before = unicode ? uselocale(unicode) : (locale_t)0;
    int width = wcwidth((wchar_t)character);
    if (unicode)
        uselocale(before);
    return width;
}
