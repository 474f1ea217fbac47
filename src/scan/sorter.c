/*
 * sorter.c - one worker's share of a sort: rows kept as bytes, and the runs that did not fit
 *
 *     batch --keys--> smaller than the worst of a full house? --> slabs + entries --share spent--> run
 *                                                                                 --finish--> order
 *
 *   1. entries[i] names a row in a slab; slabs do not move. They are filled one by one, and begun again
 *      after a run was written.
 *   2. What a run needs is held before the rows that go to it: writing it out takes no memory but the place
 *      of the run in the list.
 *   3. With a limit, once twice as many rows are held the greater half is thrown out and `worst` is the
 *      greatest key left: rows above it are never copied.
 */
#include "scan/sorter.h"

#include <assert.h>

/* Below this many rows throwing out does not pay. */
#define PRUNE_ROWS_MIN 4096
#define SLAB_SHARE 16 /* of a sorter's share, a slab */
#define SLAB_BYTES_LEAST ((size_t)16 << 10)
#define SLAB_BYTES_MOST ((size_t)1 << 20)
#define ENTRIES_FIRST ((size_t)1024)
#define ENTRY_BYTES (2 * sizeof(struct ji_sort_entry))
/* Where the context has less than this part left a sorter gives up what it holds, and then holds less. */
#define SHORT_PART 8
#define SHARE_PART_LEAST 64 /* of the context's limit, that a share does not fall below */
#define AHEAD 8             /* rows that are fetched ahead of their copy */

static enum joist_status open_parts(struct ji_sorter *sorter, struct joist_error *err)
{
    const struct ji_sort_options *options = sorter->options;
    struct ji_arena *arena = &sorter->arena;
    JI_TRY(ji_evaluator_open(sorter->ctx, sorter->mem, &sorter->evaluator, err));
    JI_TRY(ji_row_layout_make(arena, options->schema, &sorter->layout, err));
    JI_TRY(ji_row_packer_init(&sorter->packer, sorter->mem, arena, &sorter->layout, err));
    JI_TRY(ji_arena_array(arena, options->key_count + 1, sizeof *sorter->keys, &sorter->keys, err));
    JI_TRY(ji_arena_array(arena, JI_ROW_STEP, sizeof *sorter->rows, &sorter->rows, err));
    JI_TRY(ji_arena_array(arena, JI_ROW_STEP, sizeof *sorter->key_ends, &sorter->key_ends, err));
    JI_TRY(ji_arena_array(arena, JI_ROW_STEP, sizeof *sorter->sizes, &sorter->sizes, err));
    return ji_arena_array(arena, JI_ROW_STEP, sizeof *sorter->bodies, &sorter->bodies, err);
}

enum joist_status ji_sorter_open(struct joist_ctx *ctx, const struct ji_sort_options *options, uint64_t share,
        struct ji_sorter *sorter, struct joist_error *err)
{
    struct ji_sorter made = {.ctx = ctx, .options = options, .share = share};
    JI_TRY(ji_mem_open(ji_ctx_mem(ctx), "sort", &made.mem, err));
    *sorter = made;
    ji_arena_init(&sorter->arena, sorter->mem);
    ji_bytes_init(&sorter->key_bytes, sorter->mem);
    ji_bytes_init(&sorter->worst, sorter->mem);
    sorter->slab_bytes = SLAB_BYTES_LEAST;
    while (sorter->slab_bytes < SLAB_BYTES_MOST && sorter->slab_bytes < share / SLAB_SHARE)
        sorter->slab_bytes *= 2;
    const enum joist_status status = open_parts(sorter, err);
    if (status != JOIST_OK)
        ji_sorter_close(sorter);
    return status;
}

/* Gives back what rows took; runs stay. */
static void drop_rows(struct ji_sorter *sorter)
{
    for (size_t i = 0; i < sorter->slab_count; i++)
        ji_slab_free(sorter->mem, sorter->slabs[i].data, sorter->slabs[i].capacity);
    ji_free(sorter->mem, sorter->slabs, sorter->slab_room * sizeof *sorter->slabs);
    ji_free(sorter->mem, sorter->entries, sorter->entry_room * ENTRY_BYTES);
    sorter->slabs = NULL;
    sorter->slab_count = 0;
    sorter->slab_room = 0;
    sorter->slab_at = 0;
    sorter->slab_used = 0;
    sorter->entries = NULL;
    sorter->entry_room = 0;
    sorter->count = 0;
    sorter->held = 0;
}

