// SPDX-License-Identifier: MIT
// What the upstream stub says and the load client expects to hear.

#ifndef CHAT_H
#define CHAT_H

// The n-th piece of a streamed answer: 20 characters, each piece different, so that a lost, repeated or
// reordered one is seen.
#define PIECE_TAIL " quick foxes "
#define PIECE "%07zu" PIECE_TAIL
#define PIECE_LENGTH 20

// The text of a whole answer.
#define WHOLE "The quick brown fox jumps over the lazy dog."

#endif
