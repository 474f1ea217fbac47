/*
 * split_footer_test.c - row groups that several threads pass over are what one would have found
 */
#include "support/test.h"

#include "base/ctx.h"
#include "parquet/format/footer_read.h"
#include "support/bytes_source.h"
#include "support/footer_bytes.h"

#include <string.h>

#define COLUMNS ((size_t)2000)
#define GROUPS ((size_t)20)
#define SEED 20
#define MEGABYTE ((size_t)1 << 20)

/* A footer of some 3 MB. */
struct split {
    struct joist_ctx *ctx;
    struct ji_arena arena;
    struct ji_footer footer;
    struct ji_bytes bytes;
};

static void make_elements(struct split *split)
{
    struct ji_schema_element *elements = NULL;
    assert_ok(ji_arena_array(&split->arena, COLUMNS + 1, sizeof elements[0], &elements, NULL));
    for (size_t index = 0; index <= COLUMNS; index++) {
        const char *name = NULL;
        assert_ok(ji_arena_printf(&split->arena, &name, NULL, "c%zu", index));
        elements[index] = (struct ji_schema_element){.name = ji_view_of_text(name),
                .physical = index == 0 ? JI_PHYSICAL_NONE : JI_PHYSICAL_INT64,
                .repetition = index == 0 ? JI_REQUIRED : JI_OPTIONAL,
                .child_count = index == 0 ? (int32_t)COLUMNS : 0,
                .converted = JI_CONVERTED_NONE};
    }
    split->footer.elements = elements;
    split->footer.element_count = COLUMNS + 1;
}

static void fill_group(struct split *split, size_t group, struct ji_statistics *statistics)
{
    struct ji_row_group *const made = &split->footer.groups[group];
    struct ji_sorting_column *sorting = NULL;
    assert_ok(ji_arena_array(&split->arena, COLUMNS, sizeof made->chunks[0], &made->chunks, NULL));
    assert_ok(ji_arena_array(&split->arena, 2, sizeof sorting[0], &sorting, NULL));
    sorting[1] = (struct ji_sorting_column){.column = (int32_t)group, .descending = true};
    made->chunk_count = COLUMNS;
    made->row_count = (int64_t)group + 1;
    made->total_bytes = (int64_t)(group * 1000);
    made->sorting = sorting;
    made->sorting_count = group % 3;
    made->ordinal = (int32_t)group;
    for (size_t column = 0; column < COLUMNS; column++)
        made->chunks[column] = (struct ji_chunk){
                .physical = JI_PHYSICAL_INT64,
                .codec = JI_PARQUET_SNAPPY,
                .encodings = 1u << JI_ENCODING_PLAIN,
                .has_metadata = true,
                .value_count = (int64_t)group + 1,
                .uncompressed_bytes = 500,
                .compressed_bytes = (int64_t)(100 + column % 60),
                .data_page_offset = (int64_t)((group * COLUMNS + column) * 537 + 4),
                .dictionary_page_offset = -1,
                .index_page_offset = -1,
                .bloom_offset = -1,
                .bloom_bytes = -1,
                .offset_index_offset = -1,
                .column_index_offset = -1,
                .path = &split->footer.elements[column + 1].name,
                .path_count = 1,
                .statistics = statistics,
        };
}

static int open_split(void **state)
{
    static struct split split;
    struct ji_statistics *statistics = NULL;
    const struct joist_ctx_options options = {.struct_size = sizeof options, .threads = 4};
    split = (struct split){.ctx = NULL};
    assert_ok(joist_ctx_open(&options, &split.ctx, NULL));
    ji_arena_init(&split.arena, ji_ctx_mem(split.ctx));
    ji_bytes_init(&split.bytes, ji_ctx_mem(split.ctx));
    struct ji_footer *const footer = &split.footer;
    make_elements(&split);
    assert_ok(ji_arena_array(&split.arena, GROUPS, sizeof footer->groups[0], &footer->groups, NULL));
    assert_ok(ji_arena_array(&split.arena, 1, sizeof *statistics, &statistics, NULL));
    *statistics = (struct ji_statistics){.has_min = true,
            .has_max = true,
            .min = ji_view_of_text("a value of twenty b."),
            .max = ji_view_of_text("one more of twenty b")};
    for (size_t group = 0; group < GROUPS; group++)
        fill_group(&split, group, statistics);
    footer->version = 2;
    footer->group_count = GROUPS;
    footer->created_by = ji_view_of_text("a test");
    footer_bytes(&split.bytes, footer);
    assert_in_range(split.bytes.size, 3 * MEGABYTE, 4 * MEGABYTE);
    *state = &split;
    return 0;
}

