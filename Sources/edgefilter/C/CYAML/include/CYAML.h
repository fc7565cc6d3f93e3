// SPDX-License-Identifier: MIT

// Typed doors over libyaml's event parser: one flat step at a time, positions counted from 1.

#ifndef CYAML_H
#define CYAML_H

#include <stdlib.h>
#include <string.h>
#include <yaml.h>

enum cyaml_kind {
    CYAML_BAD,       // not YAML, or no memory: `text` says what, `context` where it was about to be
    CYAML_END,       // of the stream
    CYAML_DOCUMENT,  // begins
    CYAML_SCALAR,
    CYAML_LIST,      // begins
    CYAML_MAP,       // begins
    CYAML_CLOSE,     // of a list, a map or a document
    CYAML_ALIAS,
};

// One step; `text` lives until the next one.
struct cyaml_step {
    enum cyaml_kind kind;
    int plain;    // a scalar without quotes or block marks
    int adorned;  // bears an anchor or a tag
    const char *text;
    size_t length;
    const char *context;
    size_t line, column;
};

// A parser with its own copy of what it reads.
struct cyaml {
    yaml_parser_t parser;
    yaml_event_t event;
    size_t count;
    unsigned char input[];
};

// A parser over `count` bytes, or null without memory.
static inline struct cyaml *cyaml_open(const unsigned char *bytes, size_t count) {
    struct cyaml *y = calloc(1, sizeof *y + count + 1);
    if (!y) return NULL;
    if (!yaml_parser_initialize(&y->parser)) {
        free(y);
        return NULL;
    }
    if (count) memcpy(y->input, bytes, count);
    y->count = count;
    yaml_parser_set_encoding(&y->parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&y->parser, y->input, count);
    return y;
}

static inline void cyaml_close(struct cyaml *y) {
    yaml_event_delete(&y->event);
    yaml_parser_delete(&y->parser);
    free(y);
}

// The reader's errors have a byte offset and no mark.
static inline void cyaml_locate(const struct cyaml *y, size_t offset, struct cyaml_step *step) {
    step->line = step->column = 1;
    for (size_t i = 0; i < offset && i < y->count; i++) {
        if (y->input[i] == '\n') {
            step->line++;
            step->column = 1;
        } else if ((y->input[i] & 0xC0) != 0x80) {
            step->column++;
        }
    }
}

static inline struct cyaml_step cyaml_problem(const struct cyaml *y) {
    struct cyaml_step step = {.kind = CYAML_BAD};
    step.text = y->parser.problem ? y->parser.problem : "out of memory";
    step.length = strlen(step.text);
    step.context = y->parser.context;
    step.line = y->parser.problem_mark.line + 1;
    step.column = y->parser.problem_mark.column + 1;
    if (y->parser.error == YAML_READER_ERROR) cyaml_locate(y, y->parser.problem_offset, &step);
    return step;
}

static inline struct cyaml_step cyaml_scalar(const yaml_event_t *e) {
    struct cyaml_step step = {.kind = CYAML_SCALAR};
    step.plain = e->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
    step.adorned = e->data.scalar.anchor || e->data.scalar.tag;
    step.text = (const char *)e->data.scalar.value;
    step.length = e->data.scalar.length;
    return step;
}

// The next step. After CYAML_BAD or CYAML_END there is none: close.
static inline struct cyaml_step cyaml_next(struct cyaml *y) {
    const yaml_event_t *e = &y->event;
    struct cyaml_step step = {.kind = CYAML_CLOSE};
    do {
        yaml_event_delete(&y->event);
        if (!yaml_parser_parse(&y->parser, &y->event)) return cyaml_problem(y);
    } while (e->type == YAML_STREAM_START_EVENT);
    switch (e->type) {
    case YAML_NO_EVENT:
    case YAML_STREAM_END_EVENT: step.kind = CYAML_END; break;
    case YAML_DOCUMENT_START_EVENT: step.kind = CYAML_DOCUMENT; break;
    case YAML_ALIAS_EVENT: step.kind = CYAML_ALIAS; break;
    case YAML_SCALAR_EVENT: step = cyaml_scalar(e); break;
    case YAML_SEQUENCE_START_EVENT:
        step.kind = CYAML_LIST;
        step.adorned = e->data.sequence_start.anchor || e->data.sequence_start.tag;
        break;
    case YAML_MAPPING_START_EVENT:
        step.kind = CYAML_MAP;
        step.adorned = e->data.mapping_start.anchor || e->data.mapping_start.tag;
        break;
    default: break;
    }
    step.line = e->start_mark.line + 1;
    step.column = e->start_mark.column + 1;
    return step;
}

#endif
