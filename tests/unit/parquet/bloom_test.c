/*
 * bloom_test.c - split block filters: their header, their blocks, and who is asked what
 *
 *     [64 bytes of nothing][header][blocks]       in memory; values are put in here, by the specification
 */
#include "support/test.h"

#include "base/ctx.h"
#include "codec/checksum.h"
#include "parquet/format/type_map.h"
#include "parquet/read/bloom_probe.h"
#include "parquet/read/plain_value.h"
#include "support/bytes_source.h"
#include "support/group_arena.h"
#include "support/oom.h"
#include "wire/thrift.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define FILTER_OFFSET 64

static void put(uint8_t *bitset, uint32_t block_count, uint64_t hash)
{
    static const uint32_t salts[] = {
            0x47b6137b, 0x44974d91, 0x8824ad5b, 0xa2b7289d, 0x705495c7, 0x2df1424b, 0x9efc4947, 0x5c6bfb31};
    uint8_t *const block = bitset + (((hash >> 32) * block_count) >> 32) * 32;
    for (size_t lane = 0; lane < 8; lane++) {
        const uint32_t bit = (uint32_t)hash * salts[lane] >> 27;
        block[4 * lane + bit / 8] = (uint8_t)(block[4 * lane + bit / 8] | 1u << bit % 8);
    }
}

static void write_choice(struct ji_thrift_writer *writer, int16_t id, int16_t choice)
{
    ji_thrift_begin_struct(writer, id);
    ji_thrift_begin_struct(writer, choice);
    ji_thrift_end_struct(writer);
    ji_thrift_end_struct(writer);
}

static enum joist_status write_header(
        struct ji_bytes *out, int32_t bytes, const int16_t *choices, struct joist_error *err)
{
    struct ji_thrift_writer writer;
    ji_thrift_writer_init(&writer, out, err);
    ji_thrift_write_i32(&writer, 1, bytes);
    for (int16_t id = 2; id <= 4; id++)
        write_choice(&writer, id, choices[id - 2]);
    ji_thrift_write_i32(&writer, 9, 1);
    return ji_thrift_writer_finish(&writer);
}

static const int16_t known[] = {1, 1, 1};

static void headers_are_read_when_they_are_whole(void **state)
{
    (void)state;
    struct ji_bytes bytes;
    struct ji_bloom_header header = {.bitset_bytes = 7};
    size_t header_bytes = 7;
    ji_bytes_init(&bytes, ji_ctx_mem(group_ctx));
    assert_ok(write_header(&bytes, 1024, known, NULL));
    for (size_t size = 0; size < bytes.size; size++) {
        assert_ok(ji_bloom_header_decode(ji_view_of(bytes.data, size), &header, &header_bytes, NULL));
        assert_int_equal(header_bytes, 0);
        assert_int_equal(header.bitset_bytes, 7);
    }
    assert_ok(ji_bloom_header_decode(ji_view_of(bytes.data, bytes.size), &header, &header_bytes, NULL));
    assert_int_equal(header_bytes, bytes.size);
    assert_int_equal(header.bitset_bytes, 1024);
    assert_true(header.is_known);
    ji_bytes_clear(&bytes);
}

static void sizes_that_no_filter_has_are_refused(void **state)
{
    (void)state;
    static const struct {
        int32_t bytes;
        enum joist_status status;
    } cases[] = {{0, JOIST_ERR_CORRUPT}, {-32, JOIST_ERR_CORRUPT}, {INT32_MIN, JOIST_ERR_CORRUPT},
            {31, JOIST_ERR_CORRUPT}, {33, JOIST_ERR_CORRUPT}, {INT32_MAX, JOIST_ERR_CORRUPT},
            {(128 << 20) + 32, JOIST_ERR_LIMIT}, {128 << 20, JOIST_OK}, {32, JOIST_OK}};
    for (size_t index = 0; index < sizeof cases / sizeof cases[0]; index++) {
        struct ji_bytes bytes;
        struct ji_bloom_header header;
        size_t header_bytes = 0;
        ji_bytes_init(&bytes, ji_ctx_mem(group_ctx));
        assert_ok(write_header(&bytes, cases[index].bytes, known, NULL));
        assert_status(
                ji_bloom_header_decode(ji_view_of(bytes.data, bytes.size), &header, &header_bytes, NULL),
                cases[index].status);
        ji_bytes_clear(&bytes);
    }
    uint8_t endless[JI_BLOOM_HEADER_BYTES_MAX];
    struct ji_bloom_header header;
    size_t header_bytes = 0;
    memset(endless, 0x13, sizeof endless); /* small numbers without end */
    assert_status(ji_bloom_header_decode(ji_view_of(endless, sizeof endless), &header, &header_bytes, NULL),
            JOIST_ERR_CORRUPT);
}

