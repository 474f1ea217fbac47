/*
 * reader_test.c - whole files in all their forms: every batch size, every range, every failure
 *
 * The files are those of the fuzzer's corpus, written by pyarrow: a few rows each of flat and nested columns
 * in every codec, both kinds of pages, one with many small pages and an offset index.
 */
#include "support/test.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/buffer.h"
#include "parquet/format/page_header_read.h"
#include "parquet/format/page_write.h"
#include "parquet/read/parquet_file.h"
#include "support/bytes_source.h"
#include "support/oom.h"
#include "support/parquet_drain.h"

#define FILE_BYTES_MAX 8192

static const char *const names[] = {"flat_none", "flat_snappy", "flat_gzip", "flat_brotli", "flat_zstd",
        "flat_lz4", "types", "types_v2", "nested", "nested_v2", "pages", "plain"};
#define NAME_COUNT (sizeof names / sizeof names[0])

struct sample {
    uint8_t *data; /* an exact block */
    size_t size;
};

static struct sample load(const char *name)
{
    char path[1024];
    uint8_t room[FILE_BYTES_MAX];
    (void)snprintf(path, sizeof path, "%s/tests/fuzz/corpus/page_fuzz/%s.parquet", JOIST_SOURCE_DIR, name);
    FILE *const file = fopen(path, "rb");
    assert_non_null(file);
    struct sample sample = {.size = fread(room, 1, sizeof room, file)};
    fclose(file);
    sample.data = malloc(sample.size);
    assert_non_null(sample.data);
    memcpy(sample.data, room, sample.size);
    return sample;
}

static struct joist_ctx *open_ctx(void)
{
    struct joist_ctx *ctx = NULL;
    assert_ok(joist_ctx_open(NULL, &ctx, NULL));
    return ctx;
}

/* A sample opened as a file, in a context of its own. */
struct opened {
    struct joist_ctx *ctx;
    struct sample sample;
    struct bytes_source from;
    struct joist_parquet_file *file;
};

static void open_sample(const char *name, struct opened *opened)
{
    opened->ctx = open_ctx();
    opened->sample = load(name);
    opened->from = (struct bytes_source){.data = opened->sample.data, .size = opened->sample.size};
    assert_ok(joist_parquet_open(opened->ctx, bytes_source(&opened->from), NULL, &opened->file, NULL));
}

static void close_sample(struct opened *opened)
{
    joist_parquet_close(opened->file);
    free(opened->sample.data);
    joist_ctx_close(opened->ctx);
}

/* The text of the rows of a sample, as lines. */
static void drain_text(struct joist_ctx *ctx, const struct sample *sample, struct parquet_drain *drain)
{
    struct bytes_source from = {.data = sample->data, .size = sample->size};
    struct joist_error err;
    if (parquet_drain(ctx, bytes_source(&from), drain, &err) != JOIST_OK)
        fail_msg("%s", err.text);
}

static void files_of_all_codecs_have_the_same_rows(void **state)
{
    (void)state;
    struct joist_ctx *const ctx = open_ctx();
    struct ji_bytes first;
    ji_bytes_init(&first, ji_ctx_mem(ctx));
    for (size_t index = 0; index < 6; index++) {
        struct sample sample = load(names[index]);
        struct ji_bytes text;
        ji_bytes_init(&text, ji_ctx_mem(ctx));
        struct parquet_drain drain = {.text = index == 0 ? &first : &text};
        drain_text(ctx, &sample, &drain);
        assert_int_equal(drain.rows, 60);
        if (index > 0) {
            assert_int_equal(text.size, first.size);
            assert_memory_equal(text.data, first.data, text.size);
        }
        ji_bytes_clear(&text);
        free(sample.data);
    }
    static const char begin[] = "[null,null]\n[1,\"v1\"]\n[2,\"v2\"]\n[3,\"v3\"]\n[4,\"v4\"]\n[5,null]\n"
                                "[6,\"v0\"]\n[null,";
    assert_memory_equal(first.data, begin, sizeof begin - 1);
    ji_bytes_clear(&first);
    joist_ctx_close(ctx);
}

