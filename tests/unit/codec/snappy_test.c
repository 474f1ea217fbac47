/*
 * snappy_test.c - the block format to the byte, and against Google's library where it is installed
 */
#include "support/test.h"

#include "base/ctx.h"
#include "codec/codec.h"

#include <stdlib.h>
#include <string.h>

#ifdef JOIST_HAVE_SNAPPY
#include <snappy-c.h>
#endif

#define BYTES(...) ji_view_of((const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__}))

static struct joist_ctx *ctx;
static struct ji_codec_context *context;

static int setup(void **state)
{
    (void)state;
    assert_ok(joist_ctx_open(NULL, &ctx, NULL));
    assert_ok(ji_codec_context_open(ji_ctx_mem(ctx), &context, NULL));
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    ji_codec_context_close(context);
    joist_ctx_close(ctx);
    return 0;
}

static void unpacks_to(struct ji_view in, const char *text)
{
    uint8_t out[300];
    assert_ok(ji_decompress(context, JI_CODEC_SNAPPY, in, out, strlen(text), NULL));
    assert_memory_equal(out, text, strlen(text));
}

static void each_element_unpacks_as_the_format_says(void **state)
{
    (void)state;
    unpacks_to(BYTES(0), "");
    unpacks_to(BYTES(3, 2 << 2, 'a', 'b', 'c'), "abc");
    unpacks_to(BYTES(3, 60 << 2, 2, 'a', 'b', 'c'), "abc");
    unpacks_to(BYTES(3, 61 << 2, 2, 0, 'a', 'b', 'c'), "abc");
    unpacks_to(BYTES(3, 62 << 2, 2, 0, 0, 'a', 'b', 'c'), "abc");
    unpacks_to(BYTES(3, 63 << 2, 2, 0, 0, 0, 'a', 'b', 'c'), "abc");
    unpacks_to(BYTES(8, 0, 'a', 3 << 2 | 1, 1), "aaaaaaaa");
    unpacks_to(BYTES(7, 2 << 2, 'a', 'b', 'c', 3 << 2 | 2, 2, 0), "abcbcbc");
    unpacks_to(BYTES(6, 2 << 2, 'a', 'b', 'c', 2 << 2 | 3, 3, 0, 0, 0), "abcabc");
}

static void short_periods_repeat_at_every_offset(void **state)
{
    (void)state;
    for (unsigned offset = 1; offset <= 20; offset++) {
        uint8_t in[128] = {0};
        size_t at = 0;
        const size_t total = offset + 3 * 64;
        in[at++] = (uint8_t)(total | 0x80);
        in[at++] = (uint8_t)(total >> 7);
        in[at++] = (uint8_t)((offset - 1) << 2);
        for (unsigned i = 0; i < offset; i++)
            in[at++] = (uint8_t)('a' + i);
        for (unsigned i = 0; i < 3; i++) {
            in[at++] = 63 << 2 | 2;
            in[at++] = (uint8_t)offset;
            in[at++] = 0;
        }
        uint8_t out[512];
        assert_ok(ji_decompress(context, JI_CODEC_SNAPPY, ji_view_of(in, at), out, total, NULL));
        for (size_t i = 0; i < total; i++)
            assert_int_equal(out[i], 'a' + i % offset);
    }
}

static void what_breaks_the_format_is_corrupt(void **state)
{
    (void)state;
    const struct {
        struct ji_view in;
        size_t size;
    } cases[] = {
            {BYTES(0x80), 0},                                        /* length cut */
            {BYTES(0xff, 0xff, 0xff, 0xff, 0x7f), 10},               /* length over 32 bits */
            {BYTES(0x80, 0x80, 0x80, 0x80, 0x80, 0), 0},             /* length of six bytes */
            {BYTES(3, 2 << 2, 'a', 'b'), 3},                         /* literal cut */
            {BYTES(3, 61 << 2, 2), 3},                               /* literal's length cut */
            {BYTES(2, 2 << 2, 'a', 'b', 'c'), 2},                    /* literal over the end */
            {BYTES(5, 0, 'a', 1), 5},                                /* copy 1 cut */
            {BYTES(5, 0, 'a', 3 << 2 | 2, 1), 5},                    /* copy 2 cut */
            {BYTES(5, 0, 'a', 3 << 2 | 3, 1, 0, 0), 5},              /* copy 4 cut */
            {BYTES(5, 0, 'a', 1, 0), 5},                             /* offset 0 */
            {BYTES(5, 0, 'a', 1, 2), 5},                             /* before the start */
            {BYTES(4, 0, 'a', 1, 1), 4},                             /* copy over the end */
            {BYTES(5, 0, 'a', 3 << 2 | 3, 1, 0, 0, 0x80), 5},        /* far offset */
            {BYTES(4, 0, 'a'), 4},                                   /* less than said */
            {BYTES(3, 63 << 2, 0xff, 0xff, 0xff, 0xff, 'a', 'b'), 3} /* literal of 4 GiB */
    };
    uint8_t out[64];
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_status(ji_decompress(context, JI_CODEC_SNAPPY, cases[i].in, out, cases[i].size, NULL),
                JOIST_ERR_CORRUPT);
}

