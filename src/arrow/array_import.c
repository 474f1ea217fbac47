/*
 * array_import.c - reads windows of a stranger's arrays as columns
 *
 *     ArrowArray (checked) + shape --window--> ji_column: borrowed where layouts agree, else of the arena
 *
 *   1. Every offset, size, code and text of the window is checked before a column shows it.
 *   2. Values behind nulls are zero where they could be out of bounds (views, codes, decimals).
 *   3. A null list has no elements, whatever its offsets say.
 */
#include "arrow/array_import.h"

#include "arrow/batch_stream.h"
#include "arrow/column_slice.h"
#include "arrow/import_values.h"
#include "arrow/pick.h"

#include <assert.h>

static enum joist_status import_column(struct ji_array_importer *importer, const struct ji_field *field,
        const struct ji_array_shape *shape, const struct ArrowArray *array, struct ji_window window,
        struct ji_column *column, struct joist_error *err);

/* Starts the column with its validity, NULL where the window has no null. */
static enum joist_status import_validity(struct ji_arena *arena, const struct ArrowArray *array,
        struct ji_window window, struct ji_column *column, struct joist_error *err)
{
    const uint8_t *bits = array->n_buffers > 0 ? array->buffers[0] : NULL;
    column->validity = NULL;
    if (bits == NULL || array->null_count == 0 || window.count == 0)
        return JOIST_OK;
    if (ji_bits_count(bits, window.at, window.count) == window.count)
        return JOIST_OK;
    if (window.at % 8 == 0) {
        column->validity = bits + window.at / 8;
        return JOIST_OK;
    }
    uint8_t *copy;
    const struct ji_pick pick = {.start = window.at, .count = window.count};
    JI_TRY(ji_arena_alloc(arena, ji_bitmap_bytes(window.count), &copy, err));
    ji_pick_bits(&pick, bits, copy);
    column->validity = copy;
    return JOIST_OK;
}

/* --- lists --- */

static enum joist_status read_list_offsets(struct ji_arena *arena, const struct ji_array_shape *shape,
        const struct ArrowArray *array, struct ji_window window, int32_t **offsets, struct ji_window *child,
        struct joist_error *err)
{
    int32_t *made;
    JI_TRY(ji_arena_alloc(arena, (window.count + 1) * sizeof *made, &made, err));
    int64_t first = 0;
    int64_t last = 0;
    for (size_t i = 0; i <= window.count; i++) {
        int64_t offset;
        if (shape->layout == JI_LAYOUT_LIST_FIXED)
            offset = (int64_t)(window.at + i) * shape->list_size;
        else
            offset = ji_load_offset(array->buffers[1], shape->layout == JI_LAYOUT_LIST64, window.at + i);
        if (i == 0)
            first = last = offset;
        if (offset < last || offset < 0)
            return ji_fail(err, JOIST_ERR_INVALID, "offset %" PRId64 " behind offset %" PRId64, offset, last);
        if (offset - first > INT32_MAX)
            return ji_fail(err, JOIST_ERR_LIMIT, "lists of more than %d elements in one batch", INT32_MAX);
        made[i] = (int32_t)(offset - first);
        last = offset;
    }
    if (last > array->children[0]->length)
        return ji_fail(err, JOIST_ERR_INVALID, "offset %" PRId64 " into %" PRId64 " elements", last,
                array->children[0]->length);
    *offsets = made;
    *child = (struct ji_window){.at = (size_t)first, .count = (size_t)(last - first)};
    return JOIST_OK;
}

/*
 * Views of lists may overlap, go backwards and leave gaps: which elements there are, one list after another.
 */
