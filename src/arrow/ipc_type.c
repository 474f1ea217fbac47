/*
 * ipc_type.c - the union Type of Arrow's IPC format <-> format strings of the C data interface
 *
 * Most types are a row of one table: their number in the union, and the few numbers that tell them apart.
 */
#include "arrow/ipc_type.h"

#include "arrow/ipc_format.h"
#include "base/integer_text.h"
#include "kernel/utf8.h"

#include <stdio.h>

#define NUMBERS_MAX 2

struct number_of_type {
    unsigned width; /* 0: there is none */
    int64_t otherwise;
    int64_t value;
};

static const struct simple_type {
    const char *format;
    unsigned type;
    struct number_of_type numbers[NUMBERS_MAX];
} simple_types[] = {
        {"n", JI_IPC_NULL, {{0}}},
        {"c", JI_IPC_INT, {{4, 0, 8}, {1, 0, 1}}},
        {"C", JI_IPC_INT, {{4, 0, 8}, {1, 0, 0}}},
        {"s", JI_IPC_INT, {{4, 0, 16}, {1, 0, 1}}},
        {"S", JI_IPC_INT, {{4, 0, 16}, {1, 0, 0}}},
        {"i", JI_IPC_INT, {{4, 0, 32}, {1, 0, 1}}},
        {"I", JI_IPC_INT, {{4, 0, 32}, {1, 0, 0}}},
        {"l", JI_IPC_INT, {{4, 0, 64}, {1, 0, 1}}},
        {"L", JI_IPC_INT, {{4, 0, 64}, {1, 0, 0}}},
        {"e", JI_IPC_FLOAT, {{2, 0, 0}}},
        {"f", JI_IPC_FLOAT, {{2, 0, 1}}},
        {"g", JI_IPC_FLOAT, {{2, 0, 2}}},
        {"z", JI_IPC_BINARY, {{0}}},
        {"u", JI_IPC_UTF8, {{0}}},
        {"b", JI_IPC_BOOL, {{0}}},
        {"tdD", JI_IPC_DATE, {{2, 1, 0}}},
        {"tdm", JI_IPC_DATE, {{2, 1, 1}}},
        {"tts", JI_IPC_TIME, {{2, 1, 0}, {4, 32, 32}}},
        {"ttm", JI_IPC_TIME, {{2, 1, 1}, {4, 32, 32}}},
        {"ttu", JI_IPC_TIME, {{2, 1, 2}, {4, 32, 64}}},
        {"ttn", JI_IPC_TIME, {{2, 1, 3}, {4, 32, 64}}},
        {"tiM", JI_IPC_INTERVAL, {{2, 0, 0}}},
        {"tiD", JI_IPC_INTERVAL, {{2, 0, 1}}},
        {"tin", JI_IPC_INTERVAL, {{2, 0, 2}}},
        {"+l", JI_IPC_LIST, {{0}}},
        {"+s", JI_IPC_STRUCT, {{0}}},
        {"+m", JI_IPC_MAP, {{0}}},
        {"tDs", JI_IPC_DURATION, {{2, 1, 0}}},
        {"tDm", JI_IPC_DURATION, {{2, 1, 1}}},
        {"tDu", JI_IPC_DURATION, {{2, 1, 2}}},
        {"tDn", JI_IPC_DURATION, {{2, 1, 3}}},
        {"Z", JI_IPC_LARGE_BINARY, {{0}}},
        {"U", JI_IPC_LARGE_UTF8, {{0}}},
        {"+L", JI_IPC_LARGE_LIST, {{0}}},
        {"+r", JI_IPC_RUN_ENDS, {{0}}},
        {"vz", JI_IPC_BINARY_VIEW, {{0}}},
        {"vu", JI_IPC_UTF8_VIEW, {{0}}},
        {"+vl", JI_IPC_LIST_VIEW, {{0}}},
        {"+vL", JI_IPC_LARGE_LIST_VIEW, {{0}}},
};
#define SIMPLE_COUNT (sizeof simple_types / sizeof simple_types[0])

static bool has_numbers(const struct simple_type *simple, const struct ji_flat_table *table)
{
    for (unsigned i = 0; i < NUMBERS_MAX; i++) {
        const struct number_of_type *number = &simple->numbers[i];
        if (number->width != 0 && ji_flat_number(table, i, number->width, number->otherwise) != number->value)
            return false;
    }
    return true;
}

bool ji_ipc_int_format(const struct ji_flat_table *type, const char **format)
{
    for (size_t i = 0; i < SIMPLE_COUNT; i++) {
        if (simple_types[i].type == JI_IPC_INT && has_numbers(&simple_types[i], type)) {
            *format = simple_types[i].format;
            return true;
        }
    }
    return false;
}

static enum joist_status read_timestamp(struct ji_arena *arena, const struct ji_flat_table *table,
        const char **format, struct joist_error *err)
{
    static const char units[] = "smun";
    const int64_t unit = ji_flat_number(table, 0, 2, 0);
    const struct ji_view zone = ji_flat_text(table, 1);
    if (unit < 0 || unit > 3)
        return ji_fail(err, JOIST_ERR_CORRUPT, "a timestamp in unit %" PRId64, unit);
    if (zone.size > 0 && (memchr(zone.data, 0, zone.size) != NULL || !ji_utf8_valid(zone)))
        return ji_fail(err, JOIST_ERR_CORRUPT, "a time zone that is no text");
    return ji_arena_printf(arena, format, err, "ts%c:%.*s", units[unit],
            (int)ji_min_size(zone.size, INT32_MAX), zone.size == 0 ? "" : (const char *)zone.data);
}

