/*
 * row_check.c - checks and casts a batch, column by column
 *
 *   1. A column that is of its table's type already is passed on as it is, in whatever form, once its nulls
 *      (and digits, times) are looked at; one that must be cast is made anew in the batch's arena.
 *   2. Structs, lists and maps are the same all the way down; what stands behind a parent's null is not
 *      looked at.
 *   3. A failure knows its index in its own column; every level up translates it, so that the message names
 *      the row.
 */
#include "table/write/row_check.h"

#include "table/write/cast_value.h"

#include <inttypes.h>

#define VALUE_TEXT_MAX 80
#define ABSENT SIZE_MAX

/* How one column of the table comes from one of the rows. */
struct plan {
    size_t from;                /* position among the parent's children or columns; ABSENT: null */
    const struct ji_field *in;  /* NULL where absent */
    const struct ji_field *out; /* the table's */
    const char *path;           /* "a.b" */
    bool cast;                  /* the type is another */
    bool ranged;                /* the very values must be looked at: decimals, times */
    struct plan *children;      /* out->child_count */
};

struct failure {
    const struct plan *plan;
    size_t index; /* in its column, translated on the way up */
    const char *reason;
    struct ji_value value;
    bool has_value;
};

struct ji_row_check {
    struct ji_mem *mem;
    struct ji_arena arena; /* plans */
    struct ji_arena batch; /* one batch */
    const struct ji_schema *columns;
    struct plan *plans;
    bool ignore_extra;
    uint64_t rows_before;
    struct ji_batch flat;
    struct ji_batch out;
};

static enum joist_status type_mismatch(
        struct ji_row_check *check, const struct plan *plan, struct joist_error *err)
{
    const char *in = "?";
    const char *out = "?";
    JI_TRY(ji_type_text(&check->arena, plan->in, &in, err));
    JI_TRY(ji_type_text(&check->arena, plan->out, &out, err));
    return ji_fail(err, JOIST_ERR_INVALID, "column '%s' is %s, which does not become the table's %s",
            plan->path, in, out);
}

static enum joist_status make_plan(
        struct ji_row_check *check, struct plan *plan, unsigned depth, struct joist_error *err);

static size_t find_field(const struct ji_field *fields, size_t count, const char *name)
{
    const struct ji_schema schema = {.column_count = count, .columns = fields};
    return ji_schema_find(&schema, ji_view_of_text(name));
}

static enum joist_status plan_fields(struct ji_row_check *check, const struct ji_field *in, size_t in_count,
        struct plan *plans, size_t count, unsigned depth, struct joist_error *err)
{
    bool *used = NULL;
    JI_TRY(ji_arena_array(&check->arena, in_count, sizeof *used, &used, err));
    for (size_t i = 0; i < count; i++) {
        plans[i].from = find_field(in, in_count, plans[i].out->name);
        if (plans[i].from == ABSENT) {
            if (!plans[i].out->nullable)
                return ji_fail(err, JOIST_ERR_INVALID, "column '%s' is required and missing", plans[i].path);
            continue;
        }
        if (used[plans[i].from])
            return ji_fail(err, JOIST_ERR_INVALID, "column '%s' stands for two columns of the table",
                    in[plans[i].from].name);
        used[plans[i].from] = true;
        plans[i].in = &in[plans[i].from];
        JI_TRY(make_plan(check, &plans[i], depth, err));
    }
    for (size_t i = 0; i < in_count && !check->ignore_extra; i++) {
        if (!used[i])
            return ji_fail(err, JOIST_ERR_INVALID, "column '%s' is not in the table", in[i].name);
    }
    return JOIST_OK;
}

