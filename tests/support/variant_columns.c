/*
 * variant_columns.c - our own writer's schema, annotated, and our own reader of NDJSON
 */
#include "support/variant_columns.h"

#include "arrow/arrow_schema.h"
#include "support/bytes_source.h"

static enum joist_status read_schema(
        const struct ji_schema *fields, struct variant_columns *columns, struct joist_error *err)
{
    struct ji_parquet_schema written;
    struct ji_schema_element *elements = NULL;
    assert_ok(ji_parquet_schema_write(&columns->arena, fields, &written, NULL));
    assert_ok(ji_arena_array(&columns->arena, written.element_count, sizeof elements[0], &elements, NULL));
    memcpy(elements, written.elements, written.element_count * sizeof elements[0]);
    elements[1].logical.kind = JI_LOGICAL_VARIANT;
    return ji_parquet_schema_read(
            &columns->arena, elements, written.element_count, NULL, &columns->schema, err);
}

static void read_rows(struct joist_ctx *ctx, const struct ji_schema *fields, const char *rows,
        struct variant_columns *columns)
{
    struct bytes_source *bytes = NULL;
    struct ArrowSchema schema;
    const struct ji_batch *batch = NULL;
    struct joist_error err;
    assert_ok(ji_arena_array(&columns->arena, 1, sizeof *bytes, &bytes, NULL));
    *bytes = (struct bytes_source){.data = (const uint8_t *)rows, .size = strlen(rows)};
    assert_ok(ji_schema_export(ji_ctx_mem(ctx), fields, &schema, NULL));
    const struct joist_text_options options = {.struct_size = sizeof options, .schema = &schema};
    if (joist_ndjson_open(ctx, bytes_source(bytes), &options, &columns->exported, &err) != JOIST_OK)
        fail_msg("%s", err.text);
    schema.release(&schema);
    assert_ok(ji_stream_import(ctx, &columns->exported, &columns->rows, NULL));
    if (ji_stream_next(&columns->rows, &batch, &err) != JOIST_OK)
        fail_msg("%s", err.text);
    assert_non_null(batch);
    assert_int_equal(batch->column_count, 1);
    columns->storage = batch->columns[0];
}

enum joist_status variant_columns_open(struct joist_ctx *ctx, const char *fields, const char *rows,
        struct variant_columns *columns, struct joist_error *err)
{
    struct ji_schema schema;
    const char *text = NULL;
    memset(columns, 0, sizeof *columns);
    ji_arena_init(&columns->arena, ji_ctx_mem(ctx));
    assert_ok(ji_arena_printf(&columns->arena, &text, NULL, "v struct<%s>", fields));
    assert_ok(ji_schema_parse(&columns->arena, ji_view_of_text(text), &schema, NULL));
    JI_TRY(read_schema(&schema, columns, err));
    read_rows(ctx, &schema, rows, columns);
    return ji_variant_assembly_init(
            &columns->assembly, &columns->arena, ji_ctx_mem(ctx), columns->schema.shapes[0].variant, err);
}

void variant_columns_close(struct variant_columns *columns)
{
    ji_variant_assembly_clear(&columns->assembly);
    ji_stream_close(&columns->rows);
    if (columns->exported.release != NULL)
        columns->exported.release(&columns->exported);
    ji_arena_clear(&columns->arena);
}