/* A chunk with a filter of `block_count` blocks that has the numbers 0, 3, 6 ... */
struct filtered {
    struct joist_parquet_file file;
    struct ji_leaf leaf;
    struct ji_chunk chunk;
    struct ji_row_group group;
    struct bytes_source from;
    struct ji_bytes bytes;
    size_t header_bytes;
};

static uint64_t hash_of(int64_t value)
{
    uint8_t bytes[8];
    for (size_t at = 0; at < 8; at++)
        bytes[at] = (uint8_t)((uint64_t)value >> 8 * at);
    return ji_xxh64(bytes, sizeof bytes, 0);
}

static enum joist_status make(struct filtered *made, struct ji_mem *mem, uint32_t block_count,
        const int16_t *choices, struct joist_error *err)
{
    memset(made, 0, sizeof *made);
    ji_bytes_init(&made->bytes, mem);
    for (size_t at = 0; at < FILTER_OFFSET; at++)
        JI_TRY(ji_bytes_append_byte(&made->bytes, 0xee, err));
    JI_TRY(write_header(&made->bytes, (int32_t)(block_count * 32), choices, err));
    made->header_bytes = made->bytes.size - FILTER_OFFSET;
    const size_t bitset = made->bytes.size;
    for (size_t at = 0; at < (size_t)block_count * 32; at++)
        JI_TRY(ji_bytes_append_byte(&made->bytes, 0, err));
    for (int64_t value = 0; value < 300; value += 3)
        put(made->bytes.data + bitset, block_count, hash_of(value));
    made->from = (struct bytes_source){.data = made->bytes.data, .size = made->bytes.size};
    made->file.source = bytes_source(&made->from);
    made->file.data_end = made->bytes.size;
    made->chunk.bloom_offset = FILTER_OFFSET;
    made->chunk.bloom_bytes = -1;
    made->group = (struct ji_row_group){.chunks = &made->chunk, .chunk_count = 1};
    made->file.footer.groups = &made->group;
    made->file.footer.group_count = 1;
    made->file.schema.leaves = &made->leaf;
    made->file.schema.leaf_count = 1;
    return JOIST_OK;
}

static enum joist_status open_probe(
        struct filtered *made, struct ji_arena *own, struct ji_bloom_probe *probe, struct joist_error *err)
{
    const struct ji_module_place place = {.file = &made->file};
    return ji_bloom_probe_open(probe, &place, &made->chunk, own, err);
}

static void filters_have_what_was_put_in_and_little_else(void **state)
{
    (void)state;
    static const uint32_t sizes[] = {1, 2, 64, 1000, 5000};
    for (size_t index = 0; index < sizeof sizes / sizeof sizes[0]; index++) {
        for (int with_length = 0; with_length < 2; with_length++) {
            struct filtered made;
            struct ji_bloom_probe probe;
            assert_ok(make(&made, ji_ctx_mem(group_ctx), sizes[index], known, NULL));
            if (with_length == 1)
                made.chunk.bloom_bytes = (int32_t)(made.bytes.size - FILTER_OFFSET);
            assert_ok(open_probe(&made, &group_arena, &probe, NULL));
            size_t wrong = 0;
            for (int64_t value = 0; value < 300; value++) {
                bool may_have = false;
                assert_ok(ji_bloom_probe_may_have(&probe, hash_of(value), &may_have, NULL));
                if (value % 3 == 0)
                    assert_true(may_have);
                else
                    wrong += may_have;
            }
            if (sizes[index] >= 64)
                assert_true(wrong < 20);
            ji_bytes_clear(&made.bytes);
        }
    }
}

