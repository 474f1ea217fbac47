/*
 * arrow_check.c - checks what can be checked of a stranger's arrays before they are read
 */
#include "arrow/arrow_check.h"

#include "arrow/pick.h"

#include <assert.h>

static int64_t buffers_due(const struct ji_array_shape *shape)
{
    if (shape->is_dictionary)
        return 2;
    switch (shape->layout) {
    case JI_LAYOUT_NULL:
        return 0;
    case JI_LAYOUT_OFFSETS32:
    case JI_LAYOUT_OFFSETS64:
    case JI_LAYOUT_LIST_VIEW32:
    case JI_LAYOUT_LIST_VIEW64:
        return 3;
    case JI_LAYOUT_STRUCT:
    case JI_LAYOUT_LIST_FIXED:
        return 1;
    default:
        return 2;
    }
}

static enum joist_status check_lengths(const struct ArrowArray *array, struct joist_error *err)
{
    if (array->release == NULL)
        return ji_fail(err, JOIST_ERR_INVALID, "an array that has been released");
    if (array->length < 0 || array->offset < 0)
        return ji_fail(err, JOIST_ERR_INVALID, "an array of length %" PRId64 " at offset %" PRId64,
                array->length, array->offset);
    if (array->length > JI_ARRAY_ROWS_MAX || array->offset > JI_ARRAY_ROWS_MAX - array->length)
        return ji_fail(err, JOIST_ERR_LIMIT, "an array of %" PRId64 " rows", array->length);
    if (array->null_count < -1 || array->null_count > array->length)
        return ji_fail(err, JOIST_ERR_INVALID, "%" PRId64 " nulls in %" PRId64 " rows", array->null_count,
                array->length);
    return JOIST_OK;
}

static enum joist_status check_buffers(
        const struct ji_array_shape *shape, const struct ArrowArray *array, struct joist_error *err)
{
    const bool views = shape->layout == JI_LAYOUT_VIEWS && !shape->is_dictionary;
    const int64_t due = views ? 3 : buffers_due(shape);
    const bool fits = views ? array->n_buffers >= due : array->n_buffers == due;
    if (!fits)
        return ji_fail(err, JOIST_ERR_INVALID, "%" PRId64 " buffers where %" PRId64 " are due",
                array->n_buffers, due);
    if (due == 0)
        return JOIST_OK;
    if (array->buffers == NULL)
        return ji_fail(err, JOIST_ERR_INVALID, "no pointers to %" PRId64 " buffers", due);
    if (array->buffers[0] == NULL && array->null_count > 0)
        return ji_fail(err, JOIST_ERR_INVALID, "%" PRId64 " nulls and no validity", array->null_count);
    if (array->length == 0)
        return JOIST_OK;
    if (due > 1 && array->buffers[1] == NULL)
        return ji_fail(err, JOIST_ERR_INVALID, "%" PRId64 " rows and no values", array->length);
    const bool list_views = shape->layout == JI_LAYOUT_LIST_VIEW32 || shape->layout == JI_LAYOUT_LIST_VIEW64;
    if (list_views && array->buffers[2] == NULL)
        return ji_fail(err, JOIST_ERR_INVALID, "%" PRId64 " list views and no sizes", array->length);
    if (views && array->n_buffers > 3 && array->buffers[array->n_buffers - 1] == NULL)
        return ji_fail(err, JOIST_ERR_INVALID, "string views without the sizes of their buffers");
    return JOIST_OK;
}

static enum joist_status check_array(const struct ji_field *field, const struct ji_array_shape *shape,
        const struct ArrowArray *array, struct joist_error *err);

static enum joist_status check_dictionary(const struct ji_field *field, const struct ji_array_shape *shape,
        const struct ArrowArray *array, struct joist_error *err)
{
    if (!shape->is_dictionary)
        return array->dictionary == NULL ? JOIST_OK
                                         : ji_fail(err, JOIST_ERR_INVALID, "a dictionary that no type names");
    if (array->dictionary == NULL)
        return ji_fail(err, JOIST_ERR_INVALID, "codes without their dictionary");
    struct ji_array_shape values = *shape;
    values.is_dictionary = false;
    JI_TRY(check_array(field, &values, array->dictionary, err));
    if (array->dictionary->length > INT32_MAX)
        return ji_fail(err, JOIST_ERR_LIMIT, "a dictionary of %" PRId64 " values", array->dictionary->length);
    return JOIST_OK;
}

/* What a child must hold for its parent's rows, offset included. */
static enum joist_status check_child_length(const struct ji_array_shape *shape,
        const struct ArrowArray *array, const struct ArrowArray *child, struct joist_error *err)
{
    int64_t due = array->offset + array->length;
    if (shape->layout == JI_LAYOUT_LIST_FIXED && !ji_mul_i64(due, shape->list_size, &due))
        return ji_fail(err, JOIST_ERR_LIMIT, "fixed-size lists of too many elements");
    if (shape->layout != JI_LAYOUT_STRUCT && shape->layout != JI_LAYOUT_LIST_FIXED)
        return JOIST_OK;
    if (child->length < due)
        return ji_fail(err, JOIST_ERR_INVALID, "a child of %" PRId64 " rows where %" PRId64 " are due",
                child->length, due);
    return JOIST_OK;
}

