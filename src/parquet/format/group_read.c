/*
 * group_read.c - the row groups of a footer, their chunks passed over and marked, by several threads
 *
 *     groups   [ 0 ][ 1 ][ 2 ]...[ k ][ k+1 ]... [ n-1 ]
 *               main thread ...   ^start          several groups for each part
 *                              |->search
 *
 *   1. Where a group begins is known only to who has passed over those before it. The start of a later part
 *      is a guess: near the place where group k lies if all are as long as the first, bytes that look like
 *      the end of a group and the head of the next with its first chunk.
 *   2. A part is taken over only if the one before it ended at that very byte after so many groups. The
 *      reader then stands in the same state at the same byte as one that came all the way, so it has read
 *      what that one would have. What does not fit, or failed, is read again by who came all the way, so
 *      that a broken footer gives the same failure whatever the threads.
 *   3. A part has a window and an arena of its own; what it made is copied when it is taken over.
 *
 * Passing over 22 MB of chunks is half reading them out of the page cache and half comparing: both halve
 * with a second thread.
 */
#include "parquet/format/group_read.h"

#include "base/parallel.h"

#define PARTS_MAX 8
/* Less than so many bytes behind the first group are sooner read than divided. */
#define SPLIT_BYTES_MIN ((uint64_t)2 << 20)
/* Of a group, up to its first chunk. */
#define HEAD_BYTES_MAX 16
#define BACK_BYTES_MAX ((uint64_t)64 << 10)

static enum joist_status read_sorting(struct ji_footer_steps *steps, void *out, struct joist_error *err)
{
    struct ji_thrift_reader *const thrift = &steps->window->thrift;
    struct ji_sorting_column *const sorting = out;
    (void)err;
    *sorting = (struct ji_sorting_column){.column = 0};
    if (!ji_thrift_expect_struct(thrift, steps->list.type))
        return JOIST_OK;
    struct ji_thrift_field field = ji_thrift_struct(thrift);
    while (ji_thrift_next(thrift, &field)) {
        if (field.id == 1)
            sorting->column = ji_thrift_i32(thrift, field.type);
        else if (field.id == 2)
            sorting->descending = ji_thrift_bool(thrift, field.type);
        else if (field.id == 3)
            sorting->nulls_first = ji_thrift_bool(thrift, field.type);
        else
            ji_thrift_skip(thrift, field.type);
    }
    return JOIST_OK;
}

static enum joist_status skip_chunk(struct ji_footer_steps *steps, void *out, struct joist_error *err)
{
    (void)out;
    (void)err;
    ji_thrift_pattern_skip(&steps->chunk_pattern, &steps->window->thrift);
    return JOIST_OK;
}

/* Passes over the chunks of a group and marks each JI_CHUNKS_A_MARK-th, and the end. */
static enum joist_status mark_chunks(struct ji_footer_steps *steps, enum ji_thrift_type type,
        struct ji_row_group *group, struct joist_error *err)
{
    struct ji_footer_window *const window = steps->window;
    JI_TRY(ji_footer_list_head(steps, type, err));
    const struct ji_thrift_list list = steps->list;
    const size_t mark_count = (list.count + JI_CHUNKS_A_MARK - 1) / JI_CHUNKS_A_MARK;
    uint32_t *marks = NULL;
    JI_TRY(ji_arena_array(steps->arena, mark_count + 1, sizeof marks[0], &marks, err));
    if (list.count > 0 && !ji_thrift_expect_struct(&window->thrift, list.type))
        return JOIST_OK;
    for (size_t index = 0; index < list.count && window->thrift.error == JI_THRIFT_FINE; index++) {
        if (index % JI_CHUNKS_A_MARK == 0)
            marks[index / JI_CHUNKS_A_MARK] = (uint32_t)ji_footer_window_position(window);
        /* Nearly always all is here, and nothing has to be tried again. */
        if ((size_t)(window->thrift.end - window->thrift.at) < JI_FOOTER_VALUE_BYTES)
            JI_TRY(ji_footer_window_need(window, JI_FOOTER_VALUE_BYTES, err));
        if (steps->chunk_pattern.size > 0 && ji_thrift_pattern_pass(&steps->chunk_pattern, &window->thrift))
            continue;
        JI_TRY(ji_footer_read_whole(steps, skip_chunk, NULL, err));
    }
    marks[mark_count] = (uint32_t)ji_footer_window_position(window);
    group->chunk_count = list.count;
    group->chunk_marks = marks;
    return JOIST_OK;
}

