/*
 * footer_fuzz.c - any bytes as a footer, then as a schema; and as a page header and the two page indexes
 */
#include <joist/joist.h>

#include "base/ctx.h"
#include "parquet/format/footer_read.h"
#include "parquet/format/page_header_read.h"
#include "parquet/format/parquet_schema.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_footer(struct ji_arena *arena, struct ji_view bytes)
{
    struct ji_footer footer;
    struct ji_parquet_schema schema;
    struct joist_error err;
    if (ji_footer_decode(arena, bytes, &footer, &err) != JOIST_OK)
        return;
    if (ji_parquet_schema_read(arena, footer.elements, footer.element_count, &schema, &err) != JOIST_OK)
        return;
    /* What was read can be written where we write such a schema at all. */
    struct ji_parquet_schema written;
    ji_ignore(ji_parquet_schema_write(arena, &schema.schema, &written, &err),
            "not every schema can be written");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint8_t nothing[1];
    const struct joist_ctx_options options = {.struct_size = sizeof options, .memory_bytes_max = 64 << 20};
    const struct ji_view bytes = ji_view_of(size > 0 ? data : nothing, size);
    struct joist_ctx *ctx = NULL;
    if (joist_ctx_open(&options, &ctx, NULL) != JOIST_OK)
        return 0;
    struct ji_arena arena;
    struct ji_page_header header;
    struct ji_offset_index offsets;
    struct ji_column_index columns;
    size_t header_bytes = 0;
    ji_arena_init(&arena, ji_ctx_mem(ctx));
    read_footer(&arena, bytes);
    ji_ignore(ji_page_header_decode(bytes, &header, &header_bytes, NULL), "any status will do");
    ji_ignore(ji_offset_index_decode(&arena, bytes, &offsets, NULL), "any status will do");
    ji_ignore(ji_column_index_decode(&arena, bytes, &columns, NULL), "any status will do");
    ji_arena_clear(&arena);
    joist_ctx_close(ctx);
    return 0;
}