static enum joist_status plan_children(
        struct ji_row_check *check, struct plan *plan, unsigned depth, struct joist_error *err)
{
    const struct ji_field *in = plan->in;
    const struct ji_field *out = plan->out;
    if (in->kind == JI_NULL)
        return JOIST_OK;
    if (in->kind != out->kind)
        return type_mismatch(check, plan, err);
    JI_TRY(ji_arena_array(&check->arena, out->child_count, sizeof *plan->children, &plan->children, err));
    for (size_t i = 0; i < out->child_count; i++) {
        struct plan *child = &plan->children[i];
        child->out = &out->children[i];
        child->path = plan->path;
        if (out->kind != JI_MAP)
            JI_TRY(ji_arena_printf(&check->arena, &child->path, err, "%s.%s", plan->path, child->out->name));
    }
    const bool is_entry = out->field_id == JI_FIELD_ID_NONE && out->child_count == 2;
    if (out->kind == JI_STRUCT && !is_entry)
        return plan_fields(
                check, in->children, in->child_count, plan->children, out->child_count, depth, err);
    for (size_t i = 0; i < out->child_count; i++) { /* elements, entries, keys and values: by position */
        plan->children[i].from = i;
        plan->children[i].in = &in->children[i];
        JI_TRY(make_plan(check, &plan->children[i], depth, err));
    }
    return JOIST_OK;
}

static enum joist_status make_plan(
        struct ji_row_check *check, struct plan *plan, unsigned depth, struct joist_error *err)
{
    if (depth > 2 * JI_SCHEMA_DEPTH_MAX)
        return ji_fail(err, JOIST_ERR_LIMIT, "column '%s' is nested too deep", plan->path);
    if (ji_kind_is_nested(plan->out->kind))
        return plan_children(check, plan, depth + 1, err);
    if (ji_kind_is_nested(plan->in->kind) || !ji_cast_exists(plan->in, plan->out))
        return type_mismatch(check, plan, err);
    plan->cast = !ji_type_equal(plan->in, plan->out);
    plan->ranged = plan->out->kind == JI_DECIMAL || plan->out->kind == JI_TIME;
    return JOIST_OK;
}

enum joist_status ji_row_check_open(struct ji_mem *mem, const struct ji_schema *columns,
        const struct ji_schema *from, bool ignore_extra, struct ji_row_check **check, struct joist_error *err)
{
    enum joist_status status = JOIST_OK;
    struct ji_row_check *made = NULL;
    JI_TRY(ji_alloc_zero(mem, 1, sizeof *made, &made, err));
    made->mem = mem;
    made->columns = columns;
    made->ignore_extra = ignore_extra;
    ji_arena_init(&made->arena, mem);
    ji_arena_init(&made->batch, mem);
    JI_TRY_OUT(ji_arena_array(&made->arena, columns->column_count, sizeof *made->plans, &made->plans, err));
    for (size_t i = 0; i < columns->column_count; i++) {
        made->plans[i].out = &columns->columns[i];
        made->plans[i].path = columns->columns[i].name;
    }
    JI_TRY_OUT(
            plan_fields(made, from->columns, from->column_count, made->plans, columns->column_count, 0, err));
    *check = made;
    return JOIST_OK;
out:
    ji_row_check_close(made);
    return status;
}

void ji_row_check_close(struct ji_row_check *check)
{
    if (check == NULL)
        return;
    ji_arena_clear(&check->arena);
    ji_arena_clear(&check->batch);
    ji_free(check->mem, check, sizeof *check);
}

/* --- columns --- */

/* Which rows count: those where no parent is null. NULL: all. */
static bool counts(const uint8_t *parents, size_t row)
{
    return parents == NULL || ji_bit_get(parents, row);
}

/* The first null in a column that may have none, or row_count. */
static size_t find_null(const struct ji_column *column, const uint8_t *parents)
{
    const size_t rows = column->row_count;
    if (column->field->kind != JI_NULL && column->validity == NULL)
        return rows;
    for (size_t row = 0; row < rows; row++) {
        if (column->form == JI_FLAT && column->field->kind != JI_NULL && row % 8 == 0 && row + 8 <= rows &&
                column->validity[row / 8] == 0xFF) {
            row += 7;
            continue;
        }
        if (ji_column_is_null(column, row) && counts(parents, row))
            return row;
    }
    return rows;
}

