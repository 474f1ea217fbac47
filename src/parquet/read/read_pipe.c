/*
 * read_pipe.c - which column is read next, by whom, and how far ahead
 *
 *     column 0:  [piece][piece]  reading ...          each at most `ahead` pieces before the caller
 *     column 1:  [piece]         reading ...
 *     column 2:  [piece][piece][piece]                full: waits for the caller
 *                   |
 *                   +--> the caller: one piece of each, as one array
 *
 * The unit of work is the next piece of one column; decoding a column is sequential, so a column is read
 * by one thread at a time, but not always the same one. Threads claim the column that is behind the others,
 * and of several the heaviest. The caller's thread works whenever a piece that it needs is missing; helpers
 * run on the executor while there is something to claim, and end when there is not, so that a caller who
 * stops pulling holds no thread. With one thread there are no helpers and nothing is read before its time.
 *
 *   1. Everything below `lock` changes under the lock, but for the pipe of a column whose state is BUSY,
 *      which is the claiming thread's alone.
 *   2. A column is in the heap if and only if its state is IDLE: not at the end, not failed, not full.
 *   3. `missing` counts the columns without a piece that are not at their end.
 *   4. What a column gives does not depend on threads or on how far others are. A failure is kept where no
 *      other of a lower row, or of the same row and a lower column, is; and it is told when the caller comes
 *      to its row and every column has either failed there or has a piece.
 *   5. `references` counts the pipe's owner and every helper that was submitted; the last one frees the
 *      block. Nobody but the owner touches anything but the block's own fields after `closing`.
 *
 * Where memory is short (a quarter of the limit is left), nobody reads ahead: only columns that the caller
 * waits for are claimed.
 */
#include "parquet/read/read_pipe.h"

#include "arrow/array_export.h"
#include "parquet/read/column_pipe.h"

#include <assert.h>
#include <pthread.h>

#define BATCH_ROWS_DEFAULT 16384
#define AHEAD_MAX 4
/* A column's share, the source's memory. With more all columns wait while a disk brings what is later. */
#define READ_AHEAD_DEFAULT ((size_t)256 << 10)
#define IO_BYTES_MAX ((size_t)64 << 20)
/* All pieces ahead of the caller take about one part in so many of the limit. */
#define AHEAD_SHARE 8
#define SHORT_SHARE 4

enum column_state { COLUMN_IDLE, COLUMN_BUSY, COLUMN_FULL, COLUMN_ENDED };

struct column {
    struct ji_column_pipe pipe;
    uint64_t weight;
    enum column_state state;
    bool has_failed;
    struct ArrowArray *pieces; /* a ring of `ahead` */
    size_t first;
    size_t count;
};

/* What a thread needs to work, for as long as it does. */
struct lane {
    struct ji_codec_context *codecs;
    struct ji_arena scratch;
    struct lane *next; /* free ones */
};

struct ji_read_pipe {
    struct joist_ctx *ctx; /* a reference */
    struct joist_parquet_file *file;
    struct ji_mem *mem;
    struct ji_arena arena;
    struct ji_row_plan plan;
    const struct joist_cancel *cancel;
    struct lane *lanes;
    unsigned lane_count;
    size_t ahead;
    size_t opened; /* columns that are to be cleared */

    pthread_mutex_t lock;
    pthread_cond_t changed;
    size_t references;
    unsigned helpers; /* submitted and not yet ended */
    unsigned inside;  /* of these, at work */
    bool closing;
    struct lane *free_lanes;
    struct column *columns;
    uint32_t *heap; /* of IDLE columns, the one to be claimed first on top */
    size_t heap_count;
    size_t missing;
    struct ji_page_service pages;
    struct ArrowArray *heads; /* of one array: scratch of the caller's */
    uint64_t row;             /* the caller's: of the file */
    struct ji_row_place place;
    bool has_failed;
    uint64_t failed_row;
    size_t failed_column;
    struct joist_error error;
};

/* --- the heap of columns that may be read, under the lock --- */

