/*
 * arrow_schema_fuzz.c - any bytes as the IPC message of an Arrow schema
 */
#include <joist/joist.h>

#include "arrow/ipc_schema.h"
#include "base/ctx.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint8_t nothing[1];
    const struct joist_ctx_options options = {.struct_size = sizeof options, .memory_bytes_max = 64 << 20};
    struct joist_ctx *ctx = NULL;
    if (joist_ctx_open(&options, &ctx, NULL) != JOIST_OK)
        return 0;
    struct ji_arena arena;
    struct ji_ipc_schema schema;
    struct ji_field field;
    struct ji_array_shape shape;
    const char *text = NULL;
    ji_arena_init(&arena, ji_ctx_mem(ctx));
    const struct ji_view bytes = ji_view_of(size > 0 ? data : nothing, size);
    const bool is_schema = ji_ipc_schema_open(&schema, bytes, NULL) == JOIST_OK;
    for (size_t index = 0; is_schema && index < schema.columns.count; index++) {
        if (ji_ipc_schema_column(&schema, index, &arena, &field, &shape, NULL) != JOIST_OK)
            break;
        ji_ignore(ji_type_text(&arena, &field, &text, NULL), "any text will do");
    }
    ji_arena_clear(&arena);
    joist_ctx_close(ctx);
    return 0;
}
