/*
 * write_parallel_test.c - columns that encode on several threads make the same bytes as on one
 */
#include "support/test.h"

#include "arrow/batch.h"
#include "base/io.h"
#include "parquet/parquet_file_writer.h"

#include <stdlib.h>
#include <string.h>

#define ROWS ((size_t)30000)
#define COLUMNS 9

static void write_file(unsigned threads, struct ji_bytes *file)
{
    const struct joist_ctx_options options = {
            .struct_size = sizeof options, .threads = threads, .memory_bytes_max = (uint64_t)128 << 20};
    struct joist_ctx *ctx = NULL;
    struct ji_arena arena;
    struct ji_schema schema;
    struct joist_sink sink;
    struct joist_source source;
    struct joist_parquet_writer *writer = NULL;
    assert_ok(joist_ctx_open(&options, &ctx, NULL));
    ji_arena_init(&arena, ji_ctx_mem(ctx));
    const char *text = "a long, b long, c long, d long, e long, s string, t string, u string, v double";
    assert_ok(ji_schema_parse(&arena, ji_view_of_text(text), &schema, NULL));
    assert_int_equal(schema.column_count, COLUMNS);
    int64_t *numbers = malloc(ROWS * sizeof *numbers);
    struct ji_view *views = malloc(ROWS * sizeof *views);
    static const char LETTERS[] = "the quick brown fox jumps over the lazy dog and then sleeps all day";
    for (size_t i = 0; i < ROWS; i++) {
        numbers[i] = (int64_t)(i * i % 7919);
        views[i] = ji_view_of(LETTERS + i % 17, 1 + i % 40);
    }
    struct ji_column columns[COLUMNS];
    for (size_t c = 0; c < COLUMNS; c++)
        columns[c] = (struct ji_column){.field = &schema.columns[c],
                .row_count = ROWS,
                .values = ji_kind_is_view(schema.columns[c].kind) ? (const void *)views
                                                                  : (const void *)numbers};
    const struct ji_batch batch = {
            .row_count = ROWS, .selection_count = ROWS, .column_count = COLUMNS, .columns = columns};
    const struct joist_parquet_write_options write = {
            .struct_size = sizeof write, .page_rows_max = 5000, .row_group_rows_max = 70000};
    assert_ok(joist_sink_open(ctx, "memory:parallel", JOIST_SINK_CREATE, &sink, NULL));
    assert_ok(ji_parquet_writer_open(ctx, ji_ctx_mem(ctx), sink, &schema, &write, &writer, NULL));
    for (unsigned i = 0; i < 5; i++)
        assert_ok(ji_parquet_writer_append(writer, &batch, NULL));
    assert_ok(joist_parquet_writer_finish(writer, NULL, NULL));

    assert_ok(joist_source_open(ctx, "memory:parallel", &source, NULL));
    uint8_t *bytes = malloc(ji_source_size(&source));
    assert_ok(ji_source_read(&source, 0, ji_source_size(&source), bytes, NULL));
    assert_ok(ji_bytes_append(file, bytes, ji_source_size(&source), NULL));
    free(bytes);
    joist_source_close(&source);
    free(numbers);
    free(views);
    ji_arena_clear(&arena);
    joist_ctx_close(ctx);
}

static void threads_do_not_change_a_byte(void **state)
{
    (void)state;
    const struct ji_mem_root_options options = {
            .allocator = ji_system_allocator(), .bytes_max = (uint64_t)64 << 20};
    struct ji_mem *root = NULL;
    struct ji_bytes one;
    struct ji_bytes four;
    assert_ok(ji_mem_root_open(&options, &root, NULL));
    ji_bytes_init(&one, root);
    ji_bytes_init(&four, root);
    write_file(1, &one);
    write_file(4, &four);
    assert_int_equal(one.size, four.size);
    assert_memory_equal(one.data, four.data, one.size);
    ji_bytes_clear(&one);
    ji_bytes_clear(&four);
    ji_mem_root_close(root);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(threads_do_not_change_a_byte),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