static void nested_rows_are_put_together(void **state)
{
    (void)state;
    struct joist_ctx *const ctx = open_ctx();
    struct sample sample = load("nested");
    struct ji_bytes text;
    ji_bytes_init(&text, ji_ctx_mem(ctx));
    struct parquet_drain drain = {.text = &text};
    drain_text(ctx, &sample, &drain);
    assert_ok(ji_bytes_append_byte(&text, 0, NULL));
    static const char *const rows[] = {
            "[null,null,null]\n",
            "[[null],",
            ",{\"a\":1,\"b\":[[\"x\"],null]}]\n",
            ",{\"a\":null,\"b\":[[\"x\",\"x\"],null]}]\n",
    };
    for (size_t index = 0; index < sizeof rows / sizeof rows[0]; index++)
        assert_non_null(strstr((const char *)text.data, rows[index]));
    ji_bytes_clear(&text);
    free(sample.data);
    joist_ctx_close(ctx);
}

static void rows_do_not_depend_on_the_batch_size(void **state)
{
    (void)state;
    struct joist_ctx *const ctx = open_ctx();
    for (size_t index = 0; index < NAME_COUNT; index++) {
        struct sample sample = load(names[index]);
        struct ji_bytes whole;
        ji_bytes_init(&whole, ji_ctx_mem(ctx));
        struct parquet_drain drain = {.text = &whole};
        drain_text(ctx, &sample, &drain);
        for (size_t rows = 1; rows < 70; rows += rows < 10 ? 1 : 13) {
            struct ji_bytes text;
            ji_bytes_init(&text, ji_ctx_mem(ctx));
            struct parquet_drain part = {.text = &text, .batch_rows = rows};
            drain_text(ctx, &sample, &part);
            assert_int_equal(text.size, whole.size);
            assert_memory_equal(text.data, whole.data, text.size);
            ji_bytes_clear(&text);
        }
        ji_bytes_clear(&whole);
        free(sample.data);
    }
    joist_ctx_close(ctx);
}

/* The lines [start, end) of `text`. */
static struct ji_view lines(const struct ji_bytes *text, size_t start, size_t end)
{
    size_t at = 0;
    size_t begin = 0;
    for (size_t line = 0; line < end; line++) {
        if (line == start)
            begin = at;
        while (text->data[at++] != '\n')
            ;
    }
    return start < end ? ji_view_of(text->data + begin, at - begin) : ji_view_of(text->data, 0);
}

static void check_ranges(struct joist_ctx *ctx, struct joist_parquet_file *file, size_t group)
{
    const uint64_t rows = ji_parquet_group_rows(file, group);
    struct ji_bytes whole;
    ji_bytes_init(&whole, ji_ctx_mem(ctx));
    struct parquet_drain all = {.text = &whole};
    assert_ok(parquet_drain_group(ctx, file, group, &all, NULL));
    for (uint64_t start = 0; start <= rows; start += 5) {
        for (uint64_t end = start; end <= rows; end += 7) {
            const struct ji_row_range ranges[] = {{start, end}, {end, end}, {end + (rows - end) / 2, rows}};
            struct ji_bytes text;
            struct joist_error err;
            ji_bytes_init(&text, ji_ctx_mem(ctx));
            struct parquet_drain some = {.text = &text, .ranges = ranges, .range_count = 3, .batch_rows = 9};
            if (parquet_drain_group(ctx, file, group, &some, &err) != JOIST_OK)
                fail_msg("%s", err.text);
            const struct ji_view first = lines(&whole, start, end);
            const struct ji_view last = lines(&whole, ranges[2].start, rows);
            assert_int_equal(text.size, first.size + last.size);
            if (first.size > 0)
                assert_memory_equal(text.data, first.data, first.size);
            if (last.size > 0)
                assert_memory_equal(text.data + first.size, last.data, last.size);
            ji_bytes_clear(&text);
        }
    }
    ji_bytes_clear(&whole);
}