static void one_question_reads_one_block_of_a_large_filter(void **state)
{
    (void)state;
    struct filtered made;
    struct ji_bloom_probe probe;
    bool may_have = false;
    assert_ok(make(&made, ji_ctx_mem(group_ctx), 5000, known, NULL));
    assert_ok(open_probe(&made, &group_arena, &probe, NULL));
    assert_int_equal(made.from.reads, 1);
    assert_ok(ji_bloom_probe_may_have(&probe, hash_of(1), &may_have, NULL));
    assert_int_equal(made.from.reads, 2);
    assert_null(probe.bitset);
    for (int64_t value = 0; value < 40; value++)
        assert_ok(ji_bloom_probe_may_have(&probe, hash_of(value), &may_have, NULL));
    assert_int_equal(made.from.reads, 2 + 31 + 1);
    assert_non_null(probe.bitset);
    ji_bytes_clear(&made.bytes);
    /* A small one whose length is known comes in one read. */
    assert_ok(make(&made, ji_ctx_mem(group_ctx), 64, known, NULL));
    made.chunk.bloom_bytes = (int32_t)(made.bytes.size - FILTER_OFFSET);
    assert_ok(open_probe(&made, &group_arena, &probe, NULL));
    assert_ok(ji_bloom_probe_may_have(&probe, hash_of(1), &may_have, NULL));
    assert_int_equal(made.from.reads, 1);
    ji_bytes_clear(&made.bytes);
}

static void filters_of_other_kinds_are_not_asked(void **state)
{
    (void)state;
    static const int16_t kinds[][3] = {{2, 1, 1}, {1, 2, 1}, {1, 1, 2}, {1, 1, 30}};
    struct filtered made;
    struct ji_bloom_probe probe;
    for (size_t index = 0; index < 4; index++) {
        bool may_have = false;
        assert_ok(make(&made, ji_ctx_mem(group_ctx), 64, kinds[index], NULL));
        assert_ok(open_probe(&made, &group_arena, &probe, NULL));
        assert_ok(ji_bloom_probe_may_have(&probe, hash_of(1), &may_have, NULL));
        assert_true(may_have);
        ji_bytes_clear(&made.bytes);
    }
    assert_ok(make(&made, ji_ctx_mem(group_ctx), 64, known, NULL));
    made.chunk.is_encrypted = true;
    assert_ok(open_probe(&made, &group_arena, &probe, NULL));
    made.chunk.is_encrypted = false;
    made.chunk.file_path = ji_view_of_text("elsewhere");
    assert_ok(open_probe(&made, &group_arena, &probe, NULL));
    made.chunk.file_path.size = 0;
    made.chunk.bloom_offset = -1;
    assert_ok(open_probe(&made, &group_arena, &probe, NULL));
    assert_int_equal(made.from.reads, 0);
    assert_int_equal(probe.block_count, 0);
    ji_bytes_clear(&made.bytes);
}

static void filters_that_leave_their_bounds_are_corrupt(void **state)
{
    (void)state;
    struct filtered made;
    struct ji_bloom_probe probe;
    assert_ok(make(&made, ji_ctx_mem(group_ctx), 64, known, NULL));
    const int32_t length = (int32_t)(made.bytes.size - FILTER_OFFSET);
    static const int64_t offsets[] = {1, 3, INT64_MAX};
    for (size_t index = 0; index < 3; index++) {
        made.chunk.bloom_offset = offsets[index];
        assert_status(open_probe(&made, &group_arena, &probe, NULL), JOIST_ERR_CORRUPT);
    }
    made.chunk.bloom_offset = FILTER_OFFSET;
    const int32_t lengths[] = {
            1, (int32_t)made.header_bytes - 1, (int32_t)made.header_bytes, length - 1, length + 1, INT32_MAX};
    for (size_t index = 0; index < 6; index++) {
        made.chunk.bloom_bytes = lengths[index];
        assert_status(open_probe(&made, &group_arena, &probe, NULL), JOIST_ERR_CORRUPT);
    }
    made.chunk.bloom_bytes = -1;
    made.file.data_end -= 1;
    assert_status(open_probe(&made, &group_arena, &probe, NULL), JOIST_ERR_CORRUPT);
    ji_bytes_clear(&made.bytes);
}

