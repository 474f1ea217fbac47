/*
 * read_threads_test.c - the columns of a file read side by side
 *
 * What a stream hands out is turned into text row by row, and held against what the engine's own cursor reads:
 * for any number of threads, any size of batches, any form of strings, any rows.
 */
#include "support/test.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/buffer.h"
#include "base/io.h"
#include "parquet/read/parquet_file.h"
#include "support/bytes_source.h"
#include "support/oom.h"
#include "support/parquet_drain.h"
#include "support/stream_text.h"

#define FILE_BYTES_MAX 8192

static const char *const names[] = {"flat_none", "flat_snappy", "flat_zstd", "types", "types_v2", "nested",
        "nested_v2", "pages", "plain"};
#define NAME_COUNT (sizeof names / sizeof names[0])

struct sample {
    uint8_t data[FILE_BYTES_MAX];
    size_t size;
};

static void load(const char *name, struct sample *sample)
{
    char path[1024];
    (void)snprintf(path, sizeof path, "%s/tests/fuzz/corpus/page_fuzz/%s.parquet", JOIST_SOURCE_DIR, name);
    FILE *const file = fopen(path, "rb");
    assert_non_null(file);
    sample->size = fread(sample->data, 1, sizeof sample->data, file);
    fclose(file);
}

static struct joist_ctx *open_ctx(unsigned threads)
{
    const struct joist_ctx_options options = {
            .struct_size = sizeof options, .memory_bytes_max = (uint64_t)64 << 20, .threads = threads};
    struct joist_ctx *ctx = NULL;
    assert_ok(joist_ctx_open(&options, &ctx, NULL));
    return ctx;
}

static enum joist_status read_text(struct joist_ctx *ctx, struct bytes_source *from,
        const struct joist_parquet_read_options *options, struct ji_bytes *text, struct joist_error *err)
{
    struct joist_parquet_file *file = NULL;
    struct ArrowArrayStream stream = {.release = NULL};
    JI_TRY(joist_parquet_open(ctx, bytes_source(from), NULL, &file, err));
    enum joist_status status = joist_parquet_read(file, options, &stream, err);
    joist_parquet_close(file);
    if (status != JOIST_OK)
        return status;
    status = stream_text_of_arrays(ctx, &stream, text, err);
    stream.release(&stream);
    return status;
}

/* What the cursor reads. */
static void read_whole(struct joist_ctx *ctx, const struct sample *sample, struct ji_bytes *text)
{
    struct bytes_source from = {.data = sample->data, .size = sample->size};
    struct parquet_drain drain = {.text = text};
    assert_ok(parquet_drain(ctx, bytes_source(&from), &drain, NULL));
    assert_int_equal(drain.rows, 60);
}

static void check_read(unsigned threads, const struct sample *sample,
        const struct joist_parquet_read_options *options, const uint8_t *wanted, size_t wanted_size)
{
    struct joist_ctx *const ctx = open_ctx(threads);
    struct bytes_source from = {.data = sample->data, .size = sample->size};
    struct ji_bytes text;
    struct joist_error err = {.text = ""};
    ji_bytes_init(&text, ji_ctx_mem(ctx));
    if (read_text(ctx, &from, options, &text, &err) != JOIST_OK)
        fail_msg("%s", err.text);
    assert_int_equal(text.size, wanted_size);
    assert_memory_equal(text.data, wanted, wanted_size);
    ji_bytes_clear(&text);
    joist_ctx_close(ctx);
}

static void rows_depend_on_nothing_but_the_file(void **state)
{
    (void)state;
    static const unsigned threads[] = {1, 2, 5};
    static const size_t batch_rows[] = {0, 1, 7};
    static const size_t batch_bytes[] = {0, 300};
    struct joist_ctx *const ctx = open_ctx(1);
    for (size_t index = 0; index < NAME_COUNT * 3 * 3 * 2 * 2; index++) {
        struct sample sample;
        struct ji_bytes whole;
        load(names[index / 36], &sample);
        ji_bytes_init(&whole, ji_ctx_mem(ctx));
        read_whole(ctx, &sample, &whole);
        const struct joist_parquet_read_options options = {
                .struct_size = sizeof options,
                .batch_rows = batch_rows[index / 12 % 3],
                .batch_bytes = batch_bytes[index / 6 % 2],
                .text = index / 3 % 2 == 0 ? JOIST_TEXT_UTF8 : JOIST_TEXT_VIEW,
        };
        check_read(threads[index % 3], &sample, &options, whole.data, whole.size);
        ji_bytes_clear(&whole);
    }
    joist_ctx_close(ctx);
}

