/*
 * codec_test.c - every codec through the table: there and back, wrong sizes, hostile bytes, memory
 */
#include "support/test.h"

#include "base/ctx.h"
#include "codec/checksum.h"
#include "codec/codec.h"
#include "support/oom.h"

#include <stdlib.h>
#include <string.h>

#define DATA_BYTES ((size_t)300000)

static const enum ji_codec WRITTEN[] = {JI_CODEC_NONE, JI_CODEC_SNAPPY, JI_CODEC_GZIP, JI_CODEC_DEFLATE,
        JI_CODEC_BROTLI, JI_CODEC_ZSTD, JI_CODEC_LZ4_RAW, JI_CODEC_LZ4_FRAME};
#define WRITTEN_COUNT (sizeof WRITTEN / sizeof WRITTEN[0])

struct fixture {
    struct joist_ctx *ctx;
    struct ji_codec_context *context;
    uint8_t *data;
    uint8_t *packed;
    uint8_t *back;
    size_t packed_capacity;
    uint64_t bytes_before;
};

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    const struct joist_ctx_options options = {
            .struct_size = sizeof options, .memory_bytes_max = (uint64_t)256 << 20};
    assert_ok(joist_ctx_open(&options, &f->ctx, NULL));
    f->bytes_before = ji_mem_bytes(ji_ctx_mem(f->ctx));
    assert_ok(ji_codec_context_open(ji_ctx_mem(f->ctx), &f->context, NULL));
    f->packed_capacity = DATA_BYTES * 2;
    f->data = malloc(DATA_BYTES);
    f->packed = malloc(f->packed_capacity);
    f->back = malloc(DATA_BYTES + 1);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    ji_codec_context_close(f->context);
    const bool is_even = ji_mem_bytes(ji_ctx_mem(f->ctx)) == f->bytes_before;
    joist_ctx_close(f->ctx);
    free(f->data);
    free(f->packed);
    free(f->back);
    free(f);
    return is_even ? 0 : -1;
}

/* 0: constant, 1: words, 2: random, 3: short periods, 4: numbers. */
#define SHAPE_COUNT 5
static void fill(uint8_t *data, size_t size, unsigned shape)
{
    uint64_t seed = 88172645463325252u + shape;
    for (size_t i = 0; i < size; i++) {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        switch (shape) {
        case 0:
            data[i] = 'x';
            break;
        case 1:
            data[i] = "carefully final deposits "[(i + (seed % 50 == 0)) % 25];
            break;
        case 2:
            data[i] = (uint8_t)seed;
            break;
        case 3:
            data[i] = (uint8_t)(i % (1 + i / 5000));
            break;
        default:
            data[i] = (i & 3) == 0 ? (uint8_t)(i >> 2) : (uint8_t)((i & 3) == 1 ? seed & 3 : 0);
        }
    }
}

static size_t pack(struct fixture *f, enum ji_codec codec, int level, size_t size)
{
    size_t packed = 0;
    assert_true(ji_codec_bound(codec, size) <= f->packed_capacity);
    assert_ok(ji_compress(f->context, codec, level, ji_view_of(f->data, size), f->packed, &packed, NULL));
    return packed;
}

static void every_codec_gives_back_what_it_took(void **state)
{
    struct fixture *f = *state;
    const size_t sizes[] = {0, 1, 2, 7, 15, 16, 17, 63, 64, 65, 100, 4096, 65535, 65536, 65537, DATA_BYTES};
    for (size_t c = 0; c < WRITTEN_COUNT; c++)
        for (unsigned shape = 0; shape < SHAPE_COUNT; shape++)
            for (size_t s = 0; s < sizeof sizes / sizeof sizes[0]; s++) {
                fill(f->data, sizes[s], shape);
                const size_t packed = pack(f, WRITTEN[c], 0, sizes[s]);
                f->back[sizes[s]] = 0x5a;
                assert_ok(ji_decompress(
                        f->context, WRITTEN[c], ji_view_of(f->packed, packed), f->back, sizes[s], NULL));
                assert_memory_equal(f->back, f->data, sizes[s]);
                assert_int_equal(f->back[sizes[s]], 0x5a);
            }
}

