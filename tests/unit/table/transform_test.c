/*
 * transform_test.c - partition transforms against the vectors of Iceberg's spec
 */
#include "support/test.h"

#include "support/group_arena.h"

#include "table/iceberg/single_value.h"
#include "table/iceberg/transform.h"

#include "base/calendar.h"

static struct ji_transform parse(const char *text)
{
    struct ji_transform transform;
    assert_ok(ji_transform_parse(&group_arena, ji_view_of_text(text), &transform, NULL));
    return transform;
}

static struct ji_field field_of(const char *type)
{
    struct ji_field field = {.name = "c"};
    assert_ok(ji_type_parse(&group_arena, ji_view_of_text(type), &field, NULL));
    field.name = "c";
    return field;
}

static struct ji_value apply(const char *transform_text, const char *type, struct ji_value value)
{
    const struct ji_transform transform = parse(transform_text);
    const struct ji_field field = field_of(type);
    struct ji_value result;
    assert_ok(ji_transform_apply(&transform, &field, &value, &result, NULL));
    return result;
}

static struct ji_value number(int64_t value)
{
    return (struct ji_value){.as.integer = value};
}

static struct ji_value text(const char *value)
{
    return (struct ji_value){.as.view = ji_view_of_text(value)};
}

static uint32_t hash(const char *type, struct ji_value value)
{
    const struct ji_field field = field_of(type);
    return ji_iceberg_hash(&field, &value);
}

static int64_t micros(const char *timestamp)
{
    int64_t value = 0;
    assert_int_equal(ji_timestamp_parse(timestamp, strlen(timestamp), JI_MICRO, &value, NULL), JI_TEXT_OK);
    return value;
}

static void hash_agrees_with_appendix_b(void **state)
{
    (void)state;
    assert_int_equal((int32_t)hash("int", number(34)), 2017239379);
    assert_int_equal((int32_t)hash("long", number(34)), 2017239379);
    assert_int_equal((int32_t)hash("decimal(9,2)", (struct ji_value){.as.decimal = 1420}), -500754589);
    assert_int_equal((int32_t)hash("date", number(17486)), -653330422);
    assert_int_equal((int32_t)hash("time", number(81068000000)), -662762989);
    assert_int_equal((int32_t)hash("timestamp", number(micros("2017-11-16T22:31:08"))), -2047944441);
    assert_int_equal((int32_t)hash("timestamp", number(micros("2017-11-16T22:31:08.000001"))), -1207196810);
    assert_int_equal((int32_t)hash("timestamptz", number(micros("2017-11-16T14:31:08-08:00"))), -2047944441);
    assert_int_equal((int32_t)hash("string", text("iceberg")), 1210000089);
    static const uint8_t uuid[] = {
            0xF7, 0x9C, 0x3E, 0x09, 0x67, 0x7C, 0x4B, 0xBD, 0xA4, 0x79, 0x3F, 0x34, 0x9C, 0xB7, 0x85, 0xE7};
    assert_int_equal((int32_t)hash("uuid", (struct ji_value){.as.view = ji_view_of(uuid, 16)}), 1488055340);
    static const uint8_t bytes[] = {0, 1, 2, 3};
    assert_int_equal((int32_t)hash("binary", (struct ji_value){.as.view = ji_view_of(bytes, 4)}), -188683207);
}

static void nanoseconds_hash_as_their_microseconds(void **state)
{
    (void)state;
    struct ji_field field = {.name = "c", .kind = JI_TIMESTAMP, .unit = JI_NANO};
    const struct ji_value value = {.as.integer = micros("2017-11-16T22:31:08.000001") * 1000 + 1};
    assert_int_equal((int32_t)ji_iceberg_hash(&field, &value), -1207196810);
}

static void bucket_is_never_negative(void **state)
{
    (void)state;
    for (int64_t i = -1000; i < 1000; i++) {
        const struct ji_value bucket = apply("bucket[16]", "long", number(i));
        assert_in_range(bucket.as.integer, 0, 15);
    }
}

static void times_floor_before_1970(void **state)
{
    (void)state;
    assert_int_equal(apply("year", "date", number(-1)).as.integer, -1);
    assert_int_equal(apply("month", "date", number(-1)).as.integer, -1);
    assert_int_equal(apply("day", "timestamp", number(-1)).as.integer, -1);
    assert_int_equal(apply("hour", "timestamp", number(-1)).as.integer, -1);
    assert_int_equal(apply("hour", "timestamp", number(-3600000000)).as.integer, -1);
    assert_int_equal(apply("hour", "timestamp", number(-3600000001)).as.integer, -2);
    assert_int_equal(apply("year", "date", number(-365)).as.integer, -1);
    assert_int_equal(apply("year", "date", number(-366)).as.integer, -2);
    assert_int_equal(apply("year", "date", number(10000)).as.integer, 27);
    assert_int_equal(apply("month", "timestamp", number(micros("2017-11-16T22:31:08"))).as.integer, 574);
}

