/*
 * schema_rows.c - a schema as rows for people: id, name, type, required
 */
#include "arrow/arrow_schema.h"
#include "base/ctx.h"

#include <string.h>

static const char columns_text[] =
        "id int, name string required, type string required, required boolean required";

static enum joist_status add_row(struct joist_builder *rows, struct ji_arena *arena,
        const struct ji_field *field, struct joist_error *err)
{
    const char *type = NULL;
    JI_TRY(ji_type_text(arena, field, &type, err));
    JI_TRY(field->field_id == JI_FIELD_ID_NONE ? joist_builder_null(rows, err)
                                               : joist_builder_int64(rows, field->field_id, err));
    JI_TRY(joist_builder_bytes(rows, field->name, strlen(field->name), err));
    JI_TRY(joist_builder_bytes(rows, type, strlen(type), err));
    JI_TRY(joist_builder_bool(rows, !field->nullable, err));
    return joist_builder_end_row(rows, err);
}

enum joist_status joist_schema_rows(struct joist_ctx *ctx, const struct ArrowSchema *schema,
        struct ArrowArrayStream *stream, struct joist_error *err)
{
    enum joist_status status = JOIST_OK;
    struct joist_builder *rows = NULL;
    struct ji_arena arena;
    struct ji_schema own = {0};
    ji_arena_init(&arena, ji_ctx_mem(ctx));
    JI_TRY_OUT(ji_schema_import(&arena, schema, &own, err));
    JI_TRY_OUT(joist_builder_open(ctx, columns_text, &rows, err));
    for (size_t index = 0; index < own.column_count; index++)
        JI_TRY_OUT(add_row(rows, &arena, &own.columns[index], err));
    JI_TRY_OUT(joist_builder_take(rows, stream, err));
out:
    joist_builder_close(rows);
    ji_arena_clear(&arena);
    return status;
}