static enum joist_status check_children(const struct ji_field *fields, const struct ji_array_shape *shape,
        const struct ArrowArray *array, struct joist_error *err)
{
    if (array->n_children != (int64_t)shape->child_count)
        return ji_fail(err, JOIST_ERR_INVALID, "%" PRId64 " children where %zu are due", array->n_children,
                shape->child_count);
    if (shape->child_count > 0 && array->children == NULL)
        return ji_fail(err, JOIST_ERR_INVALID, "no pointers to %zu children", shape->child_count);
    for (size_t i = 0; i < shape->child_count; i++) {
        const struct ArrowArray *child = array->children[i];
        enum joist_status status = JOIST_OK;
        if (child == NULL)
            status = ji_fail(err, JOIST_ERR_INVALID, "the array is missing");
        if (status == JOIST_OK)
            status = check_array(&fields[i], &shape->children[i], child, err);
        if (status == JOIST_OK)
            status = check_child_length(shape, array, child, err);
        if (status != JOIST_OK) {
            ji_error_prefix(err, "column '%.200s'", fields[i].name);
            return status;
        }
    }
    return JOIST_OK;
}

static enum joist_status check_array(const struct ji_field *field, const struct ji_array_shape *shape,
        const struct ArrowArray *array, struct joist_error *err)
{
    JI_TRY(check_lengths(array, err));
    JI_TRY(check_buffers(shape, array, err));
    JI_TRY(check_dictionary(field, shape, array, err));
    if (!shape->is_dictionary)
        return check_children(field->children, shape, array, err);
    if (array->n_children != 0)
        return ji_fail(err, JOIST_ERR_INVALID, "%" PRId64 " children beneath codes", array->n_children);
    return JOIST_OK;
}

enum joist_status ji_array_check(const struct ji_schema *schema, const struct ji_array_shape *shape,
        const struct ArrowArray *array, struct joist_error *err)
{
    JI_TRY(check_lengths(array, err));
    JI_TRY(check_buffers(shape, array, err));
    if (array->dictionary != NULL)
        return ji_fail(err, JOIST_ERR_INVALID, "a dictionary that no type names");
    const uint8_t *validity = array->buffers[0];
    const size_t start = (size_t)array->offset;
    const size_t count = (size_t)array->length;
    if (validity != NULL && array->null_count != 0 && ji_bits_count(validity, start, count) != count)
        return ji_fail(err, JOIST_ERR_INVALID, "rows that are null as a whole");
    return check_children(schema->columns, shape, array, err);
}

/* --- nulls in required fields --- */

static enum joist_status check_column(struct ji_arena *arena, struct ji_column *column, const uint8_t *parent,
        uint64_t row_base, struct joist_error *err);

static enum joist_status check_inner(
        struct ji_arena *arena, struct ji_column *column, const uint8_t *parent, struct joist_error *err)
{
    const struct ji_field *field = column->field;
    const size_t bytes = ji_bitmap_bytes(column->row_count);
    const uint8_t *mask = NULL;
    if (field->kind == JI_STRUCT) {
        mask = column->validity == NULL ? parent : column->validity;
        if (column->validity != NULL && parent != NULL && bytes > 0) {
            uint8_t *both;
            JI_TRY(ji_arena_alloc(arena, bytes, &both, err));
            for (size_t i = 0; i < bytes; i++)
                both[i] = parent[i] & column->validity[i];
            mask = both;
        }
    }
    for (size_t i = 0; i < field->child_count; i++)
        JI_TRY(check_column(arena, &column->children[i], mask, 0, err));
    return JOIST_OK;
}

static enum joist_status check_nulls(
        struct ji_column *column, const uint8_t *parent, uint64_t row_base, struct joist_error *err)
{
    for (size_t i = 0; i < column->row_count; i++) {
        if (ji_column_is_null(column, i) && (parent == NULL || ji_bit_get(parent, i)))
            return ji_fail(
                    err, JOIST_ERR_INVALID, "row %" PRIu64 " is null in a required column", row_base + i + 1);
    }
    column->validity = NULL;
    column->validity_buffer = NULL;
    return JOIST_OK;
}

static enum joist_status check_column(struct ji_arena *arena, struct ji_column *column, const uint8_t *parent,
        uint64_t row_base, struct joist_error *err)
{
    enum joist_status status = JOIST_OK;
    const bool may_be_null = column->validity != NULL || column->field->kind == JI_NULL;
    if (!column->field->nullable && may_be_null)
        status = check_nulls(column, parent, row_base, err);
    if (status == JOIST_OK && column->form == JI_FLAT && column->field->child_count > 0)
        status = check_inner(arena, column, parent, err);
    if (status != JOIST_OK)
        ji_error_prefix(err, "column '%.200s'", column->field->name);
    return status;
}

enum joist_status ji_required_check(
        struct ji_arena *arena, struct ji_column *column, uint64_t row_base, struct joist_error *err)
{
    return check_column(arena, column, NULL, row_base, err);
}
