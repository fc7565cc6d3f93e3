// SPDX-License-Identifier: MIT
// Doors to what Swift's Glibc does not import: calls hidden behind _GNU_SOURCE, macros, variadics.
// _GNU_SOURCE is never defined here (it breaks debug builds): the prototypes are declared by hand.

#ifndef CUNIX_H
#define CUNIX_H

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

extern int accept4(int, struct sockaddr *, socklen_t *, int);
extern int close_range(unsigned int, unsigned int, int);
extern int memfd_create(const char *, unsigned int);
extern void *memmem(const void *, size_t, const void *, size_t);
extern void *memrchr(const void *, int, size_t);

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

/// Sees that no descriptor from `first` on goes over to another program.
static inline int cunix_close_on_exec_from(unsigned int first) {
    enum { CLOEXEC = 1 << 2 };
    return close_range(first, ~0u, CLOEXEC);
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

/// Reaps one ended child without waiting: its pid (0: none ended, -1: none left), its exit code, and the signal that ended it or 0.
static inline pid_t cunix_reap(int *code, int *signal_number) {
    int status = 0;
    pid_t pid = waitpid(-1, &status, WNOHANG);
    *code = pid > 0 && WIFEXITED(status) ? WEXITSTATUS(status) : 0;
    *signal_number = pid > 0 && WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    return pid;
}

/// From now on SIGTERM and SIGINT ask to finish (a second SIGTERM urges): `cunix_is_finishing` becomes true, and a wait for the next request on `fd` ends (as if the peer had closed).
void cunix_finish_on_sigterm(int fd);
int cunix_is_finishing(void);
int cunix_is_urged(void);
/// Whether the process waits for nothing but the next request.
void cunix_set_idle(int is_idle);
int cunix_is_idle(void);

/// A number in shared memory that others read: what was written before it is seen by who sees it.
static inline void cunix_publish(uint32_t *place, uint32_t value) {
    __atomic_store_n(place, value, __ATOMIC_RELEASE);
}

static inline uint32_t cunix_read(const uint32_t *place) {
    return __atomic_load_n(place, __ATOMIC_ACQUIRE);
}

/// The same, where what is read afterwards must not have been read before: of two that do so, one sees the other.
static inline void cunix_announce(uint32_t *place, uint32_t value) {
    __atomic_store_n(place, value, __ATOMIC_SEQ_CST);
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
}

/// Numbers in shared memory that many write: read, added to, and put in the place of one that was expected there.
static inline uint64_t cunix_read_word(const uint64_t *place) {
    return __atomic_load_n(place, __ATOMIC_ACQUIRE);
}

static inline void cunix_publish_word(uint64_t *place, uint64_t value) {
    __atomic_store_n(place, value, __ATOMIC_RELEASE);
}

static inline void cunix_add_word(uint64_t *place, uint64_t value) {
    __atomic_fetch_add(place, value, __ATOMIC_RELAXED);
}

static inline int cunix_swap_word(uint64_t *place, uint64_t expected, uint64_t value) {
    return __atomic_compare_exchange_n(place, &expected, value, 0, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED);
}

extern int fallocate(int, int, off_t, off_t);

/// Makes sure that a part of a file has its room on the disk.
static inline int cunix_allocate(int fd, int64_t start, int64_t length) {
    int result;
    do
        result = fallocate(fd, 0, start, length);
    while (result < 0 && errno == EINTR);
    return result;
}

/// Shared memory without a name; close-on-exec.
static inline int cunix_memory(const char *name) {
    return memfd_create(name, 1 /* MFD_CLOEXEC */);
}

#define CUNIX_F_OFD_GETLK 36
#define CUNIX_F_OFD_SETLK 37
#define CUNIX_F_OFD_SETLKW 38

/// Locks bytes of a file for this open of it (fcntl_locking(2), open file description locks): 0, or -1 when another open holds them. The kernel unlocks at the last close.
static inline int cunix_lock(int fd, int64_t start, int64_t length) {
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = start, .l_len = length};
    return fcntl(fd, CUNIX_F_OFD_SETLK, &lock);
}

/// As cunix_lock for the whole file, but beside others who lock it so.
static inline int cunix_lock_shared(int fd) {
    struct flock lock = {.l_type = F_RDLCK, .l_whence = SEEK_SET};
    return fcntl(fd, CUNIX_F_OFD_SETLK, &lock);
}

/// As cunix_lock_shared, but waits until an open that holds the file alone is done.
static inline int cunix_lock_shared_wait(int fd) {
    struct flock lock = {.l_type = F_RDLCK, .l_whence = SEEK_SET};
    return fcntl(fd, CUNIX_F_OFD_SETLKW, &lock);
}

