// SPDX-License-Identifier: MIT
// Doors to wslay: the frames of one WebSocket conversation, seen from its client (RFC 6455).

#ifndef CWSLAY_H
#define CWSLAY_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <wslay/wslay.h>

/// A client's side of a conversation, or NULL without memory. `owner` gets back with each callback; `limit`: bytes that a frame may have.
wslay_event_context_ptr cwslay_open(const struct wslay_event_callbacks *callbacks, void *owner, uint64_t limit);

/// Puts a text message in the queue; 0 on success. The bytes are copied.
int cwslay_text(wslay_event_context_ptr context, const uint8_t *bytes, size_t count);

/// Reads no more, and puts a close frame with that code in the queue.
void cwslay_close(wslay_event_context_ptr context, uint16_t code);

/// What a callback returns that has nothing to give, or no room, for now.
ssize_t cwslay_wait(wslay_event_context_ptr context);

#endif
