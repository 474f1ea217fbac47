/*
 * footer_fuzz.c - any bytes as a footer, then as a schema; and as a page header and the two page indexes
 */
#include <joist/joist.h>

#include <stdlib.h>

#include "base/ctx.h"
#include "parquet/format/footer_read.h"
#include "parquet/format/page_header_read.h"
#include "parquet/format/parquet_schema.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Every chunk is found again where it was passed over. */
static void read_chunks(struct ji_arena *arena, struct ji_view bytes, const struct ji_row_group *group)
{
    for (size_t index = 0; index < group->chunk_count; index++) {
        const uint32_t *const marks = &group->chunk_marks[index / JI_CHUNKS_A_MARK];
        struct ji_chunk chunk;
        if (marks[0] > marks[1] || marks[1] > bytes.size)
            abort();
        ji_ignore(ji_footer_chunk_decode(arena, ji_view_of(bytes.data + marks[0], marks[1] - marks[0]),
                          index % JI_CHUNKS_A_MARK, &chunk, NULL),
                "any status will do");
    }
}

static void read_footer(struct ji_arena *arena, struct ji_view bytes)
{
    struct ji_footer_window window;
    struct ji_footer footer;
    struct ji_parquet_schema schema;
    struct joist_error err;
    ji_footer_window_hold(&window, bytes);
    if (ji_footer_decode(NULL, arena, &window, &footer, &err) != JOIST_OK)
        return;
    for (size_t group = 0; group < footer.group_count; group++)
        read_chunks(arena, bytes, &footer.groups[group]);
    if (ji_parquet_schema_read(arena, footer.elements, footer.element_count, NULL, &schema, &err) != JOIST_OK)
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