static enum joist_status read_decimal(struct ji_arena *arena, const struct ji_flat_table *table,
        const char **format, struct joist_error *err)
{
    const int64_t precision = ji_flat_number(table, 0, 4, 0);
    const int64_t scale = ji_flat_number(table, 1, 4, 0);
    const int64_t bits = ji_flat_number(table, 2, 4, 128);
    return ji_arena_printf(arena, format, err, "d:%" PRId64 ",%" PRId64 ",%" PRId64, precision, scale, bits);
}

enum joist_status ji_ipc_type_read(struct ji_arena *arena, const struct ji_flat_table *field,
        const char **format, struct joist_error *err)
{
    const int64_t type = ji_flat_number(field, JI_IPC_FIELD_TYPE_TYPE, 1, 0);
    const struct ji_flat_table table = ji_flat_child(field, JI_IPC_FIELD_TYPE);
    for (size_t i = 0; i < SIMPLE_COUNT; i++) {
        if (simple_types[i].type == (unsigned)type && has_numbers(&simple_types[i], &table)) {
            *format = simple_types[i].format;
            return JOIST_OK;
        }
    }
    switch (type) {
    case JI_IPC_DECIMAL:
        return read_decimal(arena, &table, format, err);
    case JI_IPC_TIMESTAMP:
        return read_timestamp(arena, &table, format, err);
    case JI_IPC_FIXED:
        return ji_arena_printf(arena, format, err, "w:%" PRId64, ji_flat_number(&table, 0, 4, 0));
    case JI_IPC_FIXED_LIST:
        return ji_arena_printf(arena, format, err, "+w:%" PRId64, ji_flat_number(&table, 0, 4, 0));
    default:
        return ji_fail(err, JOIST_ERR_UNSUPPORTED, "Arrow's type number %" PRId64, type);
    }
}

/* --- writing --- */

static const struct simple_type *find_simple(const char *format)
{
    for (size_t i = 0; i < SIMPLE_COUNT; i++) {
        if (strcmp(simple_types[i].format, format) == 0)
            return &simple_types[i];
    }
    return NULL;
}

unsigned ji_ipc_type_number(const char *format)
{
    const struct simple_type *simple = find_simple(format);
    if (simple != NULL)
        return simple->type;
    if (format[0] == 'd')
        return JI_IPC_DECIMAL;
    if (format[0] == 'w')
        return JI_IPC_FIXED;
    if (strncmp(format, "+w", 2) == 0)
        return JI_IPC_FIXED_LIST;
    return strncmp(format, "ts", 2) == 0 ? JI_IPC_TIMESTAMP : 0;
}

/* The numbers behind the colon of our own formats. */
static size_t read_numbers(const char *format, int64_t numbers[3])
{
    size_t count = 0;
    const char *at = strchr(format, ':');
    while (at != NULL && count < 3) {
        at++;
        const char *end = strchr(at, ',');
        const size_t size = end == NULL ? strlen(at) : (size_t)(end - at);
        if (ji_i64_parse(at, size, &numbers[count]) != JI_TEXT_OK)
            break;
        count++;
        at = end;
    }
    return count;
}

static enum joist_status put_timestamp(
        struct ji_bytes *out, const char *format, size_t *at, struct joist_error *err)
{
    static const char units[] = "smun";
    const char *zone = strchr(format, ':') + 1;
    const struct ji_flat_slot slots[] = {
            {.index = 0, .width = 2, .number = strchr(units, format[2]) - units}, {.index = 1, .width = 4}};
    size_t places[2];
    size_t text;
    const size_t count = zone[0] == '\0' ? 1 : 2;
    JI_TRY(ji_flat_put_table(out, slots, count, at, places, err));
    if (count == 1)
        return JOIST_OK;
    JI_TRY(ji_flat_put_text(out, ji_view_of_text(zone), &text, err));
    ji_flat_point(out, places[1], text);
    return JOIST_OK;
}

enum joist_status ji_ipc_type_put(
        struct ji_bytes *out, const char *format, size_t *at, struct joist_error *err)
{
    const struct simple_type *simple = find_simple(format);
    struct ji_flat_slot slots[3];
    size_t count = 0;
    int64_t numbers[3];
    if (simple != NULL) {
        for (unsigned i = 0; i < NUMBERS_MAX && simple->numbers[i].width != 0; i++)
            slots[count++] = (struct ji_flat_slot){
                    .index = i, .width = simple->numbers[i].width, .number = simple->numbers[i].value};
        return ji_flat_put_table(out, slots, count, at, NULL, err);
    }
    if (strncmp(format, "ts", 2) == 0)
        return put_timestamp(out, format, at, err);
    count = read_numbers(format, numbers);
    for (unsigned i = 0; i < count; i++)
        slots[i] = (struct ji_flat_slot){.index = i, .width = 4, .number = numbers[i]};
    return ji_flat_put_table(out, slots, count, at, NULL, err);
}