static void reading_in_any_steps_gives_the_same_rows(void **state)
{
    (void)state;
    static const size_t io_bytes[] = {1, 100, 1000, (size_t)1 << 40};
    static const size_t read_ahead[] = {0, 1, 600};
    struct sample sample;
    struct ji_bytes whole;
    struct joist_ctx *const ctx = open_ctx(1);
    load("pages", &sample);
    ji_bytes_init(&whole, ji_ctx_mem(ctx));
    read_whole(ctx, &sample, &whole);
    for (size_t index = 0; index < 12; index++) {
        const struct joist_parquet_read_options options = {.struct_size = sizeof options,
                .io_bytes = io_bytes[index % 4],
                .read_ahead = read_ahead[index / 4]};
        check_read(index % 2 == 0 ? 1 : 3, &sample, &options, whole.data, whole.size);
    }
    ji_bytes_clear(&whole);
    joist_ctx_close(ctx);
}

/* The lines [start, start + count) of a text. */
static struct ji_view lines_of(const struct ji_bytes *text, uint64_t start, uint64_t count)
{
    size_t at[2] = {0, 0};
    for (size_t side = 0; side < 2; side++) {
        uint64_t left = start + (side == 0 ? 0 : count);
        while (at[side] < text->size && left > 0)
            left -= text->data[at[side]++] == '\n';
    }
    return ji_view_of(text->data + at[0], at[1] - at[0]);
}

static void any_rows_are_those_rows(void **state)
{
    (void)state;
    struct joist_ctx *const ctx = open_ctx(1);
    for (size_t index = 0; index < NAME_COUNT; index++) {
        struct sample sample;
        struct ji_bytes whole;
        load(names[index], &sample);
        ji_bytes_init(&whole, ji_ctx_mem(ctx));
        read_whole(ctx, &sample, &whole);
        for (uint64_t start = 0; start <= 60; start += 11) {
            const uint64_t count = 1 + start % 17;
            const struct ji_view wanted = lines_of(&whole, start, count);
            const struct joist_parquet_read_options options = {.struct_size = sizeof options,
                    .row_start = start,
                    .row_count = count,
                    .batch_rows = 5,
                    .text = JOIST_TEXT_VIEW};
            check_read(3, &sample, &options, wanted.data, wanted.size);
        }
        ji_bytes_clear(&whole);
    }
    joist_ctx_close(ctx);
}

static void pages_of_one_column_are_read_ahead(void **state)
{
    (void)state;
    static const unsigned threads[] = {1, 2, 6};
    static const char *const columns[][2] = {{"flat_zstd", "i"}, {"flat_zstd", "s"}, {"pages", "i"}};
    for (size_t index = 0; index < sizeof columns / sizeof columns[0]; index++) {
        struct sample sample;
        struct ji_bytes text[3];
        struct joist_ctx *const ctx = open_ctx(1);
        load(columns[index][0], &sample);
        for (size_t side = 0; side < 3; side++) {
            struct joist_ctx *const own = open_ctx(threads[side]);
            struct bytes_source from = {.data = sample.data, .size = sample.size};
            const struct joist_parquet_read_options options = {.struct_size = sizeof options,
                    .columns = &columns[index][1],
                    .column_count = 1,
                    .batch_rows = 9};
            ji_bytes_init(&text[side], ji_ctx_mem(ctx));
            assert_ok(read_text(own, &from, &options, &text[side], NULL));
            joist_ctx_close(own);
            assert_int_equal(text[side].size, text[0].size);
            assert_memory_equal(text[side].data, text[0].data, text[0].size);
        }
        for (size_t side = 0; side < 3; side++)
            ji_bytes_clear(&text[side]);
        joist_ctx_close(ctx);
    }
}

static void no_columns_are_rows_all_the_same(void **state)
{
    (void)state;
    struct sample sample;
    load("pages", &sample);
    struct joist_ctx *const ctx = open_ctx(2);
    struct bytes_source from = {.data = sample.data, .size = sample.size};
    struct joist_parquet_file *file = NULL;
    struct ArrowArrayStream stream;
    const char *const none[] = {""};
    const struct joist_parquet_read_options options = {
            .struct_size = sizeof options, .columns = none, .batch_rows = 25};
    assert_ok(joist_parquet_open(ctx, bytes_source(&from), NULL, &file, NULL));
    assert_ok(joist_parquet_read(file, &options, &stream, NULL));
    int64_t rows = 0;
    for (;;) {
        struct ArrowArray array;
        assert_ok(joist_stream_next(&stream, &array, NULL));
        if (array.release == NULL)
            break;
        assert_int_equal(array.n_children, 0);
        assert_true(array.length <= 25);
        rows += array.length;
        array.release(&array);
    }
    assert_int_equal(rows, 60);
    stream.release(&stream);
    joist_parquet_close(file);
    joist_ctx_close(ctx);
}

