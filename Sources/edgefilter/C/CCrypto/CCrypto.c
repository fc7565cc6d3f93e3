// SPDX-License-Identifier: MIT
#include "CCrypto.h"

#include <string.h>

// Found once: to find one costs more than a short digest.
static _Atomic(EVP_MD *) sha256, sha1, md5;

static _Atomic(EVP_MD *) *place_of(const char *name) {
    if (strcmp(name, "SHA256") == 0)
        return &sha256;
    return strcmp(name, "SHA1") == 0 ? &sha1 : &md5;
}

int ccrypto_digest(const char *name, const void *bytes, size_t count, uint8_t *out, size_t *length) {
    _Atomic(EVP_MD *) *place = place_of(name);
    EVP_MD *algorithm = *place;
    if (!algorithm)
        algorithm = *place = EVP_MD_fetch(NULL, name, NULL);
    unsigned int size = 0;
    int result = algorithm ? EVP_Digest(bytes, count, out, &size, algorithm, NULL) : 0;
    *length = size;
    return result;
}
