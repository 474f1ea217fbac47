/*
 * unpack_fuzz.c - any bytes as a packed file: unpacked, or refused
 */
#include <stdlib.h>

#include <joist/joist.h>

#include "support/bytes_source.h"

#define OUT_BYTES ((size_t)65536)
#define TOTAL_MAX ((uint64_t)4 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct joist_ctx_options options = {
            .struct_size = sizeof options, .memory_bytes_max = (uint64_t)32 << 20};
    struct bytes_source from = {.data = data, .size = size, .is_short = size % 2 == 1};
    struct joist_source source = bytes_source(&from);
    struct joist_ctx *ctx = NULL;
    if (joist_ctx_open(&options, &ctx, NULL) != JOIST_OK)
        abort();
    uint8_t *const out = malloc(OUT_BYTES);
    if (out != NULL && joist_source_unpack(ctx, &source, NULL) == JOIST_OK) {
        uint64_t offset = 0;
        size_t got = 1;
        while (got > 0 && offset < TOTAL_MAX) {
            if (source.ops->read_at(source.self, offset, OUT_BYTES, out, &got, NULL) != JOIST_OK)
                break;
            offset += got;
        }
        joist_source_close(&source);
    }
    free(out);
    joist_ctx_close(ctx);
    return 0;
}
