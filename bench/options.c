// SPDX-License-Identifier: MIT

#include "options.h"

#include <arpa/inet.h>
#include <getopt.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const double for_ever = 1e9;

static _Noreturn void usage(void) {
    fputs("usage: load [--connections C] [--requests N] [--seconds S] [--mode keepalive|new]\n"
          "            [--kind whole|stream] [--pieces N] [--pause MS] http://ADDRESS:PORT/PATH\n", stderr);
    exit(100);
}

// One of two words: is it the second?
static bool second(const char *word, const char *a, const char *b) {
    if (strcmp(word, a) && strcmp(word, b)) {
        usage();
    }
    return !strcmp(word, b);
}

static void read_words(struct options *o, int count, char **words) {
    static const struct option known[] = {
        {"connections", 1, 0, 'c'}, {"requests", 1, 0, 'n'}, {"seconds", 1, 0, 's'}, {"mode", 1, 0, 'm'},
        {"kind", 1, 0, 'k'}, {"pieces", 1, 0, 'p'}, {"pause", 1, 0, 'w'}, {0},
    };
    for (int option; (option = getopt_long(count, words, "", known, NULL)) != -1;) {
        switch (option) {
        case 'c': o->connections = strtoul(optarg, NULL, 10); break;
        case 'n': o->requests = strtoul(optarg, NULL, 10); break;
        case 's': o->seconds = strtod(optarg, NULL); break;
        case 'm': o->is_new = second(optarg, "keepalive", "new"); break;
        case 'k': o->is_stream = second(optarg, "whole", "stream"); break;
        case 'p': o->pieces = strtoul(optarg, NULL, 10); break;
        case 'w': o->pause = strtoul(optarg, NULL, 10); break;
        default: usage();
        }
    }
    if (optind != count - 1 || !o->connections || (o->requests == SIZE_MAX && o->seconds == for_ever)) {
        usage();
    }
}

static void compose(struct options *o, const char *url) {
    char host[64], path[256], body[512];
    unsigned short port;
    o->address.sin_family = AF_INET;
    if (sscanf(url, "http://%63[0-9.]:%hu%255s", host, &port, path) != 3
        || !inet_aton(host, &o->address.sin_addr)) {
        usage();
    }
    o->address.sin_port = htons(port);
    int n = snprintf(body, sizeof body,
                     "{\"model\":\"stream-%zu-%zu\",\"messages\":["
                     "{\"role\":\"system\",\"content\":\"You are terse.\"},"
                     "{\"role\":\"user\",\"content\":\"What does the fox do?\"}],\"max_tokens\":1000,"
                     "\"temperature\":0.7,%s}", o->pieces, o->pause,
                     o->is_stream ? "\"stream\":true,\"stream_options\":{\"include_usage\":true}"
                                  : "\"stream\":false");
    n = snprintf(o->request, sizeof o->request,
                 "POST %s HTTP/1.1\r\nHost: %s:%hu\r\nAccept: application/json\r\nUser-Agent: load\r\n"
                 "Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", path, host, port, n, body);
    o->request_length = (size_t)n;
}

struct options options_read(int count, char **words) {
    struct options o = {.connections = 1, .requests = SIZE_MAX, .pieces = 200, .seconds = for_ever};
    read_words(&o, count, words);
    compose(&o, words[optind]);
    return o;
}