static enum joist_status null_column(struct ji_row_check *check, const struct ji_field *field, size_t rows,
        struct ji_column *to, struct joist_error *err)
{
    struct ji_column made = {.field = field, .form = JI_FLAT, .row_count = rows};
    uint8_t *validity = NULL;
    JI_TRY(ji_arena_array(&check->batch, ji_bitmap_bytes(rows) + 1, 1, &validity, err));
    made.validity = validity;
    void *values = NULL;
    const size_t width = field->kind == JI_BOOL ? 1 : ji_field_width(field);
    JI_TRY(ji_arena_array(&check->batch, rows + 1, ji_max_size(width, sizeof(int32_t)), &values, err));
    if (field->kind == JI_LIST || field->kind == JI_MAP)
        made.offsets = values;
    else
        made.values = values;
    JI_TRY(ji_arena_array(&check->batch, field->child_count, sizeof *made.children, &made.children, err));
    for (size_t i = 0; i < field->child_count; i++)
        JI_TRY(null_column(
                check, &field->children[i], field->kind == JI_STRUCT ? rows : 0, &made.children[i], err));
    *to = made;
    return JOIST_OK;
}

static bool check_digits_fast(const struct ji_column *column)
{
    if (column->field->kind != JI_DECIMAL || column->field->precision > JI_DECIMAL_DIGITS_INT64)
        return false;
    int64_t limit = 1;
    for (unsigned i = 0; i < column->field->precision; i++)
        limit *= 10;
    const struct ji_column *values = column->form == JI_DICTIONARY ? column->dictionary : column;
    const int64_t *numbers = values->values;
    const size_t count = column->form == JI_CONSTANT ? 1 : values->row_count;
    uint64_t bad = 0;
    for (size_t i = 0; i < count; i++)
        bad |= (uint64_t)(numbers[i] >= limit) | (uint64_t)(numbers[i] <= -limit);
    return bad == 0;
}

static enum joist_status refused(struct failure *failure, const struct plan *plan, size_t index,
        const struct ji_value *value, const char *reason)
{
    *failure = (struct failure){.plan = plan, .index = index, .reason = reason};
    if (value != NULL) {
        failure->value = *value;
        failure->has_value = true;
    }
    return JOIST_ERR_INVALID;
}

static enum joist_status look_at_values(const struct ji_column *column, const struct plan *plan,
        const uint8_t *parents, struct failure *failure)
{
    if (check_digits_fast(column))
        return JOIST_OK;
    for (size_t row = 0; row < column->row_count; row++) {
        if (ji_column_is_null(column, row) || !counts(parents, row))
            continue;
        const struct ji_value value = ji_column_value(column, row);
        const char *reason = ji_value_refused(plan->out, &value);
        if (reason != NULL)
            return refused(failure, plan, row, &value, reason);
    }
    return JOIST_OK;
}

/* Where a cast writes: flat values of the table's type. */
static void store_value(const struct ji_field *field, const struct ji_value *value, void *values, size_t row)
{
    const size_t width = ji_field_width(field);
    uint8_t *at = (uint8_t *)values + row * width;
    switch (field->kind) {
    case JI_INT32:
    case JI_DATE: {
        const int32_t narrow = (int32_t)value->as.integer;
        memcpy(at, &narrow, sizeof narrow);
        break;
    }
    case JI_INT64:
    case JI_TIME:
    case JI_TIMESTAMP:
        memcpy(at, &value->as.integer, sizeof value->as.integer);
        break;
    case JI_FLOAT: {
        const float narrow = (float)value->as.real;
        memcpy(at, &narrow, sizeof narrow);
        break;
    }
    case JI_DOUBLE:
        memcpy(at, &value->as.real, sizeof value->as.real);
        break;
    case JI_DECIMAL:
        if (width == sizeof(int64_t)) {
            const int64_t narrow = (int64_t)value->as.decimal;
            memcpy(at, &narrow, sizeof narrow);
        } else {
            memcpy(at, &value->as.decimal, sizeof value->as.decimal);
        }
        break;
    case JI_BINARY:
        memcpy(at, &value->as.view, sizeof value->as.view);
        break;
    case JI_FIXED:
    case JI_UUID:
        memcpy(at, value->as.view.data, field->fixed_bytes);
        break;
    default:
        break;
    }
}