static bool goes_before(const struct ji_read_pipe *pipe, uint32_t a, uint32_t b)
{
    const struct column *const first = &pipe->columns[a];
    const struct column *const second = &pipe->columns[b];
    if (first->pipe.row != second->pipe.row)
        return first->pipe.row < second->pipe.row;
    if (first->weight != second->weight)
        return first->weight > second->weight;
    return a < b;
}

static void heap_push(struct ji_read_pipe *pipe, uint32_t column)
{
    pipe->columns[column].state = COLUMN_IDLE;
    size_t at = pipe->heap_count++;
    while (at > 0 && goes_before(pipe, column, pipe->heap[(at - 1) / 2])) {
        pipe->heap[at] = pipe->heap[(at - 1) / 2];
        at = (at - 1) / 2;
    }
    pipe->heap[at] = column;
}

static uint32_t heap_pop(struct ji_read_pipe *pipe)
{
    const uint32_t top = pipe->heap[0];
    const uint32_t last = pipe->heap[--pipe->heap_count];
    size_t at = 0;
    for (;;) {
        size_t child = at * 2 + 1;
        if (child >= pipe->heap_count)
            break;
        if (child + 1 < pipe->heap_count && goes_before(pipe, pipe->heap[child + 1], pipe->heap[child]))
            child++;
        if (!goes_before(pipe, pipe->heap[child], last))
            break;
        pipe->heap[at] = pipe->heap[child];
        at = child;
    }
    pipe->heap[at] = last;
    return top;
}

/* --- the work, under the lock but where it is said --- */

static bool memory_is_short(const struct ji_read_pipe *pipe)
{
    const uint64_t limit = ji_mem_limit(pipe->mem);
    return limit != UINT64_MAX && ji_mem_room(pipe->mem) < limit / SHORT_SHARE;
}

/* May the column on top of the heap be read now? */
static bool can_claim(const struct ji_read_pipe *pipe)
{
    if (pipe->heap_count == 0 || pipe->closing)
        return false;
    const struct column *const column = &pipe->columns[pipe->heap[0]];
    /* Behind the first failure nothing is told any more. */
    if (pipe->has_failed && column->pipe.row > pipe->failed_row)
        return false;
    return column->count == 0 || (pipe->lane_count > 1 && !memory_is_short(pipe));
}

static void note_failure(struct ji_read_pipe *pipe, size_t index, const struct joist_error *error)
{
    struct column *const column = &pipe->columns[index];
    column->state = COLUMN_ENDED;
    column->has_failed = true;
    if (column->count == 0)
        pipe->missing--;
    const uint64_t row = column->pipe.row;
    if (pipe->has_failed &&
            (pipe->failed_row < row || (pipe->failed_row == row && pipe->failed_column < index)))
        return;
    pipe->has_failed = true;
    pipe->failed_row = row;
    pipe->failed_column = index;
    pipe->error = *error;
}

static void note_piece(struct ji_read_pipe *pipe, size_t index, const struct ArrowArray *piece)
{
    struct column *const column = &pipe->columns[index];
    if (column->count == 0)
        pipe->missing--;
    column->pieces[(column->first + column->count++) % pipe->ahead] = *piece;
    if (ji_column_pipe_at_end(&column->pipe))
        column->state = COLUMN_ENDED;
    else if (column->count == pipe->ahead)
        column->state = COLUMN_FULL;
    else
        heap_push(pipe, (uint32_t)index);
}

/* Without the lock. */
static enum joist_status run(struct ji_read_pipe *pipe, size_t index, struct lane *lane,
        struct ArrowArray *piece, struct joist_error *err)
{
    JI_TRY(ji_cancel_check(pipe->cancel, err));
    return ji_column_pipe_next(&pipe->columns[index].pipe, lane->codecs, &lane->scratch, piece, err);
}

/* Is there anything to do: a page to be loaded, or a piece to be made? */
static bool can_work(const struct ji_read_pipe *pipe)
{
    return (pipe->pages.wanted > 0 && !pipe->closing) || can_claim(pipe);
}