static enum joist_status read_group(
        struct ji_footer_steps *steps, struct ji_row_group *group, struct joist_error *err)
{
    struct ji_thrift_reader *const thrift = &steps->window->thrift;
    enum joist_status status = JOIST_OK;
    *group = (struct ji_row_group){.row_count = -1, .file_offset = -1, .compressed_bytes = -1, .ordinal = -1};
    struct ji_thrift_field field = ji_thrift_struct(thrift);
    while (ji_footer_next_field(steps, &field, &status, err)) {
        switch (field.id) {
        case 1:
            JI_TRY(mark_chunks(steps, field.type, group, err));
            break;
        case 2:
            group->total_bytes = ji_thrift_i64(thrift, field.type);
            break;
        case 3:
            group->row_count = ji_thrift_i64(thrift, field.type);
            break;
        case 4:
            JI_TRY(ji_footer_read_list(steps, field.type, sizeof group->sorting[0], read_sorting,
                    &group->sorting, &group->sorting_count, err));
            break;
        case 5:
            group->file_offset = ji_thrift_i64(thrift, field.type);
            break;
        case 6:
            group->compressed_bytes = ji_thrift_i64(thrift, field.type);
            break;
        case 7:
            group->ordinal = ji_thrift_i16(thrift, field.type);
            break;
        default:
            JI_TRY(ji_footer_skip_field(steps, field.type, err));
        }
    }
    return status;
}

/* Groups from `first` on; a failure of the thrift reader ends them, and sticks. */
static enum joist_status read_range(struct ji_footer_steps *steps, struct ji_thrift_list list,
        struct ji_row_group *groups, size_t first, size_t count, struct joist_error *err)
{
    for (size_t index = first; index < first + count; index++) {
        if (!ji_thrift_expect_struct(&steps->window->thrift, list.type))
            break;
        const enum joist_status status = read_group(steps, &groups[index], err);
        if (status != JOIST_OK) {
            ji_error_prefix(err, "row group %zu", index);
            return status;
        }
    }
    return JOIST_OK;
}

/* --- several parts --- */

/* How a group begins. */
struct group_head {
    uint8_t bytes[HEAD_BYTES_MAX];
    size_t size;
};

struct part {
    struct ji_footer_window window;
    struct ji_arena arena;
    struct ji_footer_steps steps;
    uint64_t start;
    size_t first;
    size_t count;
    bool is_read;
};

struct split {
    struct ji_footer_steps *steps; /* of who came all the way: reads the first part */
    struct ji_thrift_list list;
    struct ji_row_group *groups;
    size_t first;
    size_t count;
    struct part parts[PARTS_MAX - 1]; /* the other ones */
    size_t part_count;
};

/* A group's start in what is here of the footer, behind the reader; SIZE_MAX where there is none. */
static size_t find_head(const struct ji_footer_steps *steps, const struct group_head *head)
{
    struct ji_thrift_reader thrift = steps->window->thrift;
    struct ji_thrift_pattern pattern = steps->chunk_pattern;
    const uint8_t *const begin = thrift.at;
    const uint8_t *at = begin + 1;
    while (thrift.end > at) {
        at = memmem(at, (size_t)(thrift.end - at), head->bytes, head->size);
        if (at == NULL)
            return SIZE_MAX;
        thrift.at = at + head->size;
        pattern.strays = 0;
        /* The stop of the group before, and the first chunk. */
        if (at[-1] == 0 && ji_thrift_pattern_pass(&pattern, &thrift))
            return (size_t)(at - begin);
        at++;
    }
    return SIZE_MAX;
}