static enum joist_status cast_values(struct ji_row_check *check, const struct plan *plan,
        const struct ji_column *from, const uint8_t *parents, struct ji_column *to, struct failure *failure,
        struct joist_error *err)
{
    struct ji_column made = {.field = plan->out, .form = JI_FLAT, .row_count = from->row_count};
    uint8_t *validity = NULL;
    void *values = NULL;
    JI_TRY(ji_arena_array(&check->batch, ji_bitmap_bytes(from->row_count) + 1, 1, &validity, err));
    JI_TRY(ji_arena_array(
            &check->batch, from->row_count + 1, ji_max_size(ji_field_width(plan->out), 1), &values, err));
    size_t nulls = 0;
    for (size_t row = 0; row < from->row_count; row++) {
        if (ji_column_is_null(from, row) || !counts(parents, row)) {
            nulls++;
            continue;
        }
        struct ji_value result;
        const struct ji_value value = ji_column_value(from, row);
        const char *reason = ji_cast_value(plan->in, &value, plan->out, &result);
        if (reason != NULL)
            return refused(failure, plan, row, &value, reason);
        store_value(plan->out, &result, values, row);
        ji_bit_set(validity, row);
    }
    made.validity = nulls > 0 ? validity : NULL;
    made.values = values;
    *to = made;
    return JOIST_OK;
}

static enum joist_status check_column(struct ji_row_check *check, const struct plan *plan,
        const struct ji_column *from, const uint8_t *parents, struct ji_column *to, struct failure *failure,
        struct joist_error *err);

/* Rows of a struct that count: its own nulls and its parents'. */
static enum joist_status mask_below(struct ji_row_check *check, const struct ji_column *column,
        const uint8_t *parents, const uint8_t **mask, struct joist_error *err)
{
    uint8_t *made = NULL;
    if (parents == NULL || column->validity == NULL) {
        *mask = column->validity != NULL ? column->validity : parents;
        return JOIST_OK;
    }
    const size_t bytes = ji_bitmap_bytes(column->row_count);
    JI_TRY(ji_arena_alloc(&check->batch, bytes, &made, err));
    for (size_t i = 0; i < bytes; i++)
        made[i] = column->validity[i] & parents[i];
    *mask = made;
    return JOIST_OK;
}

/* Elements that belong to a list that counts. */
static enum joist_status mask_elements(struct ji_row_check *check, const struct ji_column *column,
        const uint8_t *parents, const uint8_t **mask, struct joist_error *err)
{
    uint8_t *made = NULL;
    const size_t elements = column->children[0].row_count;
    JI_TRY(ji_arena_array(&check->batch, ji_bitmap_bytes(elements) + 1, 1, &made, err));
    for (size_t row = 0; row < column->row_count; row++) {
        if (ji_column_is_null(column, row) || !counts(parents, row))
            continue;
        for (int32_t i = column->offsets[row]; i < column->offsets[row + 1]; i++)
            ji_bit_set(made, (size_t)i);
    }
    *mask = made;
    return JOIST_OK;
}

static enum joist_status check_nested(struct ji_row_check *check, const struct plan *plan,
        const struct ji_column *from, const uint8_t *parents, struct ji_column *to, struct failure *failure,
        struct joist_error *err)
{
    struct ji_column made = *from;
    const uint8_t *mask = NULL;
    made.field = plan->out;
    JI_TRY(ji_arena_array(&check->batch, plan->out->child_count, sizeof *made.children, &made.children, err));
    if (plan->out->kind == JI_STRUCT)
        JI_TRY(mask_below(check, from, parents, &mask, err));
    else
        JI_TRY(mask_elements(check, from, parents, &mask, err));
    for (size_t i = 0; i < plan->out->child_count; i++) {
        const struct plan *child = &plan->children[i];
        if (child->from == ABSENT) {
            JI_TRY(null_column(check, child->out, from->row_count, &made.children[i], err));
            continue;
        }
        const enum joist_status status = check_column(
                check, child, &from->children[child->from], mask, &made.children[i], failure, err);
        if (status != JOIST_OK) {
            if (failure->reason != NULL && plan->out->kind != JI_STRUCT) {
                size_t row = 0;
                while (row + 1 < from->row_count && (size_t)from->offsets[row + 1] <= failure->index)
                    row++;
                failure->index = row;
            }
            return status;
        }
    }
    *to = made;
    return JOIST_OK;
}

