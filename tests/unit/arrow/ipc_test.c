/*
 * ipc_test.c - Arrow's IPC format there and back; what is refused; memory, reads and writes that fail
 */
#include "support/oom.h"
#include "support/text_case.h"
#include "support/text_sink.h"

#include "arrow/ipc_stream.h"
#include "arrow/value.h"
#include "base/ctx.h"

#include <stdio.h>
#include <stdlib.h>

/* The corpus is of a machine that has the low byte first; others refuse it. */
#define SKIP_BIG_ENDIAN()                                                                                    \
    do {                                                                                                     \
        if (__BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__)                                                       \
            skip();                                                                                          \
    } while (0)

/* With the byte that the fuzz target has before the text. */
static struct ji_view load_corpus(const char *name)
{
    static uint8_t bytes[32768];
    char path[400];
    (void)snprintf(path, sizeof path, "%s/tests/fuzz/corpus/ipc_fuzz/%s", JOIST_SOURCE_DIR, name);
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    const size_t size = fread(bytes, 1, sizeof bytes, file);
    assert_true(size > 1 && size < sizeof bytes);
    assert_int_equal(fclose(file), 0);
    return ji_view_of(bytes + 1, size - 1);
}

static enum joist_status put_rows(
        struct ji_batch_stream *stream, struct ji_bytes *out, struct joist_error *err)
{
    for (;;) {
        const struct ji_batch *batch = NULL;
        JI_TRY(ji_stream_next(stream, &batch, err));
        if (batch == NULL)
            return ji_bytes_append_byte(out, 0, err);
        for (size_t row = 0; row < batch->row_count; row++) {
            for (size_t i = 0; i < batch->column_count; i++) {
                if (i > 0)
                    JI_TRY(ji_bytes_append_byte(out, '|', err));
                JI_TRY(ji_column_json(&batch->columns[i], row, out, err));
            }
            JI_TRY(ji_bytes_append_byte(out, '\n', err));
        }
    }
}

static enum joist_status read_all(
        struct joist_ctx *ctx, struct text_source *source, struct ji_bytes *out, struct joist_error *err)
{
    struct ji_batch_stream stream;
    JI_TRY(ji_ipc_stream_open(ctx, text_source_of(source), NULL, &stream, err));
    const enum joist_status status = put_rows(&stream, out, err);
    ji_stream_close(&stream);
    return status;
}

static const char rows_wanted[] = "1|\"oak\"|[1,null]|{\"x\":true,\"y\":\"2026-11-21\"}|1.25|null\n"
                                  "2|null|null|null|-0.50|\"a text of more than twelve bytes\"\n"
                                  "3|\"\"|[]|{\"x\":null,\"y\":null}|null|\"\"\n";

/* Three rows of many types; the source is the caller's until the stream is released. */
static enum joist_status build(struct joist_ctx *ctx, struct text_source *source,
        struct ArrowArrayStream *stream, struct joist_error *err)
{
    static const char text[] =
            "{\"i\":1,\"s\":\"oak\",\"l\":[1,null],\"t\":{\"x\":true,\"y\":\"2026-11-21\"},"
            "\"d\":1.25,\"z\":null}\n"
            "{\"i\":2,\"l\":null,\"d\":-0.50,\"z\":\"a text of more than twelve bytes\"}\n"
            "{\"i\":3,\"s\":\"\",\"l\":[],\"t\":{},\"z\":\"\"}\n";
    const struct joist_text_options options = {.struct_size = sizeof options, .infer_decimals = true};
    *source = (struct text_source){.name = "t", .data = (const uint8_t *)text, .size = sizeof text - 1};
    return joist_ndjson_open(ctx, text_source_of(source), &options, stream, err);
}

struct form {
    bool as_stream;
    enum joist_ipc_codec codec;
};

static enum joist_status write_rows(
        struct joist_ctx *ctx, const struct form *form, struct text_sink *sink, struct joist_error *err)
{
    struct ArrowArrayStream stream;
    struct text_source source;
    const struct joist_ipc_options options = {
            .struct_size = sizeof options, .as_stream = form->as_stream, .codec = form->codec};
    JI_TRY(build(ctx, &source, &stream, err));
    const enum joist_status status = joist_ipc_write(ctx, &stream, text_sink_of(sink), &options, err);
    stream.release(&stream);
    return status;
}

