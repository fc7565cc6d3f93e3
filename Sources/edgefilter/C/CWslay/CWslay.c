// SPDX-License-Identifier: MIT
#include "CWslay.h"

wslay_event_context_ptr cwslay_open(const struct wslay_event_callbacks *callbacks, void *owner, uint64_t limit) {
    wslay_event_context_ptr context = NULL;
    if (wslay_event_context_client_init(&context, callbacks, owner) != 0)
        return NULL;
    wslay_event_config_set_max_recv_msg_length(context, limit);
    // A message in pieces of one byte must not cost a block of memory a piece: its owner gathers them.
    wslay_event_config_set_no_buffering(context, 1);
    return context;
}

int cwslay_text(wslay_event_context_ptr context, const uint8_t *bytes, size_t count) {
    const struct wslay_event_msg message = {WSLAY_TEXT_FRAME, bytes, count};
    return wslay_event_queue_msg(context, &message);
}

void cwslay_close(wslay_event_context_ptr context, uint16_t code) {
    wslay_event_shutdown_read(context);
    wslay_event_queue_close(context, code, NULL, 0);
}

ssize_t cwslay_wait(wslay_event_context_ptr context) {
    wslay_event_set_error(context, WSLAY_ERR_WOULDBLOCK);
    return -1;
}
