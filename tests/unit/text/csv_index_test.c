/*
 * csv_index_test.c - the ends of fields against a walk byte by byte, short values against the exact parsers
 */
#include "support/test.h"

#include "base/calendar.h"
#include "base/ctx.h"
#include "base/decimal.h"
#include "text/byte_count.h"
#include "text/csv_index.h"
#include "text/fast_parse.h"

#include <stdio.h>
#include <stdlib.h>

static const struct ji_csv_format format = {.delimiter = ',', .quote = '"'};

/* xorshift: the seed is fixed, so that a failure comes again. */
static uint64_t random_next(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

struct reference {
    uint32_t ends[512];
    size_t count;
    size_t row_ends;
    uint64_t newlines;
    size_t bad;
    bool open;
    bool high;
    bool doubled;
};

static void index_plainly(const uint8_t *text, size_t size, struct reference *found)
{
    bool inside = false;
    uint8_t before = '\n';
    bool closed = false;
    *found = (struct reference){.bad = JI_CSV_NOT_BAD};
    for (size_t i = 0; i < size; i++) {
        const uint8_t byte = text[i];
        const bool is_end = !inside && (byte == ',' || byte == '\n');
        bool bad = closed && !is_end && byte != '"' && byte != '\r';
        found->newlines += byte == '\n';
        found->high |= byte >= 0x80;
        if (byte == '"' && !inside) {
            bad |= !closed && before != ',' && before != '\n';
            found->doubled |= closed;
        }
        if (bad && found->bad == JI_CSV_NOT_BAD)
            found->bad = i;
        if (is_end) {
            found->ends[found->count++] = (uint32_t)i;
            found->row_ends += byte == '\n';
        }
        closed = byte == '"' && inside;
        if (byte == '"')
            inside = !inside;
        before = is_end || byte == '"' ? byte : 'x';
    }
    found->open = inside;
}

static void compare_with_reference(const uint8_t *text, size_t size, struct ji_csv_index *index)
{
    struct reference wanted;
    index_plainly(text, size, &wanted);
    for (int level = JI_CSV_BEST; level <= JI_CSV_PLAIN; level++) {
        assert_ok(ji_csv_index_build(index, ji_view_of(text, size), &format, (enum ji_csv_level)level, NULL));
        assert_int_equal(index->count, wanted.count);
        assert_memory_equal(ji_csv_ends(index), wanted.ends, wanted.count * sizeof(uint32_t));
        assert_int_equal(index->row_ends, wanted.row_ends);
        assert_int_equal(index->newlines, wanted.newlines);
        assert_true(index->bad == wanted.bad);
        assert_int_equal(index->open, wanted.open);
        assert_int_equal(index->high, wanted.high);
        if (wanted.bad == JI_CSV_NOT_BAD)
            assert_int_equal(index->doubled, wanted.doubled);
    }
}

static void index_equals_a_walk_byte_by_byte(void **state)
{
    (void)state;
    static const char bytes[] = "aaaaaab,,,,\"\"\"\"\n\n\r\xC3";
    struct joist_ctx *ctx = NULL;
    struct ji_csv_index index = {0};
    uint64_t seed = 88172645463325252u;
    assert_ok(joist_ctx_open(NULL, &ctx, NULL));
    ji_bytes_init(&index.ends, ji_ctx_mem(ctx));
    for (size_t round = 0; round < 6000; round++) {
        const size_t size = random_next(&seed) % 300;
        const size_t alphabet = 2 + random_next(&seed) % (sizeof bytes - 2);
        uint8_t *text = malloc(size == 0 ? 1 : size);
        for (size_t i = 0; i < size; i++)
            text[i] = (uint8_t)bytes[random_next(&seed) % alphabet];
        compare_with_reference(text, size, &index);
        free(text);
    }
    ji_bytes_clear(&index.ends);
    joist_ctx_close(ctx);
}

static void quoted_fields_in_good_order_are_never_bad(void **state)
{
    (void)state;
    static const char *const fields[] = {"\"\"", "\"a,b\"", "\"x\"\"y\"", "\"\"\"\"", "plain", "", "\"\n\""};
    struct joist_ctx *ctx = NULL;
    struct ji_csv_index index = {0};
    struct ji_bytes text;
    uint64_t seed = 42;
    assert_ok(joist_ctx_open(NULL, &ctx, NULL));
    ji_bytes_init(&index.ends, ji_ctx_mem(ctx));
    ji_bytes_init(&text, ji_ctx_mem(ctx));
    for (size_t round = 0; round < 2000; round++) {
        const size_t count = 1 + random_next(&seed) % 60;
        text.size = 0;
        for (size_t i = 0; i < count; i++) {
            assert_ok(ji_bytes_append_text(&text, fields[random_next(&seed) % 7], NULL));
            assert_ok(ji_bytes_append_byte(&text, i % 3 == 2 ? '\n' : ',', NULL));
        }
        compare_with_reference(text.data, text.size, &index);
        assert_true(index.bad == JI_CSV_NOT_BAD);
        assert_int_equal(index.count, count);
    }
    ji_bytes_clear(&text);
    ji_bytes_clear(&index.ends);
    joist_ctx_close(ctx);
}

static void bytes_are_counted_at_every_length(void **state)
{
    (void)state;
    const size_t size_max = 40000;
    uint8_t *data = malloc(size_max);
    for (size_t size = 0; size < size_max; size += size < 300 ? 1 : 997) {
        memset(data, 'x', size_max);
        size_t wanted = 0;
        for (size_t i = 0; i < size; i += 1 + i % 3) {
            data[i] = '\n';
            wanted++;
        }
        assert_int_equal(ji_byte_count(data, size, '\n'), wanted);
        assert_int_equal(ji_byte_count_plain(data, size, '\n'), wanted);
    }
    memset(data, '\n', size_max);
    assert_int_equal(ji_byte_count(data, size_max, '\n'), size_max);
    free(data);
}

/* Room before the text, as the fast parsers want it. */
struct padded {
    uint8_t before[64];
    uint8_t text[64];
};

static void check_numbers(const struct padded *padded, size_t size)
{
    const char *text = (const char *)padded->text;
    int64_t fast = 0;
    int64_t exact = 0;
    if (ji_fast_int64(padded->text, size, &fast)) {
        assert_int_equal(ji_i64_parse(text, size, &exact), JI_TEXT_OK);
        assert_true(fast == exact);
    }
    for (unsigned scale = 1; scale <= 8; scale++) {
        const uint64_t power = (uint64_t)ji_decimal_power(scale);
        if (!ji_fast_decimal(padded->text, size, scale, power, &fast))
            continue;
        assert_int_equal(ji_decimal64_parse(text, size, 18, scale, &exact), JI_TEXT_OK);
        assert_true(fast == exact);
    }
}

static void check_times(const struct padded *padded, size_t size)
{
    const char *text = (const char *)padded->text;
    int32_t fast_days = 0;
    int32_t days = 0;
    int64_t fast = 0;
    int64_t exact = 0;
    bool has_offset = false;
    if (size == 10 && ji_fast_date(padded->text, &fast_days)) {
        assert_int_equal(ji_date_parse(text, size, &days), JI_TEXT_OK);
        assert_int_equal(fast_days, days);
    }
    for (int utc = 0; utc < 2; utc++) {
        if (size == 0 || !ji_fast_timestamp(padded->text, size, utc == 1, &fast))
            continue;
        assert_int_equal(ji_timestamp_parse(text, size, JI_MICRO, &exact, &has_offset), JI_TEXT_OK);
        assert_int_equal(has_offset, utc);
        assert_true(fast == exact);
    }
}

/* What the fast parsers accept, the exact ones accept with the same value. */
static void fast_parsers_agree_with_the_exact_ones(void **state)
{
    (void)state;
    static const char *const shapes[] = {"12345678", "-1", "1234567890123456", "21168.23", "0.04", "-9.99",
            "123456789.12", "1996-03-13", "2026-11-21T10:00:00", "2026-11-21 10:00:00.123456",
            "2026-11-21T10:00:00Z", "2026-11-21T10:00:00.5Z"};
    static const char bytes[] = "0123456789.-+:T Z/x\xB0\xFF";
    uint64_t seed = 7;
    struct padded padded;
    for (size_t round = 0; round < 200000; round++) {
        const char *shape = shapes[random_next(&seed) % (sizeof shapes / sizeof shapes[0])];
        size_t size = strlen(shape);
        memset(&padded, '7', sizeof padded);
        memcpy(padded.text, shape, size);
        for (size_t changes = random_next(&seed) % 4; changes > 0; changes--)
            padded.text[random_next(&seed) % size] = (uint8_t)bytes[random_next(&seed) % (sizeof bytes - 1)];
        if (random_next(&seed) % 8 == 0)
            size = 1 + random_next(&seed) % size;
        check_numbers(&padded, size);
        check_times(&padded, size);
    }
}

static void fast_dates_know_every_day(void **state)
{
    (void)state;
    struct padded padded;
    for (int64_t day = ji_days_of_civil(1, 1, 1); day <= ji_days_of_civil(9999, 12, 31); day++) {
        int32_t days = 0;
        memset(&padded, '7', sizeof padded);
        assert_int_equal(ji_date_print(day, (char *)padded.text), 10);
        assert_true(ji_fast_date(padded.text, &days));
        assert_true(days == day);
    }
}

static void fast_numbers_know_every_length(void **state)
{
    (void)state;
    struct padded padded;
    char text[32];
    int64_t value = 0;
    uint64_t number = 0;
    for (unsigned size = 1; size <= 16; size++) {
        number = number * 10 + size % 10;
        memset(&padded, '7', sizeof padded);
        assert_int_equal(snprintf(text, sizeof text, "-%" PRIu64, number), size + 1);
        memcpy(padded.text, text, size + 1);
        assert_true(ji_fast_int64(padded.text, size + 1, &value));
        assert_true(value == -(int64_t)number);
        assert_true(ji_fast_int64(padded.text + 1, size, &value));
        assert_true(value == (int64_t)number);
    }
    assert_false(ji_fast_int64(padded.text, 1, &value));
    for (unsigned scale = 1; scale <= 8; scale++) {
        memset(&padded, '7', sizeof padded);
        const int size = snprintf(text, sizeof text, "12345.%0*d", (int)scale, 6);
        memcpy(padded.text, text, (size_t)size);
        const uint64_t power = (uint64_t)ji_decimal_power(scale);
        assert_true(ji_fast_decimal(padded.text, (size_t)size, scale, power, &value));
        assert_true(value == (int64_t)(12345 * power + 6));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(index_equals_a_walk_byte_by_byte),
            cmocka_unit_test(quoted_fields_in_good_order_are_never_bad),
            cmocka_unit_test(bytes_are_counted_at_every_length),
            cmocka_unit_test(fast_parsers_agree_with_the_exact_ones),
            cmocka_unit_test(fast_dates_know_every_day),
            cmocka_unit_test(fast_numbers_know_every_length),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