static enum joist_status there_and_back(struct joist_ctx *ctx, void *arg, struct joist_error *err)
{
    struct text_sink sink = {.appends = 0};
    struct ji_bytes out;
    enum joist_status status = JOIST_OK;
    ji_bytes_init(&sink.bytes, ji_ctx_mem(ctx));
    ji_bytes_init(&out, ji_ctx_mem(ctx));
    JI_TRY_OUT(write_rows(ctx, arg, &sink, err));
    struct text_source source = {.name = "t", .data = sink.bytes.data, .size = sink.bytes.size};
    JI_TRY_OUT(read_all(ctx, &source, &out, err));
    assert_string_equal((const char *)out.data, rows_wanted);

out:
    ji_bytes_clear(&out);
    ji_bytes_clear(&sink.bytes);
    return status;
}

struct rewriting {
    struct ji_view bytes; /* a file or stream */
    struct form form;
};

/* Opened with the layouts that it has, written, and read: the rows before and after are the same. */
static enum joist_status rewrite(struct joist_ctx *ctx, void *arg, struct joist_error *err)
{
    const struct rewriting *rewriting = arg;
    const struct joist_ipc_options keep = {.struct_size = sizeof keep, .keep_layout = true};
    const struct joist_ipc_options options = {.struct_size = sizeof options,
            .as_stream = rewriting->form.as_stream,
            .codec = rewriting->form.codec};
    struct text_source first = {.name = "t", .data = rewriting->bytes.data, .size = rewriting->bytes.size};
    struct text_source second = first;
    struct text_sink sink = {.appends = 0};
    struct ArrowArrayStream stream = {.release = NULL};
    struct ji_bytes before;
    struct ji_bytes after;
    enum joist_status status = JOIST_OK;
    ji_bytes_init(&sink.bytes, ji_ctx_mem(ctx));
    ji_bytes_init(&before, ji_ctx_mem(ctx));
    ji_bytes_init(&after, ji_ctx_mem(ctx));
    JI_TRY_OUT(read_all(ctx, &first, &before, err));
    JI_TRY_OUT(joist_ipc_open(ctx, text_source_of(&second), &keep, &stream, err));
    JI_TRY_OUT(joist_ipc_write(ctx, &stream, text_sink_of(&sink), &options, err));
    struct text_source written = {.name = "t", .data = sink.bytes.data, .size = sink.bytes.size};
    JI_TRY_OUT(read_all(ctx, &written, &after, err));
    assert_string_equal((const char *)after.data, (const char *)before.data);

out:
    if (stream.release != NULL)
        stream.release(&stream);
    ji_bytes_clear(&after);
    ji_bytes_clear(&before);
    ji_bytes_clear(&sink.bytes);
    return status;
}

static const char *const rewritten[] = {
        "delta_stream", "views_file", "nested_file", "layouts_stream", "more_file"};

static void layouts_and_dictionaries_come_back(void **state)
{
    (void)state;
    SKIP_BIG_ENDIAN();
    struct joist_ctx *ctx = NULL;
    assert_ok(joist_ctx_open(NULL, &ctx, NULL));
    for (size_t i = 0; i < sizeof rewritten / sizeof rewritten[0]; i++) {
        for (int as_stream = 0; as_stream < 2; as_stream++) {
            struct rewriting rewriting = {
                    .bytes = load_corpus(rewritten[i]), .form.as_stream = as_stream != 0};
            struct joist_error err;
            if (rewrite(ctx, &rewriting, &err) != JOIST_OK)
                fail_msg("%s: %s", rewritten[i], err.text);
        }
    }
    joist_ctx_close(ctx);
}

static void each_form_comes_back(void **state)
{
    (void)state;
    struct joist_ctx *ctx = NULL;
    assert_ok(joist_ctx_open(NULL, &ctx, NULL));
    for (int codec = JOIST_IPC_NONE; codec <= JOIST_IPC_ZSTD; codec++) {
        for (int as_stream = 0; as_stream < 2; as_stream++) {
            struct form form = {.as_stream = as_stream != 0, .codec = (enum joist_ipc_codec)codec};
            assert_ok(there_and_back(ctx, &form, NULL));
        }
    }
    joist_ctx_close(ctx);
}