static enum joist_status read_list_views(struct ji_arena *arena, const struct ji_array_shape *shape,
        const struct ArrowArray *array, struct ji_window window, struct ji_column *column,
        uint32_t **elements, struct joist_error *err)
{
    const bool is_wide = shape->layout == JI_LAYOUT_LIST_VIEW64;
    const int64_t child_count = (int64_t)ji_min_u64((uint64_t)array->children[0]->length, UINT32_MAX);
    int32_t *offsets = NULL;
    int64_t total = 0;
    JI_TRY(ji_arena_alloc(arena, (window.count + 1) * sizeof *offsets, &offsets, err));
    for (size_t i = 0; i < window.count; i++) {
        offsets[i] = (int32_t)total;
        if (ji_column_is_null(column, i))
            continue;
        const int64_t offset = ji_load_offset(array->buffers[1], is_wide, window.at + i);
        const int64_t size = ji_load_offset(array->buffers[2], is_wide, window.at + i);
        if (offset < 0 || size < 0 || size > child_count || offset > child_count - size)
            return ji_fail(err, JOIST_ERR_INVALID,
                    "row %zu: a view of %" PRId64 " elements at %" PRId64 " of %" PRId64, i + 1, size, offset,
                    array->children[0]->length);
        total += size;
        if (total > INT32_MAX)
            return ji_fail(err, JOIST_ERR_LIMIT, "lists of more than %d elements in one batch", INT32_MAX);
    }
    offsets[window.count] = (int32_t)total;
    column->offsets = offsets;
    uint32_t *made = NULL;
    JI_TRY(ji_arena_alloc(arena, ((size_t)total + 1) * sizeof *made, &made, err));
    for (size_t i = 0; i < window.count; i++) {
        const size_t size = (size_t)(offsets[i + 1] - offsets[i]);
        const int64_t offset = size > 0 ? ji_load_offset(array->buffers[1], is_wide, window.at + i) : 0;
        for (size_t k = 0; k < size; k++)
            made[(size_t)offsets[i] + k] = (uint32_t)((size_t)offset + k);
    }
    *elements = made;
    return JOIST_OK;
}

/* The elements that some view names, from the first of them to the last, then gathered list by list. */
/* What is in a list has rows of its own. */
static enum joist_status import_elements(struct ji_array_importer *importer,
        const struct ji_array_shape *shape, const struct ArrowArray *array, struct ji_window window,
        const struct ji_field *list, struct ji_column *elements, struct joist_error *err)
{
    const struct ji_struct_above *const above = importer->above;
    importer->above = NULL;
    const enum joist_status status = import_column(
            importer, &list->children[0], &shape->children[0], array->children[0], window, elements, err);
    importer->above = above;
    return status;
}

static enum joist_status import_list_views(struct ji_array_importer *importer,
        const struct ji_array_shape *shape, const struct ArrowArray *array, struct ji_window window,
        struct ji_column *column, struct joist_error *err)
{
    struct ji_arena *arena = importer->window_arena;
    uint32_t *elements = NULL;
    struct ji_column named;
    JI_TRY(read_list_views(arena, shape, array, window, column, &elements, err));
    const size_t count = (size_t)column->offsets[window.count];
    uint32_t first = count > 0 ? elements[0] : 0;
    uint32_t last = first;
    for (size_t i = 0; i < count; i++) {
        first = elements[i] < first ? elements[i] : first;
        last = elements[i] > last ? elements[i] : last;
    }
    for (size_t i = 0; i < count; i++)
        elements[i] -= first;
    const struct ji_window child = {.at = first, .count = count > 0 ? (size_t)(last - first) + 1 : 0};
    JI_TRY(ji_arena_array(arena, 1, sizeof *column->children, &column->children, err));
    JI_TRY(import_elements(importer, shape, array, child, column->field, &named, err));
    return ji_column_gather(arena, &named, elements, count, &column->children[0], err);
}

static bool has_full_null(const struct ji_column *column)
{
    if (column->validity == NULL)
        return false;
    for (size_t i = 0; i < column->row_count; i++) {
        if (!ji_bit_get(column->validity, i) && column->offsets[i] != column->offsets[i + 1])
            return true;
    }
    return false;
}

static enum joist_status import_list(struct ji_array_importer *importer, const struct ji_array_shape *shape,
        const struct ArrowArray *array, struct ji_window window, struct ji_column *column,
        struct joist_error *err)
{
    struct ji_arena *arena = importer->window_arena;
    static const int32_t empty[1] = {0};
    struct ji_window child = {.count = 0};
    column->offsets = empty;
    if (window.count > 0) {
        int32_t *offsets = NULL;
        JI_TRY(read_list_offsets(arena, shape, array, window, &offsets, &child, err));
        column->offsets = offsets;
    }
    JI_TRY(ji_arena_array(arena, 1, sizeof *column->children, &column->children, err));
    JI_TRY(import_elements(importer, shape, array, child, column->field, &column->children[0], err));
    if (!has_full_null(column))
        return JOIST_OK;
    uint32_t *rows;
    JI_TRY(ji_arena_alloc(arena, window.count * sizeof *rows, &rows, err));
    for (size_t i = 0; i < window.count; i++)
        rows[i] = (uint32_t)i;
    return ji_column_gather(arena, column, rows, window.count, column, err);
}

