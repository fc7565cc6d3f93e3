// SPDX-License-Identifier: MIT
// What a process gives up before it reads the first byte of a caller: privileges it could gain, system calls, files.

#ifndef CCONFINE_H
#define CCONFINE_H

/// Sets no_new_privs and takes the system calls away that no handler needs, but for execve (see CConfine.c): 0, or -1 with errno.
int cconfine_calls(void);

/// The same for execve alone: an acceptor must be able to become its next version, a handler never executes anything.
int cconfine_exec(void);

/// Whether a filter of system calls is in force already.
int cconfine_is_confined(void);

/// No core and no attaching, or both again.
void cconfine_memory(int is_hidden);

/// No more than so many descriptors.
void cconfine_descriptors(unsigned int descriptors);

/// Files below `readable` can be read and executed code mapped from, files below `writable` made and written, nothing else opened (Landlock).
/// Both lists end in NULL; what does not exist is left out. 0; 1 where the kernel has no Landlock; -1 with errno.
int cconfine_files(const char *const *readable, const char *const *writable);

#endif
