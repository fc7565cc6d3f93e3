// SPDX-License-Identifier: MIT
// The words of the load client's command line.

#ifndef OPTIONS_H
#define OPTIONS_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>

struct options {
    size_t connections, requests, pieces, pause; // pause: milliseconds before each piece
    double seconds;
    bool is_new, is_stream;
    struct sockaddr_in address;
    char request[1024];
    size_t request_length;
};

// Reads the command line and composes the request; prints the usage and exits 100 if it is not understood.
struct options options_read(int count, char **words);

#endif