/* Puts the part's reader on a group's start near `from`. */
static enum joist_status seek_group(struct part *part, const struct group_head *head, uint64_t from,
        uint64_t end, bool *found, struct joist_error *err)
{
    struct ji_footer_window *const window = &part->window;
    *found = false;
    while (!*found && from + JI_FOOTER_VALUE_BYTES < end) {
        ji_footer_window_seek(window, from);
        JI_TRY(ji_footer_window_need(window, JI_FOOTER_VALUE_BYTES, err));
        const size_t place = find_head(&part->steps, head);
        *found = place != SIZE_MAX;
        if (*found)
            window->thrift.at += place;
        else
            from = window->end - JI_FOOTER_VALUE_BYTES;
    }
    part->start = ji_footer_window_position(window);
    return JOIST_OK;
}

/* Opens the part that begins with group `first`, where `bytes` is the length of one. */
static enum joist_status open_part(struct split *split, const struct group_head *head, size_t first,
        uint64_t bytes, struct joist_error *err)
{
    struct part *const part = &split->parts[split->part_count];
    const struct ji_footer_window *const window = split->steps->window;
    const uint64_t guess = ji_footer_window_position(window) + (first - split->first) * bytes;
    const uint64_t back = ji_min_u64(bytes / 8, BACK_BYTES_MAX);
    const uint64_t end = ji_min_u64(guess + bytes / 2, window->footer_bytes);
    bool found = false;
    JI_TRY(ji_footer_window_open(
            &part->window, window->mem, window->source, window->offset, window->footer_bytes, err));
    ji_arena_init(&part->arena, window->mem);
    part->steps = *split->steps;
    part->steps.window = &part->window;
    part->steps.arena = &part->arena;
    part->window.thrift.depth = window->thrift.depth;
    part->first = first;
    split->part_count++;
    JI_TRY(seek_group(part, head, guess - back, end, &found, err));
    return found ? JOIST_OK : JOIST_ERR_NOT_FOUND;
}

/* Divides what is left of the groups; a part that cannot be opened is the last's before it. */
static void open_parts(struct split *split, const struct group_head *head, uint64_t bytes)
{
    const size_t all = split->count;
    const size_t wanted = ji_min_size(ji_min_size(ji_ctx_threads(split->steps->ctx), PARTS_MAX), all);
    size_t *count = &split->count;
    for (size_t index = 1; index < wanted; index++) {
        const size_t first = split->first + all * index / wanted;
        struct joist_error err;
        if (open_part(split, head, first, bytes, &err) != JOIST_OK)
            return; /* as good as it gets: who comes all the way meets what is wrong, if anything is */
        struct part *const part = &split->parts[split->part_count - 1];
        part->count = split->first + all - first;
        *count = first - (count == &split->count ? split->first : part[-1].first);
        count = &part->count;
    }
}

static enum joist_status run_part(void *arg, size_t index, unsigned worker, struct joist_error *err)
{
    struct split *const split = arg;
    (void)worker;
    if (index == 0)
        return read_range(split->steps, split->list, split->groups, split->first, split->count, err);
    struct part *const part = &split->parts[index - 1];
    part->is_read =
            read_range(&part->steps, split->list, split->groups, part->first, part->count, err) == JOIST_OK &&
            part->window.thrift.error == JI_THRIFT_FINE;
    return JOIST_OK;
}

/* What groups point to goes to the arena of who came all the way. */
static enum joist_status keep_groups(struct split *split, const struct part *part, struct joist_error *err)
{
    struct ji_arena *const arena = split->steps->arena;
    for (size_t index = part->first; index < part->first + part->count; index++) {
        struct ji_row_group *const group = &split->groups[index];
        const size_t marks = (group->chunk_count + JI_CHUNKS_A_MARK - 1) / JI_CHUNKS_A_MARK + 1;
        uint32_t *chunk_marks = NULL;
        struct ji_sorting_column *sorting = NULL;
        JI_TRY(ji_arena_array(arena, marks, sizeof chunk_marks[0], &chunk_marks, err));
        JI_TRY(ji_arena_array(arena, group->sorting_count, sizeof sorting[0], &sorting, err));
        if (group->chunk_marks != NULL)
            memcpy(chunk_marks, group->chunk_marks, marks * sizeof chunk_marks[0]);
        if (group->sorting_count > 0)
            memcpy(sorting, group->sorting, group->sorting_count * sizeof sorting[0]);
        group->chunk_marks = group->chunk_marks == NULL ? NULL : chunk_marks;
        group->sorting = sorting;
    }
    return JOIST_OK;
}

