// SPDX-License-Identifier: MIT

#include "figures.h"

#include <stdio.h>
#include <stdlib.h>

void figures_add(struct figures *f, int64_t nanoseconds) {
    if (f->count == f->room) {
        size_t room = f->room * 2 + 4096;
        int64_t *grown = realloc(f->nanoseconds, room * sizeof *grown);
        if (!grown) {
            abort();
        }
        f->nanoseconds = grown;
        f->room = room;
    }
    f->nanoseconds[f->count++] = nanoseconds;
}

static int compare(const void *a, const void *b) {
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static double percentile(const struct figures *f, size_t percent) {
    if (!f->count) {
        return 0;
    }
    size_t rank = (f->count * percent + 99) / 100;
    return (double)f->nanoseconds[rank ? rank - 1 : 0] / 1000;
}

void figures_print(struct figures *f, const char *name) {
    if (f->count) {
        qsort(f->nanoseconds, f->count, sizeof *f->nanoseconds, compare);
    }
    printf("\"%s\":{\"p50\":%.1f,\"p90\":%.1f,\"p99\":%.1f,\"max\":%.1f}", name, percentile(f, 50),
           percentile(f, 90), percentile(f, 99), percentile(f, 100));
}