void ji_sorter_close(struct ji_sorter *sorter)
{
    if (sorter->mem == NULL)
        return;
    drop_rows(sorter);
    ji_evaluator_close(sorter->evaluator);
    ji_row_packer_clear(&sorter->packer);
    ji_bytes_clear(&sorter->key_bytes);
    ji_bytes_clear(&sorter->worst);
    ji_free(sorter->mem, sorter->runs, sorter->run_room * sizeof *sorter->runs);
    ji_scratch_close(sorter->scratch);
    ji_arena_clear(&sorter->arena);
    ji_mem_close(sorter->mem);
    *sorter = (struct ji_sorter){0};
}

/* --- room for rows --- */

static bool is_over(const struct ji_sorter *sorter, size_t more)
{
    if (sorter->count == 0 || sorter->share == UINT64_MAX)
        return false;
    return sorter->held + more > sorter->share;
}

/* LIMIT, without words, where the share is spent. */
static enum joist_status grow_entries(struct ji_sorter *sorter, struct joist_error *err)
{
    const size_t room = ji_max_size(ENTRIES_FIRST, sorter->entry_room + sorter->entry_room / 2);
    const size_t more = (room - sorter->entry_room) * ENTRY_BYTES;
    if (is_over(sorter, more))
        return JOIST_ERR_LIMIT;
    JI_TRY(ji_realloc(
            sorter->mem, &sorter->entries, sorter->entry_room * ENTRY_BYTES, room * ENTRY_BYTES, err));
    sorter->entry_room = room;
    sorter->held += more;
    return JOIST_OK;
}

/* The next slab that has room for a row, one of a run before or a new one. */
static enum joist_status next_slab(struct ji_sorter *sorter, size_t size, struct joist_error *err)
{
    while (sorter->slab_at < sorter->slab_count) {
        if (sorter->slab_used + size <= sorter->slabs[sorter->slab_at].capacity)
            return JOIST_OK;
        sorter->slab_at++;
        sorter->slab_used = 0;
    }
    struct ji_sort_slab made = {0};
    if (is_over(sorter, ji_max_size(size, sorter->slab_bytes)))
        return JOIST_ERR_LIMIT;
    if (sorter->slab_count == sorter->slab_room) {
        const size_t room = sorter->slab_room == 0 ? SLAB_SHARE : sorter->slab_room * 2;
        JI_TRY(ji_realloc(sorter->mem, &sorter->slabs, sorter->slab_room * sizeof *sorter->slabs,
                room * sizeof *sorter->slabs, err));
        sorter->slab_room = room;
    }
    JI_TRY(ji_slab_alloc(
            sorter->mem, ji_max_size(size, sorter->slab_bytes), &made.data, &made.capacity, err));
    sorter->slabs[sorter->slab_count++] = made;
    sorter->held += made.capacity;
    return JOIST_OK;
}

static enum joist_status place(struct ji_sorter *sorter, size_t size, uint8_t **row, struct joist_error *err)
{
    if (sorter->count == sorter->entry_room)
        JI_TRY(grow_entries(sorter, err));
    JI_TRY(next_slab(sorter, size, err));
    *row = sorter->slabs[sorter->slab_at].data + sorter->slab_used;
    sorter->slab_used += size;
    sorter->entries[sorter->count++].row = *row;
    return JOIST_OK;
}

/* Slabs are filled from the first again; those of one large row go. */
static void empty_slabs(struct ji_sorter *sorter)
{
    size_t kept = 0;
    for (size_t i = 0; i < sorter->slab_count; i++) {
        const struct ji_sort_slab slab = sorter->slabs[i];
        if (slab.capacity == sorter->slab_bytes) {
            sorter->slabs[kept++] = slab;
            continue;
        }
        sorter->held -= slab.capacity;
        ji_slab_free(sorter->mem, slab.data, slab.capacity);
    }
    sorter->slab_count = kept;
    sorter->slab_at = 0;
    sorter->slab_used = 0;
    sorter->count = 0;
}

/* --- order --- */