static void any_ranges_give_those_rows(void **state)
{
    (void)state;
    struct joist_ctx *const ctx = open_ctx();
    for (size_t index = 0; index < NAME_COUNT; index++) {
        struct sample sample = load(names[index]);
        struct bytes_source from = {.data = sample.data, .size = sample.size};
        struct joist_parquet_file *file = NULL;
        assert_ok(joist_parquet_open(ctx, bytes_source(&from), NULL, &file, NULL));
        for (size_t group = 0; group < joist_parquet_row_group_count(file); group++)
            check_ranges(ctx, file, group);
        joist_parquet_close(file);
        free(sample.data);
    }
    joist_ctx_close(ctx);
}

static void ranges_out_of_order_or_bounds_are_invalid(void **state)
{
    (void)state;
    struct opened opened;
    open_sample("plain", &opened);
    struct ji_parquet_cursor *cursor = NULL;
    const struct ji_row_range bad[][2] = {{{5, 4}, {6, 7}}, {{5, 9}, {8, 10}}, {{0, 1}, {2, 61}}};
    for (size_t index = 0; index < 3; index++) {
        const struct ji_parquet_cursor_options options = {.ranges = bad[index], .range_count = 2};
        assert_status(ji_parquet_cursor_open(opened.file, ji_ctx_mem(opened.ctx), &options, &cursor, NULL),
                JOIST_ERR_INVALID);
    }
    const size_t column = 2;
    const struct ji_parquet_cursor_options options = {.columns = &column, .column_count = 1};
    assert_status(ji_parquet_cursor_open(opened.file, ji_ctx_mem(opened.ctx), &options, &cursor, NULL),
            JOIST_ERR_INVALID);
    close_sample(&opened);
}

static void seek_passes_over_rows_and_never_goes_back(void **state)
{
    (void)state;
    struct opened opened;
    open_sample("types", &opened);
    struct ji_parquet_cursor *cursor = NULL;
    const struct ji_batch *batch = NULL;
    const size_t column = 1;
    const struct ji_parquet_cursor_options options = {.columns = &column, .column_count = 1};
    assert_ok(ji_parquet_cursor_open(opened.file, ji_ctx_mem(opened.ctx), &options, &cursor, NULL));
    static const uint64_t seeks[] = {0, 7, 3, 40, 59};
    static const int64_t firsts[] = {0, 7, 9, 40, 59};
    for (size_t index = 0; index < 5; index++) {
        ji_parquet_cursor_seek(cursor, seeks[index]);
        assert_ok(ji_parquet_cursor_next(cursor, 2, &batch, NULL));
        assert_non_null(batch);
        assert_int_equal(ji_column_value(&batch->columns[0], 0).as.integer, firsts[index]);
    }
    ji_parquet_cursor_seek(cursor, 1000);
    assert_ok(ji_parquet_cursor_next(cursor, 2, &batch, NULL));
    assert_null(batch);
    ji_parquet_cursor_close(cursor);
    close_sample(&opened);
}

static void no_columns_still_count_rows(void **state)
{
    (void)state;
    struct opened opened;
    open_sample("plain", &opened);
    struct ji_parquet_cursor *cursor = NULL;
    const struct ji_batch *batch = NULL;
    const struct ji_parquet_cursor_options options = {.group = 0};
    assert_ok(ji_parquet_cursor_open(opened.file, ji_ctx_mem(opened.ctx), &options, &cursor, NULL));
    assert_ok(ji_parquet_cursor_next(cursor, 1000, &batch, NULL));
    assert_int_equal(batch->row_count, 60);
    assert_int_equal(batch->column_count, 0);
    assert_ok(ji_parquet_cursor_next(cursor, 1000, &batch, NULL));
    assert_null(batch);
    ji_parquet_cursor_close(cursor);
    close_sample(&opened);
}

static void repeated_strings_come_as_codes(void **state)
{
    (void)state;
    struct joist_ctx *const ctx = open_ctx();
    struct sample coded = load("flat_none");
    struct sample plain = load("plain");
    struct parquet_drain drain = {.batch_rows = 0};
    drain_text(ctx, &coded, &drain);
    assert_int_equal(drain.coded_columns, 2);
    drain.coded_columns = 0;
    drain_text(ctx, &plain, &drain);
    assert_int_equal(drain.coded_columns, 0);
    free(coded.data);
    free(plain.data);
    joist_ctx_close(ctx);
}

