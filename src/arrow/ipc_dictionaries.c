/*
 * ipc_dictionaries.c - dictionaries of what is written in Arrow's IPC format
 *
 *   1. `keys`, `ends` and `entries` have the same entries in the same order; `slots` finds them all, and is
 *      at most half full.
 *   2. A key has the bytes of a value, sizes in front of what has no size of its own: two values have one key
 *      only if they are the same.
 */
#include "arrow/ipc_dictionaries.h"

#include "arrow/array_export.h"
#include "arrow/batch_stream.h"
#include "arrow/import_values.h"
#include "arrow/view_hash.h"

#define NO_ENTRY UINT32_MAX
#define SLOTS_MIN 64

/* --- which there are --- */

static size_t count_within(const struct ji_array_shape *shape)
{
    size_t count = shape->is_dictionary;
    for (size_t i = 0; i < shape->child_count; i++)
        count += count_within(&shape->children[i]);
    return count;
}

static enum joist_status add_field(struct ji_ipc_dictionaries *dictionaries, const struct ji_field *field,
        const struct ji_array_shape *shape, const struct ArrowSchema *schema, struct joist_error *err)
{
    if (shape->is_dictionary) {
        struct ji_ipc_dictionary *const item = &dictionaries->items[dictionaries->count];
        *item = (struct ji_ipc_dictionary){.values = schema->dictionary,
                .field = *field,
                .shape = *shape,
                .code_kind = shape->code_kind,
                .inner = count_within(shape) - 1};
        item->field.nullable = true;
        item->shape.is_dictionary = false;
        ji_bytes_init(&item->keys, dictionaries->mem);
        ji_bytes_init(&item->ends, dictionaries->mem);
        ji_bytes_init(&item->slots, dictionaries->mem);
        ji_bytes_init(&item->map, dictionaries->mem);
        dictionaries->count++;
        JI_TRY(ji_column_builder_init(&item->entries, dictionaries->mem, &item->field, err));
        schema = schema->dictionary;
    }
    for (size_t i = 0; i < shape->child_count; i++)
        JI_TRY(add_field(dictionaries, &field->children[i], &shape->children[i], schema->children[i], err));
    return JOIST_OK;
}

enum joist_status ji_ipc_dictionaries_init(struct ji_ipc_dictionaries *dictionaries, struct ji_mem *mem,
        const struct ji_schema *fields, const struct ji_array_shape *shape, const struct ArrowSchema *schema,
        struct joist_error *err)
{
    const size_t count = count_within(shape);
    *dictionaries = (struct ji_ipc_dictionaries){.mem = mem};
    ji_arena_init(&dictionaries->arena, mem);
    ji_arena_init(&dictionaries->import, mem);
    JI_TRY(ji_arena_array(
            &dictionaries->arena, count, sizeof *dictionaries->items, &dictionaries->items, err));
    for (size_t i = 0; i < fields->column_count; i++)
        JI_TRY(add_field(dictionaries, &fields->columns[i], &shape->children[i], schema->children[i], err));
    return JOIST_OK;
}

void ji_ipc_dictionaries_clear(struct ji_ipc_dictionaries *dictionaries)
{
    if (dictionaries->mem == NULL)
        return;
    for (size_t i = 0; i < dictionaries->count; i++) {
        struct ji_ipc_dictionary *const item = &dictionaries->items[i];
        ji_column_builder_clear(&item->entries);
        ji_bytes_clear(&item->keys);
        ji_bytes_clear(&item->ends);
        ji_bytes_clear(&item->slots);
        ji_bytes_clear(&item->map);
    }
    ji_arena_clear(&dictionaries->import);
    ji_arena_clear(&dictionaries->arena);
    *dictionaries = (struct ji_ipc_dictionaries){.mem = NULL};
}

/* --- keys --- */

static enum joist_status put_key(
        struct ji_bytes *out, const struct ji_column *column, size_t row, struct joist_error *err);

static enum joist_status put_nested(
        struct ji_bytes *out, const struct ji_column *column, size_t row, struct joist_error *err)
{
    if (column->field->kind == JI_STRUCT) {
        for (size_t i = 0; i < column->field->child_count; i++)
            JI_TRY(put_key(out, &column->children[i], row, err));
        return JOIST_OK;
    }
    const int32_t begin = column->offsets[row];
    const int32_t end = column->offsets[row + 1];
    const int32_t count = end - begin;
    JI_TRY(ji_bytes_append(out, &count, sizeof count, err));
    for (int32_t at = begin; at < end; at++)
        JI_TRY(put_key(out, &column->children[0], (size_t)at, err));
    return JOIST_OK;
}

