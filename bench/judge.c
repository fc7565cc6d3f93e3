// SPDX-License-Identifier: MIT

#define _GNU_SOURCE
#include "judge.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "chat.h"

// The place after `text`, at or behind `from`; NULL: not there.
static const char *after(const char *from, const char *end, const char *text) {
    const char *found = from ? memmem(from, (size_t)(end - from), text, strlen(text)) : NULL;
    return found ? found + strlen(text) : NULL;
}

// The number of the piece that ends at `at`.
static size_t number(const char *body, const char *at) {
    const char *piece = at - PIECE_LENGTH;
    return piece < body ? SIZE_MAX : strtoul(piece, NULL, 10);
}

static const char *judge_stream(const char *body, const char *end, size_t pieces) {
    const char *at = body;
    for (size_t i = 0; i < pieces; i++) {
        at = after(at, end, PIECE_TAIL);
        if (!at || number(body, at) != i) {
            return "a piece is missing, repeated or out of order";
        }
    }
    if (after(at, end, PIECE_TAIL)) {
        return "a piece too many";
    }
    at = after(after(at, end, "\"stop\""), end, "\"usage\"");
    at = after(at, end, "data: [DONE]");
    if (!at) {
        return "the stop reason, the usage or [DONE] is missing";
    }
    while (at < end && (*at == '\r' || *at == '\n')) {
        at++;
    }
    return at == end ? NULL : "something after [DONE]";
}

static const char *judge_whole(const char *body, const char *end) {
    const char *at = after(after(body, end, WHOLE), end, "\"usage\"");
    return at && end[-1] == '}' ? NULL : "the answer is incomplete";
}

const char *judge(const struct message *answer, bool is_stream, size_t pieces) {
    const char *body = answer->bytes + answer->head, *end = answer->bytes + answer->body;
    if (strncmp(answer->bytes, "HTTP/1.1 200 ", 13)) {
        return "not status 200";
    }
    if (answer->raw != answer->filled) {
        return "more than the answer";
    }
    return is_stream ? judge_stream(body, end, pieces) : judge_whole(body, end);
}