/*
 * Loads a page that somebody will soon want, or claims the next piece and makes it; the lock is let go of
 * meanwhile.
 */
static void work(struct ji_read_pipe *pipe, struct lane *lane)
{
    if (pipe->pages.wanted > 0) {
        ji_page_service_work(&pipe->pages, lane->codecs);
        return;
    }
    const uint32_t index = heap_pop(pipe);
    struct ArrowArray piece = {.release = NULL};
    struct joist_error error = {.status = JOIST_OK};
    pipe->columns[index].state = COLUMN_BUSY;
    pthread_mutex_unlock(&pipe->lock);
    const enum joist_status status = run(pipe, index, lane, &piece, &error);
    pthread_mutex_lock(&pipe->lock);
    error.status = status;
    if (status != JOIST_OK)
        note_failure(pipe, index, &error);
    else
        note_piece(pipe, index, &piece);
    pthread_cond_broadcast(&pipe->changed);
}

static struct lane *take_lane(struct ji_read_pipe *pipe)
{
    struct lane *const lane = pipe->free_lanes;
    assert(lane != NULL); /* as many as threads: the caller and `helpers` */
    pipe->free_lanes = lane->next;
    return lane;
}

static void put_lane(struct ji_read_pipe *pipe, struct lane *lane)
{
    lane->next = pipe->free_lanes;
    pipe->free_lanes = lane;
}

/* Frees the block that helpers know; the rest is gone already. */
static void free_block(struct ji_read_pipe *pipe)
{
    struct joist_ctx *const ctx = pipe->ctx;
    pthread_mutex_destroy(&pipe->lock);
    pthread_cond_destroy(&pipe->changed);
    ji_free(ji_ctx_mem(ctx), pipe, sizeof *pipe);
    joist_ctx_close(ctx);
}

/* A helper's whole life. */
static void help(void *arg)
{
    struct ji_read_pipe *const pipe = arg;
    pthread_mutex_lock(&pipe->lock);
    if (!pipe->closing) {
        struct lane *const lane = take_lane(pipe);
        pipe->inside++;
        while (can_work(pipe))
            work(pipe, lane);
        pipe->inside--;
        put_lane(pipe, lane);
    }
    pipe->helpers--;
    const bool is_last = --pipe->references == 0;
    if (!is_last)
        pthread_cond_broadcast(&pipe->changed);
    pthread_mutex_unlock(&pipe->lock);
    if (is_last)
        free_block(pipe);
}

/* As many helpers as there is work for; lets go of the lock, since one may run at once. */
static void call_helpers(struct ji_read_pipe *pipe)
{
    while (can_work(pipe) && pipe->helpers + 1 < pipe->lane_count &&
            pipe->helpers - pipe->inside < pipe->heap_count + pipe->pages.wanted) {
        pipe->helpers++;
        pipe->references++;
        pthread_mutex_unlock(&pipe->lock);
        ji_ctx_submit(pipe->ctx, help, pipe);
        pthread_mutex_lock(&pipe->lock);
    }
}

/* Until every column has a piece, or has failed where the caller stands. */
static void wait_for_pieces(struct ji_read_pipe *pipe)
{
    struct lane *const lane = take_lane(pipe);
    while (pipe->missing > 0) {
        call_helpers(pipe);
        if (pipe->missing == 0)
            break;
        if (can_work(pipe))
            work(pipe, lane);
        else
            pthread_cond_wait(&pipe->changed, &pipe->lock);
    }
    put_lane(pipe, lane);
}

/* --- what the caller gets --- */

/* Rows of the next array: as many as all columns have at once. */
static size_t rows_at_once(struct ji_read_pipe *pipe)
{
    if (pipe->plan.column_count == 0) {
        ji_row_plan_seek(&pipe->plan, pipe->row, &pipe->place);
        return (size_t)ji_min_u64(pipe->plan.batch_rows_max, pipe->place.end - pipe->row);
    }
    int64_t rows = INT64_MAX;
    for (size_t index = 0; index < pipe->plan.column_count; index++) {
        const struct column *const column = &pipe->columns[index];
        const int64_t held = column->pieces[column->first].length;
        rows = held < rows ? held : rows;
    }
    return (size_t)rows;
}

