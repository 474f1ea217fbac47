/*
 * geo_statistics_test.c - boxes and type codes of a chunk, as far as the file has them
 */
#include "support/test.h"

#include "parquet/format/chunk_read.h"
#include "support/group_arena.h"

#define FIELD_STRUCT(delta) ((delta) << 4 | JI_THRIFT_STRUCT)
#define FIELD_DOUBLE(delta) ((delta) << 4 | JI_THRIFT_DOUBLE)
#define FIELD_LIST(delta) ((delta) << 4 | JI_THRIFT_LIST)
#define FIELD_I32(delta) ((delta) << 4 | JI_THRIFT_I32)
#define STOP 0
/* 1, 2, -2 and 64 as doubles, little-endian. */
#define ONE 0, 0, 0, 0, 0, 0, 0xf0, 0x3f
#define TWO 0, 0, 0, 0, 0, 0, 0, 0x40
#define MINUS_TWO 0, 0, 0, 0, 0, 0, 0, 0xc0
#define SIXTY_FOUR 0, 0, 0, 0, 0, 0, 0x50, 0x40

/* A chunk with all that is required, and `geo` as field 17 of its metadata. */
static enum joist_status decode(
        const uint8_t *geo, size_t size, struct ji_chunk *chunk, struct joist_error *err)
{
    struct ji_thrift_writer writer;
    struct ji_thrift_reader reader;
    struct ji_bytes bytes;
    ji_bytes_init(&bytes, ji_ctx_mem(group_ctx));
    ji_thrift_writer_init(&writer, &bytes, NULL);
    ji_thrift_write_i64(&writer, 2, 0);
    ji_thrift_begin_struct(&writer, 3);
    ji_thrift_write_i32(&writer, 1, JI_PHYSICAL_BYTE_ARRAY);
    ji_thrift_write_list(&writer, 2, JI_THRIFT_I32, 0);
    ji_thrift_write_list(&writer, 3, JI_THRIFT_BINARY, 0);
    ji_thrift_write_i32(&writer, 4, 0);
    for (int16_t id = 5; id < 10; id += id == 7 ? 2 : 1)
        ji_thrift_write_i64(&writer, id, 4);
    assert_ok(ji_bytes_append_byte(&bytes, FIELD_STRUCT(8), NULL));
    assert_ok(ji_bytes_append(&bytes, geo, size, NULL));
    assert_ok(ji_bytes_append(&bytes, "\0\0", 2, NULL));
    struct ji_view kept;
    assert_ok(ji_arena_view(&group_arena, ji_view_of(bytes.data, bytes.size), &kept, NULL));
    ji_bytes_clear(&bytes);
    ji_thrift_reader_init(&reader, kept);
    JI_TRY(ji_chunk_decode(&reader, &group_arena, chunk, err));
    return ji_thrift_status(&reader, err);
}

static void a_box_and_types_are_decoded(void **state)
{
    (void)state;
    static const uint8_t geo[] = {FIELD_STRUCT(1), FIELD_DOUBLE(1), MINUS_TWO, FIELD_DOUBLE(1), ONE,
            FIELD_DOUBLE(1), ONE, FIELD_DOUBLE(1), TWO, FIELD_DOUBLE(3), TWO, FIELD_DOUBLE(1), SIXTY_FOUR,
            STOP, FIELD_LIST(1), 2 << 4 | JI_THRIFT_I32, 2, 0xd2, 0x0f, STOP};
    struct ji_chunk chunk;
    assert_ok(decode(geo, sizeof geo, &chunk, NULL));
    const struct ji_geo_statistics *const made = chunk.geo_statistics;
    assert_non_null(made);
    assert_true(made->has_box && !made->has_z && made->has_m);
    assert_true(made->xmin == -2 && made->xmax == 1 && made->ymin == 1 && made->ymax == 2);
    assert_true(made->mmin == 2 && made->mmax == 64);
    assert_int_equal(made->type_count, 2);
    assert_int_equal(made->types[0], 1);
    assert_int_equal(made->types[1], 1001);
}

static void half_a_box_is_none(void **state)
{
    (void)state;
    static const uint8_t geo[] = {
            FIELD_STRUCT(1), FIELD_DOUBLE(1), ONE, FIELD_DOUBLE(2), ONE, FIELD_DOUBLE(2), ONE, STOP, STOP};
    struct ji_chunk chunk;
    assert_ok(decode(geo, sizeof geo, &chunk, NULL));
    assert_false(chunk.geo_statistics->has_box);
    assert_false(chunk.geo_statistics->has_z);
    assert_int_equal(chunk.geo_statistics->type_count, 0);
}

static void fields_of_other_types_and_ids_are_passed_over(void **state)
{
    (void)state;
    static const uint8_t geo[] = {FIELD_STRUCT(1), FIELD_I32(1), 2, FIELD_DOUBLE(8), ONE, STOP, FIELD_I32(1),
            6, FIELD_I32(1), 8, STOP};
    struct ji_chunk chunk;
    assert_ok(decode(geo, sizeof geo, &chunk, NULL));
    assert_false(chunk.geo_statistics->has_box);
    assert_int_equal(chunk.geo_statistics->type_count, 0);
}

static void a_box_that_ends_early_is_corrupt(void **state)
{
    (void)state;
    static const uint8_t geo[] = {FIELD_STRUCT(1), FIELD_DOUBLE(1), 1, 2, 3};
    struct ji_chunk chunk;
    struct joist_error err;
    assert_status(decode(geo, sizeof geo, &chunk, &err), JOIST_ERR_CORRUPT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(a_box_and_types_are_decoded),
            cmocka_unit_test(half_a_box_is_none),
            cmocka_unit_test(fields_of_other_types_and_ids_are_passed_over),
            cmocka_unit_test(a_box_that_ends_early_is_corrupt),
    };
    return cmocka_run_group_tests(tests, group_arena_open, group_arena_close);
}