void ji_sorter_finish(struct ji_sorter *sorter, const struct ji_key_spread *spread)
{
    const struct ji_key_prefix prefix = ji_key_prefix_of(spread);
    struct ji_sort_entry *entries = sorter->entries;
    for (size_t i = 0; i < sorter->count; i++)
        entries[i].prefix = ji_key_prefix(&prefix, entries[i].row);
    if (sorter->count > 1)
        ji_sort_entries(entries, entries + sorter->entry_room, sorter->count);
}

static bool is_limited(const struct ji_sorter *sorter)
{
    return sorter->options->limit != 0 && sorter->options->limit < SIZE_MAX / 4;
}

/* Rows above the greatest of the `limit` smallest are never wanted. */
static enum joist_status note_worst(struct ji_sorter *sorter, size_t count, struct joist_error *err)
{
    const struct ji_view key = ji_row_key_of(sorter->entries[count - 1].row);
    if (sorter->full && ji_view_compare(key, ji_view_of(sorter->worst.data, sorter->worst.size)) >= 0)
        return JOIST_OK;
    sorter->full = false;
    sorter->worst.size = 0;
    JI_TRY(ji_bytes_append(&sorter->worst, key.data, key.size, err));
    sorter->full = true;
    return JOIST_OK;
}

/* Copies the first `count` rows, which are in order, into slabs of their own and drops the others. */
static enum joist_status prune(struct ji_sorter *sorter, size_t count, struct joist_error *err)
{
    struct ji_sorter fresh = *sorter;
    enum joist_status status = JOIST_OK;
    uint8_t *row = NULL;
    fresh.slabs = NULL;
    fresh.slab_count = fresh.slab_room = fresh.slab_at = fresh.slab_used = 0;
    fresh.count = 0;
    fresh.held = fresh.entry_room * ENTRY_BYTES;
    for (size_t i = 0; i < count && status == JOIST_OK; i++) {
        const uint8_t *from = sorter->entries[i].row;
        const size_t size = ji_row_size(from);
        status = next_slab(&fresh, size, err);
        if (status != JOIST_OK)
            break;
        row = fresh.slabs[fresh.slab_at].data + fresh.slab_used;
        fresh.slab_used += size;
        memcpy(row, from, size);
        /* The second half of the entries is idle. */
        fresh.entries[fresh.entry_room + i].row = row;
    }
    struct ji_sorter *const gone = status == JOIST_OK ? sorter : &fresh;
    for (size_t i = 0; i < gone->slab_count; i++)
        ji_slab_free(sorter->mem, gone->slabs[i].data, gone->slabs[i].capacity);
    ji_free(sorter->mem, gone->slabs, gone->slab_room * sizeof *gone->slabs);
    if (status != JOIST_OK)
        return status;
    memcpy(fresh.entries, fresh.entries + fresh.entry_room, count * sizeof *fresh.entries);
    fresh.count = count;
    *sorter = fresh;
    return JOIST_OK;
}

/* --- runs --- */

static enum joist_status write_run(struct ji_sorter *sorter, size_t count, struct joist_error *err)
{
    struct ji_spill_writer writer;
    struct ji_sort_spill run;
    /* Entries are sorted, so that their second half is idle; as a buffer it is large enough to be quick. */
    uint8_t *const buffer = (uint8_t *)(void *)(sorter->entries + sorter->entry_room);
    ji_spill_writer_begin(&writer, sorter->scratch, buffer, sorter->entry_room * sizeof *sorter->entries,
            sorter->options->cancel);
    for (size_t i = 0; i < count; i++) {
        if (i + AHEAD < count)
            __builtin_prefetch(sorter->entries[i + AHEAD].row);
        JI_TRY(ji_spill_writer_add(&writer, sorter->entries[i].row, err));
    }
    JI_TRY(ji_spill_writer_end(&writer, &run, err));
    sorter->runs[sorter->run_count++] = run;
    empty_slabs(sorter);
    return JOIST_OK;
}

static enum joist_status open_scratch(struct ji_sorter *sorter, struct joist_error *err)
{
    if (sorter->scratch == NULL)
        JI_TRY(ji_scratch_open(sorter->ctx, sorter->mem, &sorter->scratch, err));
    if (sorter->run_count < sorter->run_room)
        return JOIST_OK;
    const size_t room = sorter->run_room == 0 ? SLAB_SHARE : sorter->run_room * 2;
    JI_TRY(ji_realloc(sorter->mem, &sorter->runs, sorter->run_room * sizeof *sorter->runs,
            room * sizeof *sorter->runs, err));
    sorter->run_room = room;
    return JOIST_OK;
}