/* The first `rows` rows of the column's first piece. */
static enum joist_status take_head(
        struct ji_read_pipe *pipe, size_t index, size_t rows, struct joist_error *err)
{
    struct column *const column = &pipe->columns[index];
    struct ArrowArray *const piece = &column->pieces[column->first];
    if (rows < (size_t)piece->length)
        return ji_array_cut(piece, rows, &pipe->heads[index], err);
    pipe->heads[index] = *piece;
    piece->release = NULL;
    column->first = (column->first + 1) % pipe->ahead;
    column->count--;
    if (column->state == COLUMN_FULL)
        heap_push(pipe, (uint32_t)index);
    if (column->count == 0 && (column->state != COLUMN_ENDED))
        pipe->missing++;
    return JOIST_OK;
}

static enum joist_status take_heads(struct ji_read_pipe *pipe, size_t *rows, struct joist_error *err)
{
    if (pipe->has_failed && pipe->failed_row <= pipe->row) {
        if (err != NULL)
            *err = pipe->error;
        return pipe->error.status;
    }
    *rows = rows_at_once(pipe);
    for (size_t index = 0; index < pipe->plan.column_count; index++)
        JI_TRY(take_head(pipe, index, *rows, err));
    pipe->row += *rows;
    return JOIST_OK;
}

static void drop_heads(struct ji_read_pipe *pipe)
{
    for (size_t index = 0; index < pipe->plan.column_count; index++) {
        if (pipe->heads[index].release != NULL)
            pipe->heads[index].release(&pipe->heads[index]);
    }
}

static enum joist_status next_array(
        struct ji_read_pipe *pipe, struct ArrowArray *array, struct joist_error *err)
{
    JI_TRY(ji_cancel_check(pipe->cancel, err));
    size_t rows = 0;
    pthread_mutex_lock(&pipe->lock);
    wait_for_pieces(pipe);
    const enum joist_status status = take_heads(pipe, &rows, err);
    if (status == JOIST_OK)
        call_helpers(pipe);
    pthread_mutex_unlock(&pipe->lock);
    if (status != JOIST_OK)
        return status;
    return ji_array_of_columns(pipe->ctx, rows, pipe->heads, pipe->plan.column_count, array, err);
}

enum joist_status ji_read_pipe_next(
        struct ji_read_pipe *pipe, struct ArrowArray *array, struct joist_error *err)
{
    struct ArrowArray made = {.release = NULL};
    if (pipe->row < pipe->plan.row_end) {
        const enum joist_status status = next_array(pipe, &made, err);
        if (status != JOIST_OK) {
            drop_heads(pipe);
            ji_error_place(err, ji_source_name(&pipe->file->source));
            return status;
        }
    }
    *array = made;
    return JOIST_OK;
}

/* --- open and close --- */

/* What is read ahead, by what the first group's chunks say. */
static size_t choose_ahead(const struct ji_read_pipe *pipe)
{
    const uint64_t limit = ji_mem_limit(pipe->mem);
    struct ji_row_place place = {.group = 0};
    if (pipe->lane_count == 1)
        return 1;
    ji_row_plan_seek(&pipe->plan, pipe->plan.row_start, &place);
    if (limit == UINT64_MAX || place.group == joist_parquet_row_group_count(pipe->file))
        return AHEAD_MAX;
    uint64_t bytes = 1;
    for (size_t index = 0; index < pipe->plan.column_count; index++)
        bytes += ji_row_plan_column_bytes(&pipe->plan, place.group, pipe->plan.columns[index]);
    return (size_t)ji_max_u64(ji_min_u64(limit / AHEAD_SHARE / bytes, AHEAD_MAX), 1);
}