/* Takes over the parts that begin where the one before them ended; `done` counts the groups that are read. */
static enum joist_status join_parts(struct split *split, size_t *done, struct joist_error *err)
{
    struct ji_footer_window *const window = split->steps->window;
    *done = split->first + split->count;
    if (window->thrift.error != JI_THRIFT_FINE)
        return JOIST_OK;
    for (size_t index = 0; index < split->part_count; index++) {
        const struct part *const part = &split->parts[index];
        if (!part->is_read || part->start != ji_footer_window_position(window))
            return JOIST_OK;
        JI_TRY(keep_groups(split, part, err));
        ji_footer_window_seek(window, ji_footer_window_position(&part->window));
        *done += part->count;
    }
    return JOIST_OK;
}

static enum joist_status read_split(struct split *split, const struct group_head *head, uint64_t bytes,
        size_t *done, struct joist_error *err)
{
    enum joist_status status = JOIST_OK;
    open_parts(split, head, bytes);
    JI_TRY_OUT(ji_parallel(split->steps->ctx, split->part_count + 1, run_part, split, err));
    JI_TRY_OUT(join_parts(split, done, err));
out:
    for (size_t index = 0; index < split->part_count; index++) {
        ji_footer_window_close(&split->parts[index].window);
        ji_arena_clear(&split->parts[index].arena);
    }
    return status;
}

/* Reads the first group, and where that promises many bytes the others side by side; how many are read. */
static enum joist_status read_ahead(struct ji_footer_steps *steps, struct ji_thrift_list list,
        struct ji_row_group *groups, size_t *done, struct joist_error *err)
{
    struct ji_footer_window *const window = steps->window;
    JI_TRY(ji_footer_window_need(window, JI_FOOTER_VALUE_BYTES, err));
    struct group_head head = {.size = 0};
    const uint64_t start = ji_footer_window_position(window);
    const size_t here = ji_min_size((size_t)(window->thrift.end - window->thrift.at), HEAD_BYTES_MAX);
    if (here > 0)
        memcpy(head.bytes, window->thrift.at, here);
    JI_TRY(read_range(steps, list, groups, 0, 1, err));
    *done = 1;
    const uint64_t end = ji_footer_window_position(window);
    if (window->thrift.error != JI_THRIFT_FINE || groups[0].chunk_count == 0 ||
            groups[0].chunk_marks[0] - start > here || steps->chunk_pattern.size == 0 ||
            (end - start) * (list.count - 1) < SPLIT_BYTES_MIN)
        return JOIST_OK;
    head.size = (size_t)(groups[0].chunk_marks[0] - start);

    struct split *split = NULL;
    JI_TRY(ji_alloc_zero(window->mem, 1, sizeof *split, &split, err));
    split->steps = steps;
    split->list = list;
    split->groups = groups;
    split->first = 1;
    split->count = list.count - 1;
    const enum joist_status status = read_split(split, &head, end - start, done, err);
    ji_free(window->mem, split, sizeof *split);
    return status;
}

enum joist_status ji_groups_read(struct ji_footer_steps *steps, enum ji_thrift_type type,
        struct ji_row_group **groups, size_t *count, struct joist_error *err)
{
    JI_TRY(ji_footer_list_head(steps, type, err));
    const struct ji_thrift_list list = steps->list;
    struct ji_row_group *made = NULL;
    size_t done = 0;
    JI_TRY(ji_arena_array(steps->arena, list.count, sizeof made[0], &made, err));
    *groups = made;
    *count = list.count;
    if (steps->ctx != NULL && ji_ctx_threads(steps->ctx) > 1 && list.count > 2 &&
            !ji_footer_window_is_whole(steps->window))
        JI_TRY(read_ahead(steps, list, made, &done, err));
    return read_range(steps, list, made, done, list.count - done, err);
}
