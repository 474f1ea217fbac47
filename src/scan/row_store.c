/*
 * row_store.c - rows that are kept: copied out of batches, taken out again in any order
 *
 *     batch --gather, then copy what views point to--> chunk 0, 1, ...
 *
 * All chunks share one arena and go together; nothing in them is the batch's any more.
 */
#include "scan/row_store.h"

#include <string.h>

#define CHUNKS_FIRST 16

void ji_row_store_init(struct ji_row_store *store, struct ji_mem *mem, const struct ji_schema *schema)
{
    *store = (struct ji_row_store){.mem = mem, .schema = schema};
    ji_arena_init(&store->arena, mem);
}

void ji_row_store_clear(struct ji_row_store *store)
{
    if (store->mem == NULL)
        return;
    ji_arena_clear(&store->arena);
    ji_free(store->mem, store->chunks, store->chunk_room * sizeof *store->chunks);
    *store = (struct ji_row_store){0};
}

/* Views of a flat column point into memory of the arena afterwards. */
static enum joist_status keep_views(struct ji_arena *arena, struct ji_column *column, struct joist_error *err)
{
    const struct ji_view *from = column->values;
    struct ji_view *to = NULL;
    uint8_t *bytes = NULL;
    size_t total = 0;
    for (size_t row = 0; row < column->row_count; row++)
        total += from[row].size;
    JI_TRY(ji_arena_array(arena, column->row_count + 1, sizeof *to, &to, err));
    JI_TRY(ji_arena_alloc(arena, total, &bytes, err));
    for (size_t row = 0; row < column->row_count; row++) {
        if (from[row].size > 0)
            memcpy(bytes, from[row].data, from[row].size);
        to[row] = ji_view_of(bytes, from[row].size);
        bytes += from[row].size;
    }
    column->values = to;
    column->heap = NULL;
    column->values_buffer = NULL;
    return JOIST_OK;
}

/*
 * What the column points to comes into the arena, and its type is the store's: the batch's own may go with
 * the file it came from. The depth is the schema's, at most JI_SCHEMA_DEPTH_MAX.
 */
static enum joist_status keep_column(struct ji_arena *arena, const struct ji_field *field,
        struct ji_column *column, struct joist_error *err)
{
    column->field = field;
    if (ji_kind_is_view(field->kind))
        return keep_views(arena, column, err);
    for (size_t child = 0; child < field->child_count; child++) {
        struct ji_column flat;
        JI_TRY(ji_column_flat(arena, &column->children[child], &flat, err));
        JI_TRY(keep_column(arena, &field->children[child], &flat, err));
        column->children[child] = flat;
    }
    return JOIST_OK;
}

enum joist_status ji_row_store_add(struct ji_row_store *store, const struct ji_batch *batch,
        const uint32_t *rows, size_t count, struct joist_error *err)
{
    struct ji_column *chunk = NULL;
    if (store->chunk_count == store->chunk_room) {
        const size_t room = store->chunk_room == 0 ? CHUNKS_FIRST : store->chunk_room * 2;
        JI_TRY(ji_realloc(store->mem, &store->chunks, store->chunk_room * sizeof *store->chunks,
                room * sizeof *store->chunks, err));
        store->chunk_room = room;
    }
    JI_TRY(ji_arena_array(&store->arena, store->schema->column_count + 1, sizeof *chunk, &chunk, err));
    for (size_t column = 0; column < store->schema->column_count; column++) {
        JI_TRY(ji_column_gather(&store->arena, &batch->columns[column], rows, count, &chunk[column], err));
        JI_TRY(keep_column(&store->arena, &store->schema->columns[column], &chunk[column], err));
    }
    store->chunks[store->chunk_count++] = chunk;
    return JOIST_OK;
}

enum joist_status ji_row_store_take(const struct ji_row_store *store, size_t chunk, size_t row,
        struct ji_column_builder *builders, struct joist_error *err)
{
    for (size_t column = 0; column < store->schema->column_count; column++)
        JI_TRY(ji_column_builder_row(&builders[column], &store->chunks[chunk][column], row, err));
    return JOIST_OK;
}

/* The depth is the schema's, at most JI_SCHEMA_DEPTH_MAX. */
enum joist_status ji_column_builder_row(struct ji_column_builder *builder, const struct ji_column *column,
        size_t row, struct joist_error *err)
{
    if (ji_column_is_null(column, row))
        return ji_column_builder_null(builder, err);
    if (!ji_kind_is_nested(column->field->kind)) {
        const struct ji_value value = ji_column_value(column, row);
        return ji_column_builder_value(builder, &value, err);
    }
    if (column->form == JI_CONSTANT)
        row = 0;
    if (column->form == JI_DICTIONARY)
        return ji_column_builder_row(
                builder, column->dictionary, (size_t)((const int32_t *)column->values)[row], err);
    if (column->field->kind == JI_STRUCT) {
        for (size_t child = 0; child < column->field->child_count; child++)
            JI_TRY(ji_column_builder_row(&builder->children[child], &column->children[child], row, err));
    } else {
        for (int32_t at = column->offsets[row]; at < column->offsets[row + 1]; at++)
            JI_TRY(ji_column_builder_row(&builder->children[0], &column->children[0], (size_t)at, err));
    }
    return ji_column_builder_nested(builder, err);
}