static void every_level_gives_back_what_it_took(void **state)
{
    struct fixture *f = *state;
    const size_t size = 20000;
    fill(f->data, size, 1);
    for (size_t c = 0; c < WRITTEN_COUNT; c++)
        for (int level = 1; level <= 19; level++) {
            if (ji_codec_check(WRITTEN[c], level, NULL) != JOIST_OK)
                continue;
            const size_t packed = pack(f, WRITTEN[c], level, size);
            assert_true(packed < size);
            assert_ok(ji_decompress(
                    f->context, WRITTEN[c], ji_view_of(f->packed, packed), f->back, size, NULL));
            assert_memory_equal(f->back, f->data, size);
        }
}

/* Parts of one frequency each: random bytes of 3 values, of 200, and one value alone. */
static void parts_are_packed_each_by_its_own_frequencies(void **state)
{
    struct fixture *f = *state;
    const size_t part = DATA_BYTES / 3;
    size_t whole = 0;
    size_t parts = 0;
    fill(f->data, DATA_BYTES, 2);
    for (size_t i = 0; i < DATA_BYTES; i++)
        f->data[i] = i < part ? f->data[i] % 3 : i < 2 * part ? f->data[i] % 200 : 7;
    const struct ji_view in = ji_view_of(f->data, DATA_BYTES);
    const struct ji_codec_parts split = {.all = in, .part_bytes = part};
    assert_ok(ji_compress(f->context, JI_CODEC_ZSTD, 1, in, f->packed, &whole, NULL));
    assert_ok(ji_compress_parts(f->context, JI_CODEC_ZSTD, 1, &split, f->packed, &parts, NULL));
    assert_true(parts < whole);
    assert_ok(ji_decompress(
            f->context, JI_CODEC_ZSTD, ji_view_of(f->packed, parts), f->back, DATA_BYTES, NULL));
    assert_memory_equal(f->back, f->data, DATA_BYTES);
}

static void parts_of_every_size_come_back(void **state)
{
    struct fixture *f = *state;
    const size_t sizes[] = {0, 1, 4095, 4096, 5000, 131072, 131073, DATA_BYTES - 1, DATA_BYTES};
    for (size_t i = 0; i < 2 * sizeof sizes / sizeof sizes[0] * SHAPE_COUNT; i++) {
        const size_t part = sizes[i / 2 % (sizeof sizes / sizeof sizes[0])];
        const size_t bytes = i % 2 == 0 ? DATA_BYTES : part;
        const struct ji_codec_parts split = {.all = ji_view_of(f->data, bytes), .part_bytes = part};
        const enum ji_codec codec = WRITTEN[i % 4 == 3 ? i % WRITTEN_COUNT : 5];
        size_t size = 0;
        fill(f->data, DATA_BYTES, (unsigned)(i % SHAPE_COUNT));
        assert_ok(ji_compress_parts(f->context, codec, i % 3 == 0 && codec == JI_CODEC_ZSTD ? 9 : 0, &split,
                f->packed, &size, NULL));
        assert_true(size <= ji_codec_bound(codec, bytes));
        assert_ok(ji_decompress(f->context, codec, ji_view_of(f->packed, size), f->back, bytes, NULL));
        assert_memory_equal(f->back, f->data, bytes);
    }
}

static void any_other_size_than_the_declared_is_corrupt(void **state)
{
    struct fixture *f = *state;
    struct joist_error err;
    fill(f->data, 5000, 4);
    for (size_t c = 0; c < WRITTEN_COUNT; c++) {
        const struct ji_view packed = ji_view_of(f->packed, pack(f, WRITTEN[c], 0, 5000));
        assert_status(ji_decompress(f->context, WRITTEN[c], packed, f->back, 4999, &err), JOIST_ERR_CORRUPT);
        assert_non_null(strstr(err.text, "declared 4999"));
        assert_status(ji_decompress(f->context, WRITTEN[c], packed, f->back, 5001, NULL), JOIST_ERR_CORRUPT);
        assert_status(ji_decompress(f->context, WRITTEN[c], packed, f->back, 0, NULL), JOIST_ERR_CORRUPT);
    }
}

