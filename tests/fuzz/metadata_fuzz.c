/*
 * metadata_fuzz.c - any bytes as metadata.json: what is accepted can be committed upon, and is accepted again
 */
#include "base/ctx.h"
#include "table/iceberg/metadata_read.h"
#include "table/iceberg/metadata_write.h"

#include <joist/joist.h>

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void commit_upon(struct ji_arena *arena, const struct ji_table_metadata *model, struct ji_mem *mem)
{
    static const struct ji_property summary = {"operation", "append"};
    struct ji_table_metadata next;
    struct ji_table_metadata again;
    struct ji_bytes out;
    const struct ji_new_snapshot snapshot = {
            .snapshot_id = 4242,
            .sequence_number = model->last_sequence_number,
            .timestamp_ms = model->last_updated_ms,
            .manifest_list = "file:///t/list.avro",
            .summary = &summary,
            .summary_count = 1,
    };
    if (model->format_version == 1)
        return; /* has no sequence numbers: never written to */
    ji_bytes_init(&out, mem);
    if (ji_metadata_append(arena, model, "file:///t/old.json", &snapshot, 100, &next, NULL) == JOIST_OK &&
            ji_metadata_write(&out, &next, NULL) == JOIST_OK) {
        const enum joist_status status =
                ji_metadata_read(arena, ji_view_of(out.data, out.size), &again, NULL);
        if (status == JOIST_ERR_CORRUPT)
            abort();
        if (status == JOIST_OK && again.snapshot_count != model->snapshot_count + 1)
            abort();
    }
    ji_bytes_clear(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct joist_ctx_options options = {.struct_size = sizeof options, .memory_bytes_max = 16 << 20};
    struct joist_ctx *ctx = NULL;
    struct ji_arena arena;
    struct ji_table_metadata model;
    if (joist_ctx_open(&options, &ctx, NULL) != JOIST_OK)
        return 0;
    ji_arena_init(&arena, ji_ctx_mem(ctx));
    if (ji_metadata_read(&arena, ji_view_of(data, size), &model, NULL) == JOIST_OK)
        commit_upon(&arena, &model, ji_ctx_mem(ctx));
    ji_arena_clear(&arena);
    joist_ctx_close(ctx);
    return 0;
}
