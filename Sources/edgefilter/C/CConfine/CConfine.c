// SPDX-License-Identifier: MIT
#include "CConfine.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

extern long syscall(long, ...);

#if defined(__x86_64__)
#define OUR_ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define OUR_ARCH AUDIT_ARCH_AARCH64
#else
#error "no system call table for this machine"
#endif

// O_PATH: a hidden name. A descriptor that only names its file.
#define NAME_ONLY 010000000

// One comparison and one answer a row: short enough to be read, and to be loaded in microseconds.
#define REFUSE BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM)
#define DENY(call) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (call), 0, 1), REFUSE
#define LOAD(member) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, member))

static const struct sock_filter filter[] = {
    LOAD(arch),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, OUR_ARCH, 1, 0),
    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
    LOAD(nr),
#if defined(__x86_64__)
    // The x32 calls have numbers of their own.
    BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 0x40000000, 0, 1), REFUSE,
#endif
    // other programs, other processes
    DENY(SYS_ptrace), DENY(SYS_process_vm_readv), DENY(SYS_process_vm_writev),
    DENY(SYS_pidfd_getfd), DENY(SYS_kcmp), DENY(SYS_process_madvise),
    // other views of the system
    DENY(SYS_unshare), DENY(SYS_setns), DENY(SYS_mount), DENY(SYS_umount2), DENY(SYS_pivot_root), DENY(SYS_chroot),
    DENY(SYS_move_mount), DENY(SYS_open_tree), DENY(SYS_fsopen), DENY(SYS_fsmount), DENY(SYS_fspick),
    DENY(SYS_open_by_handle_at), DENY(SYS_name_to_handle_at), DENY(SYS_mknodat),
    // the kernel itself
    DENY(SYS_bpf), DENY(SYS_perf_event_open), DENY(SYS_userfaultfd), DENY(SYS_keyctl), DENY(SYS_add_key),
    DENY(SYS_request_key), DENY(SYS_init_module), DENY(SYS_finit_module), DENY(SYS_delete_module),
    DENY(SYS_kexec_load), DENY(SYS_reboot), DENY(SYS_swapon), DENY(SYS_swapoff), DENY(SYS_personality),
    DENY(SYS_syslog), DENY(SYS_acct), DENY(SYS_quotactl), DENY(SYS_io_uring_setup), DENY(SYS_settimeofday),
    DENY(SYS_clock_settime), DENY(SYS_adjtimex), DENY(SYS_sethostname), DENY(SYS_setdomainname),
    // other identities
    DENY(SYS_setuid), DENY(SYS_setgid), DENY(SYS_setreuid), DENY(SYS_setregid), DENY(SYS_setresuid),
    DENY(SYS_setresgid), DENY(SYS_setgroups), DENY(SYS_capset),
    // sockets: unix, IPv4, IPv6 and route netlink (getaddrinfo asks it), and none that is raw
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_socket, 1, 0),
    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    LOAD(args[0]),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AF_NETLINK, 8, 0),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AF_UNIX, 3, 0),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AF_INET, 2, 0),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AF_INET6, 1, 0),
    REFUSE,
    LOAD(args[1]),
    BPF_STMT(BPF_ALU | BPF_AND | BPF_K, 0xF),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SOCK_RAW, 0, 1), REFUSE,
    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
};

// Short, since every handler loads it; the machine's kind was looked at by the long one, or by the unit's.
static const struct sock_filter exec_filter[] = {
    LOAD(nr),
    DENY(SYS_execve),
    DENY(SYS_execveat),
    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
};

static int load(const struct sock_filter *rows, size_t count) {
    struct sock_fprog program = {count, (struct sock_filter *)rows};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
        return -1;
    return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0);
}

int cconfine_calls(void) {
    return load(filter, sizeof filter / sizeof filter[0]);
}

int cconfine_exec(void) {
    return load(exec_filter, sizeof exec_filter / sizeof exec_filter[0]);
}

int cconfine_is_confined(void) {
    return prctl(PR_GET_SECCOMP, 0, 0, 0, 0) == SECCOMP_MODE_FILTER;
}

void cconfine_memory(int is_hidden) {
    prctl(PR_SET_DUMPABLE, !is_hidden, 0, 0, 0);
}

void cconfine_descriptors(unsigned int descriptors) {
    struct rlimit few = {descriptors, descriptors};
    setrlimit(RLIMIT_NOFILE, &few);
}

// What Landlock's first version knows (Linux 5.13); later versions add to it.
#define READ (LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
#define WRITE \
    (LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_REG | READ)
#define ALL ((LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1)
// Rights that a rule on a plain file can bear.
#define OF_FILES (LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_READ_FILE)

static int allow(int rules, const char *const *paths, uint64_t rights) {
    for (; *paths; paths++) {
        struct stat status;
        struct landlock_path_beneath_attr rule = {rights, open(*paths, NAME_ONLY | O_CLOEXEC)};
        if (rule.parent_fd < 0)
            continue;
        if (fstat(rule.parent_fd, &status) == 0 && !S_ISDIR(status.st_mode))
            rule.allowed_access &= OF_FILES;
        long result = syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
        close(rule.parent_fd);
        if (result < 0)
            return -1;
    }
    return 0;
}

// A set of rules about `handled`, or -1; `*is_missing` where the kernel knows none.
static int begin(uint64_t handled, int *is_missing) {
    struct landlock_ruleset_attr what = {.handled_access_fs = handled};
    int rules = (int)syscall(SYS_landlock_create_ruleset, &what, sizeof what, 0);
    *is_missing = rules < 0 && (errno == ENOSYS || errno == EOPNOTSUPP);
    return rules;
}

static int finish(int rules, int result) {
    if (result == 0)
        result = (int)syscall(SYS_landlock_restrict_self, rules, 0);
    close(rules);
    return result;
}

int cconfine_files(const char *const *readable, const char *const *writable) {
    int is_missing, rules = begin(ALL, &is_missing);
    if (rules < 0)
        return is_missing ? 1 : -1;
    int result = allow(rules, readable, READ);
    if (result == 0)
        result = allow(rules, writable, WRITE);
    return finish(rules, result);
}
