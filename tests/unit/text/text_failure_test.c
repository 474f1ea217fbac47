/*
 * text_failure_test.c - memory, reads, cancellation: whatever fails while text is read
 */
#include "support/oom.h"
#include "support/text_case.h"
#include "support/text_sink.h"

#include "base/ctx.h"

static const char csv_text[] =
        "a,b,c,d\n1,\"x\"\"y\",2026-01-01,1.5\n2,,,\n3,\"p\nq\",2026-01-02,2.5\n4,z,,3.5\n";
static const char ndjson_text[] = "{\"a\":1,\"b\":[{\"x\":\"q\\n\"}],\"c\":{\"y\":1.5}}\n{\"a\":null,\"b\":[]"
                                  "}\n{\"c\":{\"y\":2.5},\"a\":3}\n";

struct sweep {
    enum text_form form;
    unsigned threads;
};

static struct text_source source_of(enum text_form form)
{
    const char *text = form == TEXT_CSV ? csv_text : ndjson_text;
    return (struct text_source){.name = "t", .data = (const uint8_t *)text, .size = strlen(text)};
}

static enum joist_status read_and_write(struct joist_ctx *ctx, void *arg, struct joist_error *err)
{
    const struct sweep *sweep = arg;
    struct text_source source = source_of(sweep->form);
    struct text_sink sink = {.appends = 0};
    struct ArrowArrayStream stream;
    const bool csv = sweep->form == TEXT_CSV;
    JI_TRY(csv ? joist_csv_open(ctx, text_source_of(&source), NULL, &stream, err)
               : joist_ndjson_open(ctx, text_source_of(&source), NULL, &stream, err));
    ji_bytes_init(&sink.bytes, ji_ctx_mem(ctx));
    const enum joist_status status = csv ? joist_csv_write(ctx, &stream, text_sink_of(&sink), NULL, err)
                                         : joist_ndjson_write(ctx, &stream, text_sink_of(&sink), NULL, err);
    stream.release(&stream);
    ji_bytes_clear(&sink.bytes);
    return status;
}

/* A sample that knows too little, and the survey of the rest. */
static enum joist_status survey_ndjson(struct joist_ctx *ctx, void *arg, struct joist_error *err)
{
    (void)arg;
    static const char text[] = "{\"a\":1}\n{\"a\":2}\n{\"a\":2.5,\"b\":\"q\\n\"}\n";
    struct text_source source = {.name = "t", .data = (const uint8_t *)text, .size = sizeof text - 1};
    struct joist_text_widening widening = {.due = false};
    struct ji_bytes out;
    const struct text_reading reading = {
            .form = TEXT_NDJSON,
            .options = {.struct_size = sizeof reading.options, .sample_bytes = 1, .widening = &widening},
            .tuning = {.part_bytes = 9, .parts = 2},
    };
    ji_bytes_init(&out, ji_ctx_mem(ctx));
    const enum joist_status status = text_read_all(ctx, &reading, &source, &out, err);
    ji_bytes_clear(&out);
    if (widening.due)
        widening.schema.release(&widening.schema);
    return widening.due && status == JOIST_ERR_INVALID ? JOIST_OK : status;
}

static enum joist_status read_small_blocks(
        struct joist_ctx *ctx, const struct sweep *sweep, bool by_columns, struct joist_error *err)
{
    struct text_source source = source_of(sweep->form);
    struct ji_bytes out;
    static const char *const types[] = {"a=string"};
    struct text_reading reading = {
            .form = sweep->form,
            .options = {.struct_size = sizeof reading.options},
            .tuning = {.part_bytes = 20, .parts = 2},
            .by_columns = by_columns,
    };
    if (sweep->form == TEXT_CSV) {
        reading.options.types = types;
        reading.options.type_count = 1;
        reading.options.sample_bytes = 40;
    }
    ji_bytes_init(&out, ji_ctx_mem(ctx));
    const enum joist_status status = text_read_all(ctx, &reading, &source, &out, err);
    ji_bytes_clear(&out);
    return status;
}

static enum joist_status read_in_small_blocks(struct joist_ctx *ctx, void *arg, struct joist_error *err)
{
    return read_small_blocks(ctx, arg, false, err);
}

static enum joist_status read_columns_in_small_blocks(
        struct joist_ctx *ctx, void *arg, struct joist_error *err)
{
    return read_small_blocks(ctx, arg, true, err);
}

static void every_failed_allocation_is_reported(void **state)
{
    (void)state;
    oom_sweep(survey_ndjson, NULL);
    for (int form = TEXT_CSV; form <= TEXT_NDJSON; form++) {
        struct sweep sweep = {.form = (enum text_form)form};
        oom_sweep(read_and_write, &sweep);
        oom_sweep(read_in_small_blocks, &sweep);
        oom_sweep(read_columns_in_small_blocks, &sweep);
    }
}

