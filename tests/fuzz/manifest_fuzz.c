/*
 * manifest_fuzz.c - any bytes as a manifest and as a list of manifests
 *
 * The manifest is read with a partition of every type, and what it says of a column becomes facts.
 */
#include "base/ctx.h"
#include "table/iceberg/iceberg_type_map.h"
#include "table/iceberg/manifest.h"
#include "table/read/partition_prune.h"

#include <joist/joist.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct reading {
    const struct ji_schema *columns;
    struct ji_loaded_manifest manifest;
};

static enum joist_status look(void *arg, const struct ji_manifest_entry *entry, struct joist_error *err)
{
    struct reading *reading = arg;
    (void)err;
    for (size_t i = 0; i < reading->columns->column_count; i++) {
        struct ji_facts facts;
        ji_entry_facts(reading->columns, &reading->manifest, entry, i, &facts);
    }
    return JOIST_OK;
}

static enum joist_status read_all(struct ji_arena *arena, struct ji_view file)
{
    static const char COLUMNS[] = "a boolean, b int, c long, d float, e double, f decimal(20,2), g date, "
                                  "h time, i timestamptz, k string, l uuid, m fixed(3), n binary";
    static const char FIELDS[] = "a, b, c, d, e, f, g, h, i, k, l, m, n, bucket(8, c), year(g), hour(i)";
    struct ji_schema from;
    struct ji_schema columns;
    struct ji_partition_spec spec;
    struct ji_manifest_file *manifests = NULL;
    size_t count = 0;
    int32_t last_id = 0;
    struct reading reading = {.columns = &columns};
    JI_TRY(ji_schema_parse(arena, ji_view_of_text(COLUMNS), &from, NULL));
    JI_TRY(ji_iceberg_columns(arena, &from, &last_id, &columns, NULL));
    JI_TRY(ji_partition_spec_parse(arena, FIELDS, &columns, &spec, NULL));
    JI_TRY(ji_partition_bind(arena, &spec, &columns, &reading.manifest.partition, NULL));
    ji_ignore(ji_manifest_list_read(arena, file, &manifests, &count, NULL), "any bytes");
    reading.manifest.manifest.sequence_number = 1;
    return ji_manifest_read(
            arena, file, &reading.manifest.manifest, &reading.manifest.partition, look, &reading, NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct joist_ctx_options options = {.struct_size = sizeof options, .memory_bytes_max = 16 << 20};
    struct joist_ctx *ctx = NULL;
    struct ji_arena arena;
    if (joist_ctx_open(&options, &ctx, NULL) != JOIST_OK)
        return 0;
    ji_arena_init(&arena, ji_ctx_mem(ctx));
    ji_ignore(read_all(&arena, ji_view_of(data, size)), "any bytes");
    ji_arena_clear(&arena);
    joist_ctx_close(ctx);
    return 0;
}