/// Gives a lock on the whole file back, also for processes that were forked meanwhile and have the same open.
static inline void cunix_unlock(int fd) {
    struct flock lock = {.l_type = F_UNLCK, .l_whence = SEEK_SET};
    fcntl(fd, CUNIX_F_OFD_SETLK, &lock);
}

/// As cunix_lock for the whole file, but waits until the other open is done.
static inline int cunix_lock_wait(int fd) {
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    return fcntl(fd, CUNIX_F_OFD_SETLKW, &lock);
}

/// Where `needle` first is in `bytes` from `start` on, or -1.
static inline ptrdiff_t cunix_find(const void *bytes, size_t count, size_t start, const void *needle, size_t length) {
    const char *first = (const char *)bytes, *found = start < count ? (const char *)memmem(first + start, count - start, needle, length) : NULL;
    return found ? found - first : -1;
}

/// Where the last `byte` is before `end`, or -1.
static inline ptrdiff_t cunix_find_last(const void *bytes, size_t end, uint8_t byte) {
    const char *found = end ? (const char *)memrchr(bytes, byte, end) : NULL;
    return found ? found - (const char *)bytes : -1;
}

/// Whether another open of the file holds any of these bytes locked.
static inline int cunix_is_locked(int fd, int64_t start, int64_t length) {
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = start, .l_len = length};
    return fcntl(fd, CUNIX_F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
}

/// Sends a datagram to a unix address; a leading `@` means the abstract name space.
static inline ssize_t cunix_send_to(const char *path, const char *text) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t length = strlen(path);
    if (length == 0 || length >= sizeof address.sun_path)
        return -1;
    memcpy(address.sun_path, path, length);
    if (path[0] == '@')
        address.sun_path[0] = 0;
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return -1;
    socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length);
    ssize_t sent = sendto(fd, text, strlen(text), MSG_NOSIGNAL, (struct sockaddr *)&address, size);
    close(fd);
    return sent;
}

/// How many columns of a terminal a character takes; -1: it cannot be shown.
int cunix_width(uint32_t character);

/// Hands a descriptor over with a number, without waiting (SCM_RIGHTS).
static inline int cunix_send_descriptor(int channel, int fd, uint32_t number) {
    char space[CMSG_SPACE(sizeof(int))] = {0};
    struct iovec part = {&number, sizeof number};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = space, .msg_controllen = sizeof space};
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int));
    memcpy(CMSG_DATA(header), &fd, sizeof fd);
    return sendmsg(channel, &message, MSG_DONTWAIT | MSG_NOSIGNAL) < 0 ? -1 : 0;
}

/// Waits for a descriptor and its number: the descriptor, or -1 when the channel is closed.
static inline int cunix_receive_descriptor(int channel, uint32_t *number) {
    char space[CMSG_SPACE(sizeof(int))];
    struct iovec part = {number, sizeof *number};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = space, .msg_controllen = sizeof space};
    ssize_t count;
    do
        count = recvmsg(channel, &message, 0x40000000 /* MSG_CMSG_CLOEXEC */);
    while (count < 0 && errno == EINTR);
    struct cmsghdr *header = count > 0 ? CMSG_FIRSTHDR(&message) : NULL;
    if (!header || header->cmsg_type != SCM_RIGHTS)
        return -1;
    int fd;
    memcpy(&fd, CMSG_DATA(header), sizeof fd);
    return fd;
}

/// A connected pair of packet sockets, close-on-exec.
static inline int cunix_channel(int ends[2]) {
    return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends);
}

/// A TCP connection with ourselves: ends[0] is accepted, of ends[1] connect(2) is in progress. 0, or -1 with errno.
int cunix_loopback(int ends[2]);

/// Takes the holes between what is allocated out of use.
///
/// Children then allocate in pages of their own, one beside the other, and not here and there in pages that they
/// share with us until they write.
void cunix_plug_heap(void);

/// The user at the other end of a unix socket, or -1.
static inline int64_t cunix_peer_user(int socket) {
    struct { pid_t pid; uid_t uid; gid_t gid; } who = {0, 0, 0};
    socklen_t length = sizeof who;
    return getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &who, &length) == 0 ? (int64_t)who.uid : -1;
}

/// CRC-32C of more bytes after those that gave `sum` (at first ~0, and at the end inverted): by the machine's instruction
/// where there is one. `_plain`: by tables, the same everywhere.
uint32_t cunix_crc32c(uint32_t sum, const void *start, size_t count);
uint32_t cunix_crc32c_plain(uint32_t sum, const void *start, size_t count);

/// How many characters fit in a line of a terminal; 0: it is none, or does not know.
static inline int cunix_columns(int fd) {
    struct winsize size;
    return ioctl(fd, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

static inline ssize_t cunix_random(void *bytes, size_t count) {
    return getrandom(bytes, count, 0);
}

#endif
