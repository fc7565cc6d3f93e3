// SPDX-License-Identifier: MIT
// Writes request segments as edgefilter does: LINES lines over DAYS days before today, in DIRECTORY.
//
//     requests DIRECTORY LINES DAYS KEYS

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static uint32_t table[256];

static void prepare(void) {
    for (uint32_t byte = 0; byte < 256; byte++) {
        uint32_t sum = byte;
        for (int bit = 0; bit < 8; bit++)
            sum = sum & 1 ? sum >> 1 ^ 0x82F63B78 : sum >> 1;
        table[byte] = sum;
    }
}

static uint32_t crc32c(const char *bytes, int count) {
    uint32_t sum = ~0u;
    while (count-- > 0)
        sum = table[(sum ^ (uint8_t)*bytes++) & 255] ^ sum >> 8;
    return ~sum;
}

static uint64_t seed = 88172645463325252u;

static unsigned pick(unsigned count) {
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (unsigned)(seed % count);
}

static const char *const models[] = {"gpt-5", "gpt-5-mini", "claude-opus-5", "claude-sonnet-4-5", "glm-4.6",
                                     "qwen-max", "deepseek-chat", "kimi-k2", "o4-mini", "gemini-2.5-pro"};
static const char *const endpoints[] = {"/v1/chat/completions", "/v1/messages", "/v1/responses", "/v1/embeddings"};

static void line(FILE *out, time_t now, unsigned key) {
    char text[1024], clock[32];
    struct tm tm;
    gmtime_r(&now, &tm);
    strftime(clock, sizeof clock, "%Y-%m-%dT%H:%M:%S", &tm);
    const char *model = models[pick(10)];
    int is_bad = pick(50) == 0;
    int count = snprintf(
        text, sizeof text,
        "{\"time\":\"%s.%03uZ\",\"id\":\"req_%016llx\",\"key\":\"%08x%08x\",\"key_id\":%u,\"user\":%u,"
        "\"method\":\"POST\",\"endpoint\":\"%s\",\"client\":\"openai\",\"dialect\":\"openai\",\"model\":\"%s\","
        "\"used\":\"%s\",\"upstream\":\"main\",\"status\":%d,\"stop\":\"finished\",\"input\":%u,\"output\":%u,"
        "\"cached\":%u,\"reasoning\":0,\"received\":%u,\"sent\":%u,\"first_ms\":%u,\"ms\":%u,\"code\":%d,"
        "\"ended\":\"%s\"",
        clock, pick(1000), (unsigned long long)(seed), key * 2654435761u, key * 40503u, key, key / 4 + 1,
        endpoints[pick(4)], model, model, is_bad ? 502 : 200, pick(20000), pick(2000), pick(1000), pick(60000),
        pick(9000), pick(3000), pick(60000), is_bad ? 402 : 0, is_bad ? "failed" : "complete");
    fprintf(out, "\n%s,\"crc\":\"%08x\"}\n", text, crc32c(text, count));
}

int main(int count, char **words) {
    if (count != 5)
        return fputs("usage: requests DIRECTORY LINES DAYS KEYS\n", stderr), 2;
    long lines = atol(words[2]), days = atol(words[3]), keys = atol(words[4]);
    time_t today = time(NULL) / 86400 * 86400;
    prepare();
    for (long day = 0; day < days; day++) {
        time_t start = today - (days - day) * 86400;
        char path[4096], date[16];
        struct tm tm;
        gmtime_r(&start, &tm);
        strftime(date, sizeof date, "%Y%m%d", &tm);
        snprintf(path, sizeof path, "%s/requests-%s.jsonl", words[1], date);
        FILE *out = fopen(path, "w");
        if (!out)
            return perror(path), 1;
        long todays = lines / days + (day < lines % days);
        for (long number = 0; number < todays; number++)
            line(out, start + number * 86400 / todays, 1 + pick((unsigned)keys));
        if (fclose(out))
            return perror(path), 1;
    }
    return 0;
}