static enum joist_status ask_once(struct joist_ctx *swept, void *arg, struct joist_error *err)
{
    struct filtered made;
    struct ji_bloom_probe probe;
    struct ji_arena own;
    bool may_have = true;
    enum joist_status status = JOIST_OK;
    ji_arena_init(&own, ji_ctx_mem(swept));
    JI_TRY_OUT(make(&made, ji_ctx_mem(swept), 3000, known, err));
    made.from.fail_at = arg != NULL ? *(const uint64_t *)arg : 0;
    JI_TRY_OUT(open_probe(&made, &own, &probe, err));
    JI_TRY_OUT(ji_bloom_probe_may_have(&probe, hash_of(1), &may_have, err));
    assert_false(may_have);
out:
    ji_bytes_clear(&made.bytes);
    ji_arena_clear(&own);
    return status;
}

static void every_failure_is_told(void **state)
{
    (void)state;
    oom_sweep(ask_once, NULL);
    for (uint64_t fail_at = 1; fail_at <= 2; fail_at++)
        assert_status(ask_once(group_ctx, &fail_at, NULL), JOIST_ERR_IO);
}

/* A leaf of a field, its element given or as our writer would make it. */
static struct ji_leaf leaf_of(const struct ji_field *field, struct ji_schema_element *element)
{
    if (element->physical == JI_PHYSICAL_NONE)
        assert_ok(ji_type_to_element(field, element, NULL));
    return (struct ji_leaf){.element = element, .field = field, .name = "x"};
}

static size_t forms_of(struct ji_field field, enum ji_physical physical, int32_t length,
        struct ji_value value, uint8_t *first)
{
    struct ji_schema_element element = {.physical = JI_PHYSICAL_NONE, .converted = JI_CONVERTED_NONE};
    struct ji_plain_value plain;
    field.name = "x";
    struct ji_leaf leaf = leaf_of(&field, &element);
    if (physical != JI_PHYSICAL_NONE) {
        element.physical = physical;
        element.type_length = length;
    }
    ji_plain_value(&leaf, &value, &plain);
    if (plain.count > 0)
        memcpy(first, plain.forms[0].data, ji_min_size(plain.forms[0].size, 16));
    return plain.count;
}

