/*
 * sorter.c - one worker's share of a sort: rows kept, their keys, and the order of these
 *
 *     batch --keys--> smaller than the worst of a full house? --> kept rows + entries --finish--> order
 *
 *   1. entries[i] names a row of the store; its key lives in the store's arena.
 *   2. With a limit, once twice as many rows are held the greater half is thrown out and `worst` is the
 *      greatest key left: rows above it are never copied.
 */
#include "scan/sorter.h"

#include "scan/stable_sort.h"

#include <string.h>

/* Below this many rows throwing out does not pay. */
#define PRUNE_ROWS_MIN 4096

enum joist_status ji_sorter_open(struct joist_ctx *ctx, const struct ji_sort_options *options,
        struct ji_sorter *sorter, struct joist_error *err)
{
    struct ji_sorter made = {.options = options};
    JI_TRY(ji_mem_open(ji_ctx_mem(ctx), "sort", &made.mem, err));
    ji_arena_init(&made.arena, made.mem);
    ji_bytes_init(&made.key, made.mem);
    ji_row_store_init(&made.store, made.mem, options->schema);
    enum joist_status status = ji_evaluator_open(ctx, made.mem, &made.evaluator, err);
    if (status == JOIST_OK)
        status =
                ji_arena_array(&made.arena, options->key_count + 1, sizeof *made.columns, &made.columns, err);
    if (status != JOIST_OK) {
        ji_sorter_close(&made);
        return status;
    }
    *sorter = made;
    return JOIST_OK;
}

void ji_sorter_close(struct ji_sorter *sorter)
{
    if (sorter->mem == NULL)
        return;
    ji_evaluator_close(sorter->evaluator);
    ji_row_store_clear(&sorter->store);
    ji_bytes_clear(&sorter->key);
    ji_free(sorter->mem, sorter->order, sorter->count * sizeof *sorter->order);
    ji_free(sorter->mem, sorter->entries, sorter->room * sizeof *sorter->entries);
    ji_free(sorter->mem, sorter->kept, sorter->kept_room * sizeof *sorter->kept);
    ji_arena_clear(&sorter->arena);
    ji_mem_close(sorter->mem);
    *sorter = (struct ji_sorter){0};
}

int ji_sort_entry_compare(const struct ji_sort_entry *a, const struct ji_sort_entry *b)
{
    if (a->prefix != b->prefix)
        return a->prefix < b->prefix ? -1 : 1;
    return ji_view_compare(ji_view_of(a->key, a->key_bytes), ji_view_of(b->key, b->key_bytes));
}

static int compare_entries(const void *arg, uint32_t a, uint32_t b)
{
    const struct ji_sort_entry *entries = arg;
    return ji_sort_entry_compare(&entries[a], &entries[b]);
}

static enum joist_status make_room(struct ji_sorter *sorter, size_t more, struct joist_error *err)
{
    if (more > sorter->kept_room) {
        JI_TRY(ji_realloc(sorter->mem, &sorter->kept, sorter->kept_room * sizeof *sorter->kept,
                more * sizeof *sorter->kept, err));
        sorter->kept_room = more;
    }
    const size_t wanted = sorter->count + more;
    if (wanted > UINT32_MAX)
        return ji_fail(err, JOIST_ERR_LIMIT, "more than %u rows to order", UINT32_MAX);
    if (wanted <= sorter->room)
        return JOIST_OK;
    const size_t room = ji_max_size(wanted, sorter->room * 2);
    JI_TRY(ji_realloc(sorter->mem, &sorter->entries, sorter->room * sizeof *sorter->entries,
            room * sizeof *sorter->entries, err));
    sorter->room = room;
    return JOIST_OK;
}

static enum joist_status encode(
        struct ji_sorter *sorter, size_t row, uint64_t position, struct joist_error *err)
{
    sorter->key.size = 0;
    for (size_t key = 0; key < sorter->options->key_count; key++)
        JI_TRY(ji_sort_key_append(
                &sorter->key, &sorter->columns[key], row, sorter->options->orders[key], err));
    return ji_sort_key_position(&sorter->key, position, err);
}

static enum joist_status keep_key(struct ji_sorter *sorter, size_t row, struct joist_error *err)
{
    struct ji_view key;
    JI_TRY(ji_arena_view(&sorter->store.arena, ji_view_of(sorter->key.data, sorter->key.size), &key, err));
    /* A key ends with a position and so has eight bytes at least. */
    sorter->entries[sorter->count++] = (struct ji_sort_entry){.prefix = ji_load_be64(key.data),
            .key = key.data,
            .key_bytes = (uint32_t)key.size,
            .chunk = (uint32_t)sorter->store.chunk_count,
            .row = (uint32_t)row};
    return JOIST_OK;
}

static enum joist_status sort_entries(struct ji_sorter *sorter, uint32_t **out, struct joist_error *err)
{
    uint32_t *order = NULL;
    JI_TRY(ji_alloc_array(sorter->mem, sorter->count, sizeof *order, &order, err));
    for (size_t index = 0; index < sorter->count; index++)
        order[index] = (uint32_t)index;
    const enum joist_status status =
            ji_stable_sort(sorter->mem, order, sorter->count, compare_entries, sorter->entries, err);
    if (status != JOIST_OK) {
        ji_free(sorter->mem, order, sorter->count * sizeof *order);
        return status;
    }
    *out = order;
    return JOIST_OK;
}