static enum joist_status import_struct(struct ji_array_importer *importer, const struct ji_array_shape *shape,
        const struct ArrowArray *array, struct ji_window window, struct ji_column *column,
        struct joist_error *err)
{
    const size_t count = shape->child_count;
    const struct ji_struct_above above = {.column = column, .next = importer->above};
    enum joist_status status = JOIST_OK;
    JI_TRY(ji_arena_array(importer->window_arena, count, sizeof *column->children, &column->children, err));
    importer->above = &above;
    for (size_t i = 0; i < count && status == JOIST_OK; i++)
        status = import_column(importer, &column->field->children[i], &shape->children[i], array->children[i],
                window, &column->children[i], err);
    importer->above = above.next;
    return status;
}

/* --- dictionaries --- */

static enum joist_status find_dictionary(struct ji_array_importer *importer, const struct ji_field *field,
        const struct ji_array_shape *shape, const struct ArrowArray *array,
        const struct ji_imported_dictionary **found, struct joist_error *err)
{
    for (struct ji_imported_dictionary *at = importer->dictionaries; at != NULL; at = at->next) {
        if (at->array == array) {
            *found = at;
            return JOIST_OK;
        }
    }
    struct ji_imported_dictionary *made;
    struct ji_array_shape values = *shape;
    values.is_dictionary = false;
    JI_TRY(ji_arena_array(importer->array_arena, 1, sizeof *made, &made, err));
    struct ji_array_importer inner = *importer;
    inner.window_arena = importer->array_arena;
    inner.above = NULL;
    const struct ji_window all = {.count = (size_t)array->length};
    JI_TRY(import_column(&inner, field, &values, array, all, &made->column, err));
    made->array = array;
    made->validity = made->column.validity;
    made->column.validity = NULL;
    made->next = importer->dictionaries;
    importer->dictionaries = made;
    *found = made;
    return JOIST_OK;
}

static bool is_hidden(const struct ji_struct_above *above, size_t row)
{
    for (; above != NULL; above = above->next)
        if (ji_column_is_null(above->column, row))
            return true;
    return false;
}

/* Codes of null rows become 0; a code of a null value makes its row null. */
static enum joist_status import_codes(struct ji_array_importer *importer, const struct ji_array_shape *shape,
        const struct ArrowArray *array, struct ji_window window,
        const struct ji_imported_dictionary *dictionary, struct ji_column *column, struct joist_error *err)
{
    struct ji_arena *arena = importer->window_arena;
    int32_t *codes;
    uint8_t *bits = NULL;
    const size_t size = dictionary->column.row_count;
    JI_TRY(ji_arena_alloc(arena, window.count * sizeof *codes, &codes, err));
    if (dictionary->validity != NULL) {
        JI_TRY(ji_arena_alloc(arena, ji_bitmap_bytes(window.count), &bits, err));
        const struct ji_pick all = {.count = window.count};
        (void)ji_pick_validity(&all, column, bits);
        column->validity = bits;
    }
    for (size_t i = 0; i < window.count; i++) {
        codes[i] = 0;
        if (ji_column_is_null(column, i))
            continue;
        const uint64_t code = ji_load_code(array->buffers[1], shape->code_kind, window.at + i);
        if (code >= size && is_hidden(importer->above, i))
            continue;
        if (code >= size)
            return ji_fail(err, JOIST_ERR_INVALID, "row %zu has code %" PRId64 " in a dictionary of %zu",
                    i + 1, (int64_t)code, size);
        codes[i] = (int32_t)code;
        if (bits != NULL && !ji_bit_get(dictionary->validity, (size_t)code))
            ji_bit_clear(bits, i);
    }
    column->values = codes;
    return JOIST_OK;
}

static enum joist_status import_dictionary(struct ji_array_importer *importer,
        const struct ji_array_shape *shape, const struct ArrowArray *array, struct ji_window window,
        struct ji_column *column, struct joist_error *err)
{
    const struct ji_imported_dictionary *found;
    struct ji_arena *arena = importer->window_arena;
    JI_TRY(find_dictionary(importer, column->field, shape, array->dictionary, &found, err));
    JI_TRY(import_codes(importer, shape, array, window, found, column, err));
    if (found->column.row_count == 0 && ji_kind_is_nested(column->field->kind))
        return ji_column_nulls(arena, column->field, window.count, column, err);
    if (found->column.row_count == 0) {
        void *zeros;
        const size_t width = ji_max_size(1, ji_field_width(column->field));
        JI_TRY(ji_arena_array(arena, window.count, width, &zeros, err));
        column->values = zeros;
        return JOIST_OK;
    }
    struct ji_column *dictionary;
    JI_TRY(ji_arena_array(arena, 1, sizeof *dictionary, &dictionary, err));
    *dictionary = found->column;
    column->form = JI_DICTIONARY;
    column->dictionary = dictionary;
    /* Lists and structs go on with their values in place: nobody behind us looks for codes there. */
    if (ji_kind_is_nested(column->field->kind))
        return ji_column_flat(arena, column, column, err);
    return JOIST_OK;
}