static enum joist_status put_key(
        struct ji_bytes *out, const struct ji_column *column, size_t row, struct joist_error *err)
{
    const enum ji_kind kind = column->field->kind;
    const bool is_null = ji_column_is_null(column, row);
    JI_TRY(ji_bytes_append_byte(out, is_null, err));
    if (is_null)
        return JOIST_OK;
    if (column->form == JI_DICTIONARY) {
        row = (size_t)((const int32_t *)column->values)[row];
        column = column->dictionary;
    }
    if (ji_kind_is_nested(kind))
        return put_nested(out, column, row, err);
    if (kind == JI_BOOL)
        return ji_bytes_append_byte(out, ji_bit_get(column->values, row), err);
    if (ji_kind_is_view(kind)) {
        const struct ji_view view = ((const struct ji_view *)column->values)[row];
        JI_TRY(ji_bytes_append(out, &view.size, sizeof view.size, err));
        return view.size == 0 ? JOIST_OK : ji_bytes_append(out, view.data, view.size, err);
    }
    const size_t width = ji_field_width(column->field);
    return ji_bytes_append(out, (const uint8_t *)column->values + row * width, width, err);
}

/* --- entries --- */

static struct ji_view key_of(const struct ji_ipc_dictionary *item, size_t entry)
{
    const size_t *ends = (const size_t *)(const void *)item->ends.data;
    const size_t begin = entry == 0 ? 0 : ends[entry - 1];
    return ji_view_of(item->keys.data + begin, ends[entry] - begin);
}

static size_t slot_count(const struct ji_ipc_dictionary *item)
{
    return item->slots.size / sizeof(uint32_t);
}

/* The slot of the key, which has an entry or is free. */
static uint32_t *find_slot(const struct ji_ipc_dictionary *item, struct ji_view key)
{
    uint32_t *slots = (uint32_t *)(void *)item->slots.data;
    const size_t mask = slot_count(item) - 1;
    size_t at = (size_t)ji_view_hash(key) & mask;
    while (slots[at] != NO_ENTRY && !ji_view_equal(key_of(item, slots[at]), key))
        at = (at + 1) & mask;
    return &slots[at];
}

static enum joist_status grow_slots(struct ji_ipc_dictionary *item, struct joist_error *err)
{
    const size_t count = ji_max_size(SLOTS_MIN, 2 * slot_count(item));
    item->slots.size = 0;
    JI_TRY(ji_bytes_reserve(&item->slots, count * sizeof(uint32_t), err));
    item->slots.size = count * sizeof(uint32_t);
    memset(item->slots.data, 0xff, item->slots.size);
    for (size_t i = 0; i < item->entries.row_count; i++)
        *find_slot(item, key_of(item, i)) = (uint32_t)i;
    return JOIST_OK;
}

static void forget(struct ji_ipc_dictionary *item)
{
    ji_column_builder_reset(&item->entries);
    item->keys.size = item->ends.size = item->slots.size = 0;
}

static uint64_t entries_max(enum ji_kind kind)
{
    static const uint64_t most[] = {[JI_INT8] = (uint64_t)INT8_MAX + 1,
            [JI_INT16] = (uint64_t)INT16_MAX + 1,
            [JI_UINT8] = (uint64_t)UINT8_MAX + 1,
            [JI_UINT16] = (uint64_t)UINT16_MAX + 1,
            [JI_UINT64] = 0};
    return kind <= JI_UINT64 && most[kind] != 0 ? most[kind] : INT32_MAX;
}

/* The entry of the row, which is new where there was none; NO_ENTRY where it may not be. */
static enum joist_status entry_of(struct ji_ipc_dictionary *item, const struct ji_column *column, size_t row,
        bool may_add, uint32_t *entry, struct joist_error *err)
{
    const size_t count = item->entries.row_count;
    const size_t begin = item->keys.size;
    if (2 * (count + 1) > slot_count(item))
        JI_TRY(grow_slots(item, err));
    JI_TRY(put_key(&item->keys, column, row, err));
    const size_t end = item->keys.size;
    uint32_t *slot = find_slot(item, ji_view_of(item->keys.data + begin, end - begin));
    if (*slot != NO_ENTRY || !may_add) {
        *entry = *slot;
        item->keys.size = begin;
        return JOIST_OK;
    }
    if (count >= entries_max(item->code_kind))
        return ji_fail(err, JOIST_ERR_LIMIT, "a dictionary of more than %zu entries under its codes", count);
    JI_TRY(ji_column_builder_row(&item->entries, column, row, err));
    JI_TRY(ji_bytes_append(&item->ends, &end, sizeof end, err));
    *entry = *slot = (uint32_t)count;
    item->is_written = false;
    return JOIST_OK;
}

