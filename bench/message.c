// SPDX-License-Identifier: MIT

#define _GNU_SOURCE
#include "message.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { STEP = 16 * 1024 };

ssize_t message_fill(struct message *m, int fd) {
    if (m->room - m->filled < STEP) {
        char *bytes = realloc(m->bytes, m->room * 2 + STEP);
        if (!bytes) {
            abort();
        }
        m->bytes = bytes;
        m->room = m->room * 2 + STEP;
    }
    ssize_t n = read(fd, m->bytes + m->filled, m->room - m->filled - 1);
    if (n > 0) {
        m->filled += (size_t)n;
        m->bytes[m->filled] = '\0';
    }
    return n;
}

const char *message_field(const struct message *m, const char *name) {
    size_t length = strlen(name);
    const char *end = m->bytes + m->head - 2;
    const char *line = strstr(m->bytes, "\r\n") + 2;
    while (line < end) {
        if (!strncasecmp(line, name, length) && line[length] == ':') {
            return line + length + 1 + strspn(line + length + 1, " \t");
        }
        line = strstr(line, "\r\n") + 2;
    }
    return NULL;
}

bool message_closes(const struct message *m) {
    const char *value = message_field(m, "connection");
    return value && !strncasecmp(value, "close", 5);
}

static enum phase framing(struct message *m, bool is_answer) {
    const char *value = message_field(m, "transfer-encoding");
    if (value && !strncasecmp(value, "chunked", 7)) {
        return CHUNK_SIZE;
    }
    value = message_field(m, "content-length");
    m->left = value ? strtoul(value, NULL, 10) : 0;
    if (!value && is_answer) {
        return TO_THE_END;
    }
    return m->left ? COUNTED : COMPLETE;
}

static enum progress take_head(struct message *m, bool is_answer) {
    const char *end = m->filled ? strstr(m->bytes, "\r\n\r\n") : NULL;
    if (!end) {
        return MORE;
    }
    m->head = m->body = m->raw = (size_t)(end - m->bytes) + 4;
    m->phase = framing(m, is_answer);
    return WHOLE_MESSAGE;
}

static enum progress take_octets(struct message *m, enum phase next) {
    size_t n = m->filled - m->raw;
    if (m->phase != TO_THE_END && n > m->left) {
        n = m->left;
    }
    memmove(m->bytes + m->body, m->bytes + m->raw, n);
    m->body += n;
    m->raw += n;
    if (m->phase == TO_THE_END || (m->left -= n)) {
        return MORE;
    }
    m->phase = next;
    return WHOLE_MESSAGE;
}

// A line of the chunk framing: its start, or NULL if its end has not arrived. Moves behind it.
static const char *take_line(struct message *m) {
    const char *line = m->bytes + m->raw;
    const char *end = m->raw < m->filled ? memmem(line, m->filled - m->raw, "\r\n", 2) : NULL;
    if (end) {
        m->raw = (size_t)(end - m->bytes) + 2;
    }
    return end ? line : NULL;
}

static enum progress take_framing(struct message *m) {
    const char *line = take_line(m);
    if (!line) {
        return MORE;
    }
    bool is_empty = *line == '\r';
    if (m->phase == TRAILER) {
        m->phase = is_empty ? COMPLETE : TRAILER;
        return WHOLE_MESSAGE;
    }
    if (m->phase == CHUNK_END) {
        m->phase = CHUNK_SIZE;
        return is_empty ? WHOLE_MESSAGE : BROKEN;
    }
    char *end;
    m->left = strtoul(line, &end, 16);
    m->phase = m->left ? CHUNK : TRAILER;
    return end == line ? BROKEN : WHOLE_MESSAGE;
}

static enum progress step(struct message *m, bool is_answer) {
    switch (m->phase) {
    case HEAD:
        return take_head(m, is_answer);
    case COUNTED:
    case TO_THE_END:
        return take_octets(m, COMPLETE);
    case CHUNK:
        return take_octets(m, CHUNK_END);
    default:
        return take_framing(m);
    }
}

enum progress message_take(struct message *m, bool is_answer) {
    while (m->phase != COMPLETE) {
        enum progress progress = step(m, is_answer);
        if (progress != WHOLE_MESSAGE) {
            return progress;
        }
    }
    return WHOLE_MESSAGE;
}

enum progress message_end(const struct message *m) {
    return m->phase == TO_THE_END || m->phase == COMPLETE ? WHOLE_MESSAGE : BROKEN;
}

void message_next(struct message *m) {
    size_t rest = m->filled - m->raw;
    if (rest) {
        memmove(m->bytes, m->bytes + m->raw, rest);
    }
    if (m->bytes) {
        m->bytes[rest] = '\0';
    }
    *m = (struct message){.bytes = m->bytes, .room = m->room, .filled = rest};
}

void message_clear(struct message *m) {
    m->raw = m->filled;
    message_next(m);
}