static void steady_state_of_a_scan_allocates_nothing(void **state)
{
    (void)state;
    struct oom_allocator calls = {.fail_at = 0};
    const struct joist_allocator allocator = oom_allocator(&calls);
    const struct joist_ctx_options options = {.struct_size = sizeof options, .allocator = &allocator};
    struct joist_ctx *ctx = NULL;
    assert_ok(joist_ctx_open(&options, &ctx, NULL));
    struct sample sample = load("types_v2");
    struct bytes_source from = {.data = sample.data, .size = sample.size};
    struct joist_parquet_file *file = NULL;
    struct ji_parquet_cursor *cursor = NULL;
    const struct ji_batch *batch = NULL;
    static const size_t columns[] = {0, 1, 2, 3, 4, 5};
    assert_ok(joist_parquet_open(ctx, bytes_source(&from), NULL, &file, NULL));
    const struct ji_parquet_cursor_options wanted = {.columns = columns, .column_count = 6};
    assert_ok(ji_parquet_cursor_open(file, ji_ctx_mem(ctx), &wanted, &cursor, NULL));
    assert_ok(ji_parquet_cursor_next(cursor, 10, &batch, NULL));
    assert_ok(ji_parquet_cursor_next(cursor, 10, &batch, NULL));
    const uint64_t before = atomic_load(&calls.calls);
    while (batch != NULL)
        assert_ok(ji_parquet_cursor_next(cursor, 10, &batch, NULL));
    assert_int_equal(atomic_load(&calls.calls), before);
    ji_parquet_cursor_close(cursor);
    joist_parquet_close(file);
    free(sample.data);
    joist_ctx_close(ctx);
}

static enum joist_status read_body(struct joist_ctx *ctx, void *arg, struct joist_error *err)
{
    const struct sample *const sample = arg;
    struct bytes_source from = {.data = sample->data, .size = sample->size};
    struct parquet_drain drain = {.batch_rows = 25};
    return parquet_drain(ctx, bytes_source(&from), &drain, err);
}

static void failing_allocations_fail_the_read_and_leak_nothing(void **state)
{
    (void)state;
    for (size_t index = 0; index < NAME_COUNT; index++) {
        struct sample sample = load(names[index]);
        oom_sweep(read_body, &sample);
        free(sample.data);
    }
}

static enum joist_status stream_body(struct joist_ctx *ctx, void *arg, struct joist_error *err)
{
    const struct sample *const sample = arg;
    struct bytes_source from = {.data = sample->data, .size = sample->size};
    const struct joist_parquet_read_options options = {
            .struct_size = sizeof options, .row_start = 3, .row_count = 50};
    struct joist_parquet_file *file = NULL;
    struct ArrowArrayStream stream;
    struct joist_source source = bytes_source(&from);
    JI_TRY(joist_parquet_open(ctx, source, NULL, &file, err));
    enum joist_status status = joist_parquet_read(file, &options, &stream, err);
    joist_parquet_close(file);
    JI_TRY(status);
    for (;;) {
        struct ArrowArray array;
        status = joist_stream_next(&stream, &array, err);
        if (status != JOIST_OK || array.release == NULL)
            break;
        array.release(&array);
    }
    stream.release(&stream);
    return status;
}

static void failing_allocations_fail_the_stream_and_leak_nothing(void **state)
{
    (void)state;
    struct sample nested = load("nested");
    struct sample pages = load("pages");
    oom_sweep(stream_body, &nested);
    oom_sweep(stream_body, &pages);
    free(nested.data);
    free(pages.data);
}