static enum joist_status check_column(struct ji_row_check *check, const struct plan *plan,
        const struct ji_column *from, const uint8_t *parents, struct ji_column *to, struct failure *failure,
        struct joist_error *err)
{
    if (!plan->out->nullable) {
        const size_t row = find_null(from, parents);
        if (row < from->row_count)
            return refused(failure, plan, row, NULL, "null in a required column");
    }
    if (from->field->kind == JI_NULL)
        return null_column(check, plan->out, from->row_count, to, err);
    if (ji_kind_is_nested(plan->out->kind)) {
        struct ji_column flat;
        JI_TRY(ji_column_flat(&check->batch, from, &flat, err));
        return check_nested(check, plan, &flat, parents, to, failure, err);
    }
    if (plan->cast)
        return cast_values(check, plan, from, parents, to, failure, err);
    if (plan->ranged)
        JI_TRY(look_at_values(from, plan, parents, failure));
    *to = *from;
    to->field = plan->out;
    return JOIST_OK;
}

static enum joist_status report(
        struct ji_row_check *check, const struct failure *failure, struct joist_error *err)
{
    const uint64_t row = check->rows_before + failure->index + 1;
    if (!failure->has_value)
        return ji_fail(err, JOIST_ERR_INVALID, "row %" PRIu64 ", column '%s': %s", row, failure->plan->path,
                failure->reason);
    struct ji_bytes text;
    ji_bytes_init(&text, check->mem);
    const bool printed = ji_value_text(failure->plan->in, &failure->value, &text, NULL) == JOIST_OK;
    const enum joist_status status =
            ji_fail(err, JOIST_ERR_INVALID, "row %" PRIu64 ", column '%s': value %.*s %s", row,
                    failure->plan->path, printed ? (int)ji_min_size(text.size, VALUE_TEXT_MAX) : 0,
                    (const char *)text.data, failure->reason);
    ji_bytes_clear(&text);
    return status;
}

enum joist_status ji_row_check_batch(struct ji_row_check *check, const struct ji_batch *batch,
        const struct ji_batch **to, struct joist_error *err)
{
    ji_arena_reset(&check->batch);
    if (batch->selection != NULL) {
        JI_TRY(ji_batch_flat(&check->batch, batch, &check->flat, err));
        batch = &check->flat;
    }
    struct ji_batch made = {.row_count = batch->row_count,
            .selection_count = batch->row_count,
            .column_count = check->columns->column_count};
    JI_TRY(ji_arena_array(&check->batch, made.column_count, sizeof *made.columns, &made.columns, err));
    /*
     * The first bad row is wanted, not the first bad column: all columns are looked at before one is blamed.
     */
    struct failure first = {0};
    for (size_t i = 0; i < made.column_count; i++) {
        const struct plan *plan = &check->plans[i];
        struct failure failure = {0};
        enum joist_status status = JOIST_OK;
        if (plan->from == ABSENT)
            status = null_column(check, plan->out, batch->row_count, &made.columns[i], err);
        else
            status = check_column(
                    check, plan, &batch->columns[plan->from], NULL, &made.columns[i], &failure, err);
        if (status != JOIST_OK && failure.reason == NULL)
            return status;
        if (failure.reason != NULL && (first.reason == NULL || failure.index < first.index))
            first = failure;
    }
    if (first.reason != NULL)
        return report(check, &first, err);
    check->rows_before += batch->row_count;
    check->out = made;
    *to = &check->out;
    return JOIST_OK;
}
