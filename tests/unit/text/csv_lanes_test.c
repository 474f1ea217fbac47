/*
 * csv_lanes_test.c - fields of rows, several a step, against one a step and the exact parsers
 */
#include "support/text_case.h"

#include "base/calendar.h"
#include "base/ctx.h"
#include "base/decimal.h"
#include "text/csv_lanes.h"

#include <stdio.h>
#include <stdlib.h>

#define ROWS_MAX 70
#define PAD 64

/* xorshift: the seed is fixed, so that a failure comes again. */
static uint64_t random_next(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

/* Rows of `columns` fields, those of one column made by hand; the text's memory ends behind its pad. */
struct table {
    struct joist_ctx *ctx;
    struct ji_bytes bytes;
    struct ji_csv_index index;
    size_t columns;
    size_t column;
    size_t rows;
};

static void open_table(struct table *table)
{
    *table = (struct table){.columns = 3, .column = 1};
    assert_ok(joist_ctx_open(NULL, &table->ctx, NULL));
    ji_bytes_init(&table->bytes, ji_ctx_mem(table->ctx));
    ji_bytes_init(&table->index.ends, ji_ctx_mem(table->ctx));
}

static void close_table(struct table *table)
{
    ji_bytes_clear(&table->bytes);
    ji_bytes_clear(&table->index.ends);
    joist_ctx_close(table->ctx);
}

static void add_pad(struct table *table)
{
    static const uint8_t zeros[PAD] = {0};
    assert_ok(ji_bytes_append(&table->bytes, zeros, sizeof zeros, NULL));
}

static void begin_table(struct table *table, uint64_t *seed)
{
    table->bytes.size = 0;
    table->rows = 0;
    table->columns = 1 + random_next(seed) % 9;
    table->column = random_next(seed) % table->columns;
    add_pad(table);
}

static void add_row(struct table *table, const char *field, size_t size)
{
    for (size_t i = 0; i < table->columns; i++) {
        if (i == table->column)
            assert_ok(ji_bytes_append(&table->bytes, field, size, NULL));
        else
            assert_ok(ji_bytes_append_text(&table->bytes, i % 2 == 0 ? "7" : "", NULL));
        assert_ok(ji_bytes_append_byte(&table->bytes, i + 1 == table->columns ? '\n' : ',', NULL));
    }
    table->rows++;
}

static struct ji_csv_lane lane_of(struct table *table)
{
    static const struct ji_csv_format format = {.delimiter = ',', .quote = '"'};
    const size_t size = table->bytes.size - PAD;
    add_pad(table);
    const struct ji_view text = ji_view_of(table->bytes.data + PAD, size);
    assert_ok(ji_csv_index_build(&table->index, text, &format, JI_CSV_PLAIN, NULL));
    assert_int_equal(table->index.count, table->rows * table->columns);
    return (struct ji_csv_lane){
            .text = text.data,
            .ends = ji_csv_ends(&table->index) + table->column,
            .stride = table->columns,
            .count = table->rows,
            .quote = '"',
    };
}

typedef size_t (*number_fn)(
        const struct ji_csv_lane *lane, size_t from, const struct ji_csv_shape *shape, int64_t *out);

/* Both kernels stop at the same fields, and write the same values before them. */
static void compare_numbers(
        const struct ji_csv_lane *lane, number_fn quick, number_fn plain, const struct ji_csv_shape *shape)
{
    int64_t wanted[ROWS_MAX];
    int64_t found[ROWS_MAX];
    for (size_t from = 0; from < lane->count; from++) {
        const size_t end = plain(lane, from, shape, wanted);
        assert_int_equal(quick(lane, from, shape, found), end);
        assert_memory_equal(found + from, wanted + from, (end - from) * sizeof *found);
        from = end;
    }
}

static void compare_dates(const struct ji_csv_lane *lane)
{
    const struct ji_csv_lane_kernels *quick = ji_csv_lane_kernels(JI_CSV_BEST);
    const struct ji_csv_lane_kernels *plain = ji_csv_lane_kernels(JI_CSV_PLAIN);
    int32_t wanted[ROWS_MAX];
    int32_t found[ROWS_MAX];
    for (size_t from = 0; from < lane->count; from++) {
        const size_t end = plain->date(lane, from, wanted);
        assert_int_equal(quick->date(lane, from, found), end);
        assert_memory_equal(found + from, wanted + from, (end - from) * sizeof *found);
        from = end;
    }
}

static void compare_all(struct table *table)
{
    const struct ji_csv_lane lane = lane_of(table);
    const struct ji_csv_lane_kernels *quick = ji_csv_lane_kernels(JI_CSV_BEST);
    const struct ji_csv_lane_kernels *plain = ji_csv_lane_kernels(JI_CSV_PLAIN);
    compare_dates(&lane);
    for (unsigned codes = 0; codes < 2; codes++) {
        struct ji_csv_shape shape = {.no_codes = codes == 1};
        compare_numbers(&lane, quick->int64, plain->int64, &shape);
        for (unsigned scale = 1; scale <= 8; scale++) {
            shape.scale = scale;
            shape.power = (uint64_t)ji_decimal_power(scale);
            shape.limit = (int64_t)ji_decimal_power(scale + 4);
            compare_numbers(&lane, quick->decimal, plain->decimal, &shape);
        }
    }
}

/* Mostly good fields, some with a byte changed, some cut: steps and single fields take turns. */
static void steps_equal_one_field_at_a_time(void **state)
{
    (void)state;
    static const char *const shapes[] = {"1", "12345678", "0", "-1", "1234567890123456", "21168.23", "0.04",
            "7.5", "-9.99", "104949.50", "00.25", "007", "123456789.12", "1996-03-13", "2024-02-29",
            "1900-02-28", "0001-01-01", "9999-12-31", "17", "999.999", "1.2345678"};
    static const char bytes[] = "0123456789.-+:T Z/x\xB0\xFF";
    uint64_t seed = 7;
    struct table table;
    open_table(&table);
    for (size_t round = 0; round < 6000; round++) {
        begin_table(&table, &seed);
        const size_t usual = random_next(&seed) % (sizeof shapes / sizeof shapes[0]);
        const size_t rows = 1 + random_next(&seed) % (ROWS_MAX - 1);
        const unsigned changes = (unsigned)(random_next(&seed) % 3) * 4;
        for (size_t i = 0; i < rows; i++) {
            char field[32] = "";
            const bool odd = random_next(&seed) % 16 == 0;
            const char *shape = shapes[odd ? random_next(&seed) % 21 : usual];
            size_t size = strlen(shape);
            memcpy(field, shape, size);
            if (random_next(&seed) % 64 < changes)
                field[random_next(&seed) % size] = bytes[random_next(&seed) % (sizeof bytes - 1)];
            if (random_next(&seed) % 128 < changes)
                size = random_next(&seed) % size;
            add_row(&table, field, size);
        }
        compare_all(&table);
    }
    close_table(&table);
}

static void numbers_of_every_length_are_known(void **state)
{
    (void)state;
    uint64_t seed = 3;
    struct table table;
    open_table(&table);
    for (size_t round = 0; round < 400; round++) {
        const struct ji_csv_shape shape = {.no_codes = true};
        int64_t wanted[ROWS_MAX];
        int64_t found[ROWS_MAX];
        char field[32];
        begin_table(&table, &seed);
        const size_t digits_max = 1 + round % 16;
        for (size_t i = 0; i < 64; i++) {
            wanted[i] = (int64_t)(random_next(&seed) %
                    (uint64_t)ji_decimal_power(1 + (unsigned)(random_next(&seed) % digits_max)));
            add_row(&table, field, (size_t)snprintf(field, sizeof field, "%" PRId64, wanted[i]));
        }
        const struct ji_csv_lane lane = lane_of(&table);
        for (int level = JI_CSV_BEST; level <= JI_CSV_PLAIN; level++) {
            const struct ji_csv_lane_kernels *kernels = ji_csv_lane_kernels((enum ji_csv_level)level);
            assert_int_equal(kernels->int64(&lane, 0, &shape, found), 64);
            assert_memory_equal(found, wanted, 64 * sizeof *found);
        }
    }
    close_table(&table);
}

static void every_day_is_known(void **state)
{
    (void)state;
    uint64_t seed = 5;
    struct table table;
    int64_t day = ji_days_of_civil(1, 1, 1);
    const int64_t end = ji_days_of_civil(9999, 12, 31);
    open_table(&table);
    while (day <= end) {
        int32_t found[ROWS_MAX];
        char field[16];
        const int64_t first = day;
        begin_table(&table, &seed);
        for (; day <= end && table.rows < 64; day++)
            add_row(&table, field, ji_date_print(day, field));
        const struct ji_csv_lane lane = lane_of(&table);
        assert_int_equal(ji_csv_lane_kernels(JI_CSV_BEST)->date(&lane, 0, found), table.rows);
        for (size_t i = 0; i < table.rows; i++)
            assert_int_equal(found[i], first + (int64_t)i);
    }
    close_table(&table);
}

static void texts_are_views_without_their_quotes(void **state)
{
    (void)state;
    uint64_t seed = 11;
    struct table table;
    struct ji_view found[ROWS_MAX];
    open_table(&table);
    begin_table(&table, &seed);
    table.columns = 2;
    table.column = 1;
    add_row(&table, "plain", 5);
    add_row(&table, "\"a,b\"", 5);
    add_row(&table, "\"\"", 2);
    add_row(&table, "x\r", 2);
    add_row(&table, "", 0);
    add_row(&table, "behind", 6);
    add_row(&table, "\"q\"\r", 4);
    struct ji_csv_lane lane = lane_of(&table);
    assert_int_equal(ji_csv_lane_views(&lane, 0, found), 4);
    assert_true(ji_view_equal_text(found[0], "plain"));
    assert_true(ji_view_equal_text(found[1], "a,b"));
    assert_true(ji_view_equal_text(found[2], ""));
    assert_true(ji_view_equal_text(found[3], "x\r"));
    assert_int_equal(ji_csv_lane_views(&lane, 5, found), 6);
    lane.trim = true;
    assert_int_equal(ji_csv_lane_views(&lane, 3, found), 4);
    assert_true(ji_view_equal_text(found[3], "x"));
    assert_int_equal(ji_csv_lane_views(&lane, 5, found), 7);
    assert_true(ji_view_equal_text(found[6], "q"));
    close_table(&table);
}

/* --- through the stream --- */

/* One field as CSV and as JSON. Quoted ones may be numbers too; nulls come alone or in rows. */
static void put_field(
        struct ji_bytes *text, struct ji_bytes *wanted, size_t column, unsigned nulls, uint64_t *seed)
{
    char field[40];
    const unsigned number = (unsigned)(random_next(seed) % 100000);
    const bool quoted = random_next(seed) % 8 == 0;
    if (random_next(seed) % 100 < nulls) {
        assert_ok(ji_bytes_append_text(wanted, "null", NULL));
        return;
    }
    if (column == 0)
        (void)snprintf(field, sizeof field, "%s%u", number % 9 == 0 && number > 0 ? "-" : "", number);
    else if (column == 1)
        (void)snprintf(field, sizeof field, "%u.%02u", number / 100, number % 100);
    else if (column == 2)
        (void)snprintf(
                field, sizeof field, "19%02u-%02u-%02u", number % 100, 1 + number % 12, 1 + number % 28);
    else
        (void)snprintf(field, sizeof field, "t%u%s", number, quoted && number % 4 == 0 ? "\"\"" : "");
    assert_ok(ji_bytes_printf(text, NULL, quoted ? "\"%s\"" : "%s", field));
    char *doubled = strstr(field, "\"\"");
    if (doubled != NULL)
        *doubled = '\\'; /* as JSON has it */
    assert_ok(ji_bytes_printf(wanted, NULL, column >= 2 ? "\"%s\"" : "%s", field));
}

static void rows_come_as_they_were_written(void **state)
{
    (void)state;
    uint64_t seed = 23;
    for (unsigned round = 0; round < 24; round++) {
        struct joist_ctx *ctx = NULL;
        struct ji_bytes text;
        struct ji_bytes wanted;
        struct ji_bytes out;
        assert_ok(joist_ctx_open(NULL, &ctx, NULL));
        ji_bytes_init(&text, ji_ctx_mem(ctx));
        ji_bytes_init(&wanted, ji_ctx_mem(ctx));
        ji_bytes_init(&out, ji_ctx_mem(ctx));
        assert_ok(ji_bytes_append_text(&text, "n,m,d,s\n1,1.00,1996-01-01,t\n", NULL));
        assert_ok(ji_bytes_append_text(
                &wanted, "n long, m decimal(15, 2), d date, s string\n1|1.00|\"1996-01-01\"|\"t\"\n", NULL));
        for (size_t row = 0; row < 1500; row++) {
            for (size_t i = 0; i < 4; i++) {
                if (i > 0) {
                    assert_ok(ji_bytes_append_byte(&text, ',', NULL));
                    assert_ok(ji_bytes_append_byte(&wanted, '|', NULL));
                }
                put_field(&text, &wanted, i, round % 4 * 15, &seed);
            }
            if (random_next(&seed) % 8 < round % 3 * 4)
                assert_ok(ji_bytes_append_byte(&text, '\r', NULL));
            assert_ok(ji_bytes_append_byte(&text, '\n', NULL));
            assert_ok(ji_bytes_append_byte(&wanted, '\n', NULL));
        }
        struct text_source source = {.name = "t", .data = text.data, .size = text.size};
        const struct text_reading reading = {.form = TEXT_CSV,
                .options = {.struct_size = sizeof reading.options, .infer_decimals = true},
                .tuning = {.part_bytes = round % 2 == 0 ? 0 : 3000}};
        assert_ok(text_read_all(ctx, &reading, &source, &out, NULL));
        assert_ok(ji_bytes_append_byte(&wanted, 0, NULL));
        assert_int_equal(out.size, wanted.size);
        assert_memory_equal(out.data, wanted.data, wanted.size);
        ji_bytes_clear(&out);
        ji_bytes_clear(&wanted);
        ji_bytes_clear(&text);
        joist_ctx_close(ctx);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(steps_equal_one_field_at_a_time),
            cmocka_unit_test(numbers_of_every_length_are_known),
            cmocka_unit_test(every_day_is_known),
            cmocka_unit_test(texts_are_views_without_their_quotes),
            cmocka_unit_test(rows_come_as_they_were_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