/* Whatever read fails: the reader says so, and closes the source once, or not at all where opening failed. */
static void every_failed_read_is_reported(void **state)
{
    (void)state;
    struct joist_ctx *ctx = NULL;
    const struct joist_ctx_options ctx_options = {.struct_size = sizeof ctx_options, .threads = 2};
    assert_ok(joist_ctx_open(&ctx_options, &ctx, NULL));
    for (int kind = 0; kind < 4; kind++) {
        const enum text_form form = kind % 2 == 0 ? TEXT_CSV : TEXT_NDJSON;
        uint64_t reads = 0;
        for (uint64_t fail_at = 0; fail_at <= reads; fail_at++) {
            struct text_source source = source_of(form);
            struct ji_bytes out;
            struct joist_error err;
            const struct text_reading reading = {
                    .form = form,
                    .by_columns = kind >= 2,
                    .options = {.struct_size = sizeof reading.options, .sample_bytes = 42},
                    .tuning = {.part_bytes = 8, .parts = 2},
                    .sequential = fail_at % 2 == 0,
            };
            source.fail_at = fail_at;
            ji_bytes_init(&out, ji_ctx_mem(ctx));
            const enum joist_status status = text_read_all(ctx, &reading, &source, &out, &err);
            assert_status(status, fail_at == 0 ? JOIST_OK : JOIST_ERR_IO);
            if (fail_at == 0)
                reads = source.reads;
            else
                assert_non_null(strstr(err.text, "t: "));
            assert_int_equal(source.closed, fail_at == 1 ? 0 : 1);
            ji_bytes_clear(&out);
        }
        assert_true(reads >= 3);
    }
    joist_ctx_close(ctx);
}

static void cancelled_readers_stop(void **state)
{
    (void)state;
    struct joist_ctx *ctx = NULL;
    assert_ok(joist_ctx_open(NULL, &ctx, NULL));
    for (int form = TEXT_CSV; form <= TEXT_NDJSON; form++) {
        struct joist_cancel cancel = {0};
        const struct joist_text_options options = {.struct_size = sizeof options, .cancel = &cancel};
        struct text_source source = source_of((enum text_form)form);
        struct ji_batch_stream stream;
        const struct ji_batch *batch = NULL;
        if (form == TEXT_CSV)
            assert_ok(ji_csv_stream_open(ctx, text_source_of(&source), &options, NULL, &stream, NULL));
        else
            assert_ok(ji_ndjson_stream_open(ctx, text_source_of(&source), &options, NULL, &stream, NULL));
        joist_cancel_request(&cancel);
        assert_status(ji_stream_next(&stream, &batch, NULL), JOIST_ERR_CANCELLED);
        ji_stream_close(&stream);
    }
    joist_ctx_close(ctx);
}

struct counted {
    uint64_t calls;
    uint64_t bytes_done;
    uint64_t bytes_total;
    uint64_t rows_done;
};

static void count_report(void *user, uint64_t bytes_done, uint64_t bytes_total, uint64_t rows_done)
{
    struct counted *counted = user;
    assert_true(bytes_done >= counted->bytes_done && rows_done >= counted->rows_done);
    *counted = (struct counted){
            .calls = counted->calls + 1,
            .bytes_done = bytes_done,
            .bytes_total = bytes_total,
            .rows_done = rows_done,
    };
}

static void progress_reaches_the_whole(void **state)
{
    (void)state;
    struct joist_ctx *ctx = NULL;
    assert_ok(joist_ctx_open(NULL, &ctx, NULL));
    for (int i = 0; i < 4; i++) {
        const enum text_form form = i < 2 ? TEXT_CSV : TEXT_NDJSON;
        struct counted counted = {0};
        struct ji_bytes out;
        struct text_source source = source_of(form);
        const struct text_reading reading = {
                .form = form,
                .options = {.struct_size = sizeof reading.options,
                        .sample_bytes = 80,
                        .progress = {.user = &counted, .report = count_report}},
                .tuning = {.part_bytes = 8, .parts = 2},
                .sequential = i % 2 == 1,
        };
        ji_bytes_init(&out, ji_ctx_mem(ctx));
        assert_ok(text_read_all(ctx, &reading, &source, &out, NULL));
        assert_true(counted.calls >= 2);
        assert_int_equal(counted.bytes_done, source.size);
        assert_int_equal(counted.bytes_total, i % 2 == 1 ? 0 : source.size);
        assert_int_equal(counted.rows_done, form == TEXT_CSV ? 4 : 3);
        ji_bytes_clear(&out);
    }
    joist_ctx_close(ctx);
}

/* A row without an end, under a limit that is smaller than the largest row. */
static void rows_beyond_the_memory_are_a_limit(void **state)
{
    (void)state;
    struct joist_ctx *ctx = NULL;
    struct joist_ctx *large = NULL;
    struct ji_bytes text;
    const struct joist_ctx_options options = {.struct_size = sizeof options, .memory_bytes_max = 8 << 20};
    assert_ok(joist_ctx_open(&options, &ctx, NULL));
    assert_ok(joist_ctx_open(NULL, &large, NULL));
    ji_bytes_init(&text, ji_ctx_mem(large));
    assert_ok(ji_bytes_reserve(&text, 100 << 20, NULL));
    memset(text.data, 'x', 100 << 20);
    memcpy(text.data, "a\n", 2);
    struct text_source source = {.name = "t", .data = text.data, .size = 16 << 20};
    struct ji_bytes out;
    struct joist_error err;
    const struct text_reading reading = {
            .form = TEXT_CSV, .options = {.struct_size = sizeof reading.options, .sample_bytes = 100}};
    ji_bytes_init(&out, ji_ctx_mem(large));
    assert_status(text_read_all(ctx, &reading, &source, &out, &err), JOIST_ERR_LIMIT);
    source.size = 100 << 20;
    assert_status(text_read_all(large, &reading, &source, &out, &err), JOIST_ERR_LIMIT);
    assert_string_equal(err.text, "t: line 2: a row of more than 67108864 bytes");
    ji_bytes_clear(&out);
    ji_bytes_clear(&text);
    joist_ctx_close(large);
    joist_ctx_close(ctx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(every_failed_allocation_is_reported),
            cmocka_unit_test(every_failed_read_is_reported),
            cmocka_unit_test(cancelled_readers_stop),
            cmocka_unit_test(progress_reaches_the_whole),
            cmocka_unit_test(rows_beyond_the_memory_are_a_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