/* Every byte of the file but its footer, wrong once: the same rows, the same words, whatever the threads. */
static void errors_are_the_same_for_any_threads(void **state)
{
    (void)state;
    static const char *const files[] = {"pages", "nested", "flat_zstd"};
    size_t failures = 0;
    for (size_t index = 0; index < sizeof files / sizeof files[0]; index++) {
        struct sample sample;
        load(files[index], &sample);
        struct joist_ctx *const ctx[2] = {open_ctx(1), open_ctx(4)};
        for (size_t at = 4; at < sample.size * 2 / 3; at += 3) {
            struct ji_bytes text[2];
            struct joist_error err[2] = {{.text = ""}, {.text = ""}};
            enum joist_status status[2];
            sample.data[at] ^= 0xff;
            for (size_t side = 0; side < 2; side++) {
                struct bytes_source from = {.data = sample.data, .size = sample.size};
                const struct joist_parquet_read_options options = {
                        .struct_size = sizeof options, .batch_rows = 9};
                ji_bytes_init(&text[side], ji_ctx_mem(ctx[side]));
                status[side] = read_text(ctx[side], &from, &options, &text[side], &err[side]);
            }
            assert_status(status[1], status[0]);
            assert_string_equal(err[1].text, err[0].text);
            assert_int_equal(text[0].size, text[1].size);
            if (text[0].size > 0)
                assert_memory_equal(text[0].data, text[1].data, text[0].size);
            failures += status[0] != JOIST_OK;
            ji_bytes_clear(&text[0]);
            ji_bytes_clear(&text[1]);
            sample.data[at] ^= 0xff;
        }
        joist_ctx_close(ctx[0]);
        joist_ctx_close(ctx[1]);
    }
    assert_true(failures > 50);
}

static void failing_reads_are_told(void **state)
{
    (void)state;
    struct sample sample;
    load("nested", &sample);
    for (unsigned threads = 1; threads <= 3; threads += 2) {
        struct joist_ctx *const ctx = open_ctx(threads);
        uint64_t fail_at = 1;
        for (;; fail_at++) {
            struct bytes_source from = {.data = sample.data, .size = sample.size, .fail_at = fail_at};
            const struct joist_parquet_read_options options = {
                    .struct_size = sizeof options, .batch_rows = 9};
            struct ji_bytes text;
            struct joist_error err;
            ji_bytes_init(&text, ji_ctx_mem(ctx));
            const enum joist_status status = read_text(ctx, &from, &options, &text, &err);
            ji_bytes_clear(&text);
            if (from.reads < fail_at) {
                assert_ok(status);
                break;
            }
            /* A page that was read ahead in vain is read once more when it is needed. */
            if (threads == 1 || status != JOIST_OK)
                assert_status(status, JOIST_ERR_IO);
        }
        assert_true(fail_at > 4);
        joist_ctx_close(ctx);
    }
}

static enum joist_status view_body(struct joist_ctx *ctx, void *arg, struct joist_error *err)
{
    const struct sample *const sample = arg;
    struct bytes_source from = {.data = sample->data, .size = sample->size};
    const struct joist_parquet_read_options options = {
            .struct_size = sizeof options, .batch_rows = 20, .batch_bytes = 500, .text = JOIST_TEXT_VIEW};
    struct ji_bytes text;
    ji_bytes_init(&text, ji_ctx_mem(ctx));
    const enum joist_status status = read_text(ctx, &from, &options, &text, err);
    ji_bytes_clear(&text);
    return status;
}

static void failing_allocations_fail_the_read_and_leak_nothing(void **state)
{
    (void)state;
    struct sample sample;
    load("nested", &sample);
    oom_sweep(view_body, &sample);
    load("types", &sample);
    oom_sweep_sparse(view_body, &sample);
}