static void a_stream_cut_anywhere_is_corrupt(void **state)
{
    struct fixture *f = *state;
    fill(f->data, 700, 1);
    for (size_t c = 0; c < WRITTEN_COUNT; c++) {
        const size_t packed = pack(f, WRITTEN[c], 0, 700);
        for (size_t cut = 0; cut < packed; cut++)
            assert_status(
                    ji_decompress(f->context, WRITTEN[c], ji_view_of(f->packed, cut), f->back, 700, NULL),
                    JOIST_ERR_CORRUPT);
    }
}

static void bytes_behind_the_stream_are_corrupt(void **state)
{
    struct fixture *f = *state;
    fill(f->data, 700, 1);
    for (size_t c = 0; c < WRITTEN_COUNT; c++) {
        const size_t packed = pack(f, WRITTEN[c], 0, 700);
        memset(f->packed + packed, 0xff, 4);
        assert_status(
                ji_decompress(f->context, WRITTEN[c], ji_view_of(f->packed, packed + 4), f->back, 700, NULL),
                JOIST_ERR_CORRUPT);
    }
}

static void flipped_bytes_are_refused_or_harmless(void **state)
{
    struct fixture *f = *state;
    fill(f->data, 2000, 1);
    for (size_t c = 0; c < WRITTEN_COUNT; c++) {
        const size_t packed = pack(f, WRITTEN[c], 0, 2000);
        for (size_t i = 0; i < packed; i++) {
            f->packed[i] ^= (uint8_t)(1 + i % 255);
            const enum joist_status status =
                    ji_decompress(f->context, WRITTEN[c], ji_view_of(f->packed, packed), f->back, 2000, NULL);
            assert_true(status == JOIST_OK || status == JOIST_ERR_CORRUPT);
            f->packed[i] ^= (uint8_t)(1 + i % 255);
        }
    }
}

static void members_and_frames_one_after_another_are_read(void **state)
{
    struct fixture *f = *state;
    const enum ji_codec codecs[] = {JI_CODEC_GZIP, JI_CODEC_ZSTD};
    for (size_t c = 0; c < 2; c++) {
        fill(f->data, 3000, 1);
        const size_t first = pack(f, codecs[c], 0, 3000);
        size_t second = 0;
        assert_ok(ji_compress(f->context, codecs[c], 0, ji_view_of(f->data + 1000, 2000), f->packed + first,
                &second, NULL));
        assert_ok(ji_decompress(
                f->context, codecs[c], ji_view_of(f->packed, first + second), f->back, 5000, NULL));
        assert_memory_equal(f->back, f->data, 3000);
        assert_memory_equal(f->back + 3000, f->data + 1000, 2000);
    }
}

static void a_size_that_is_not_known_is_found(void **state)
{
    struct fixture *f = *state;
    struct ji_bytes out;
    ji_bytes_init(&out, ji_ctx_mem(f->ctx));
    for (size_t c = 0; c < WRITTEN_COUNT; c++) {
        fill(f->data, DATA_BYTES, 0);
        const struct ji_view packed = ji_view_of(f->packed, pack(f, WRITTEN[c], 0, DATA_BYTES));
        out.size = 0;
        assert_ok(ji_bytes_append(&out, "head", 4, NULL));
        assert_ok(ji_decompress_append(f->context, WRITTEN[c], packed, DATA_BYTES, &out, NULL));
        assert_int_equal(out.size, 4 + DATA_BYTES);
        assert_memory_equal(out.data, "head", 4);
        assert_memory_equal(out.data + 4, f->data, DATA_BYTES);
        assert_status(ji_decompress_append(f->context, WRITTEN[c], packed, DATA_BYTES - 1, &out, NULL),
                JOIST_ERR_LIMIT);
        assert_int_equal(out.size, 4 + DATA_BYTES);
    }
    ji_bytes_clear(&out);
}

