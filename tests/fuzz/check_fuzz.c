/*
 * check_fuzz.c - any bytes as a whole file, held against the specification, under a memory limit
 *
 * Nulls take no bytes, so that a small file may have more values than a run has time for: those are left out.
 */
#include <joist/joist.h>

#include "parquet/read/parquet_file.h"
#include "support/bytes_source.h"

#define VALUES_MAX 200000

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static enum joist_status look_at(
        void *user, const struct joist_parquet_finding *finding, struct joist_error *err)
{
    size_t *const bytes = user;
    (void)err;
    *bytes += strlen(finding->code) + strlen(finding->text);
    *bytes += finding->column != NULL ? strlen(finding->column) : 0;
    return JOIST_OK;
}

static bool is_small(const struct joist_parquet_file *file)
{
    int64_t values = 0;
    for (size_t group = 0; group < file->footer.group_count; group++) {
        for (size_t leaf = 0; leaf < file->schema.leaf_count; leaf++) {
            const struct ji_chunk *chunk = NULL;
            if (ji_file_chunk(file, group, leaf, &chunk, NULL) == JOIST_OK &&
                    (!ji_add_i64(values, chunk->value_count, &values) || values > VALUES_MAX))
                return false;
        }
    }
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct joist_ctx_options options = {.struct_size = sizeof options, .memory_bytes_max = 16 << 20};
    struct bytes_source from = {.data = data, .size = size};
    struct joist_parquet_file *file = NULL;
    struct joist_ctx *ctx = NULL;
    size_t bytes = 0;
    if (joist_ctx_open(&options, &ctx, NULL) != JOIST_OK)
        return 0;
    if (joist_parquet_open(ctx, bytes_source(&from), NULL, &file, NULL) == JOIST_OK) {
        const struct joist_parquet_check_options check = {
                .struct_size = sizeof check, .finding = look_at, .user = &bytes, .notes = true};
        struct joist_parquet_checked checked = {.struct_size = sizeof checked};
        if (is_small(file))
            (void)joist_parquet_check(file, &check, &checked, NULL);
        joist_parquet_close(file);
    }
    joist_ctx_close(ctx);
    return 0;
}