static void dictionaries_are_replaced_and_grow(void **state)
{
    (void)state;
    SKIP_BIG_ENDIAN();
    struct joist_ctx *ctx = NULL;
    struct ji_bytes out;
    assert_ok(joist_ctx_open(NULL, &ctx, NULL));
    ji_bytes_init(&out, ji_ctx_mem(ctx));
    const struct ji_view bytes = load_corpus("delta_stream");
    for (int sequential = 0; sequential < 2; sequential++) {
        struct text_source source = {
                .name = "t", .data = bytes.data, .size = bytes.size, .sequential = sequential != 0};
        out.size = 0;
        assert_ok(read_all(ctx, &source, &out, NULL));
        assert_string_equal((const char *)out.data,
                "\"a\"\n\"b\"\n\"c\"\n\"a text of more than twelve bytes\"\n\"b\"\n\"y\"\n\"x\"\n");
        assert_int_equal(source.closed, 1);
    }
    ji_bytes_clear(&out);
    joist_ctx_close(ctx);
}

static enum joist_status read_corpus(struct joist_ctx *ctx, void *arg, struct joist_error *err)
{
    const struct ji_view *bytes = arg;
    struct text_source source = {.name = "t", .data = bytes->data, .size = bytes->size};
    struct ji_bytes out;
    ji_bytes_init(&out, ji_ctx_mem(ctx));
    const enum joist_status status = read_all(ctx, &source, &out, err);
    ji_bytes_clear(&out);
    return status;
}

static void every_failed_allocation_is_reported(void **state)
{
    (void)state;
    SKIP_BIG_ENDIAN();
    static const char *const names[] = {
            "delta_stream", "views_file", "nested_file", "plain_stream_lz4", "more_file"};
    struct form form = {.codec = JOIST_IPC_LZ4};
    oom_sweep_sparse(there_and_back, &form);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        struct ji_view bytes = load_corpus(names[i]);
        oom_sweep(read_corpus, &bytes);
    }
    for (int as_stream = 0; as_stream < 2; as_stream++) {
        struct rewriting rewriting = {
                .bytes = load_corpus("layouts_stream"), .form.as_stream = as_stream != 0};
        oom_sweep_sparse(rewrite, &rewriting);
    }
}

static void every_failed_read_and_write_is_reported(void **state)
{
    (void)state;
    SKIP_BIG_ENDIAN();
    struct joist_ctx *ctx = NULL;
    struct ji_bytes out;
    struct joist_error err;
    assert_ok(joist_ctx_open(NULL, &ctx, NULL));
    ji_bytes_init(&out, ji_ctx_mem(ctx));
    for (uint64_t fail_at = 1, ended = 0; ended == 0; fail_at++) {
        struct text_sink sink = {.fail_at = fail_at};
        const struct form form = {.codec = JOIST_IPC_NONE};
        ji_bytes_init(&sink.bytes, ji_ctx_mem(ctx));
        ended = write_rows(ctx, &form, &sink, &err) == JOIST_OK;
        assert_true(ended || err.status == JOIST_ERR_IO);
        ji_bytes_clear(&sink.bytes);
    }
    static const char *const names[] = {"plain_file", "delta_stream"};
    for (size_t i = 0; i < 2; i++) {
        const struct ji_view bytes = load_corpus(names[i]);
        for (uint64_t fail_at = 1, ended = 0; ended == 0; fail_at++) {
            struct text_source source = {
                    .name = "t", .data = bytes.data, .size = bytes.size, .fail_at = fail_at};
            ended = read_all(ctx, &source, &out, &err) == JOIST_OK;
            assert_true(ended || err.status == JOIST_ERR_IO);
            assert_true(ended || strstr(err.text, "t: ") != NULL);
        }
    }
    ji_bytes_clear(&out);
    joist_ctx_close(ctx);
}