static void failing_and_short_reads_are_told_or_made_good(void **state)
{
    (void)state;
    struct joist_ctx *const ctx = open_ctx();
    for (size_t index = 0; index < NAME_COUNT; index++) {
        struct sample sample = load(names[index]);
        const struct ji_row_range ranges[] = {{10, 12}, {20, 27}};
        uint64_t fail_at = 1;
        for (;; fail_at++) {
            struct bytes_source from = {.data = sample.data, .size = sample.size, .fail_at = fail_at};
            struct parquet_drain drain = {.ranges = ranges, .range_count = 2};
            struct joist_error err;
            const enum joist_status status = parquet_drain(ctx, bytes_source(&from), &drain, &err);
            if (from.reads < fail_at) {
                assert_ok(status);
                break;
            }
            assert_status(status, JOIST_ERR_IO);
        }
        assert_true(fail_at > 2);
        struct bytes_source halves = {.data = sample.data, .size = sample.size, .is_short = true};
        struct parquet_drain drain = {.batch_rows = 0};
        assert_ok(parquet_drain(ctx, bytes_source(&halves), &drain, NULL));
        assert_int_equal(drain.rows, 60);
        free(sample.data);
    }
    joist_ctx_close(ctx);
}

static void every_cut_file_is_refused(void **state)
{
    (void)state;
    struct joist_ctx *const ctx = open_ctx();
    struct sample sample = load("nested");
    for (size_t size = 0; size < sample.size; size++) {
        struct bytes_source from = {.data = sample.data, .size = size};
        struct parquet_drain drain = {.batch_rows = 0};
        assert_status(parquet_drain(ctx, bytes_source(&from), &drain, NULL), JOIST_ERR_CORRUPT);
    }
    free(sample.data);
    joist_ctx_close(ctx);
}

static void flipped_bytes_never_do_more_than_fail(void **state)
{
    (void)state;
    const struct joist_ctx_options options = {.struct_size = sizeof options, .memory_bytes_max = 64 << 20};
    struct joist_ctx *ctx = NULL;
    assert_ok(joist_ctx_open(&options, &ctx, NULL));
    for (size_t index = 6; index < NAME_COUNT; index++) {
        struct sample sample = load(names[index]);
        for (size_t at = 0; at < sample.size; at++) {
            const uint8_t before = sample.data[at];
            struct bytes_source from = {.data = sample.data, .size = sample.size};
            struct parquet_drain drain = {.rows_max = 1000};
            sample.data[at] = (uint8_t)~before;
            (void)parquet_drain(ctx, bytes_source(&from), &drain, NULL);
            sample.data[at] = before;
        }
        free(sample.data);
    }
    joist_ctx_close(ctx);
}

static void wrong_checksums_are_corrupt_unless_not_looked_at(void **state)
{
    (void)state;
    struct opened opened;
    open_sample("flat_zstd", &opened);
    struct joist_error err;
    const struct ji_batch *batch = NULL;
    const struct ji_chunk *chunk = NULL;
    assert_ok(ji_file_chunk(opened.file, 0, 0, &chunk, NULL));
    /* The last byte of the chunk is one of the codes. */
    opened.sample.data[ji_chunk_begin(chunk) + (uint64_t)chunk->compressed_bytes - 1] ^= 0xff;
    for (int no_crc = 0; no_crc < 2; no_crc++) {
        const size_t column = 0;
        const struct ji_parquet_cursor_options options = {
                .columns = &column, .column_count = 1, .no_crc = no_crc != 0};
        struct ji_parquet_cursor *cursor = NULL;
        assert_ok(ji_parquet_cursor_open(opened.file, ji_ctx_mem(opened.ctx), &options, &cursor, NULL));
        const enum joist_status status = ji_parquet_cursor_next(cursor, 100, &batch, &err);
        if (no_crc == 0) {
            assert_status(status, JOIST_ERR_CORRUPT);
            assert_non_null(strstr(err.text, "bytes: row group 0, column 'i', page 0: page checksum is"));
        } else if (status != JOIST_OK) {
            assert_null(strstr(err.text, "checksum"));
        }
        ji_parquet_cursor_close(cursor);
    }
    close_sample(&opened);
}