/* A file of one int64 column and one of text, of `rows` rows, in memory. */
static void write_file(struct joist_ctx *ctx, uint64_t rows, struct joist_source *source)
{
    struct joist_builder *builder = NULL;
    struct ArrowArrayStream stream;
    struct ArrowSchema schema;
    struct joist_sink sink;
    struct joist_parquet_writer *writer = NULL;
    assert_ok(joist_builder_open(ctx, "id long required, name string", &builder, NULL));
    for (uint64_t row = 0; row < rows; row++) {
        char name[64];
        const int size =
                snprintf(name, sizeof name, "a name of some length %u", (unsigned)(row * 7919 % 10007));
        assert_ok(joist_builder_int64(builder, (int64_t)row, NULL));
        assert_ok(joist_builder_text(builder, name, (size_t)size, NULL));
        assert_ok(joist_builder_end_row(builder, NULL));
    }
    assert_ok(joist_builder_take(builder, &stream, NULL));
    joist_builder_close(builder);
    assert_int_equal(stream.get_schema(&stream, &schema), 0);
    const struct joist_parquet_write_options options = {
            .struct_size = sizeof options, .page_bytes_max = 16384, .row_group_rows_max = 40000};
    assert_ok(joist_sink_open(ctx, "memory:/t.parquet", JOIST_SINK_REPLACE, &sink, NULL));
    assert_ok(joist_parquet_writer_open(ctx, sink, &schema, &options, &writer, NULL));
    assert_ok(joist_parquet_writer_append_stream(writer, &stream, NULL));
    assert_ok(joist_parquet_writer_finish(writer, NULL, NULL));
    schema.release(&schema);
    stream.release(&stream);
    assert_ok(joist_source_open(ctx, "memory:/t.parquet", source, NULL));
}

static void source_is_told_what_will_be_read(void **state)
{
    (void)state;
    struct joist_ctx *const ctx = open_ctx(2);
    struct joist_source source;
    struct ji_bytes file;
    struct ji_bytes text;
    write_file(ctx, 20000, &source);
    ji_bytes_init(&file, ji_ctx_mem(ctx));
    ji_bytes_init(&text, ji_ctx_mem(ctx));
    assert_ok(ji_source_read_all(&source, (size_t)64 << 20, &file, NULL));
    ji_source_close(&source);
    struct bytes_source from = {.data = file.data, .size = file.size};
    const struct joist_parquet_read_options options = {
            .struct_size = sizeof options, .io_bytes = 1000, .read_ahead = 8000};
    assert_ok(read_text(ctx, &from, &options, &text, NULL));
    assert_true(from.hints > 0);
    assert_true(from.hints < from.reads);
    ji_bytes_clear(&text);
    ji_bytes_clear(&file);
    joist_ctx_close(ctx);
}

/* Each chunk in one read leaves nothing to tell of but fronts: of the names, in each of two groups. */
static void source_is_told_of_the_fronts_of_large_chunks_that_are_read_whole(void **state)
{
    (void)state;
    struct joist_ctx *const ctx = open_ctx(2);
    struct joist_source source;
    struct ji_bytes file;
    struct ji_bytes text;
    write_file(ctx, 80000, &source);
    ji_bytes_init(&file, ji_ctx_mem(ctx));
    ji_bytes_init(&text, ji_ctx_mem(ctx));
    assert_ok(ji_source_read_all(&source, (size_t)64 << 20, &file, NULL));
    ji_source_close(&source);
    struct bytes_source from = {.data = file.data, .size = file.size};
    struct joist_parquet_read_options options = {.struct_size = sizeof options, .io_bytes = (size_t)32 << 20};
    assert_ok(read_text(ctx, &from, &options, &text, NULL));
    assert_int_equal(from.hints, 2);
    from.hints = 0;
    options.row_start = 100;
    options.row_count = 50;
    assert_ok(read_text(ctx, &from, &options, &text, NULL));
    assert_int_equal(from.hints, 0);
    ji_bytes_clear(&text);
    ji_bytes_clear(&file);
    joist_ctx_close(ctx);
}

static struct ArrowArrayStream open_written(struct joist_ctx *ctx, const struct joist_cancel *cancel)
{
    struct joist_source source;
    struct joist_parquet_file *file = NULL;
    struct ArrowArrayStream stream;
    write_file(ctx, 100000, &source);
    const struct joist_parquet_read_options options = {
            .struct_size = sizeof options, .batch_rows = 1000, .text = JOIST_TEXT_VIEW, .cancel = cancel};
    assert_ok(joist_parquet_open(ctx, source, NULL, &file, NULL));
    assert_ok(joist_parquet_read(file, &options, &stream, NULL));
    joist_parquet_close(file);
    return stream;
}