static void hadoops_lz4_is_read_framed_and_bare(void **state)
{
    struct fixture *f = *state;
    fill(f->data, 3000, 1);
    size_t first = 0;
    size_t second = 0;
    uint8_t *framed = f->packed;
    assert_ok(ji_compress(
            f->context, JI_CODEC_LZ4_RAW, 0, ji_view_of(f->data, 2000), framed + 8, &first, NULL));
    ji_store_be32(framed, 2000);
    ji_store_be32(framed + 4, (uint32_t)first);
    uint8_t *next = framed + 8 + first;
    assert_ok(ji_compress(
            f->context, JI_CODEC_LZ4_RAW, 0, ji_view_of(f->data + 2000, 1000), next + 8, &second, NULL));
    ji_store_be32(next, 1000);
    ji_store_be32(next + 4, (uint32_t)second);
    const struct ji_view whole = ji_view_of(framed, 16 + first + second);
    assert_ok(ji_decompress(f->context, JI_CODEC_LZ4_HADOOP, whole, f->back, 3000, NULL));
    assert_memory_equal(f->back, f->data, 3000);
    assert_status(
            ji_decompress(f->context, JI_CODEC_LZ4_HADOOP, whole, f->back, 2999, NULL), JOIST_ERR_CORRUPT);

    const size_t bare = pack(f, JI_CODEC_LZ4_RAW, 0, 3000);
    assert_ok(
            ji_decompress(f->context, JI_CODEC_LZ4_HADOOP, ji_view_of(f->packed, bare), f->back, 3000, NULL));
    assert_memory_equal(f->back, f->data, 3000);
    assert_status(ji_codec_check(JI_CODEC_LZ4_HADOOP, 0, NULL), JOIST_ERR_UNSUPPORTED);
}

static void levels_out_of_range_are_invalid_by_name(void **state)
{
    (void)state;
    struct joist_error err;
    assert_status(ji_codec_check(JI_CODEC_ZSTD, 20, &err), JOIST_ERR_INVALID);
    assert_string_equal(err.text, "codec zstd has the levels 1 to 19, and got 20");
    assert_status(ji_codec_check(JI_CODEC_GZIP, -1, NULL), JOIST_ERR_INVALID);
    assert_status(ji_codec_check(JI_CODEC_SNAPPY, 1, &err), JOIST_ERR_INVALID);
    assert_string_equal(err.text, "codec snappy has no levels, and got 1");
    assert_status(ji_codec_check((enum ji_codec)99, 0, NULL), JOIST_ERR_INVALID);
    assert_string_equal(ji_codec_name((enum ji_codec)99), "unknown codec");
    assert_status(ji_codec_check(JI_CODEC_BROTLI, 11, NULL), JOIST_OK);
}

static void more_than_two_gib_at_once_is_a_limit(void **state)
{
    struct fixture *f = *state;
    const struct ji_view huge = ji_view_of(f->data, JI_CODEC_BYTES_MAX + 1);
    assert_status(ji_decompress(f->context, JI_CODEC_ZSTD, huge, f->back, 10, NULL), JOIST_ERR_LIMIT);
    assert_status(ji_decompress(f->context, JI_CODEC_ZSTD, ji_view_of(f->data, 10), f->back,
                          JI_CODEC_BYTES_MAX + 1, NULL),
            JOIST_ERR_LIMIT);
    struct ji_bytes out;
    ji_bytes_init(&out, ji_ctx_mem(f->ctx));
    assert_status(ji_decompress_append(f->context, JI_CODEC_ZSTD, huge, 10, &out, NULL), JOIST_ERR_LIMIT);
}

static void foreign_state_is_charged_and_given_back(void **state)
{
    struct fixture *f = *state;
    struct ji_mem *mem = ji_ctx_mem(f->ctx);
    ji_codec_context_trim(f->context);
    const uint64_t before = ji_mem_bytes(mem);
    fill(f->data, DATA_BYTES, 1);
    pack(f, JI_CODEC_ZSTD, 3, DATA_BYTES);
    const uint64_t zstd = ji_mem_bytes(mem) - before;
    assert_true(zstd >= (size_t)1 << 20);
    pack(f, JI_CODEC_GZIP, 10, 1000);
    assert_true(ji_mem_bytes(mem) - before > zstd + ((size_t)8 << 20));
    ji_codec_context_trim(f->context);
    assert_int_equal(ji_mem_bytes(mem), before);
}