static void cancelled_reads_stop(void **state)
{
    (void)state;
    struct opened opened;
    open_sample("types", &opened);
    struct joist_cancel cancel = {0};
    const size_t column = 0;
    const struct ji_parquet_cursor_options options = {
            .columns = &column, .column_count = 1, .cancel = &cancel};
    struct ji_parquet_cursor *cursor = NULL;
    const struct ji_batch *batch = NULL;
    assert_ok(ji_parquet_cursor_open(opened.file, ji_ctx_mem(opened.ctx), &options, &cursor, NULL));
    assert_ok(ji_parquet_cursor_next(cursor, 5, &batch, NULL));
    joist_cancel_request(&cancel);
    assert_status(ji_parquet_cursor_next(cursor, 5, &batch, NULL), JOIST_ERR_CANCELLED);
    ji_parquet_cursor_close(cursor);
    close_sample(&opened);
}

static void what_is_no_file_is_refused_at_open(void **state)
{
    (void)state;
    struct joist_ctx *const ctx = open_ctx();
    static const char *const files[] = {"", "PAR1", "PAR1PAR1PAR1", "PAR1\0\0\0\0PAR1", "12345678abcdPARE",
            "12345678\xff\xff\xff\x7fPAR1", "123456781234567812345678abcd1234"};
    static const size_t sizes[] = {0, 4, 12, 12, 16, 16, 32};
    for (size_t index = 0; index < sizeof sizes / sizeof sizes[0]; index++) {
        struct bytes_source from = {.data = (const uint8_t *)files[index], .size = sizes[index]};
        struct joist_parquet_file *file = NULL;
        const enum joist_status status = joist_parquet_open(ctx, bytes_source(&from), NULL, &file, NULL);
        assert_status(status, JOIST_ERR_CORRUPT);
        assert_null(file);
    }
    joist_parquet_close(NULL);
    joist_ctx_close(ctx);
}

static void stream_of_columns_that_are_not_there_is_not_found(void **state)
{
    (void)state;
    struct opened opened;
    open_sample("types", &opened);
    struct ArrowArrayStream stream;
    struct ArrowSchema schema;
    const char *const wanted[] = {"s", "nope"};
    struct joist_parquet_read_options options = {
            .struct_size = sizeof options, .columns = wanted, .column_count = 2};
    assert_int_equal(joist_parquet_row_count(opened.file), 60);
    assert_status(joist_parquet_read(opened.file, &options, &stream, NULL), JOIST_ERR_NOT_FOUND);
    options.column_count = 1;
    assert_ok(joist_parquet_read(opened.file, &options, &stream, NULL));
    assert_int_equal(stream.get_schema(&stream, &schema), 0);
    assert_int_equal(schema.n_children, 1);
    schema.release(&schema);
    stream.release(&stream);
    assert_ok(joist_parquet_schema(opened.file, &schema, NULL));
    assert_int_equal(schema.n_children, 6);
    joist_parquet_close(opened.file);
    schema.release(&schema);
    free(opened.sample.data);
    joist_ctx_close(opened.ctx);
}

/* Writes the offset index of the first column back with its second page one row further on. */
static void shift_page(struct opened *opened)
{
    const struct ji_chunk *chunk = NULL;
    struct ji_arena arena;
    struct ji_offset_index index;
    struct ji_bytes bytes;
    ji_arena_init(&arena, ji_ctx_mem(opened->ctx));
    ji_bytes_init(&bytes, ji_ctx_mem(opened->ctx));
    assert_ok(ji_file_chunk(opened->file, 0, 0, &chunk, NULL));
    const size_t size = (size_t)chunk->offset_index_bytes;
    uint8_t *const at = opened->sample.data + chunk->offset_index_offset;
    assert_ok(ji_offset_index_decode(&arena, ji_view_of(at, size), &index, NULL));
    assert_true(index.page_count > 3);
    index.pages[2].first_row++;
    assert_ok(ji_offset_index_write(&bytes, &index, NULL));
    assert_int_equal(bytes.size, size);
    memcpy(at, bytes.data, size);
    ji_bytes_clear(&bytes);
    ji_arena_clear(&arena);
}

static void an_index_that_shifts_rows_is_found_out(void **state)
{
    (void)state;
    struct opened opened;
    open_sample("pages", &opened);
    shift_page(&opened);
    const uint64_t rows = ji_parquet_group_rows(opened.file, 0);
    size_t refused = 0;
    for (uint64_t row = 0; row < rows; row++) {
        const struct ji_row_range range = {row, row + 1};
        struct parquet_drain drain = {.ranges = &range, .range_count = 1};
        refused += parquet_drain_group(opened.ctx, opened.file, 0, &drain, NULL) == JOIST_ERR_CORRUPT;
    }
    assert_true(refused > 0);
    close_sample(&opened);
}