static void values_become_the_bytes_of_their_column_or_none(void **state)
{
    (void)state;
    uint8_t bytes[16];
    const struct ji_field small = {.kind = JI_INT8};
    const struct ji_field word = {.kind = JI_INT32};
    const struct ji_field whole = {.kind = JI_UINT32};
    const struct ji_field real = {.kind = JI_FLOAT};
    const struct ji_field wide = {.kind = JI_DOUBLE};
    const struct ji_field half = {.kind = JI_FLOAT16};
    const struct ji_field price = {.kind = JI_DECIMAL, .precision = 20, .scale = 2};
    const enum ji_physical as_made = JI_PHYSICAL_NONE;
    assert_int_equal(forms_of(small, as_made, 0, (struct ji_value){.as.integer = -2}, bytes), 1);
    assert_memory_equal(bytes, "\xfe\xff\xff\xff", 4);
    assert_int_equal(forms_of(small, as_made, 0, (struct ji_value){.as.integer = 200}, bytes), 0);
    assert_int_equal(forms_of(word, as_made, 0, (struct ji_value){.as.integer = INT64_C(1) << 31}, bytes), 0);
    assert_int_equal(
            forms_of(whole, as_made, 0, (struct ji_value){.as.integer = INT64_C(1) << 31}, bytes), 1);
    assert_int_equal(forms_of(whole, as_made, 0, (struct ji_value){.as.integer = -1}, bytes), 0);
    assert_int_equal(forms_of(word, as_made, 0, (struct ji_value){.is_null = true}, bytes), 0);
    assert_int_equal(forms_of(real, as_made, 0, (struct ji_value){.as.real = 1.5}, bytes), 1);
    assert_memory_equal(bytes, "\0\0\xc0\x3f", 4);
    assert_int_equal(forms_of(real, as_made, 0, (struct ji_value){.as.real = 0.1}, bytes), 0);
    assert_int_equal(forms_of(real, as_made, 0, (struct ji_value){.as.real = 1e300}, bytes), 0);
    assert_int_equal(forms_of(real, as_made, 0, (struct ji_value){.as.real = -0.0}, bytes), 2);
    assert_int_equal(forms_of(wide, as_made, 0, (struct ji_value){.as.real = 0.0}, bytes), 2);
    assert_int_equal(forms_of(wide, as_made, 0, (struct ji_value){.as.real = (double)NAN}, bytes), 0);
    assert_int_equal(forms_of(half, as_made, 0, (struct ji_value){.as.real = -1.5}, bytes), 1);
    assert_memory_equal(bytes, "\0\xbe", 2);
    assert_int_equal(forms_of(half, as_made, 0, (struct ji_value){.as.real = 0.1}, bytes), 0);
    assert_int_equal(forms_of(half, as_made, 0, (struct ji_value){.as.real = 65520}, bytes), 0);
    assert_int_equal(forms_of(half, as_made, 0, (struct ji_value){.as.real = 0.0}, bytes), 2);
    assert_int_equal(forms_of(half, as_made, 0, (struct ji_value){.as.real = (double)NAN}, bytes), 0);
    /* Decimals: as many bytes as the type has; those of any length have many forms, so none. */
    assert_int_equal(forms_of(price, JI_PHYSICAL_FIXED, 9, (struct ji_value){.as.decimal = -2}, bytes), 1);
    assert_memory_equal(bytes, "\xff\xff\xff\xff\xff\xff\xff\xff\xfe", 9);
    assert_int_equal(forms_of(price, JI_PHYSICAL_FIXED, 1, (struct ji_value){.as.decimal = 127}, bytes), 1);
    assert_int_equal(forms_of(price, JI_PHYSICAL_FIXED, 1, (struct ji_value){.as.decimal = 128}, bytes), 0);
    assert_int_equal(forms_of(price, JI_PHYSICAL_FIXED, 17, (struct ji_value){.as.decimal = 1}, bytes), 0);
    assert_int_equal(
            forms_of(price, JI_PHYSICAL_BYTE_ARRAY, 0, (struct ji_value){.as.decimal = 1}, bytes), 0);
    assert_int_equal(forms_of(price, JI_PHYSICAL_INT64, 0, (struct ji_value){.as.decimal = 1}, bytes), 1);
    assert_int_equal(forms_of(price, JI_PHYSICAL_INT64, 0,
                             (struct ji_value){.as.decimal = (ji_int128)INT64_MAX + 1}, bytes),
            0);
    /* A moment in another unit than the file's, and the legacy one. */
    const struct ji_field moment = {.kind = JI_TIMESTAMP, .unit = JI_NANO};
    assert_int_equal(forms_of(moment, as_made, 0, (struct ji_value){.as.integer = 5}, bytes), 1);
    assert_int_equal(forms_of(moment, JI_PHYSICAL_INT96, 0, (struct ji_value){.as.integer = 5}, bytes), 0);
    const struct ji_field text = {.kind = JI_STRING};
    const struct ji_field fixed = {.kind = JI_FIXED, .fixed_bytes = 3};
    const struct ji_value abc = {.as.view = ji_view_of_text("abc")};
    assert_int_equal(forms_of(text, as_made, 0, abc, bytes), 1);
    assert_int_equal(forms_of(fixed, as_made, 0, abc, bytes), 1);
    assert_int_equal(
            forms_of(fixed, as_made, 0, (struct ji_value){.as.view = ji_view_of_text("ab")}, bytes), 0);
    assert_int_equal(
            forms_of((struct ji_field){.kind = JI_BOOL}, as_made, 0, (struct ji_value){0}, bytes), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(headers_are_read_when_they_are_whole),
            cmocka_unit_test(sizes_that_no_filter_has_are_refused),
            cmocka_unit_test(filters_have_what_was_put_in_and_little_else),
            cmocka_unit_test(one_question_reads_one_block_of_a_large_filter),
            cmocka_unit_test(filters_of_other_kinds_are_not_asked),
            cmocka_unit_test(filters_that_leave_their_bounds_are_corrupt),
            cmocka_unit_test(every_failure_is_told),
            cmocka_unit_test(values_become_the_bytes_of_their_column_or_none),
    };
    return cmocka_run_group_tests(tests, group_arena_open, group_arena_close);
}
