// SPDX-License-Identifier: MIT
#include "CUnix.h"

// CRC-32C, reflected: by the machine's own instruction where it has one, else eight bytes a step through tables
// ("slicing by 8"). One thread a process: the tables need no lock.

enum { POLYNOMIAL = 0x82F63B78, SLICES = 8 };

static uint32_t tables[SLICES][256];

static void prepare(void) {
    for (uint32_t byte = 0; byte < 256; byte++) {
        uint32_t sum = byte;
        for (int bit = 0; bit < 8; bit++)
            sum = sum & 1 ? sum >> 1 ^ POLYNOMIAL : sum >> 1;
        tables[0][byte] = sum;
    }
    for (int slice = 1; slice < SLICES; slice++)
        for (int byte = 0; byte < 256; byte++)
            tables[slice][byte] = tables[slice - 1][byte] >> 8 ^ tables[0][tables[slice - 1][byte] & 255];
}

static uint64_t load(const uint8_t *bytes) {
    uint64_t word;
    memcpy(&word, bytes, sizeof word);
    return word;
}

uint32_t cunix_crc32c_plain(uint32_t sum, const void *start, size_t count) {
    const uint8_t *bytes = start;
    if (!tables[0][1])
        prepare();
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    for (; count >= SLICES; bytes += SLICES, count -= SLICES) {
        uint64_t word = load(bytes) ^ sum;
        sum = 0;
        for (int slice = 0; slice < SLICES; slice++)
            sum ^= tables[SLICES - 1 - slice][word >> 8 * slice & 255];
    }
#endif
    for (; count > 0; count--)
        sum = tables[0][(sum ^ *bytes++) & 255] ^ sum >> 8;
    return sum;
}

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) static uint32_t fast(uint32_t sum, const uint8_t *bytes, size_t count) {
    uint64_t wide = sum;
    for (; count >= sizeof wide; bytes += sizeof wide, count -= sizeof wide)
        wide = __builtin_ia32_crc32di(wide, load(bytes));
    for (sum = (uint32_t)wide; count > 0; count--)
        sum = __builtin_ia32_crc32qi(sum, *bytes++);
    return sum;
}

static int has_instruction(void) {
    return __builtin_cpu_supports("sse4.2");
}
#else
#define fast cunix_crc32c_plain
static int has_instruction(void) {
    return 0;
}
#endif

uint32_t cunix_crc32c(uint32_t sum, const void *start, size_t count) {
    return has_instruction() ? fast(sum, start, count) : cunix_crc32c_plain(sum, start, count);
}