static enum joist_status spill(struct ji_sorter *sorter, struct joist_error *err)
{
    size_t count = sorter->count;
    JI_TRY(open_scratch(sorter, err));
    ji_sorter_finish(sorter, &sorter->spread);
    if (is_limited(sorter) && sorter->options->limit <= count) {
        count = (size_t)sorter->options->limit;
        JI_TRY(note_worst(sorter, count, err));
    }
    return write_run(sorter, count, err);
}

enum joist_status ji_sorter_spill_rest(struct ji_sorter *sorter, struct joist_error *err)
{
    if (sorter->count > 0)
        JI_TRY(spill(sorter, err));
    drop_rows(sorter);
    return JOIST_OK;
}

/* With a limit the rows beyond go; true where at least half of the share is free then. */
static bool make_room_by_limit(struct ji_sorter *sorter)
{
    if (!is_limited(sorter) || sorter->count < 2 * sorter->options->limit)
        return false;
    struct joist_error why = {.status = JOIST_OK};
    ji_sorter_finish(sorter, &sorter->spread);
    const size_t count = (size_t)sorter->options->limit;
    enum joist_status status = note_worst(sorter, count, &why);
    if (status == JOIST_OK)
        status = prune(sorter, count, &why);
    return status == JOIST_OK && sorter->held <= sorter->share / 2;
}

/* A place was refused: rows go to a run. Where they cannot, `refused` stands. */
static enum joist_status make_room(
        struct ji_sorter *sorter, enum joist_status refused, struct joist_error *err)
{
    struct joist_error why = {.status = JOIST_OK};
    if (sorter->count == 0 || (refused != JOIST_ERR_LIMIT && refused != JOIST_ERR_NO_MEMORY))
        return refused;
    if (make_room_by_limit(sorter))
        return JOIST_OK;
    if (sorter->has_no_scratch)
        return refused;
    const enum joist_status status = spill(sorter, &why);
    const bool no_place =
            sorter->scratch == NULL && status != JOIST_ERR_NO_MEMORY && status != JOIST_ERR_LIMIT;
    if (status == JOIST_OK || !no_place) {
        if (status != JOIST_OK && err != NULL)
            *err = why;
        return status;
    }
    /* No run can be written: all that the context has may go to rows. */
    if (ji_ctx_scratch_folder(sorter->ctx) != NULL)
        ji_log(sorter->ctx, JOIST_LOG_WARN, "sort holds its rows in memory: %s", why.text);
    sorter->has_no_scratch = true;
    sorter->share = UINT64_MAX;
    return JOIST_OK;
}

/* Others need memory: what reads the input, or the next sorter. */
static enum joist_status relieve(struct ji_sorter *sorter, struct joist_error *err)
{
    const uint64_t limit = ji_mem_limit(sorter->mem);
    const uint64_t least = limit / SHARE_PART_LEAST;
    if (sorter->share == UINT64_MAX || sorter->held <= least ||
            ji_mem_room(sorter->mem) >= limit / SHORT_PART)
        return JOIST_OK;
    if (sorter->count > 0)
        JI_TRY(make_room(sorter, JOIST_ERR_LIMIT, err));
    if (sorter->count == 0)
        drop_rows(sorter);
    if (sorter->share != UINT64_MAX)
        sorter->share = ji_max_u64(least, sorter->share / 2);
    return JOIST_OK;
}

/* --- rows of a batch --- */

static size_t row_of(const struct ji_batch *batch, size_t index)
{
    return batch->selection == NULL ? index : batch->selection[index];
}

static enum joist_status encode(
        struct ji_sorter *sorter, size_t row, uint64_t position, struct joist_error *err)
{
    for (size_t key = 0; key < sorter->options->key_count; key++)
        JI_TRY(ji_sort_key_append(
                &sorter->key_bytes, &sorter->keys[key], row, sorter->options->orders[key], err));
    return ji_sort_key_position(&sorter->key_bytes, position + row, err);
}

