// SPDX-License-Identifier: MIT

#ifndef JUDGE_H
#define JUDGE_H

#include "message.h"

// What is wrong with a whole answer of the upstream stub that came through a peer, in words; NULL: nothing.
// A peer may write JSON anew and cut the body into other chunks; it may not lose, repeat or reorder anything.
const char *judge(const struct message *answer, bool is_stream, size_t pieces);

#endif