static int close_split(void **state)
{
    struct split *const split = *state;
    ji_bytes_clear(&split->bytes);
    ji_arena_clear(&split->arena);
    joist_ctx_close(split->ctx);
    return 0;
}

/* Decodes what stands in `from` with the context's threads, or with none. */
static enum joist_status decode(struct joist_ctx *ctx, bool alone, struct bytes_source *from,
        struct ji_arena *arena, struct ji_footer *footer, struct joist_error *err)
{
    struct ji_footer_window window;
    const struct joist_source source = bytes_source(from);
    JI_TRY(ji_footer_window_open(&window, ji_ctx_mem(ctx), &source, 0, from->size, err));
    const enum joist_status status = ji_footer_decode(alone ? NULL : ctx, arena, &window, footer, err);
    ji_footer_window_close(&window);
    return status;
}

static void assert_same(const struct ji_footer *one, const struct ji_footer *other)
{
    assert_int_equal(one->decoded_bytes, other->decoded_bytes);
    assert_int_equal(one->group_count, other->group_count);
    assert_true(ji_view_equal(one->created_by, other->created_by));
    for (size_t index = 0; index < one->group_count; index++) {
        const struct ji_row_group *const a = &one->groups[index];
        const struct ji_row_group *const b = &other->groups[index];
        assert_int_equal(a->row_count, b->row_count);
        assert_int_equal(a->total_bytes, b->total_bytes);
        assert_int_equal(a->ordinal, b->ordinal);
        assert_int_equal(a->chunk_count, b->chunk_count);
        assert_int_equal(a->sorting_count, b->sorting_count);
        for (size_t at = 0; at < a->sorting_count; at++)
            assert_memory_equal(&a->sorting[at], &b->sorting[at], sizeof a->sorting[at]);
        const size_t marks = (a->chunk_count + JI_CHUNKS_A_MARK - 1) / JI_CHUNKS_A_MARK + 1;
        assert_memory_equal(a->chunk_marks, b->chunk_marks, marks * sizeof a->chunk_marks[0]);
    }
}

/* Threads or none: the same groups, or the same failure in the same words. */
static enum joist_status compare(struct split *split, struct bytes_source *from)
{
    struct ji_arena arena;
    struct ji_footer footers[2];
    struct joist_error errs[2];
    memset(errs, 0, sizeof errs);
    ji_arena_init(&arena, ji_ctx_mem(split->ctx));
    const enum joist_status alone = decode(split->ctx, true, from, &arena, &footers[0], &errs[0]);
    const enum joist_status together = decode(split->ctx, false, from, &arena, &footers[1], &errs[1]);
    assert_int_equal(alone, together);
    if (alone == JOIST_OK)
        assert_same(&footers[0], &footers[1]);
    else
        assert_string_equal(errs[0].text, errs[1].text);
    ji_arena_clear(&arena);
    return alone;
}

static void groups_are_the_same_with_threads_and_without(void **state)
{
    struct split *const split = *state;
    struct bytes_source from = {.data = split->bytes.data, .size = split->bytes.size};
    assert_ok(compare(split, &from));
    from.is_short = true;
    assert_ok(compare(split, &from));
}

/* Threads begin in the middle: more is read than once through, in windows of 256 KiB. */
static void other_threads_take_their_parts(void **state)
{
    struct split *const split = *state;
    struct bytes_source from = {.data = split->bytes.data, .size = split->bytes.size};
    struct ji_arena arena;
    struct ji_footer footer;
    ji_arena_init(&arena, ji_ctx_mem(split->ctx));
    assert_ok(decode(split->ctx, true, &from, &arena, &footer, NULL));
    const uint64_t alone = from.reads;
    from.reads = 0;
    assert_ok(decode(split->ctx, false, &from, &arena, &footer, NULL));
    assert_true(from.reads > alone);
    assert_true(from.reads < 2 * alone);
    ji_arena_clear(&arena);
}

static uint64_t next_random(uint64_t *random)
{
    *random = *random * 6364136223846793005u + 1442695040888963407u;
    return *random >> 33;
}

static void whatever_byte_is_wrong_the_answer_is_the_same(void **state)
{
    struct split *const split = *state;
    uint64_t random = SEED;
    size_t failures = 0;
    print_message("seed %d\n", SEED);
    for (size_t step = 0; step < 60; step++) {
        const size_t at = next_random(&random) % split->bytes.size;
        const uint8_t kept = split->bytes.data[at];
        split->bytes.data[at] = (uint8_t)next_random(&random);
        struct bytes_source from = {.data = split->bytes.data, .size = split->bytes.size};
        failures += compare(split, &from) != JOIST_OK;
        split->bytes.data[at] = kept;
    }
    assert_in_range(failures, 1, 59);
}

