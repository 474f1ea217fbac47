/*
 * variant_reader_test.c - files with shredded variants through the reader: rows, ranges, flipped bytes, no memory
 */
#include "support/test.h"

#include <stdio.h>
#include <stdlib.h>

#include "support/bytes_source.h"
#include "support/group_arena.h"
#include "support/oom.h"
#include "support/parquet_drain.h"

#define FILE_BYTES_MAX 8192

static struct bytes_source load(const char *name)
{
    char path[1024];
    uint8_t room[FILE_BYTES_MAX];
    (void)snprintf(path, sizeof path, "%s/tests/fuzz/corpus/page_fuzz/%s.parquet", JOIST_SOURCE_DIR, name);
    FILE *const file = fopen(path, "rb");
    assert_non_null(file);
    const size_t size = fread(room, 1, sizeof room, file);
    (void)fclose(file);
    uint8_t *const data = malloc(size);
    assert_non_null(data);
    memcpy(data, room, size);
    return (struct bytes_source){.data = data, .size = size};
}

static void check_rows(const char *name, size_t batch_rows, const char *wanted)
{
    struct bytes_source from = load(name);
    struct ji_bytes text;
    ji_bytes_init(&text, ji_ctx_mem(group_ctx));
    struct parquet_drain drain = {.batch_rows = batch_rows, .text = &text};
    assert_ok(parquet_drain(group_ctx, bytes_source(&from), &drain, NULL));
    assert_ok(ji_bytes_append_byte(&text, 0, NULL));
    assert_string_equal((const char *)text.data, wanted);
    ji_bytes_clear(&text);
    free((void *)(uintptr_t)from.data);
}

static const char mixed[] = "[0,null]\n[1,{\"c\":{\"b\":\"iceberg\"}}]\n[2,{\"c\":8,\"d\":-0.0}]\n"
                            "[3,{\"c\":{\"a\":34,\"b\":\"\"},\"d\":0.0}]\n";

static void shredded_variants_are_whole_in_batches_of_any_size(void **state)
{
    (void)state;
    for (size_t batch_rows = 0; batch_rows < 5; batch_rows++)
        check_rows("variant_083", batch_rows, mixed);
    check_rows("variant_126", 1,
            "[1,[{\"a\":1,\"b\":\"comedy\"},{\"a\":2,\"b\":\"drama\"}]]\n"
            "[2,[{\"a\":3,\"b\":\"action\",\"c\":\"str\"},{\"a\":4,\"b\":\"horror\",\"d\":\"2024-01-30\"}]]"
            "\n");
}

static void ranges_of_rows_are_those_rows(void **state)
{
    (void)state;
    struct bytes_source from = load("variant_083");
    const struct ji_row_range ranges[] = {{1, 2}, {3, 4}};
    struct ji_bytes text;
    ji_bytes_init(&text, ji_ctx_mem(group_ctx));
    struct parquet_drain drain = {.ranges = ranges, .range_count = 2, .text = &text};
    assert_ok(parquet_drain(group_ctx, bytes_source(&from), &drain, NULL));
    assert_ok(ji_bytes_append_byte(&text, 0, NULL));
    assert_string_equal((const char *)text.data,
            "[1,{\"c\":{\"b\":\"iceberg\"}}]\n[3,{\"c\":{\"a\":34,\"b\":\"\"},\"d\":0.0}]\n");
    ji_bytes_clear(&text);
    free((void *)(uintptr_t)from.data);
}

static void flipped_bytes_never_do_more_than_fail(void **state)
{
    (void)state;
    static const char *const names[] = {"variant_045", "variant_083", "variant_126", "variant_134"};
    for (size_t index = 0; index < sizeof names / sizeof names[0]; index++) {
        struct bytes_source from = load(names[index]);
        uint8_t *const data = (uint8_t *)(uintptr_t)from.data;
        for (size_t at = 0; at < from.size; at++) {
            const uint8_t before = data[at];
            struct parquet_drain drain = {.rows_max = 1000};
            data[at] = (uint8_t)~before;
            (void)parquet_drain(group_ctx, bytes_source(&from), &drain, NULL);
            data[at] = before ^ 1;
            (void)parquet_drain(group_ctx, bytes_source(&from), &drain, NULL);
            data[at] = before;
        }
        free(data);
    }
}

static enum joist_status drain_file(struct joist_ctx *ctx, void *arg, struct joist_error *err)
{
    struct bytes_source from = *(struct bytes_source *)arg;
    struct parquet_drain drain = {.batch_rows = 0};
    return parquet_drain(ctx, bytes_source(&from), &drain, err);
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    struct bytes_source from = load("variant_126");
    oom_sweep(drain_file, &from);
    free((void *)(uintptr_t)from.data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(shredded_variants_are_whole_in_batches_of_any_size),
            cmocka_unit_test(ranges_of_rows_are_those_rows),
            cmocka_unit_test(flipped_bytes_never_do_more_than_fail),
            cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, group_arena_open, group_arena_close);
}
