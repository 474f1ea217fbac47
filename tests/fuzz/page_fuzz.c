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

static enum joist_status drop(void *self, const void *data, size_t bytes, struct joist_error *err)
{
    (void)self;
    (void)data;
    (void)bytes;
    (void)err;
    return JOIST_OK;
}

static void look_at(struct joist_ctx *ctx, struct joist_parquet_file *file)
{
    static const struct joist_sink_ops ops = {.struct_size = sizeof ops, .append = drop};
    const struct joist_sink sink = {.ops = &ops};
    const struct joist_parquet_inspect_options options = {.struct_size = sizeof options, .pages = true};
    ji_ignore(joist_parquet_inspect(file, &options, sink, NULL), "any status will do");
    ji_ignore(joist_parquet_describe(file, &options, sink, NULL), "any status will do");
    for (size_t group = 0; group < joist_parquet_row_group_count(file) && group < 4; group++) {
        struct ji_facts facts;
        for (size_t column = 0; column < ji_parquet_schema(file)->column_count; column++)
            (void)ji_parquet_group_facts(file, group, column, &facts);
        const uint64_t rows = ji_parquet_group_rows(file, group);
        const struct ji_row_range ranges[] = {{rows / 3, rows / 2}, {rows - rows / 4, rows}};
        struct parquet_drain all = {.rows_max = 2000};
        struct parquet_drain some = {.rows_max = 2000, .batch_rows = 7, .ranges = ranges, .range_count = 2};
        ji_ignore(parquet_drain_group(ctx, file, group, &all, NULL), "any status will do");
        ji_ignore(parquet_drain_group(ctx, file, group, &some, NULL), "any status will do");
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct joist_ctx_options options = {.struct_size = sizeof options, .memory_bytes_max = 32 << 20};
    struct bytes_source from = {.data = data, .size = size};
    struct joist_parquet_file *file = NULL;
    struct joist_ctx *ctx = NULL;
    if (joist_ctx_open(&options, &ctx, NULL) != JOIST_OK)
        return 0;
    if (joist_parquet_open(ctx, bytes_source(&from), NULL, &file, NULL) == JOIST_OK) {
        look_at(ctx, file);
        joist_parquet_close(file);
    }
    joist_ctx_close(ctx);
    return 0;
}
