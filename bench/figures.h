// SPDX-License-Identifier: MIT
// Durations collected one by one, and what is told of them.

#ifndef FIGURES_H
#define FIGURES_H

#include <stddef.h>
#include <stdint.h>

struct figures {
    int64_t *nanoseconds;
    size_t count, room;
};

void figures_add(struct figures *f, int64_t nanoseconds);

// Sorts, then prints `"name":{"p50":…,"p90":…,"p99":…,"max":…}` in microseconds, by nearest rank;
// zeros if empty.
void figures_print(struct figures *f, const char *name);

#endif