static void stream_may_be_released_at_any_time(void **state)
{
    (void)state;
    for (size_t pulls = 0; pulls < 40; pulls += 13) {
        struct joist_ctx *const ctx = open_ctx(4);
        struct ArrowArrayStream stream = open_written(ctx, NULL);
        struct ArrowArray kept[40];
        for (size_t index = 0; index < pulls; index++)
            assert_ok(joist_stream_next(&stream, &kept[index], NULL));
        stream.release(&stream);
        /* Batches outlive their stream and the caller's hold on the context. */
        joist_ctx_close(ctx);
        for (size_t index = 0; index < pulls; index++) {
            const int64_t *const ids = kept[index].children[0]->buffers[1];
            assert_int_equal(ids[0], index * 1000);
            kept[index].release(&kept[index]);
        }
    }
}

static void caller_who_stops_pulling_stops_the_reading(void **state)
{
    (void)state;
    struct joist_ctx *const ctx = open_ctx(4);
    struct ArrowArrayStream stream = open_written(ctx, NULL);
    struct ArrowArray array;
    const uint64_t before = joist_ctx_memory(ctx).bytes;
    assert_ok(joist_stream_next(&stream, &array, NULL));
    array.release(&array);
    /* Released, the stream has joined its helpers: what they did until then is the most that they do. */
    struct ArrowArray held[8];
    for (size_t index = 0; index < 8; index++)
        assert_ok(joist_stream_next(&stream, &held[index], NULL));
    const uint64_t peak = joist_ctx_memory(ctx).bytes_peak;
    assert_true(peak < before + ((uint64_t)8 << 20));
    for (size_t index = 0; index < 8; index++)
        held[index].release(&held[index]);
    stream.release(&stream);
    joist_ctx_close(ctx);
}

static void cancelled_stream_stops(void **state)
{
    (void)state;
    struct joist_ctx *const ctx = open_ctx(3);
    struct joist_cancel cancel = {0};
    struct ArrowArrayStream stream = open_written(ctx, &cancel);
    struct ArrowArray array;
    assert_ok(joist_stream_next(&stream, &array, NULL));
    array.release(&array);
    joist_cancel_request(&cancel);
    assert_status(joist_stream_next(&stream, &array, NULL), JOIST_ERR_CANCELLED);
    assert_status(joist_stream_next(&stream, &array, NULL), JOIST_ERR_CANCELLED);
    stream.release(&stream);
    joist_ctx_close(ctx);
}

/* An executor that keeps what it is given and runs it late, or never. */
struct late {
    void (*run[64])(void *arg);
    void *arg[64];
    size_t count;
};

static void late_submit(void *user, void (*run)(void *arg), void *arg)
{
    struct late *const late = user;
    assert_true(late->count < 64);
    late->run[late->count] = run;
    late->arg[late->count++] = arg;
}

static void progress_never_depends_on_the_executor(void **state)
{
    (void)state;
    static struct late late;
    const struct joist_executor executor = {.user = &late, .threads = 3, .submit = late_submit};
    const struct joist_ctx_options options = {.struct_size = sizeof options, .executor = &executor};
    struct joist_ctx *ctx = NULL;
    late.count = 0;
    assert_ok(joist_ctx_open(&options, &ctx, NULL));
    struct sample sample;
    struct ji_bytes text;
    struct bytes_source from = {.data = sample.data};
    const struct joist_parquet_read_options read = {.struct_size = sizeof read, .batch_rows = 20};
    load("nested", &sample);
    from.size = sample.size;
    ji_bytes_init(&text, ji_ctx_mem(ctx));
    assert_ok(read_text(ctx, &from, &read, &text, NULL));
    assert_true(text.size > 60);
    ji_bytes_clear(&text);
    assert_true(late.count > 0);
    joist_ctx_close(ctx);
    /* The pipe is long closed; each only lets go of it, the last one of the context. */
    for (size_t index = 0; index < late.count; index++)
        late.run[index](late.arg[index]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(rows_depend_on_nothing_but_the_file),
            cmocka_unit_test(any_rows_are_those_rows),
            cmocka_unit_test(reading_in_any_steps_gives_the_same_rows),
            cmocka_unit_test(source_is_told_what_will_be_read),
            cmocka_unit_test(source_is_told_of_the_fronts_of_large_chunks_that_are_read_whole),
            cmocka_unit_test(pages_of_one_column_are_read_ahead),
            cmocka_unit_test(no_columns_are_rows_all_the_same),
            cmocka_unit_test(errors_are_the_same_for_any_threads),
            cmocka_unit_test(failing_reads_are_told),
            cmocka_unit_test(failing_allocations_fail_the_read_and_leak_nothing),
            cmocka_unit_test(stream_may_be_released_at_any_time),
            cmocka_unit_test(caller_who_stops_pulling_stops_the_reading),
            cmocka_unit_test(cancelled_stream_stops),
            cmocka_unit_test(progress_never_depends_on_the_executor),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