static enum joist_status open_lanes(struct ji_read_pipe *pipe, struct joist_error *err)
{
    const size_t threads = ji_ctx_threads(pipe->ctx);
    const size_t useful = pipe->plan.column_count * (1 + JI_PAGES_AHEAD);
    const size_t wanted = ji_max_size(ji_min_size(threads, useful), 1);
    JI_TRY(ji_arena_array(&pipe->arena, wanted, sizeof pipe->lanes[0], &pipe->lanes, err));
    for (size_t index = 0; index < wanted; index++) {
        struct lane *const lane = &pipe->lanes[index];
        JI_TRY(ji_codec_context_open(pipe->mem, &lane->codecs, err));
        ji_arena_init(&lane->scratch, pipe->mem);
        pipe->lane_count++;
        put_lane(pipe, lane);
    }
    return JOIST_OK;
}

static uint64_t weight_of(const struct ji_read_pipe *pipe, size_t column)
{
    struct ji_row_place place = {.group = 0};
    ji_row_plan_seek(&pipe->plan, pipe->plan.row_start, &place);
    if (place.group == joist_parquet_row_group_count(pipe->file))
        return 0;
    return ji_row_plan_column_bytes(&pipe->plan, place.group, column);
}

/* A column that has more to do than one thread's share is helped with its pages. */
static bool is_heavy(const struct ji_read_pipe *pipe, uint64_t weight, uint64_t all)
{
    return pipe->lane_count > 1 && weight > all / pipe->lane_count;
}

static bool may_read_ahead(void *user)
{
    const struct ji_read_pipe *const pipe = user;
    return !pipe->closing && !memory_is_short(pipe);
}

static void call_for_pages(void *user)
{
    call_helpers(user);
}

/* How far ahead the source is told of what each column will read. */
static size_t hint_bytes(const struct ji_read_pipe_options *options)
{
    const size_t share = options->read_ahead / ji_max_size(options->column_count, 1);
    if (options->read_ahead > 0)
        return ji_max_size(share, 1);
    return READ_AHEAD_DEFAULT;
}

static enum joist_status open_columns(
        struct ji_read_pipe *pipe, const struct ji_read_pipe_options *options, struct joist_error *err)
{
    const size_t count = options->column_count;
    struct ArrowArray *pieces = NULL;
    const size_t hint = hint_bytes(options);
    uint64_t all = 0;
    for (size_t index = 0; index < count; index++)
        all += weight_of(pipe, options->columns[index]);
    JI_TRY(ji_arena_array(&pipe->arena, count, sizeof pipe->columns[0], &pipe->columns, err));
    JI_TRY(ji_arena_array(&pipe->arena, count, sizeof pipe->heap[0], &pipe->heap, err));
    JI_TRY(ji_arena_array(&pipe->arena, count, sizeof pipe->heads[0], &pipe->heads, err));
    JI_TRY(ji_arena_array(&pipe->arena, count, pipe->ahead * sizeof pieces[0], &pieces, err));
    for (size_t index = 0; index < count; index++) {
        struct column *const column = &pipe->columns[index];
        const struct ji_column_pipe_options column_options = {
                .mem = pipe->mem,
                .shape = &options->shape->children[index],
                .projected = options->projected == NULL ? NULL : &options->projected[index],
                .no_crc = options->no_crc,
                .io_bytes = ji_min_size(options->io_bytes, IO_BYTES_MAX),
                .hint_bytes = hint,
                .service = is_heavy(pipe, column->weight, all) ? &pipe->pages : NULL,
        };
        column->weight = weight_of(pipe, options->columns[index]);
        column->pieces = pieces + index * pipe->ahead;
        JI_TRY(ji_column_pipe_init(
                &column->pipe, &pipe->plan, options->columns[index], &column_options, &pipe->arena, err));
        pipe->opened = index + 1;
        column->state = COLUMN_ENDED;
        if (!ji_column_pipe_at_end(&column->pipe)) {
            heap_push(pipe, (uint32_t)index);
            pipe->missing++;
        }
    }
    return JOIST_OK;
}

