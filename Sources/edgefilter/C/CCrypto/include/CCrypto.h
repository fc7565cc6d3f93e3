// SPDX-License-Identifier: MIT
// Doors to libcrypto: digests of short inputs in one call.

#ifndef CCRYPTO_H
#define CCRYPTO_H

#include <stddef.h>
#include <stdint.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

/// The digest of `count` bytes under the algorithm named (`SHA256`, `SHA1`, `MD5`); 1 on success. `out` holds EVP_MAX_MD_SIZE bytes.
int ccrypto_digest(const char *name, const void *bytes, size_t count, uint8_t *out, size_t *length);

/// HMAC-SHA-256 into `out` (32 bytes); 1 on success.
static inline int ccrypto_hmac_sha256(const void *key, size_t key_count, const void *bytes, size_t count, uint8_t *out) {
    unsigned int length = 0;
    return HMAC(EVP_sha256(), key, (int)key_count, (const unsigned char *)bytes, count, out, &length) != NULL;
}

#endif