/* False where an entry is missing, and may not be added. */
static enum joist_status map_rows(struct ji_ipc_dictionary *item, const struct ji_column *column,
        bool may_add, bool *is_whole, struct joist_error *err)
{
    item->map.size = 0;
    JI_TRY(ji_bytes_reserve(&item->map, ji_max_size(column->row_count, 1) * sizeof(uint32_t), err));
    item->map.size = column->row_count * sizeof(uint32_t);
    uint32_t *map = (uint32_t *)(void *)item->map.data;
    *is_whole = true;
    item->is_identity = true;
    for (size_t i = 0; i < column->row_count; i++) {
        JI_TRY(entry_of(item, column, i, may_add, &map[i], err));
        item->is_identity = item->is_identity && map[i] == i;
        *is_whole = *is_whole && map[i] != NO_ENTRY;
    }
    return JOIST_OK;
}

static void release_nothing(struct ArrowArray *array)
{
    array->release = NULL;
}

static enum joist_status import(struct ji_ipc_dictionaries *dictionaries, struct ji_ipc_dictionary *item,
        struct ArrowArray *values, struct ji_column *column, struct joist_error *err)
{
    const struct ji_schema schema = {.column_count = 1, .columns = &item->field};
    const struct ji_array_shape shape = {
            .layout = JI_LAYOUT_STRUCT, .child_count = 1, .children = &item->shape};
    const void *buffers[1] = {NULL};
    struct ArrowArray *children[1] = {values};
    const struct ArrowArray whole = {.length = values->length,
            .n_buffers = 1,
            .n_children = 1,
            .buffers = buffers,
            .children = children,
            .release = release_nothing};
    struct ji_batch batch;
    ji_arena_reset(&dictionaries->import);
    JI_TRY(ji_shaped_array_import(&dictionaries->import, &schema, &shape, &whole, &batch, err));
    *column = batch.columns[0];
    return JOIST_OK;
}

enum joist_status ji_ipc_dictionary_take(struct ji_ipc_dictionaries *dictionaries, size_t number,
        struct ArrowArray *values, bool replaces, struct joist_error *err)
{
    struct ji_ipc_dictionary *const item = &dictionaries->items[number];
    struct ji_column column;
    bool is_whole = false;
    JI_TRY(import(dictionaries, item, values, &column, err));
    if (replaces) {
        JI_TRY(map_rows(item, &column, false, &is_whole, err));
        if (is_whole)
            return JOIST_OK;
        forget(item);
    }
    return map_rows(item, &column, true, &is_whole, err);
}

enum joist_status ji_ipc_dictionary_export(struct joist_ctx *ctx, struct ji_ipc_dictionaries *dictionaries,
        size_t number, struct ArrowArray *out, struct joist_error *err)
{
    struct ji_ipc_dictionary *const item = &dictionaries->items[number];
    struct ji_column column;
    ji_arena_reset(&dictionaries->import);
    JI_TRY(ji_column_builder_finish(&item->entries, &dictionaries->import, &column, err));
    const struct ji_pick all = {.count = column.row_count};
    return ji_column_export(ctx, &dictionaries->import, &item->shape, &column, &all, out, err);
}

void ji_ipc_codes_map(
        const struct ji_ipc_dictionary *dictionary, const void *codes, size_t count, uint8_t *to)
{
    const struct ji_field code = {.kind = dictionary->code_kind};
    const size_t width = ji_field_width(&code);
    const uint32_t *map = (const uint32_t *)(const void *)dictionary->map.data;
    const size_t known = dictionary->map.size / sizeof *map;
    for (size_t i = 0; i < count; i++) {
        const uint64_t from = ji_load_code(codes, dictionary->code_kind, i);
        const uint64_t entry = from < known ? map[from] : 0; /* behind a null there may be anything */
        const uint32_t four = (uint32_t)entry;
        const uint16_t two = (uint16_t)entry;
        if (width == 8)
            memcpy(to + i * width, &entry, width);
        else if (width == 4)
            memcpy(to + i * width, &four, width);
        else if (width == 2)
            memcpy(to + i * width, &two, width);
        else
            to[i] = (uint8_t)entry;
    }
}