/* Copies the first `count` rows of the order into `fresh` and their entries into `entries`. */
static enum joist_status copy_best(struct ji_sorter *sorter, const uint32_t *order, size_t count,
        struct ji_row_store *fresh, struct ji_sort_entry *entries, struct joist_error *err)
{
    const struct ji_schema *schema = sorter->options->schema;
    struct ji_row_store old = sorter->store;
    struct ji_arena arena;
    struct ji_column_builder *builders = NULL;
    struct ji_batch batch = {.row_count = count, .selection_count = count};
    size_t begun = 0;
    uint32_t *rows = NULL;
    enum joist_status status = JOIST_OK;
    ji_arena_init(&arena, sorter->mem);
    JI_TRY_OUT(ji_arena_array(&arena, schema->column_count + 1, sizeof *builders, &builders, err));
    JI_TRY_OUT(ji_arena_array(&arena, schema->column_count + 1, sizeof *batch.columns, &batch.columns, err));
    JI_TRY_OUT(ji_arena_array(&arena, count, sizeof *rows, &rows, err));
    for (; begun < schema->column_count; begun++)
        JI_TRY_OUT(ji_column_builder_init(&builders[begun], sorter->mem, &schema->columns[begun], err));
    for (size_t index = 0; index < count; index++) {
        struct ji_sort_entry entry = sorter->entries[order[index]];
        struct ji_view key;
        rows[index] = (uint32_t)index;
        JI_TRY_OUT(ji_row_store_take(&old, entry.chunk, entry.row, builders, err));
        JI_TRY_OUT(ji_arena_view(&fresh->arena, ji_view_of(entry.key, entry.key_bytes), &key, err));
        entry.key = key.data;
        entry.chunk = 0;
        entry.row = (uint32_t)index;
        entries[index] = entry;
    }
    for (size_t column = 0; column < schema->column_count; column++)
        JI_TRY_OUT(ji_column_builder_finish(&builders[column], &arena, &batch.columns[column], err));
    JI_TRY_OUT(ji_row_store_add(fresh, &batch, rows, count, err));

out:
    for (size_t column = 0; column < begun; column++)
        ji_column_builder_clear(&builders[column]);
    ji_arena_clear(&arena);
    return status;
}

/* Keeps the `limit` smallest rows. */
static enum joist_status prune(struct ji_sorter *sorter, struct joist_error *err)
{
    const size_t count = (size_t)sorter->options->limit;
    const size_t order_bytes = sorter->count * sizeof(uint32_t);
    enum joist_status status = JOIST_OK;
    uint32_t *order = NULL;
    struct ji_sort_entry *entries = NULL;
    struct ji_row_store fresh;
    ji_row_store_init(&fresh, sorter->mem, sorter->options->schema);
    JI_TRY_OUT(sort_entries(sorter, &order, err));
    JI_TRY_OUT(ji_alloc_array(sorter->mem, count, sizeof *entries, &entries, err));
    JI_TRY_OUT(copy_best(sorter, order, count, &fresh, entries, err));
    memcpy(sorter->entries, entries, count * sizeof *entries);
    sorter->count = count;
    sorter->full = true;
    sorter->worst = ji_view_of(entries[count - 1].key, entries[count - 1].key_bytes);
    const struct ji_row_store old = sorter->store;
    sorter->store = fresh;
    fresh = old;

out:
    ji_row_store_clear(&fresh);
    ji_free(sorter->mem, entries, entries == NULL ? 0 : count * sizeof *entries);
    ji_free(sorter->mem, order, order == NULL ? 0 : order_bytes);
    return status;
}

enum joist_status ji_sorter_add(
        struct ji_sorter *sorter, const struct ji_batch *batch, uint64_t position, struct joist_error *err)
{
    const struct ji_sort_options *options = sorter->options;
    size_t kept = 0;
    JI_TRY(make_room(sorter, batch->selection_count, err));
    ji_evaluator_reset(sorter->evaluator);
    for (size_t key = 0; key < options->key_count; key++)
        JI_TRY(ji_evaluate(sorter->evaluator, options->keys[key], batch, &sorter->columns[key], err));
    for (size_t index = 0; index < batch->selection_count; index++) {
        const uint32_t row = batch->selection == NULL ? (uint32_t)index : batch->selection[index];
        JI_TRY(encode(sorter, row, position + row, err));
        const struct ji_view key = ji_view_of(sorter->key.data, sorter->key.size);
        if (sorter->full && ji_view_compare(key, sorter->worst) >= 0)
            continue;
        JI_TRY(keep_key(sorter, kept, err));
        sorter->kept[kept++] = row;
    }
    if (kept > 0)
        JI_TRY(ji_row_store_add(&sorter->store, batch, sorter->kept, kept, err));
    const bool limited = options->limit != 0 && options->limit <= UINT32_MAX / 4;
    if (limited && sorter->count >= ji_max_size(2 * (size_t)options->limit, PRUNE_ROWS_MIN))
        return prune(sorter, err);
    return JOIST_OK;
}

enum joist_status ji_sorter_finish(struct ji_sorter *sorter, struct joist_error *err)
{
    return sorter->mem == NULL ? JOIST_OK : sort_entries(sorter, &sorter->order, err);
}