static void truncate_floors_numbers_and_cuts_texts(void **state)
{
    (void)state;
    assert_int_equal(apply("truncate[10]", "int", number(1)).as.integer, 0);
    assert_int_equal(apply("truncate[10]", "int", number(-1)).as.integer, -10);
    assert_int_equal(apply("truncate[10]", "long", number(INT64_MAX)).as.integer, INT64_MAX - 7);
    const struct ji_value decimal =
            apply("truncate[50]", "decimal(9,2)", (struct ji_value){.as.decimal = 1065});
    assert_true(decimal.as.decimal == 1050);
    const struct ji_value word = apply("truncate[3]", "string", text("iceberg"));
    assert_true(ji_view_equal_text(word.as.view, "ice"));
    const struct ji_value wide = apply("truncate[2]", "string", text("\u00e5\u00e4\u00f6"));
    assert_true(ji_view_equal_text(wide.as.view, "\u00e5\u00e4"));
    assert_int_equal(apply("truncate[3]", "binary", text("iceberg")).as.view.size, 3);
}

static void truncate_below_the_least_value_is_refused(void **state)
{
    (void)state;
    const struct ji_transform transform = parse("truncate[10]");
    const struct ji_field field = field_of("int");
    const struct ji_value value = number(INT32_MIN);
    struct ji_value result;
    assert_status(ji_transform_apply(&transform, &field, &value, &result, NULL), JOIST_ERR_INVALID);
}

static void null_stays_null(void **state)
{
    (void)state;
    static const char *const ALL[] = {"identity", "bucket[4]", "truncate[4]", "void"};
    for (size_t i = 0; i < sizeof ALL / sizeof ALL[0]; i++)
        assert_true(apply(ALL[i], "long", (struct ji_value){.is_null = true}).is_null);
    assert_true(apply("void", "long", number(1)).is_null);
}

static void result_types_follow_the_spec(void **state)
{
    (void)state;
    struct ji_field result;
    const struct ji_field date = field_of("date");
    const struct ji_field word = field_of("string");
    const struct ji_transform day = parse("day");
    const struct ji_transform hour = parse("hour");
    const struct ji_transform year = parse("year");
    assert_ok(ji_transform_result(&day, &date, &result, NULL));
    assert_int_equal(result.kind, JI_DATE);
    assert_ok(ji_transform_result(&year, &date, &result, NULL));
    assert_int_equal(result.kind, JI_INT32);
    assert_status(ji_transform_result(&hour, &date, &result, NULL), JOIST_ERR_INVALID);
    assert_status(ji_transform_result(&year, &word, &result, NULL), JOIST_ERR_INVALID);
    const struct ji_transform other = parse("zorder");
    assert_int_equal(other.kind, JI_TRANSFORM_UNKNOWN);
    assert_status(ji_transform_result(&other, &word, &result, NULL), JOIST_ERR_UNSUPPORTED);
}

static void widths_are_checked(void **state)
{
    (void)state;
    struct ji_transform transform;
    assert_status(ji_transform_parse(&group_arena, ji_view_of_text("bucket[0]"), &transform, NULL),
            JOIST_ERR_INVALID);
    assert_int_equal(parse("bucket[16").kind, JI_TRANSFORM_UNKNOWN);
    assert_int_equal(parse("bucket[99999999999]").kind, JI_TRANSFORM_UNKNOWN);
    assert_int_equal(parse("truncate[2147483647]").width, INT32_MAX);
}

static void facts_hold_every_value_of_the_partition(void **state)
{
    (void)state;
    static const char *const TRANSFORMS[] = {"year", "month", "day", "hour", "truncate[7]", "identity"};
    for (size_t t = 0; t < sizeof TRANSFORMS / sizeof TRANSFORMS[0]; t++) {
        const struct ji_transform transform = parse(TRANSFORMS[t]);
        const struct ji_field field = field_of(t < 4 ? "timestamp" : "long");
        for (int64_t i = -300; i < 300; i++) {
            const struct ji_value value = number(i * 86399999999 * 37 + i);
            struct ji_value partition;
            struct ji_facts facts = {0};
            assert_ok(ji_transform_apply(&transform, &field, &value, &partition, NULL));
            ji_transform_facts(&transform, &field, &partition, &partition, &facts);
            assert_true(facts.has_min && facts.has_max);
            assert_true(facts.min.as.integer <= value.as.integer);
            assert_true(facts.max.as.integer >= value.as.integer);
        }
    }
}

static void facts_of_a_partition_are_tight(void **state)
{
    (void)state;
    const struct ji_transform year = parse("year");
    const struct ji_field date = field_of("date");
    const struct ji_value partition = number(26);
    struct ji_facts facts = {0};
    ji_transform_facts(&year, &date, &partition, &partition, &facts);
    assert_int_equal(facts.min.as.integer, ji_days_of_civil(1996, 1, 1));
    assert_int_equal(facts.max.as.integer, ji_days_of_civil(1996, 12, 31));
}

