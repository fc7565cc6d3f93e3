// SPDX-License-Identifier: MIT

#include "script.h"

#include <stdio.h>
#include <string.h>

#include "chat.h"

enum { DEFAULT_PIECES = 20, MOST_PIECES = 1000000 };
enum { AT_HEAD, AT_ROLE, AT_PIECES }; // then, behind the pieces:
enum { AT_FINISH, AT_USAGE, AT_DONE, AT_LAST_CHUNK, AT_END };

static const char head[] = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-cache\r\n"
                           "Transfer-Encoding: chunked\r\n\r\n";
static const char role[] =
    "{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"},\"finish_reason\":null}";
static const char finish[] = "{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}";
static const char usage[] = ",\"usage\":{\"prompt_tokens\":20,\"completion_tokens\":20,\"total_tokens\":40}";

static void say(struct text *out, const char *bytes, size_t length) {
    memcpy(out->bytes + out->end, bytes, length);
    out->end += length;
}

static void say_event(struct text *out, const char *data) {
    char chunk[TEXT];
    int n = snprintf(chunk, sizeof chunk, "%zx\r\ndata: %s\n\n\r\n", strlen(data) + 8, data);
    say(out, chunk, (size_t)n);
}

static void say_delta(struct stream *s, struct text *out, const char *choices, const char *tail) {
    char data[TEXT / 2];
    snprintf(data, sizeof data,
             "{\"id\":\"chatcmpl-bench\",\"object\":\"chat.completion.chunk\",\"created\":1760000000,"
             "\"model\":\"%s\",\"choices\":[%s]%s}", s->model, choices, tail);
    say_event(out, data);
}

static void say_piece(struct stream *s, struct text *out) {
    char choice[128];
    snprintf(choice, sizeof choice,
             "{\"index\":0,\"delta\":{\"content\":\"" PIECE "\"},\"finish_reason\":null}",
             s->step - AT_PIECES);
    say_delta(s, out, choice, "");
}

static void say_ending(struct stream *s, struct text *out) {
    switch (s->step - AT_PIECES - s->pieces) {
    case AT_FINISH: say_delta(s, out, finish, ""); break;
    case AT_USAGE: say_delta(s, out, "", usage); break;
    case AT_DONE: say_event(out, "[DONE]"); break;
    case AT_LAST_CHUNK: say(out, "0\r\n\r\n", 5); break;
    }
}

void stream_begin(struct stream *s) {
    unsigned long pieces = DEFAULT_PIECES, pause = 0;
    sscanf(s->model, "stream-%lu-%lu", &pieces, &pause);
    s->pieces = pieces < MOST_PIECES ? pieces : MOST_PIECES;
    s->pause = (int64_t)pause;
    s->step = 0;
}

bool stream_is_over(const struct stream *s) {
    return s->step >= AT_PIECES + s->pieces + AT_END;
}

bool stream_is_at_piece(const struct stream *s) {
    return s->step >= AT_PIECES && s->step < AT_PIECES + s->pieces;
}

void stream_step(struct stream *s, struct text *out) {
    if (s->step == AT_HEAD) {
        say(out, head, sizeof head - 1);
    } else if (s->step == AT_ROLE) {
        say_delta(s, out, role, "");
    } else if (stream_is_at_piece(s)) {
        say_piece(s, out);
    } else {
        say_ending(s, out);
    }
    s->step++;
}

static void say_whole(struct text *out, const char *status, const char *body) {
    int n = snprintf(out->bytes, TEXT,
                     "HTTP/1.1 %s\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n\r\n%s", status,
                     strlen(body), body);
    out->end = (size_t)n;
}

void say_chat(const char *model, struct text *out) {
    char body[TEXT / 2];
    snprintf(body, sizeof body,
             "{\"id\":\"chatcmpl-bench\",\"object\":\"chat.completion\",\"created\":1760000000,"
             "\"model\":\"%s\",\"choices\":[{\"index\":0,"
             "\"message\":{\"role\":\"assistant\",\"content\":\"" WHOLE "\"},"
             "\"finish_reason\":\"stop\"}],"
             "\"usage\":{\"prompt_tokens\":20,\"completion_tokens\":10,\"total_tokens\":30}}", model);
    say_whole(out, "200 OK", body);
}

void say_models(struct text *out) {
    say_whole(out, "200 OK", "{\"object\":\"list\",\"data\":[{\"id\":\"stream-200\",\"object\":\"model\","
                             "\"created\":1760000000,\"owned_by\":\"bench\"}]}");
}

void say_health(struct text *out) {
    say_whole(out, "200 OK", "{}");
}

void say_unknown(struct text *out) {
    say_whole(out, "404 Not Found",
              "{\"error\":{\"message\":\"no such endpoint\",\"type\":\"invalid_request_error\"}}");
}