/* Keys of selected rows [begin, end) that may be wanted; how many. */
static enum joist_status pick_rows(struct ji_sorter *sorter, const struct ji_batch *batch, size_t begin,
        size_t end, uint64_t position, size_t *out, struct joist_error *err)
{
    const struct ji_view worst = ji_view_of(sorter->worst.data, sorter->worst.size);
    size_t kept = 0;
    sorter->key_bytes.size = 0;
    for (size_t index = begin; index < end; index++) {
        const size_t row = row_of(batch, index);
        const size_t start = sorter->key_bytes.size;
        JI_TRY(encode(sorter, row, position, err));
        const struct ji_view key = ji_view_of(sorter->key_bytes.data + start, sorter->key_bytes.size - start);
        if (sorter->full && ji_view_compare(key, worst) >= 0) {
            sorter->key_bytes.size = start;
            continue;
        }
        ji_key_spread_add(&sorter->spread, key);
        sorter->rows[kept] = (uint32_t)row;
        sorter->key_ends[kept] = sorter->key_bytes.size;
        sorter->sizes[kept++] = JI_ROW_HEAD_BYTES + key.size;
    }
    *out = kept;
    return JOIST_OK;
}

/* Head and key of picked row `index` at `row`; where its body goes. */
static uint8_t *put_head(const struct ji_sorter *sorter, size_t index, uint8_t *row)
{
    const size_t start = index == 0 ? 0 : sorter->key_ends[index - 1];
    const uint32_t head[2] = {(uint32_t)sorter->sizes[index], (uint32_t)(sorter->key_ends[index] - start)};
    memcpy(row, head, sizeof head);
    memcpy(row + sizeof head, sorter->key_bytes.data + start, head[1]);
    return row + sizeof head + head[1];
}

/* Picked rows from `begin` on, as many as there is room for; *end is behind the last. */
static enum joist_status put_rows(
        struct ji_sorter *sorter, size_t begin, size_t count, size_t *end, struct joist_error *err)
{
    enum joist_status status = JOIST_OK;
    const size_t held = sorter->count;
    size_t index = begin;
    for (; index < count; index++) {
        uint8_t *row = NULL;
        if (sorter->sizes[index] > UINT32_MAX)
            return ji_fail(err, JOIST_ERR_LIMIT, "a row of %llu bytes to order",
                    (unsigned long long)sorter->sizes[index]);
        status = place(sorter, (size_t)sorter->sizes[index], &row, err);
        if (status != JOIST_OK)
            break;
        sorter->bodies[index] = put_head(sorter, index, row);
    }
    *end = index;
    const enum joist_status put = ji_row_packer_put(
            &sorter->packer, sorter->rows + begin, index - begin, sorter->bodies + begin, err);
    if (put != JOIST_OK) {
        sorter->count = held; /* what was placed has no bytes yet */
        return put;
    }
    return index == begin ? status : JOIST_OK;
}

static enum joist_status add_step(struct ji_sorter *sorter, const struct ji_batch *batch, size_t begin,
        size_t end, uint64_t position, struct joist_error *err)
{
    size_t count = 0;
    size_t done = 0;
    JI_TRY(pick_rows(sorter, batch, begin, end, position, &count, err));
    JI_TRY(ji_row_packer_measure(&sorter->packer, sorter->rows, count, sorter->sizes, err));
    while (done < count) {
        const enum joist_status status = put_rows(sorter, done, count, &done, err);
        if (status != JOIST_OK)
            JI_TRY(make_room(sorter, status, err));
    }
    if (is_limited(sorter) &&
            sorter->count >= ji_max_size(2 * (size_t)sorter->options->limit, PRUNE_ROWS_MIN))
        (void)make_room_by_limit(sorter);
    return JOIST_OK;
}

enum joist_status ji_sorter_add(struct ji_sorter *sorter, const struct ji_batch *batch, size_t begin,
        size_t end, uint64_t position, struct joist_error *err)
{
    const struct ji_sort_options *options = sorter->options;
    JI_TRY(relieve(sorter, err));
    ji_evaluator_reset(sorter->evaluator);
    for (size_t key = 0; key < options->key_count; key++)
        JI_TRY(ji_evaluate(sorter->evaluator, options->keys[key], batch, &sorter->keys[key], err));
    JI_TRY(ji_row_packer_begin(&sorter->packer, batch, err));
    for (size_t at = begin; at < end; at += JI_ROW_STEP)
        JI_TRY(add_step(sorter, batch, at, ji_min_size(end, at + JI_ROW_STEP), position, err));
    return JOIST_OK;
}
