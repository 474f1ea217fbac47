/*
 * unpack_source_test.c - what gzip and zstd packed, unpacked as it comes
 */
#include "support/test.h"

#include <stdlib.h>
#include <string.h>

#include <joist/store.h>

#include "base/checked.h"
#include "base/ctx.h"
#include "base/io.h"
#include "codec/codec.h"
#include "support/bytes_source.h"
#include "support/oom.h"
#include "support/test_random.h"

#define TEXT_BYTES ((size_t)700000)

struct packed {
    uint8_t *text;
    uint8_t *data;
    size_t size;
};

static struct joist_ctx *open_ctx(void)
{
    const struct joist_ctx_options options = {
            .struct_size = sizeof options, .memory_bytes_max = (uint64_t)64 << 20};
    struct joist_ctx *ctx = NULL;
    assert_ok(joist_ctx_open(&options, &ctx, NULL));
    return ctx;
}

/* Letters that repeat here and there, and in the last quarter bytes that do not. */
static void make_text(uint8_t *text, size_t size)
{
    uint64_t state = 7;
    test_random_fill(&state, text, size);
    for (size_t i = 0; i < size / 4 * 3; i++)
        text[i] = i % 1000 < 600 && i >= 3000 ? text[i - 1 - i / 1000 % 2999] : (uint8_t)('a' + text[i] % 9);
}

static void pack(struct packed *packed, enum ji_codec codec, int level, size_t size, unsigned members)
{
    struct joist_ctx *const ctx = open_ctx();
    struct ji_codec_context *codecs = NULL;
    packed->text = malloc(size + 1);
    packed->size = 0;
    make_text(packed->text, size);
    assert_ok(ji_codec_context_open(ji_ctx_mem(ctx), &codecs, NULL));
    packed->data = malloc(ji_codec_bound(codec, size) + (size_t)1024 * members);
    for (unsigned member = 0; member < members; member++) {
        const size_t from = size * member / members;
        const size_t to = size * (member + 1) / members;
        size_t made = 0;
        assert_ok(ji_compress(codecs, codec, level, ji_view_of(packed->text + from, to - from),
                packed->data + packed->size, &made, NULL));
        packed->size += made;
    }
    ji_codec_context_close(codecs);
    joist_ctx_close(ctx);
}

static void drop(struct packed *packed)
{
    free(packed->text);
    free(packed->data);
}

/* All that the source gives, `step` bytes at a time. */
static enum joist_status read_all(struct joist_ctx *ctx, struct bytes_source *from, size_t step, uint8_t *out,
        size_t room, size_t *size, struct joist_error *err)
{
    struct joist_source source = bytes_source(from);
    size_t got = 1;
    *size = 0;
    JI_TRY(joist_source_unpack(ctx, &source, err));
    enum joist_status status = JOIST_OK;
    while (got > 0 && status == JOIST_OK) {
        status = ji_source_read_some(&source, *size, ji_min_size(step, room - *size), out + *size, &got, err);
        *size += status == JOIST_OK ? got : 0;
    }
    joist_source_close(&source);
    return status;
}

static void check(enum ji_codec codec, int level, size_t size, unsigned members, size_t step)
{
    struct packed packed;
    struct joist_error err = {.text = ""};
    struct joist_ctx *const ctx = open_ctx();
    pack(&packed, codec, level, size, members);
    struct bytes_source from = {.data = packed.data, .size = packed.size};
    uint8_t *const out = malloc(size + 1);
    size_t got = 0;
    if (read_all(ctx, &from, step, out, size + 1, &got, &err) != JOIST_OK)
        fail_msg("%s", err.text);
    assert_int_equal(got, size);
    assert_memory_equal(out, packed.text, size);
    free(out);
    drop(&packed);
    joist_ctx_close(ctx);
}

static void what_was_packed_comes_back(void **state)
{
    (void)state;
    for (int level = 1; level <= 12; level++)
        check(JI_CODEC_GZIP, level, TEXT_BYTES, 1, 65536);
    for (int level = 1; level < 19; level += 6)
        check(JI_CODEC_ZSTD, level, TEXT_BYTES, 1, 65536);
}

static void members_and_frames_follow_each_other(void **state)
{
    (void)state;
    static const size_t sizes[] = {0, 1, 10, 1000, TEXT_BYTES};
    for (size_t index = 0; index < sizeof sizes / sizeof sizes[0]; index++) {
        check(JI_CODEC_GZIP, 6, sizes[index], 7, 777);
        check(JI_CODEC_ZSTD, 3, sizes[index], 7, 777);
    }
}

static void zeros_may_stand_behind_gzip(void **state)
{
    (void)state;
    struct packed packed;
    struct joist_ctx *const ctx = open_ctx();
    uint8_t out[1001];
    size_t got = 0;
    pack(&packed, JI_CODEC_GZIP, 6, 1000, 1);
    memset(packed.data + packed.size, 0, 600);
    struct bytes_source from = {.data = packed.data, .size = packed.size + 600};
    assert_ok(read_all(ctx, &from, 100, out, sizeof out, &got, NULL));
    assert_int_equal(got, 1000);
    packed.data[packed.size + 100] = 7;
    assert_int_equal(read_all(ctx, &from, 100, out, sizeof out, &got, NULL), JOIST_ERR_CORRUPT);
    drop(&packed);
    joist_ctx_close(ctx);
}