static void packing_finds_the_repeats(void **state)
{
    (void)state;
    uint8_t in[1000];
    uint8_t out[2000];
    size_t size = 0;
    memset(in, 'z', sizeof in);
    assert_ok(ji_compress(context, JI_CODEC_SNAPPY, 0, ji_view_of(in, sizeof in), out, &size, NULL));
    assert_true(size < 60);
}

#ifdef JOIST_HAVE_SNAPPY
static void both_libraries_read_both_packings(void **state)
{
    (void)state;
    const size_t size_max = 200000;
    const size_t room = ji_codec_bound(JI_CODEC_SNAPPY, size_max) + snappy_max_compressed_length(size_max);
    uint8_t *data = malloc(size_max);
    uint8_t *packed = malloc(room);
    uint8_t *back = malloc(size_max);
    uint64_t seed = 42;
    for (unsigned round = 0; round < 300; round++) {
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        const size_t size = (seed >> 33) % (round % 3 == 0 ? size_max : 300);
        const unsigned spread = 1 + (unsigned)(seed >> 50) % 256;
        for (size_t i = 0; i < size; i++) {
            seed = seed * 6364136223846793005u + 1442695040888963407u;
            const size_t reach = 1 + (seed >> 40) % 3000;
            data[i] = (seed >> 60) != 0 && i > reach ? data[i - reach % 7 - 1]
                                                     : (uint8_t)((seed >> 33) % spread);
        }
        size_t ours = 0;
        assert_ok(ji_compress(context, JI_CODEC_SNAPPY, 0, ji_view_of(data, size), packed, &ours, NULL));
        size_t back_size = size_max;
        assert_int_equal(snappy_uncompress((char *)packed, ours, (char *)back, &back_size), SNAPPY_OK);
        assert_int_equal(back_size, size);
        assert_memory_equal(back, data, size);

        size_t theirs = room;
        assert_int_equal(snappy_compress((char *)data, size, (char *)packed, &theirs), SNAPPY_OK);
        assert_ok(ji_decompress(context, JI_CODEC_SNAPPY, ji_view_of(packed, theirs), back, size, NULL));
        assert_memory_equal(back, data, size);
    }
    free(data);
    free(packed);
    free(back);
}

static void both_libraries_refuse_the_same_damage(void **state)
{
    (void)state;
    uint8_t data[600];
    uint8_t packed[2000];
    uint8_t ours[600];
    uint8_t theirs[600];
    for (size_t i = 0; i < sizeof data; i++)
        data[i] = (uint8_t)(i * i / 7 % 50);
    size_t size = 0;
    assert_ok(ji_compress(context, JI_CODEC_SNAPPY, 0, ji_view_of(data, sizeof data), packed, &size, NULL));
    for (size_t i = 2; i < size; i++)
        for (unsigned bit = 0; bit < 8; bit++) {
            packed[i] ^= (uint8_t)(1u << bit);
            size_t theirs_size = sizeof theirs;
            const bool theirs_fine =
                    snappy_uncompress((char *)packed, size, (char *)theirs, &theirs_size) == SNAPPY_OK;
            const enum joist_status status = ji_decompress(
                    context, JI_CODEC_SNAPPY, ji_view_of(packed, size), ours, sizeof ours, NULL);
            assert_int_equal(status == JOIST_OK, theirs_fine);
            if (theirs_fine)
                assert_memory_equal(ours, theirs, sizeof ours);
            packed[i] ^= (uint8_t)(1u << bit);
        }
}
#endif

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(each_element_unpacks_as_the_format_says),
            cmocka_unit_test(short_periods_repeat_at_every_offset),
            cmocka_unit_test(what_breaks_the_format_is_corrupt),
            cmocka_unit_test(packing_finds_the_repeats),
#ifdef JOIST_HAVE_SNAPPY
            cmocka_unit_test(both_libraries_read_both_packings),
            cmocka_unit_test(both_libraries_refuse_the_same_damage),
#endif
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