/* What stands at each of `rows` rows of the first group, by itself. */
static void drain_each_row(const struct opened *opened, uint64_t rows, struct ji_bytes *text)
{
    text->size = 0;
    for (uint64_t row = 0; row < rows; row++) {
        const struct ji_row_range range = {row, row + 1};
        struct parquet_drain drain = {.ranges = &range, .range_count = 1, .text = text};
        struct joist_error err;
        if (parquet_drain_group(opened->ctx, opened->file, 0, &drain, &err) != JOIST_OK)
            fail_msg("row %zu: %s", (size_t)row, err.text);
    }
}

static void an_index_that_is_broken_is_as_good_as_none(void **state)
{
    (void)state;
    struct opened opened;
    open_sample("pages", &opened);
    const uint64_t rows = ji_parquet_group_rows(opened.file, 0);
    const struct ji_chunk *chunk = NULL;
    assert_ok(ji_file_chunk(opened.file, 0, 0, &chunk, NULL));
    struct ji_chunk *const changed = (struct ji_chunk *)(uintptr_t)chunk;
    const struct ji_chunk whole = *chunk;
    uint8_t *const index = opened.sample.data + whole.offset_index_offset;
    struct ji_bytes wanted;
    struct ji_bytes got;
    ji_bytes_init(&wanted, ji_ctx_mem(opened.ctx));
    ji_bytes_init(&got, ji_ctx_mem(opened.ctx));
    drain_each_row(&opened, rows, &wanted);
    for (int flaw = 0; flaw < 5; flaw++) {
        *changed = whole;
        if (flaw == 0)
            changed->offset_index_offset = (int64_t)1 << 40; /* behind the file */
        else if (flaw == 1)
            changed->offset_index_bytes = 3; /* cut */
        else if (flaw == 2)
            changed->offset_index_bytes = INT32_MAX;
        else if (flaw == 3)
            changed->offset_index_offset = whole.data_page_offset; /* something else */
        else
            memset(index, 0xff, (size_t)whole.offset_index_bytes);
        drain_each_row(&opened, rows, &got);
        assert_int_equal(got.size, wanted.size);
        assert_memory_equal(got.data, wanted.data, wanted.size);
    }
    ji_bytes_clear(&got);
    ji_bytes_clear(&wanted);
    close_sample(&opened);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(an_index_that_shifts_rows_is_found_out),
            cmocka_unit_test(an_index_that_is_broken_is_as_good_as_none),
            cmocka_unit_test(files_of_all_codecs_have_the_same_rows),
            cmocka_unit_test(nested_rows_are_put_together),
            cmocka_unit_test(rows_do_not_depend_on_the_batch_size),
            cmocka_unit_test(any_ranges_give_those_rows),
            cmocka_unit_test(ranges_out_of_order_or_bounds_are_invalid),
            cmocka_unit_test(seek_passes_over_rows_and_never_goes_back),
            cmocka_unit_test(no_columns_still_count_rows),
            cmocka_unit_test(repeated_strings_come_as_codes),
            cmocka_unit_test(steady_state_of_a_scan_allocates_nothing),
            cmocka_unit_test(failing_allocations_fail_the_read_and_leak_nothing),
            cmocka_unit_test(failing_allocations_fail_the_stream_and_leak_nothing),
            cmocka_unit_test(failing_and_short_reads_are_told_or_made_good),
            cmocka_unit_test(every_cut_file_is_refused),
            cmocka_unit_test(flipped_bytes_never_do_more_than_fail),
            cmocka_unit_test(wrong_checksums_are_corrupt_unless_not_looked_at),
            cmocka_unit_test(cancelled_reads_stop),
            cmocka_unit_test(what_is_no_file_is_refused_at_open),
            cmocka_unit_test(stream_of_columns_that_are_not_there_is_not_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
