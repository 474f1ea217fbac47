/*
 * page_fuzz.c - any bytes as a whole file: opened, inspected, every value read, some rows skipped
 *
 * Under a memory limit. Most of the corpus has no checksums, so that mutants of its pages get far.
 */
#include <joist/joist.h>

#include "base/io.h"
#include "support/bytes_source.h"
#include "support/parquet_drain.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct joist_ctx_options options = {.struct_size = sizeof options, .memory_bytes_max = 32 << 20};
    struct bytes_source from = {.data = data, .size = size};
    struct joist_parquet_file *file = NULL;
    struct joist_ctx *ctx = NULL;
    if (joist_ctx_open(&options, &ctx, NULL) != JOIST_OK)
        return 0;
    if (joist_parquet_open(ctx, bytes_source(&from), NULL, &file, NULL) == JOIST_OK) {
        parquet_look_at(ctx, file);
        joist_parquet_close(file);
    }
    joist_ctx_close(ctx);
    return 0;
}