/* --- columns and batches --- */

static enum joist_status import_values(struct ji_array_importer *importer, const struct ji_array_shape *shape,
        const struct ArrowArray *array, struct ji_window window, struct ji_column *column,
        struct joist_error *err)
{
    if (shape->is_dictionary && shape->layout != JI_LAYOUT_NULL)
        return import_dictionary(importer, shape, array, window, column, err);
    switch (shape->layout) {
    case JI_LAYOUT_NULL: /* codes into nulls say nothing */
        column->validity = NULL;
        return JOIST_OK;
    case JI_LAYOUT_LIST32:
    case JI_LAYOUT_LIST64:
    case JI_LAYOUT_LIST_FIXED:
        return import_list(importer, shape, array, window, column, err);
    case JI_LAYOUT_LIST_VIEW32:
    case JI_LAYOUT_LIST_VIEW64:
        return import_list_views(importer, shape, array, window, column, err);
    case JI_LAYOUT_STRUCT:
        return import_struct(importer, shape, array, window, column, err);
    default:
        return ji_import_flat(importer->window_arena, shape, array, window, column, err);
    }
}

static enum joist_status import_column(struct ji_array_importer *importer, const struct ji_field *field,
        const struct ji_array_shape *shape, const struct ArrowArray *array, struct ji_window window,
        struct ji_column *column, struct joist_error *err)
{
    *column = (struct ji_column){.field = field, .row_count = window.count};
    window.at += (size_t)array->offset;
    JI_TRY(import_validity(importer->window_arena, array, window, column, err));
    const enum joist_status status = import_values(importer, shape, array, window, column, err);
    if (status != JOIST_OK)
        ji_error_prefix(err, "column '%.200s'", field->name);
    return status;
}

enum joist_status ji_array_window(struct ji_array_importer *importer, size_t start, size_t count,
        struct ji_batch *batch, struct joist_error *err)
{
    const struct ji_schema *schema = importer->schema;
    const struct ArrowArray *array = importer->array;
    assert(start + count <= (size_t)array->length);
    struct ji_column *columns;
    const struct ji_window window = {.at = (size_t)array->offset + start, .count = count};
    JI_TRY(ji_arena_array(importer->window_arena, schema->column_count, sizeof *columns, &columns, err));
    for (size_t i = 0; i < schema->column_count; i++) {
        enum joist_status status = import_column(importer, &schema->columns[i], &importer->shape->children[i],
                array->children[i], window, &columns[i], err);
        if (status != JOIST_OK) {
            if (importer->row_base + start > 0)
                ji_error_prefix(err, "rows from %" PRIu64, importer->row_base + start + 1);
            return status;
        }
        JI_TRY(ji_required_check(importer->window_arena, &columns[i], importer->row_base + start, err));
    }
    *batch = (struct ji_batch){.row_count = count,
            .selection_count = count,
            .column_count = schema->column_count,
            .columns = columns};
    return JOIST_OK;
}

enum joist_status ji_shaped_array_import(struct ji_arena *arena, const struct ji_schema *schema,
        const struct ji_array_shape *shape, const struct ArrowArray *array, struct ji_batch *batch,
        struct joist_error *err)
{
    struct ji_array_importer importer = {
            .schema = schema, .shape = shape, .array = array, .array_arena = arena, .window_arena = arena};
    JI_TRY(ji_array_check(schema, shape, array, err));
    if (array->length > INT32_MAX)
        return ji_fail(err, JOIST_ERR_LIMIT, "a batch of %" PRId64 " rows", array->length);
    return ji_array_window(&importer, 0, (size_t)array->length, batch, err);
}

enum joist_status ji_array_import(struct ji_arena *arena, const struct ji_schema *schema,
        const struct ArrowArray *array, struct ji_batch *batch, struct joist_error *err)
{
    struct ji_array_shape *shape;
    JI_TRY(ji_array_shape_plain(arena, schema, &shape, err));
    return ji_shaped_array_import(arena, schema, shape, array, batch, err);
}
