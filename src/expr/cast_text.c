/*
 * cast_text.c - casts from and to text
 *
 * Text is what arrow's values read and print, the same as in CSV: no locale, nothing rounded silently on the
 * way in.
 */
#include "expr/evaluate.h"
#include "expr/type_name.h"
#include "expr/wide_value.h"

static enum joist_status fail_text(const struct ji_call *call, struct ji_view text, struct joist_error *err)
{
    const char *name = "";
    JI_TRY(ji_type_name_text(&call->evaluator->arena, &call->expr->type, &name, err));
    return ji_call_fail(
            call, err, "'%.*s' is no %s", (int)ji_min_size(text.size, 60), (const char *)text.data, name);
}

static void store_value(
        const struct ji_vector *vector, uint8_t *values, size_t i, const struct ji_value *value)
{
    const struct ji_field *type = vector->column.field;
    const float real = (float)value->as.real;
    switch (type->kind) {
    case JI_BOOL:
        ji_wide_store(vector, values, i, value->as.boolean);
        break;
    case JI_FLOAT:
        memcpy(values + i * sizeof real, &real, sizeof real);
        break;
    case JI_DOUBLE:
        memcpy(values + i * sizeof(double), &value->as.real, sizeof(double));
        break;
    case JI_DECIMAL:
        ji_wide_store(vector, values, i, value->as.decimal);
        break;
    case JI_UINT64:
        ji_wide_store(vector, values, i, (ji_int128)value->as.unsigned_integer);
        break;
    case JI_UUID:
        memcpy(values + i * type->fixed_bytes, value->as.view.data, type->fixed_bytes);
        break;
    default:
        ji_wide_store(vector, values, i, value->as.integer);
    }
}

static enum joist_status parse_values(struct ji_call *call, struct joist_error *err)
{
    const struct ji_field *type = &call->expr->type;
    const struct ji_view *texts = call->arguments[0].column.values;
    uint8_t *out = NULL;
    JI_TRY(ji_vector_new(call->evaluator, type, false, call->count, call->out, &out, err));
    memset(out, 0, ji_max_size(ji_field_width(type) * call->count, ji_bitmap_bytes(call->count)));
    for (size_t i = 0; i < call->count; i++) {
        struct ji_value value = {0};
        if (!ji_call_needs(call, i))
            continue;
        const enum joist_status status =
                ji_value_parse(type, texts[i], &call->evaluator->arena, &value, NULL);
        if (status == JOIST_ERR_INVALID)
            return fail_text(call, texts[i], err);
        if (status != JOIST_OK)
            return ji_fail(err, status, "cast of a text of %zu bytes", texts[i].size);
        store_value(call->out, out, i, &value);
    }
    return JOIST_OK;
}

/* Texts one behind the other, then views of them. */
static enum joist_status print_rows(struct ji_call *call, const struct ji_column *from, struct ji_bytes *text,
        struct ji_view *views, struct joist_error *err)
{
    for (size_t i = 0; i < call->count; i++) {
        if (!ji_call_needs(call, i))
            continue;
        const struct ji_value value = ji_column_value(from, i);
        const size_t before = text->size;
        if (value.is_null)
            continue;
        JI_TRY(ji_value_text(from->field, &value, text, err));
        views[i].size = text->size - before;
    }
    uint8_t *heap = NULL;
    size_t at = 0;
    JI_TRY(ji_scratch_get(call->evaluator, text->size, &heap, err));
    if (text->size > 0)
        memcpy(heap, text->data, text->size);
    for (size_t i = 0; i < call->count; i++) {
        views[i].data = heap + at;
        at += views[i].size;
    }
    return JOIST_OK;
}

static enum joist_status print_values(struct ji_call *call, struct joist_error *err)
{
    struct ji_view *views = NULL;
    struct ji_bytes text = {0};
    struct ji_vector argument = call->arguments[0];
    JI_TRY(ji_vector_widen(call->evaluator, &argument, err));
    JI_TRY(ji_vector_new(call->evaluator, &call->expr->type, false, call->count, call->out, &views, err));
    ji_bytes_init(&text, call->evaluator->mem);
    const enum joist_status status = print_rows(call, &argument.column, &text, views, err);
    ji_bytes_clear(&text);
    return status;
}

/* Bytes as they are: strings and binaries share a layout, fixed ones are looked at in place. */
static enum joist_status view_bytes(struct ji_call *call, struct joist_error *err)
{
    const struct ji_vector *from = &call->arguments[0];
    const struct ji_view *texts = from->column.values;
    const size_t width = from->column.field->fixed_bytes;
    const uint8_t *bytes = from->column.values;
    struct ji_view *views = NULL;
    JI_TRY(ji_vector_new(call->evaluator, &call->expr->type, false, call->count, call->out, &views, err));
    for (size_t i = 0; i < call->count; i++)
        views[i] = width == 0 ? texts[i] : ji_view_of(bytes + i * width, width);
    call->out->column.heap = width == 0 ? from->column.heap : NULL;
    return JOIST_OK;
}

enum joist_status ji_run_cast_text(struct ji_call *call, struct joist_error *err)
{
    if (call->expr->type.kind == JI_BINARY)
        return view_bytes(call, err);
    if (call->expr->type.kind == JI_STRING)
        return print_values(call, err);
    return parse_values(call, err);
}
