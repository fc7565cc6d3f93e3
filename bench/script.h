// SPDX-License-Identifier: MIT
// The bytes that the upstream stub says.

#ifndef SCRIPT_H
#define SCRIPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { TEXT = 1024, MODEL = 64 };

// Composed and not yet sent: start ..< end. Everything the script says fits.
struct text {
    size_t start, end;
    char bytes[TEXT];
};

// stream = head role piece{pieces} finish usage [DONE] last-chunk; each step is one write.
struct stream {
    char model[MODEL];
    size_t step, pieces;
    int64_t pause; // milliseconds before each piece
};

// A model's name says how many pieces and what pause: "stream-200", "stream-200-50".
void stream_begin(struct stream *s);
bool stream_is_over(const struct stream *s);
bool stream_is_at_piece(const struct stream *s);
void stream_step(struct stream *s, struct text *out);

void say_chat(const char *model, struct text *out);
void say_models(struct text *out);
void say_health(struct text *out);
void say_unknown(struct text *out);

#endif
