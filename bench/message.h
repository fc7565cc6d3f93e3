// SPDX-License-Identifier: MIT
// HTTP/1.1 messages as they arrive on a socket, one after the other (RFC 9112). Lenient: both ends are ours.

#ifndef MESSAGE_H
#define MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum progress { MORE, WHOLE_MESSAGE, BROKEN };

enum phase { HEAD, COUNTED, TO_THE_END, CHUNK_SIZE, CHUNK, CHUNK_END, TRAILER, COMPLETE };

// All zero is a message of which nothing has arrived.
//
//     bytes:  head | body, chunk framing removed | (gap) | not yet understood
//             0    head                          body    raw                  filled
struct message {
    char *bytes;
    size_t room, filled, head, body, raw;
    size_t left; // what the counted body or the current chunk still lacks
    enum phase phase;
};

// Reads once from `fd`; returns what read(2) returns.
ssize_t message_fill(struct message *m, int fd);

// Understands what has arrived. An answer without a length lasts until message_end; a request without one has
// no body.
enum progress message_take(struct message *m, bool is_answer);

// The peer closed: is the message whole by that?
enum progress message_end(const struct message *m);

// The value of a field of the head, or NULL; it ends at "\r\n".
const char *message_field(const struct message *m, const char *name);

// Is `Connection: close` in the head?
bool message_closes(const struct message *m);

// Forgets the message, keeps what arrived after it.
void message_next(struct message *m);

// Forgets everything.
void message_clear(struct message *m);

#endif
