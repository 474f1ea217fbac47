/*
 * write_parallel_test.c - columns that encode on several threads make the same bytes as on one
 *
 * Once with columns that have about the same to do, and once with one that has nearly all: then other threads
 * seal its pages.
 */
#include "support/oom.h"
#include "support/test.h"

#include "arrow/batch.h"
#include "base/io.h"
#include "parquet/parquet_file_writer.h"

#include <stdlib.h>
#include <string.h>

#define ROWS ((size_t)30000)
#define COLUMNS_MAX 9
#define APPENDS 5
#define LETTER_BYTES ((size_t)1 << 16)

static const char EVEN[] = "a long, b long, c long, d long, e long, s string, t string, u string, v double";
/* Hardly a text twice: pages of half a megabyte, the largest part of the file. */
static const char UNEVEN[] = "a long, s string";

struct rows {
    char letters[LETTER_BYTES];
    int64_t numbers[ROWS];
    struct ji_view views[ROWS];
};

static void fill_even(struct rows *rows)
{
    static const char LETTERS[] = "the quick brown fox jumps over the lazy dog and then sleeps all day";
    for (size_t i = 0; i < ROWS; i++) {
        rows->numbers[i] = (int64_t)(i * i % 7919);
        rows->views[i] = ji_view_of(LETTERS + i % 17, 1 + i % 40);
    }
}

static void fill_uneven(struct rows *rows)
{
    uint64_t random = 1;
    for (size_t i = 0; i < LETTER_BYTES; i++) {
        random = random * UINT64_C(6364136223846793005) + 1442695040888963407;
        rows->letters[i] = (char)('a' + (random >> 59));
    }
    for (size_t i = 0; i < ROWS; i++) {
        rows->numbers[i] = (int64_t)(i / 100);
        rows->views[i] = ji_view_of(rows->letters + i * 2, 60 + i % 40);
    }
}

static enum joist_status write_rows(struct joist_ctx *ctx, const char *text, const struct rows *rows,
        size_t appends, struct joist_error *err)
{
    enum joist_status status = JOIST_OK;
    struct ji_arena arena;
    struct ji_schema schema;
    struct joist_sink sink;
    struct joist_parquet_writer *writer = NULL;
    struct ji_column columns[COLUMNS_MAX];
    const struct joist_parquet_write_options options = {
            .struct_size = sizeof options, .page_rows_max = 5000, .row_group_rows_max = 70000};
    ji_arena_init(&arena, ji_ctx_mem(ctx));
    JI_TRY_OUT(ji_schema_parse(&arena, ji_view_of_text(text), &schema, err));
    for (size_t c = 0; c < schema.column_count; c++)
        columns[c] = (struct ji_column){.field = &schema.columns[c],
                .row_count = ROWS,
                .values = ji_kind_is_view(schema.columns[c].kind) ? (const void *)rows->views
                                                                  : (const void *)rows->numbers};
    const struct ji_batch batch = {.row_count = ROWS,
            .selection_count = ROWS,
            .column_count = schema.column_count,
            .columns = columns};
    JI_TRY_OUT(joist_sink_open(ctx, "memory:parallel", JOIST_SINK_REPLACE, &sink, err));
    status = ji_parquet_writer_open(ctx, ji_ctx_mem(ctx), sink, &schema, &options, &writer, err);
    if (status != JOIST_OK)
        joist_sink_abort(&sink);
    for (size_t i = 0; i < appends && status == JOIST_OK; i++)
        status = ji_parquet_writer_append(writer, &batch, err);
    if (status == JOIST_OK)
        status = joist_parquet_writer_finish(writer, NULL, err);
    else
        joist_parquet_writer_abort(writer);

out:
    ji_arena_clear(&arena);
    return status;
}

static void write_file(unsigned threads, const char *text, const struct rows *rows, struct ji_bytes *file)
{
    const struct joist_ctx_options options = {
            .struct_size = sizeof options, .threads = threads, .memory_bytes_max = (uint64_t)128 << 20};
    struct joist_ctx *ctx = NULL;
    struct joist_source source;
    assert_ok(joist_ctx_open(&options, &ctx, NULL));
    assert_ok(write_rows(ctx, text, rows, APPENDS, NULL));
    assert_ok(joist_source_open(ctx, "memory:parallel", &source, NULL));
    uint8_t *bytes = malloc(ji_source_size(&source));
    assert_ok(ji_source_read(&source, 0, ji_source_size(&source), bytes, NULL));
    assert_ok(ji_bytes_append(file, bytes, ji_source_size(&source), NULL));
    free(bytes);
    joist_source_close(&source);
    joist_ctx_close(ctx);
}

static void compare_threads(const char *text, const struct rows *rows)
{
    const struct ji_mem_root_options options = {
            .allocator = ji_system_allocator(), .bytes_max = (uint64_t)64 << 20};
    struct ji_mem *root = NULL;
    struct ji_bytes one;
    struct ji_bytes four;
    assert_ok(ji_mem_root_open(&options, &root, NULL));
    ji_bytes_init(&one, root);
    ji_bytes_init(&four, root);
    write_file(1, text, rows, &one);
    write_file(4, text, rows, &four);
    assert_int_equal(one.size, four.size);
    assert_memory_equal(one.data, four.data, one.size);
    ji_bytes_clear(&one);
    ji_bytes_clear(&four);
    ji_mem_root_close(root);
}

static void threads_do_not_change_a_byte(void **state)
{
    struct rows *rows = *state;
    fill_even(rows);
    compare_threads(EVEN, rows);
    fill_uneven(rows);
    compare_threads(UNEVEN, rows);
}

/* Whichever thread it happens to: the others end, what failed is told, and nothing stays behind. */
static void a_failed_allocation_on_any_thread_is_told(void **state)
{
    struct rows *rows = *state;
    fill_uneven(rows);
    bool has_failed = true;
    for (uint64_t at = 30; has_failed; at += 7) {
        struct oom_allocator allocator = {.fail_at = at};
        const struct joist_allocator calls = oom_allocator(&allocator);
        const struct joist_ctx_options options = {.struct_size = sizeof options,
                .threads = 4,
                .memory_bytes_max = (uint64_t)128 << 20,
                .allocator = &calls};
        struct joist_ctx *ctx = NULL;
        if (joist_ctx_open(&options, &ctx, NULL) != JOIST_OK)
            continue;
        const enum joist_status status = write_rows(ctx, UNEVEN, rows, 1, NULL);
        joist_ctx_close(ctx);
        has_failed = allocator.failures > 0;
        assert_true(status == JOIST_OK || (has_failed && status == JOIST_ERR_NO_MEMORY));
        assert_int_equal(allocator.bytes, 0);
    }
}

static int make_rows(void **state)
{
    *state = malloc(sizeof(struct rows));
    return *state == NULL;
}

static int free_rows(void **state)
{
    free(*state);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(threads_do_not_change_a_byte),
            cmocka_unit_test(a_failed_allocation_on_any_thread_is_told),
    };
    return cmocka_run_group_tests(tests, make_rows, free_rows);
}
