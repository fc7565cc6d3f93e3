// SPDX-License-Identifier: MIT
// Doors to zlib: inflating a gzip body piece by piece.

#ifndef CZLIB_H
#define CZLIB_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <zlib.h>

/// What became of one call of `czlib_inflate`.
enum czlib_result { CZLIB_MORE = 0, CZLIB_END = 1, CZLIB_BAD = -1 };

/// A decoder of the gzip form (RFC 1952), or NULL without memory.
static inline z_stream *czlib_open(void) {
    z_stream *stream = (z_stream *)calloc(1, sizeof *stream);
    if (stream && inflateInit2(stream, 15 + 16) != Z_OK) {
        free(stream);
        return NULL;
    }
    return stream;
}

static inline void czlib_close(z_stream *stream) {
    inflateEnd(stream);
    free(stream);
}

/// Makes ready for another member (RFC 1952 section 2.2).
static inline void czlib_reset(z_stream *stream) { inflateReset(stream); }

/// Decodes from `in` to `out`; says how many bytes were taken and made.
static inline int czlib_inflate(z_stream *stream, const uint8_t *in, size_t in_count, uint8_t *out, size_t out_count,
                                size_t *taken, size_t *made) {
    stream->next_in = (Bytef *)in;
    stream->avail_in = (uInt)in_count;
    stream->next_out = out;
    stream->avail_out = (uInt)out_count;
    int code = inflate(stream, Z_NO_FLUSH);
    *taken = in_count - stream->avail_in;
    *made = out_count - stream->avail_out;
    if (code == Z_STREAM_END)
        return CZLIB_END;
    return code == Z_OK || code == Z_BUF_ERROR ? CZLIB_MORE : CZLIB_BAD;
}

#endif