static void text_is_what_people_read(void **state)
{
    (void)state;
    static const struct {
        const char *transform;
        const char *type;
        int64_t value;
        const char *text;
    } CASES[] = {
            {"year", "date", 26, "1996"},
            {"year", "date", -1, "1969"},
            {"month", "date", 314, "1996-03"},
            {"month", "date", -1, "1969-12"},
            {"day", "date", -1, "1969-12-31"},
            {"hour", "timestamp", -1, "1969-12-31-23"},
            {"hour", "timestamp", 25, "1970-01-02-01"},
            {"bucket[16]", "long", 7, "7"},
    };
    struct ji_bytes out;
    ji_bytes_init(&out, ji_ctx_mem(group_ctx));
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        const struct ji_transform transform = parse(CASES[i].transform);
        const struct ji_field field = field_of(CASES[i].type);
        const struct ji_value value = number(CASES[i].value);
        struct ji_field result;
        out.size = 0;
        assert_ok(ji_transform_result(&transform, &field, &result, NULL));
        assert_ok(ji_transform_text(&transform, &result, &value, &out, NULL));
        assert_true(ji_view_equal_text(ji_view_of(out.data, out.size), CASES[i].text));
    }
    ji_bytes_clear(&out);
}

static void single_values_come_back(void **state)
{
    (void)state;
    static const struct {
        const char *type;
        int64_t value;
        size_t bytes;
    } CASES[] = {{"int", -5, 4}, {"long", INT64_MIN, 8}, {"date", 17486, 4}, {"time", 1, 8},
            {"timestamptz", -1, 8}};
    uint8_t room[JI_SINGLE_VALUE_BYTES_MAX];
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        const struct ji_field field = field_of(CASES[i].type);
        const struct ji_value value = number(CASES[i].value);
        struct ji_value back;
        const struct ji_view bytes = ji_single_value_encode(&field, &value, room);
        assert_int_equal(bytes.size, CASES[i].bytes);
        assert_true(ji_single_value_decode(&field, bytes, &back));
        assert_true(back.as.integer == CASES[i].value);
    }
}

static void decimals_take_the_fewest_bytes(void **state)
{
    (void)state;
    static const struct {
        int64_t value;
        size_t bytes;
    } CASES[] = {{0, 1}, {127, 1}, {128, 2}, {-128, 1}, {-129, 2}, {1420, 2}, {INT64_MAX, 8}};
    const struct ji_field field = field_of("decimal(38,2)");
    uint8_t room[JI_SINGLE_VALUE_BYTES_MAX];
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        struct ji_value back;
        assert_int_equal(ji_decimal_bytes(CASES[i].value, room), CASES[i].bytes);
        assert_true(ji_single_value_decode(&field, ji_view_of(room, CASES[i].bytes), &back));
        assert_true(back.as.decimal == CASES[i].value);
    }
}

static void narrow_bounds_are_read_by_their_length(void **state)
{
    (void)state;
    const struct ji_field wide = field_of("long");
    const struct ji_field real = field_of("double");
    const struct ji_field narrow = field_of("int");
    static const uint8_t four[] = {0xFE, 0xFF, 0xFF, 0xFF};
    static const uint8_t half[] = {0, 0, 0, 0x3F};
    struct ji_value value;
    assert_true(ji_single_value_decode(&wide, ji_view_of(four, 4), &value));
    assert_int_equal(value.as.integer, -2);
    assert_true(ji_single_value_decode(&real, ji_view_of(half, 4), &value));
    assert_true(value.as.real == 0.5);
    assert_false(ji_single_value_decode(&narrow, ji_view_of(four, 3), &value));
    static const uint8_t eight[8] = {0};
    assert_false(ji_single_value_decode(&narrow, ji_view_of(eight, 8), &value));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(hash_agrees_with_appendix_b),
            cmocka_unit_test(nanoseconds_hash_as_their_microseconds),
            cmocka_unit_test(bucket_is_never_negative),
            cmocka_unit_test(times_floor_before_1970),
            cmocka_unit_test(truncate_floors_numbers_and_cuts_texts),
            cmocka_unit_test(truncate_below_the_least_value_is_refused),
            cmocka_unit_test(null_stays_null),
            cmocka_unit_test(result_types_follow_the_spec),
            cmocka_unit_test(widths_are_checked),
            cmocka_unit_test(facts_hold_every_value_of_the_partition),
            cmocka_unit_test(facts_of_a_partition_are_tight),
            cmocka_unit_test(text_is_what_people_read),
            cmocka_unit_test(single_values_come_back),
            cmocka_unit_test(decimals_take_the_fewest_bytes),
            cmocka_unit_test(narrow_bounds_are_read_by_their_length),
    };
    return cmocka_run_group_tests(tests, group_arena_open, group_arena_close);
}