static void what_is_cut_or_changed_is_corrupt(void **state)
{
    (void)state;
    static const enum ji_codec codecs[] = {JI_CODEC_GZIP, JI_CODEC_ZSTD};
    uint8_t *const out = malloc(40001);
    for (size_t index = 0; index < 2; index++) {
        struct packed packed;
        struct joist_ctx *const ctx = open_ctx();
        size_t got = 0;
        pack(&packed, codecs[index], 1, 40000, 2);
        for (size_t size = 5; size < packed.size; size += 1 + size / 30) {
            struct bytes_source from = {.data = packed.data, .size = size};
            const enum joist_status status = read_all(ctx, &from, 9999, out, 40001, &got, NULL);
            /* Between two members the first is whole. */
            if (status != JOIST_ERR_CORRUPT)
                assert_true(status == JOIST_OK && got == 20000);
        }
        for (size_t at = 4; at < packed.size && codecs[index] == JI_CODEC_GZIP; at += 1 + at / 10) {
            struct bytes_source from = {.data = packed.data, .size = packed.size};
            packed.data[at] ^= 0x10;
            const enum joist_status status = read_all(ctx, &from, 9999, out, 40001, &got, NULL);
            assert_true(status == JOIST_ERR_CORRUPT || status == JOIST_OK);
            /* Whole: a header's time or system. More than that: what is wrong stands behind the room. */
            if (status == JOIST_OK && got == 40000)
                assert_memory_equal(out, packed.text, 40000);
            else
                assert_true(status == JOIST_ERR_CORRUPT || got == 40001);
            packed.data[at] ^= 0x10;
        }
        drop(&packed);
        joist_ctx_close(ctx);
    }
    free(out);
}

static void what_is_not_packed_is_left_alone(void **state)
{
    (void)state;
    static const char *const texts[] = {"", "a", "id,name\n1,oak\n", "\x1f\x8b"};
    for (size_t index = 0; index < 4; index++) {
        struct joist_ctx *const ctx = open_ctx();
        struct bytes_source from = {.data = (const uint8_t *)texts[index], .size = strlen(texts[index])};
        struct joist_source source = bytes_source(&from);
        const void *const self = source.self;
        assert_ok(joist_source_unpack(ctx, &source, NULL));
        assert_ptr_equal(source.self, self);
        joist_source_close(&source);
        joist_ctx_close(ctx);
    }
}

static void a_window_beyond_the_memory_is_told(void **state)
{
    (void)state;
    /* A frame whose descriptor wants 2^(10 + 17) bytes. */
    static const uint8_t frame[] = {0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x88, 0x01, 0x00, 0x00};
    struct bytes_source from = {.data = frame, .size = sizeof frame};
    struct joist_ctx *const ctx = open_ctx();
    struct joist_error err = {.text = ""};
    uint8_t out[10];
    size_t got = 0;
    assert_int_equal(read_all(ctx, &from, 10, out, sizeof out, &got, &err), JOIST_ERR_LIMIT);
    assert_non_null(strstr(err.text, "134217728"));
    joist_ctx_close(ctx);
}

static enum joist_status read_body(struct joist_ctx *ctx, void *arg, struct joist_error *err)
{
    const struct packed *const packed = arg;
    struct bytes_source from = {.data = packed->data, .size = packed->size};
    uint8_t out[3001];
    size_t got = 0;
    return read_all(ctx, &from, 100, out, sizeof out, &got, err);
}

static void memory_runs_out_anywhere(void **state)
{
    (void)state;
    static const enum ji_codec codecs[] = {JI_CODEC_GZIP, JI_CODEC_ZSTD};
    for (size_t index = 0; index < 2; index++) {
        struct packed packed;
        pack(&packed, codecs[index], 1, 3000, 2);
        oom_sweep(read_body, &packed);
        drop(&packed);
    }
}

static void each_failed_read_is_told(void **state)
{
    (void)state;
    struct packed packed;
    struct joist_ctx *const ctx = open_ctx();
    uint8_t *const out = malloc(TEXT_BYTES + 1);
    size_t got = 0;
    pack(&packed, JI_CODEC_GZIP, 1, TEXT_BYTES, 1);
    for (uint64_t at = 1; at <= 2; at++) {
        struct bytes_source from = {.data = packed.data, .size = packed.size, .fail_at = at};
        assert_int_equal(read_all(ctx, &from, 65536, out, TEXT_BYTES + 1, &got, NULL), JOIST_ERR_IO);
    }
    free(out);
    drop(&packed);
    joist_ctx_close(ctx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(what_was_packed_comes_back),
            cmocka_unit_test(members_and_frames_follow_each_other),
            cmocka_unit_test(zeros_may_stand_behind_gzip),
            cmocka_unit_test(what_is_cut_or_changed_is_corrupt),
            cmocka_unit_test(what_is_not_packed_is_left_alone),
            cmocka_unit_test(a_window_beyond_the_memory_is_told),
            cmocka_unit_test(memory_runs_out_anywhere),
            cmocka_unit_test(each_failed_read_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