static void state_that_does_not_fit_the_limit_is_refused(void **state)
{
    (void)state;
    const struct ji_mem_root_options options = {.allocator = ji_system_allocator(), .bytes_max = 1 << 20};
    struct ji_mem *root = NULL;
    struct ji_codec_context *context = NULL;
    assert_ok(ji_mem_root_open(&options, &root, NULL));
    assert_ok(ji_codec_context_open(root, &context, NULL));
    uint8_t in[100] = {0};
    uint8_t out[1000];
    size_t size = 77;
    assert_status(
            ji_compress(context, JI_CODEC_ZSTD, 9, ji_view_of(in, 100), out, &size, NULL), JOIST_ERR_LIMIT);
    assert_status(
            ji_compress(context, JI_CODEC_GZIP, 12, ji_view_of(in, 100), out, &size, NULL), JOIST_ERR_LIMIT);
    assert_int_equal(size, 77);
    assert_ok(ji_compress(context, JI_CODEC_ZSTD, 1, ji_view_of(in, 100), out, &size, NULL));
    ji_codec_context_close(context);
    ji_codec_context_close(NULL);
    ji_mem_root_close(root);
}

static enum joist_status all_codecs(struct joist_ctx *ctx, void *arg, struct joist_error *err)
{
    const uint8_t *data = arg;
    enum joist_status status = JOIST_OK;
    struct ji_codec_context *context = NULL;
    struct ji_bytes out;
    uint8_t packed[8000];
    uint8_t back[2000];
    ji_bytes_init(&out, ji_ctx_mem(ctx));
    JI_TRY(ji_codec_context_open(ji_ctx_mem(ctx), &context, err));
    for (size_t c = 0; c < WRITTEN_COUNT; c++) {
        size_t size = 0;
        JI_TRY_OUT(ji_compress(context, WRITTEN[c], 0, ji_view_of(data, 2000), packed, &size, err));
        JI_TRY_OUT(ji_decompress(context, WRITTEN[c], ji_view_of(packed, size), back, 2000, err));
        JI_TRY_OUT(ji_decompress_append(context, WRITTEN[c], ji_view_of(packed, size), 4000, &out, err));
    }
out:
    ji_bytes_clear(&out);
    ji_codec_context_close(context);
    return status;
}

static enum joist_status parts_alone(struct joist_ctx *ctx, void *arg, struct joist_error *err)
{
    const struct fixture *f = arg;
    enum joist_status status = JOIST_OK;
    struct ji_codec_context *context = NULL;
    size_t size = 0;
    const struct ji_codec_parts split = {.all = ji_view_of(f->data, DATA_BYTES), .part_bytes = 65536};
    JI_TRY(ji_codec_context_open(ji_ctx_mem(ctx), &context, err));
    JI_TRY_OUT(ji_compress_parts(context, JI_CODEC_ZSTD, 1, &split, f->packed, &size, err));
out:
    ji_codec_context_close(context);
    return status;
}

static void no_memory_for_parts_is_an_error_and_no_leak(void **state)
{
    struct fixture *f = *state;
    fill(f->data, DATA_BYTES, 1);
    oom_sweep(parts_alone, f);
}

static void no_memory_is_an_error_and_no_leak(void **state)
{
    struct fixture *f = *state;
    fill(f->data, 2000, 1);
    oom_sweep(all_codecs, f->data);
}

/* By the library's own frames: "joist " 12,000 times in blocks of 64 KiB, the second of which needs the first. */
static void lz4_frames_of_linked_blocks_are_read(void **state)
{
    struct fixture *f = *state;
    static const uint8_t frame[] = {
            0x04,
            0x22,
            0x4d,
            0x18,
            0x40,
            0x40,
            0xc0,
            0x10,
            0x01,
            0x00,
            0x00,
            0x6f,
            0x6a,
            0x6f,
            0x69,
            0x73,
            0x74,
            0x20,
            0x06,
            0x00,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xe2,
            0x50,
            0x20,
            0x6a,
            0x6f,
            0x69,
            0x73,
            0x23,
            0x00,
            0x00,
            0x00,
            0x0f,
            0xfc,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0x41,
            0x50,
            0x6f,
            0x69,
            0x73,
            0x74,
            0x20,
            0x00,
            0x00,
            0x00,
            0x00,
    };
    enum { TEXT_BYTES = 72000 };
    static uint8_t out[TEXT_BYTES + 1];
    uint8_t broken[sizeof frame];
    const struct ji_view whole = ji_view_of(frame, sizeof frame);
    assert_ok(ji_decompress(f->context, JI_CODEC_LZ4_FRAME, whole, out, TEXT_BYTES, NULL));
    for (size_t i = 0; i < TEXT_BYTES; i++)
        assert_int_equal(out[i], "joist "[i % 6]);
    assert_status(ji_decompress(f->context, JI_CODEC_LZ4_FRAME, whole, out, TEXT_BYTES - 1, NULL),
            JOIST_ERR_CORRUPT);
    assert_status(ji_decompress(f->context, JI_CODEC_LZ4_FRAME, whole, out, TEXT_BYTES + 1, NULL),
            JOIST_ERR_CORRUPT);
    for (size_t i = 0; i < sizeof frame; i++) {
        assert_status(
                ji_decompress(f->context, JI_CODEC_LZ4_FRAME, ji_view_of(frame, i), out, TEXT_BYTES, NULL),
                JOIST_ERR_CORRUPT);
        if (i < 7) {
            memcpy(broken, frame, sizeof frame);
            broken[i] ^= 0x08;
            assert_status(ji_decompress(f->context, JI_CODEC_LZ4_FRAME, ji_view_of(broken, sizeof frame), out,
                                  TEXT_BYTES, NULL),
                    JOIST_ERR_CORRUPT);
        }
    }
}