/* What a program of another kind wrote, and what a file is that was cut or has a byte changed. */
static void broken_files_are_refused(void **state)
{
    (void)state;
    SKIP_BIG_ENDIAN();
    struct joist_ctx *ctx = NULL;
    struct ji_bytes out;
    struct joist_error err;
    assert_ok(joist_ctx_open(NULL, &ctx, NULL));
    ji_bytes_init(&out, ji_ctx_mem(ctx));
    static const struct {
        const char *text;
        size_t size;
        enum joist_status status;
        const char *reason;
    } cases[] = {
            {"", 0, JOIST_ERR_CORRUPT, "t: too short for Arrow's IPC format"},
            {"a,b\n1,2\n", 8, JOIST_ERR_CORRUPT, "t: not Arrow's IPC format"},
            {"FEA1\0\0\0\0", 8, JOIST_ERR_UNSUPPORTED, "t: Feather version 1"},
            {"ARROW1\0\0", 8, JOIST_ERR_CORRUPT, "t: too short for an Arrow file"},
            {"ARROW1\0\0..........", 18, JOIST_ERR_CORRUPT,
                    "t: no Arrow file's end: it was cut short, or is still being written"},
            {"ARROW1\0\0\xFF\xFF\xFF\x7F"
             "ARROW1",
                    18, JOIST_ERR_CORRUPT, "t: an Arrow footer of wrong size"},
            {"\xFF\xFF\xFF\xFF\0\0\0\0", 8, JOIST_ERR_CORRUPT, "t: not Arrow's IPC format"},
            {"\xFF\xFF\xFF\xFF\x08\0\0\0\0\0\0\0\0\0\0\0", 16, JOIST_ERR_CORRUPT, "t: not an Arrow message"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct text_source source = {
                .name = "t", .data = (const uint8_t *)cases[i].text, .size = cases[i].size};
        assert_status(read_all(ctx, &source, &out, &err), cases[i].status);
        assert_string_equal(err.text, cases[i].reason);
        assert_int_equal(source.closed, 0);
    }
    const struct ji_view bytes = load_corpus("plain_file");
    for (size_t size = 0; size < bytes.size; size++) {
        struct text_source source = {.name = "t", .data = bytes.data, .size = size};
        assert_status(read_all(ctx, &source, &out, &err), JOIST_ERR_CORRUPT);
    }
    uint8_t *copy = malloc(bytes.size);
    for (size_t at = 0; at < bytes.size; at++) {
        memcpy(copy, bytes.data, bytes.size);
        copy[at] ^= 0x55;
        struct text_source source = {.name = "t", .data = copy, .size = bytes.size};
        out.size = 0;
        const enum joist_status status = read_all(ctx, &source, &out, &err);
        assert_true(status == JOIST_OK || status == JOIST_ERR_CORRUPT || status == JOIST_ERR_UNSUPPORTED ||
                status == JOIST_ERR_LIMIT || status == JOIST_ERR_INVALID);
    }
    free(copy);
    ji_bytes_clear(&out);
    joist_ctx_close(ctx);
}

static void bad_options_are_refused(void **state)
{
    (void)state;
    struct joist_ipc_options taken;
    struct joist_ipc_options options = {.struct_size = 1};
    assert_status(ji_ipc_options_take(&options, &taken, NULL), JOIST_ERR_INVALID);
    options.struct_size = sizeof options + 8;
    assert_status(ji_ipc_options_take(&options, &taken, NULL), JOIST_ERR_UNSUPPORTED);
    options = (struct joist_ipc_options){.struct_size = sizeof options, .codec = (enum joist_ipc_codec)9};
    assert_status(ji_ipc_options_take(&options, &taken, NULL), JOIST_ERR_INVALID);
    assert_ok(ji_ipc_options_take(NULL, &taken, NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(each_form_comes_back),
            cmocka_unit_test(layouts_and_dictionaries_come_back),
            cmocka_unit_test(dictionaries_are_replaced_and_grow),
            cmocka_unit_test(every_failed_allocation_is_reported),
            cmocka_unit_test(every_failed_read_and_write_is_reported),
            cmocka_unit_test(broken_files_are_refused),
            cmocka_unit_test(bad_options_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