static enum joist_status open_pipe(
        struct ji_read_pipe *pipe, const struct ji_read_pipe_options *options, struct joist_error *err)
{
    JI_TRY(ji_mem_open(ji_ctx_mem(pipe->ctx), "Parquet columns", &pipe->mem, err));
    ji_arena_init(&pipe->arena, pipe->mem);
    pipe->plan = (struct ji_row_plan){
            .file = options->file,
            .schema = options->schema,
            .columns = options->columns,
            .column_count = options->column_count,
            .row_start = options->row_start,
            .row_end = options->row_end,
            .batch_bytes_max = options->batch_bytes > 0
                    ? ji_min_size(options->batch_bytes, JI_BATCH_BYTES_MAX)
                    : ji_batch_bytes_max(pipe->mem),
            .batch_rows_max = options->batch_rows > 0 ? options->batch_rows : BATCH_ROWS_DEFAULT,
    };
    JI_TRY(ji_row_plan_init(&pipe->plan, &pipe->arena, err));
    JI_TRY(open_lanes(pipe, err));
    pipe->ahead = choose_ahead(pipe);
    return open_columns(pipe, options, err);
}

enum joist_status ji_read_pipe_open(
        const struct ji_read_pipe_options *options, struct ji_read_pipe **pipe, struct joist_error *err)
{
    struct joist_ctx *const ctx = options->file->ctx;
    struct ji_read_pipe *made = NULL;
    JI_TRY(ji_alloc_zero(ji_ctx_mem(ctx), 1, sizeof *made, &made, err));
    made->ctx = ji_ctx_retain(ctx);
    made->file = options->file;
    made->cancel = options->cancel;
    made->row = options->row_start;
    made->references = 1;
    pthread_mutex_init(&made->lock, NULL);
    pthread_cond_init(&made->changed, NULL);
    made->pages = (struct ji_page_service){.lock = &made->lock,
            .changed = &made->changed,
            .user = made,
            .call = call_for_pages,
            .may_read_ahead = may_read_ahead};
    const enum joist_status status = open_pipe(made, options, err);
    if (status != JOIST_OK) {
        ji_read_pipe_close(made);
        return status;
    }
    *pipe = made;
    return JOIST_OK;
}

static void free_parts(struct ji_read_pipe *pipe)
{
    for (size_t index = 0; index < pipe->opened; index++) {
        struct column *const column = &pipe->columns[index];
        for (size_t step = 0; step < column->count; step++) {
            struct ArrowArray *const piece = &column->pieces[(column->first + step) % pipe->ahead];
            piece->release(piece);
        }
        ji_column_pipe_clear(&column->pipe);
    }
    for (unsigned index = 0; index < pipe->lane_count; index++) {
        ji_codec_context_close(pipe->lanes[index].codecs);
        ji_arena_clear(&pipe->lanes[index].scratch);
    }
    ji_arena_clear(&pipe->arena);
    ji_mem_close(pipe->mem);
}

void ji_read_pipe_close(struct ji_read_pipe *pipe)
{
    if (pipe == NULL)
        return;
    bool all_begun = false;
    pthread_mutex_lock(&pipe->lock);
    pipe->closing = true;
    pthread_mutex_unlock(&pipe->lock);
    const size_t withdrawn = ji_ctx_withdraw(pipe->ctx, pipe, &all_begun);
    pthread_mutex_lock(&pipe->lock);
    pipe->references -= withdrawn;
    while (pipe->inside > 0 || (all_begun && pipe->references > 1))
        pthread_cond_wait(&pipe->changed, &pipe->lock);
    pthread_mutex_unlock(&pipe->lock);
    free_parts(pipe);
    pthread_mutex_lock(&pipe->lock);
    const bool is_last = --pipe->references == 0;
    pthread_mutex_unlock(&pipe->lock);
    if (is_last)
        free_block(pipe);
}