static void a_footer_cut_anywhere_fails_in_the_same_words(void **state)
{
    struct split *const split = *state;
    for (size_t size = split->bytes.size - 1; size > 200000; size -= ji_min_size(size, 199999)) {
        struct bytes_source from = {.data = split->bytes.data, .size = size};
        assert_status(compare(split, &from), JOIST_ERR_CORRUPT);
    }
}

/* A group's head and first chunk where none begins: in the text of a statistic, behind a zero. */
static void a_false_head_misleads_nobody(void **state)
{
    struct split *const split = *state;
    struct bytes_source from = {.data = split->bytes.data, .size = split->bytes.size};
    struct ji_arena arena;
    struct ji_footer footer;
    ji_arena_init(&arena, ji_ctx_mem(split->ctx));
    assert_ok(decode(split->ctx, true, &from, &arena, &footer, NULL));
    const size_t chunk = footer.groups[0].chunk_marks[0];
    const size_t bytes = (size_t)(footer.groups[1].chunk_marks[0] - chunk);
    for (size_t group = 1; group < GROUPS; group++) {
        /* Over the last bytes of the group before: now and then what follows is a footer still. */
        uint8_t *const at = split->bytes.data + footer.groups[group].chunk_marks[0] - bytes / COLUMNS * 3;
        uint8_t kept[200];
        memcpy(kept, at, sizeof kept);
        at[0] = 0;
        memcpy(at + 1, split->bytes.data + chunk - 4, sizeof kept - 1);
        (void)compare(split, &from);
        memcpy(at, kept, sizeof kept);
    }
    ji_arena_clear(&arena);
}

static void a_read_that_fails_is_an_error_or_was_not_needed(void **state)
{
    struct split *const split = *state;
    struct bytes_source from = {.data = split->bytes.data, .size = split->bytes.size};
    size_t failures = 0;
    for (from.fail_at = 1;; from.fail_at++) {
        struct ji_arena arena;
        struct ji_footer footer;
        ji_arena_init(&arena, ji_ctx_mem(split->ctx));
        from.reads = 0;
        const enum joist_status status = decode(split->ctx, false, &from, &arena, &footer, NULL);
        const bool fired = from.reads >= from.fail_at;
        ji_arena_clear(&arena);
        assert_true(status == JOIST_OK || (fired && status == JOIST_ERR_IO));
        failures += status != JOIST_OK;
        if (!fired)
            break;
    }
    assert_true(failures > 1);
}

/* Where windows for all threads do not fit, fewer threads do it; where not even one does, that is said. */
static void little_memory_is_enough_or_the_limit_is_named(void **state)
{
    struct split *const split = *state;
    size_t fine = 0;
    for (size_t limit = MEGABYTE / 4; limit <= 4 * MEGABYTE; limit += MEGABYTE / 16) {
        struct bytes_source from = {.data = split->bytes.data, .size = split->bytes.size};
        const struct joist_ctx_options options = {
                .struct_size = sizeof options, .threads = 4, .memory_bytes_max = limit};
        struct joist_ctx *ctx = NULL;
        struct ji_arena arena;
        struct ji_footer footer;
        if (joist_ctx_open(&options, &ctx, NULL) != JOIST_OK)
            continue;
        ji_arena_init(&arena, ji_ctx_mem(ctx));
        const enum joist_status status = decode(ctx, false, &from, &arena, &footer, NULL);
        assert_true(status == JOIST_OK || status == JOIST_ERR_LIMIT);
        fine += status == JOIST_OK;
        ji_arena_clear(&arena);
        joist_ctx_close(ctx);
    }
    assert_in_range(fine, 20, 59);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(groups_are_the_same_with_threads_and_without),
            cmocka_unit_test(other_threads_take_their_parts),
            cmocka_unit_test(whatever_byte_is_wrong_the_answer_is_the_same),
            cmocka_unit_test(a_footer_cut_anywhere_fails_in_the_same_words),
            cmocka_unit_test(a_false_head_misleads_nobody),
            cmocka_unit_test(a_read_that_fails_is_an_error_or_was_not_needed),
            cmocka_unit_test(little_memory_is_enough_or_the_limit_is_named),
    };
    return cmocka_run_group_tests(tests, open_split, close_split);
}
