/*
 * variant_assemble_fuzz.c - columns of a shredded variant with any values, nulls and lengths: what is put
 * together is valid
 *
 *     input: the number of a schema | bytes that the columns take their nulls, lengths and values from
 */
#include <stdlib.h>

#include "arrow/value.h"
#include "base/ctx.h"
#include "parquet/decode/variant_assemble.h"

#define ROWS 6
#define LIST_LENGTH_MAX 3
#define FIELDS(type) "metadata binary required, value binary, typed_value " type
#define BOTH(type) "struct<value binary, typed_value " type ">"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const schemas[] = {
        "metadata binary required, value binary required",
        FIELDS("long"),
        FIELDS("string"),
        FIELDS("decimal(38, 3)"),
        FIELDS("struct<b " BOTH("int") ", a " BOTH("string") ">"),
        FIELDS("list<" BOTH("boolean") ">"),
        FIELDS("struct<c " BOTH("list<" BOTH("struct<a " BOTH("double") ", e " BOTH("date") ">") ">") ">"),
        FIELDS("list<" BOTH("list<struct<value binary>>") ">"),
};

struct maker {
    struct ji_arena *arena;
    struct ji_view rest;
};

static uint8_t take(struct maker *maker)
{
    if (maker->rest.size == 0)
        return 0;
    maker->rest.size--;
    return *maker->rest.data++;
}

/* Of the input, but the bytes of every second dictionary: those are a good one, so that values get far. */
static struct ji_view take_bytes(struct maker *maker, const struct ji_field *field)
{
    static const uint8_t good[] = {1, 5, 0, 1, 2, 3, 4, 5, 'd', 'b', 'c', 'a', 'e'};
    const size_t wanted = take(maker);
    const size_t size = ji_min_size(wanted, maker->rest.size);
    const struct ji_view own = ji_view_of(maker->rest.data, size);
    if (strcmp(field->name, "metadata") == 0 && size % 2 == 0)
        return ji_view_of(good, sizeof good);
    maker->rest = ji_view_of(own.data + size, maker->rest.size - size);
    if (field->kind == JI_STRING)
        return size % 2 == 0 ? ji_view_of_text("text") : ji_view_of(NULL, 0);
    return own;
}

static enum joist_status make_column(
        struct maker *maker, const struct ji_field *field, size_t rows, struct ji_column *column);

static enum joist_status make_children(
        struct maker *maker, const struct ji_field *field, size_t rows, struct ji_column *column)
{
    JI_TRY(ji_arena_array(
            maker->arena, field->child_count, sizeof column->children[0], &column->children, NULL));
    for (size_t index = 0; index < field->child_count; index++)
        JI_TRY(make_column(maker, &field->children[index], rows, &column->children[index]));
    return JOIST_OK;
}

static enum joist_status make_list(
        struct maker *maker, const struct ji_field *field, size_t rows, struct ji_column *column)
{
    int32_t *offsets = NULL;
    JI_TRY(ji_arena_array(maker->arena, rows + 1, sizeof offsets[0], &offsets, NULL));
    for (size_t row = 0; row < rows; row++)
        offsets[row + 1] = offsets[row] + take(maker) % (LIST_LENGTH_MAX + 1);
    column->offsets = offsets;
    return make_children(maker, field, (size_t)offsets[rows], column);
}

static enum joist_status make_values(
        struct maker *maker, const struct ji_field *field, size_t rows, struct ji_column *column)
{
    uint8_t *values = NULL;
    const size_t width = ji_field_width(field);
    JI_TRY(ji_arena_array(maker->arena, rows + 1, ji_max_size(width, 1), &values, NULL));
    for (size_t row = 0; row < rows; row++) {
        if (ji_kind_is_view(field->kind))
            ((struct ji_view *)(void *)values)[row] = take_bytes(maker, field);
        else
            for (size_t step = 0; step < ji_max_size(width, 1); step++)
                values[row * width + step] = take(maker);
    }
    column->values = values;
    return JOIST_OK;
}

static enum joist_status make_column(
        struct maker *maker, const struct ji_field *field, size_t rows, struct ji_column *column)
{
    *column = (struct ji_column){.field = field, .form = JI_FLAT, .row_count = rows};
    if (field->nullable) {
        uint8_t *bits = NULL;
        JI_TRY(ji_arena_array(maker->arena, rows / 8 + 1, 1, &bits, NULL));
        for (size_t index = 0; index < rows / 8 + 1; index++)
            bits[index] = take(maker);
        column->validity = bits;
    }
    if (field->kind == JI_STRUCT)
        return make_children(maker, field, rows, column);
    if (field->kind == JI_LIST)
        return make_list(maker, field, rows, column);
    return make_values(maker, field, rows, column);
}

static void check_rows(const struct ji_column *out)
{
    for (size_t row = 0; row < out->row_count; row++) {
        struct ji_variant_names names;
        bool is_sorted = false;
        if (ji_column_is_null(out, row))
            continue;
        const struct ji_view metadata = ji_column_value(&out->children[0], row).as.view;
        const struct ji_view value = ji_column_value(&out->children[1], row).as.view;
        if (ji_variant_names_init(&names, metadata, NULL) != JOIST_OK ||
                ji_variant_check(&names, value, 0, &is_sorted, NULL) != JOIST_OK || !is_sorted)
            abort();
    }
}

static enum joist_status assemble(struct ji_arena *arena, const char *fields, struct ji_view bytes)
{
    struct ji_schema schema;
    struct ji_parquet_schema written;
    struct ji_parquet_schema read;
    struct ji_schema_element *elements = NULL;
    struct ji_variant_assembly assembly;
    struct ji_column storage;
    struct ji_column out;
    const char *text = NULL;
    struct maker maker = {.arena = arena, .rest = bytes};
    JI_TRY(ji_arena_printf(arena, &text, NULL, "v struct<%s>", fields));
    JI_TRY(ji_schema_parse(arena, ji_view_of_text(text), &schema, NULL));
    JI_TRY(ji_parquet_schema_write(arena, &schema, &written, NULL));
    JI_TRY(ji_arena_array(arena, written.element_count, sizeof elements[0], &elements, NULL));
    memcpy(elements, written.elements, written.element_count * sizeof elements[0]);
    elements[1].logical.kind = JI_LOGICAL_VARIANT;
    JI_TRY(ji_parquet_schema_read(arena, elements, written.element_count, NULL, &read, NULL));
    JI_TRY(ji_variant_assembly_init(&assembly, arena, arena->mem, read.shapes[0].variant, NULL));
    enum joist_status status = make_column(&maker, read.shapes[0].field, ROWS, &storage);
    if (status == JOIST_OK)
        status = ji_variant_assemble(&assembly, &storage, &out, NULL);
    if (status == JOIST_OK)
        check_rows(&out);
    ji_variant_assembly_clear(&assembly);
    return status;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct joist_ctx_options options = {.struct_size = sizeof options, .memory_bytes_max = 16 << 20};
    struct joist_ctx *ctx = NULL;
    struct ji_arena arena;
    if (size == 0 || joist_ctx_open(&options, &ctx, NULL) != JOIST_OK)
        return 0;
    ji_arena_init(&arena, ji_ctx_mem(ctx));
    const char *const fields = schemas[data[0] % (sizeof schemas / sizeof schemas[0])];
    ji_ignore(assemble(&arena, fields, ji_view_of(data + 1, size - 1)), "any status will do");
    ji_arena_clear(&arena);
    joist_ctx_close(ctx);
    return 0;
}