/* Every flag that asks for something: sums of blocks and of all, the size, a dictionary. */
static void lz4_frames_hold_their_checksums(void **state)
{
    struct fixture *f = *state;
    uint8_t frame[64] = {0x04, 0x22, 0x4d, 0x18, 0x7c, 0x40, 5};
    uint8_t out[5];
    frame[14] = (uint8_t)(ji_xxh32(frame + 4, 10, 0) >> 8);
    ji_store_le32(frame + 15, 5 | UINT32_C(0x80000000));
    memcpy(frame + 19, "joist", 5);
    ji_store_le32(frame + 24, ji_xxh32("joist", 5, 0));
    ji_store_le32(frame + 32, ji_xxh32("joist", 5, 0));
    assert_ok(ji_decompress(f->context, JI_CODEC_LZ4_FRAME, ji_view_of(frame, 36), out, 5, NULL));
    assert_memory_equal(out, "joist", 5);
    assert_status(ji_decompress(f->context, JI_CODEC_LZ4_FRAME, ji_view_of(frame, 37), out, 5, NULL),
            JOIST_ERR_CORRUPT);
    for (size_t at = 24; at <= 32; at += 8) {
        frame[at] ^= 1;
        assert_status(ji_decompress(f->context, JI_CODEC_LZ4_FRAME, ji_view_of(frame, 36), out, 5, NULL),
                JOIST_ERR_CORRUPT);
        frame[at] ^= 1;
    }
    frame[4] |= 1;
    frame[18] = (uint8_t)(ji_xxh32(frame + 4, 14, 0) >> 8);
    assert_status(ji_decompress(f->context, JI_CODEC_LZ4_FRAME, ji_view_of(frame, 36), out, 5, NULL),
            JOIST_ERR_UNSUPPORTED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(every_codec_gives_back_what_it_took),
            cmocka_unit_test(every_level_gives_back_what_it_took),
            cmocka_unit_test(parts_are_packed_each_by_its_own_frequencies),
            cmocka_unit_test(parts_of_every_size_come_back),
            cmocka_unit_test(any_other_size_than_the_declared_is_corrupt),
            cmocka_unit_test(a_stream_cut_anywhere_is_corrupt),
            cmocka_unit_test(bytes_behind_the_stream_are_corrupt),
            cmocka_unit_test(flipped_bytes_are_refused_or_harmless),
            cmocka_unit_test(members_and_frames_one_after_another_are_read),
            cmocka_unit_test(a_size_that_is_not_known_is_found),
            cmocka_unit_test(hadoops_lz4_is_read_framed_and_bare),
            cmocka_unit_test(lz4_frames_of_linked_blocks_are_read),
            cmocka_unit_test(lz4_frames_hold_their_checksums),
            cmocka_unit_test(levels_out_of_range_are_invalid_by_name),
            cmocka_unit_test(more_than_two_gib_at_once_is_a_limit),
            cmocka_unit_test(foreign_state_is_charged_and_given_back),
            cmocka_unit_test(state_that_does_not_fit_the_limit_is_refused),
            cmocka_unit_test(no_memory_for_parts_is_an_error_and_no_leak),
            cmocka_unit_test(no_memory_is_an_error_and_no_leak),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
