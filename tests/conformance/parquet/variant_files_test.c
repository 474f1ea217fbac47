/*
 * variant_files_test.c - apache/parquet-testing: binary variants, and shredded ones put together again
 *
 * `variant` has pairs of metadata and value, and what they say in data_dictionary.json; `shredded_variant` has
 * files and the binary variants that their rows must become, or an error that reading them must be
 * (cases.json). The folders are found as in testing_files_test.c; cases whose files are not there are counted
 * and passed over.
 *
 * Files named -INVALID break the format, and readers may refuse them or go on. Here:
 *   043, 125  refused: a field is shredded and stands in the value too; one of the two would be lost
 *   084       read: optional groups where required ones are due take nothing away
 */
#include "support/test.h"
#include "support/testing_folder.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/calendar.h"
#include "base/decimal.h"
#include "base/real_text.h"
#include "support/group_arena.h"
#include "support/variant_equal.h"
#include "wire/json_read.h"
#include "wire/variant_text.h"

struct refusal {
    int64_t number;
    enum joist_status status;
    const char *words[3];
};

static const struct refusal refusals[] = {
        {40, JOIST_ERR_CORRUPT, {"column 'var'", "variant 0", "value and typed_value at once"}},
        {42, JOIST_ERR_CORRUPT, {"column 'var'", "variant 0", "value and typed_value at once"}},
        {43, JOIST_ERR_CORRUPT,
                {"column 'var'", "variant 0", "field 'b' is shredded and stands in the value"}},
        {87, JOIST_ERR_CORRUPT, {"column 'var'", "variant 0", "int32 beside shredded fields of an object"}},
        {125, JOIST_ERR_CORRUPT,
                {"column 'var'", "variant 0", "field 'b' is shredded and stands in the value"}},
        {127, JOIST_ERR_UNSUPPORTED, {"column 'var'", "variant shredded as", "uint32"}},
        {128, JOIST_ERR_CORRUPT, {"column 'var'", "variant 0", "null beside shredded fields of an object"}},
        {137, JOIST_ERR_UNSUPPORTED, {"column 'var'", "variant shredded as", "fixed(4)"}},
};

/* The whole file in the group's arena; false where there is none. */
static bool read_whole(const char *folder, struct ji_view name, const char *suffix, struct ji_view *bytes)
{
    char path[2048];
    (void)snprintf(path, sizeof path, "%s/%.*s%s", folder, (int)name.size, (const char *)name.data, suffix);
    FILE *const file = fopen(path, "rb");
    if (file == NULL)
        return false;
    uint8_t *data = NULL;
    const size_t room = (size_t)1 << 16;
    assert_ok(ji_arena_alloc(&group_arena, room, &data, NULL));
    const size_t size = fread(data, 1, room, file);
    assert_true(size < room);
    (void)fclose(file);
    *bytes = ji_view_of(data, size);
    return true;
}

/* --- variant --- */

static bool is_kind(const struct ji_json *json, enum ji_json_kind kind)
{
    return json != NULL && json->kind == kind;
}

static bool equals_real(const struct ji_variant *value, const struct ji_json *json)
{
    if (!is_kind(json, JI_JSON_NUMBER))
        return false;
    const char *const text = (const char *)json->text.data;
    double wide = 0;
    float narrow = 0;
    if (value->type == JI_VARIANT_FLOAT)
        return ji_float_parse(text, json->text.size, &narrow) == JI_TEXT_OK && (double)narrow == value->real;
    return ji_double_parse(text, json->text.size, &wide) == JI_TEXT_OK && wide == value->real;
}

static bool equals_time(const struct ji_variant *value, const struct ji_json *json)
{
    int64_t wanted = 0;
    int32_t days = 0;
    bool has_offset = false;
    char text[64];
    const size_t size = ji_min_size(json->text.size, sizeof text);
    if (json->kind != JI_JSON_STRING)
        return false;
    memcpy(text, json->text.data, size);
    if (value->type == JI_VARIANT_DATE)
        return ji_date_parse(text, size, &days) == JI_TEXT_OK && days == value->integer;
    if (value->type == JI_VARIANT_TIME) {
        text[8] = '.'; /* they write 12:33:54:123456 */
        return ji_time_parse(text, size, JI_MICRO, &wanted) == JI_TEXT_OK && wanted == value->integer;
    }
    const bool is_nanos =
            value->type == JI_VARIANT_TIMESTAMP_NANOS || value->type == JI_VARIANT_TIMESTAMP_NANOS_UTC;
    const bool is_utc =
            value->type == JI_VARIANT_TIMESTAMP_MICROS_UTC || value->type == JI_VARIANT_TIMESTAMP_NANOS_UTC;
    return ji_timestamp_parse(text, size, is_nanos ? JI_NANO : JI_MICRO, &wanted, &has_offset) ==
            JI_TEXT_OK &&
            wanted == value->integer && has_offset == is_utc;
}

static bool equals_primitive(const struct ji_variant *value, const struct ji_json *json)
{
    int64_t integer = 0;
    char text[JI_DECIMAL_TEXT_MAX];
    double wanted = 0;
    double own = 0;
    switch (value->type) {
    case JI_VARIANT_NULL:
        return is_kind(json, JI_JSON_NULL);
    case JI_VARIANT_TRUE:
    case JI_VARIANT_FALSE:
        return is_kind(json, JI_JSON_BOOL) && json->boolean == (value->type == JI_VARIANT_TRUE);
    case JI_VARIANT_INT8:
    case JI_VARIANT_INT16:
    case JI_VARIANT_INT32:
    case JI_VARIANT_INT64:
        return ji_json_as_int64(json, &integer) && integer == value->integer;
    case JI_VARIANT_FLOAT:
    case JI_VARIANT_DOUBLE:
        return equals_real(value, json);
    case JI_VARIANT_DECIMAL4:
    case JI_VARIANT_DECIMAL8:
    case JI_VARIANT_DECIMAL16:
        /* The expectation went through a double. */
        return is_kind(json, JI_JSON_NUMBER) &&
                ji_double_parse((const char *)json->text.data, json->text.size, &wanted) == JI_TEXT_OK &&
                ji_double_parse(text, ji_decimal_print(value->decimal, value->scale, text), &own) ==
                JI_TEXT_OK &&
                own == wanted;
    case JI_VARIANT_STRING:
        return is_kind(json, JI_JSON_STRING) && ji_view_equal(json->text, value->view);
    default:
        return equals_time(value, json);
    }
}

/* Binary and UUID by the text that we print, the rest by value. */
static void check_primitive(const char *name, const struct ji_variant_event *event, struct ji_view metadata,
        const struct ji_json *json)
{
    if (event->value.type != JI_VARIANT_BINARY && event->value.type != JI_VARIANT_UUID) {
        if (!equals_primitive(&event->value, json))
            fail_msg("%s: a value of type %s differs", name, ji_variant_type_name(event->value.type));
        return;
    }
    struct ji_bytes out;
    ji_bytes_init(&out, ji_ctx_mem(group_ctx));
    assert_ok(ji_variant_json(metadata, event->value.bytes, &out, NULL));
    assert_true(ji_view_equal(ji_view_of(out.data + 1, out.size - 2), json->text));
    ji_bytes_clear(&out);
}

static const struct ji_json *member_of(const struct ji_json *object, struct ji_view name)
{
    for (const struct ji_json *member = object->first; member != NULL; member = member->next) {
        if (ji_view_equal(member->key, name))
            return member;
    }
    return NULL;
}

/* Walks the value beside the tree. */
static void check_pair(
        const char *name, struct ji_view metadata, struct ji_view value, const struct ji_json *wanted)
{
    const struct ji_json *above[JI_VARIANT_DEPTH_MAX];
    const struct ji_json *element[JI_VARIANT_DEPTH_MAX];
    size_t depth = 0;
    struct ji_variant_names names;
    struct ji_variant_walk walk;
    struct ji_variant_event event;
    struct joist_error err;
    if (ji_variant_names_init(&names, metadata, &err) != JOIST_OK)
        fail_msg("%s: %s", name, err.text);
    ji_variant_walk_init(&walk, &names, value, 0);
    for (;;) {
        if (ji_variant_next(&walk, &event, &err) != JOIST_OK)
            fail_msg("%s: %s", name, err.text);
        if (event.kind == JI_VARIANT_END_VALUE)
            break;
        if (event.kind == JI_VARIANT_END) {
            depth--;
            continue;
        }
        const struct ji_json *json = wanted;
        if (depth > 0 && event.has_name)
            json = member_of(above[depth - 1], event.name);
        else if (depth > 0)
            json = element[depth - 1];
        if (json == NULL)
            fail_msg("%s: a member too many", name);
        if (depth > 0 && !event.has_name)
            element[depth - 1] = json->next;
        if (event.kind == JI_VARIANT_PRIMITIVE) {
            check_primitive(name, &event, metadata, json);
            continue;
        }
        assert_int_equal(json->kind, event.value.type == JI_VARIANT_OBJECT ? JI_JSON_OBJECT : JI_JSON_ARRAY);
        assert_int_equal(json->count, event.value.count);
        above[depth] = json;
        element[depth++] = json->first;
    }
}

/* Their dictionary has a comma before its last brace, which JSON does not know. */
static struct ji_view without_last_comma(struct ji_view text)
{
    uint8_t *copy = NULL;
    assert_ok(ji_arena_alloc(&group_arena, text.size, &copy, NULL));
    memcpy(copy, text.data, text.size);
    size_t at = text.size;
    while (at > 0 && (copy[at - 1] == '\n' || copy[at - 1] == '}' || copy[at - 1] == ' '))
        at--;
    if (at > 0 && copy[at - 1] == ',')
        copy[at - 1] = ' ';
    return ji_view_of(copy, text.size);
}

static void binary_variants_are_what_their_dictionary_says(void **state)
{
    (void)state;
    char folder[1024];
    struct ji_view text;
    struct ji_json *root = NULL;
    size_t count = 0;
    if (!testing_folder("variant", folder, sizeof folder))
        skip();
    assert_true(read_whole(folder, ji_view_of_text("data_dictionary"), ".json", &text));
    assert_ok(ji_json_parse(&group_arena, without_last_comma(text), &root, NULL));
    for (const struct ji_json *member = root->first; member != NULL; member = member->next) {
        char name[256];
        struct ji_view metadata = {NULL, 0};
        struct ji_view value = {NULL, 0};
        (void)snprintf(name, sizeof name, "%.*s", (int)member->key.size, (const char *)member->key.data);
        if (!read_whole(folder, member->key, ".metadata", &metadata) ||
                !read_whole(folder, member->key, ".value", &value))
            fail_msg("%s is not there", name);
        check_pair(name, metadata, value, member);
        count++;
    }
    assert_true(count > 25);
}

/* --- shredded_variant --- */

struct rows {
    struct ArrowArrayStream stream;
    struct ArrowArray batch;
};

static struct ji_view binary_at(const struct ArrowArray *array, int64_t row)
{
    const int32_t *const offsets = (const int32_t *)array->buffers[1] + array->offset;
    return ji_view_of(
            (const uint8_t *)array->buffers[2] + offsets[row], (size_t)(offsets[row + 1] - offsets[row]));
}

static bool is_null_at(const struct ArrowArray *array, int64_t row)
{
    return array->buffers[0] != NULL && !ji_bit_get(array->buffers[0], (size_t)(array->offset + row));
}

/* Reads the file's one batch; the status of what failed first. */
static enum joist_status read_rows(const char *path, struct rows *rows, struct joist_error *err)
{
    struct joist_source source;
    struct joist_parquet_file *file = NULL;
    JI_TRY(joist_source_open(group_ctx, path, &source, err));
    enum joist_status status = joist_parquet_open(group_ctx, source, NULL, &file, err);
    if (status != JOIST_OK) {
        joist_source_close(&source);
        return status;
    }
    status = joist_parquet_read(file, NULL, &rows->stream, err);
    joist_parquet_close(file);
    if (status != JOIST_OK)
        return status;
    const int code = rows->stream.get_next(&rows->stream, &rows->batch);
    if (code != 0) {
        status = ji_fail(err, ji_status_of_errno(code), "%s", rows->stream.get_last_error(&rows->stream));
        rows->stream.release(&rows->stream);
    }
    return status;
}

static void check_row(const struct ArrowArray *variant, int64_t row, const char *folder,
        const struct ji_json *file, const char *path)
{
    struct ji_view wanted;
    struct ji_variant_names names;
    size_t used = 0;
    if (file->kind == JI_JSON_NULL) {
        assert_true(is_null_at(variant, row));
        return;
    }
    assert_false(is_null_at(variant, row));
    assert_true(read_whole(folder, file->text, "", &wanted));
    assert_ok(ji_variant_names_prefix(&names, wanted, &used, NULL));
    const struct ji_view value = ji_view_of(wanted.data + used, wanted.size - used);
    if (!variant_equal(binary_at(variant->children[0], row), binary_at(variant->children[1], row),
                names.bytes, value))
        fail_msg("%s: row %d differs", path, (int)row);
}

static void check_case(const char *folder, const char *path, const struct ji_json *test)
{
    struct rows rows;
    struct joist_error err = {.status = JOIST_OK};
    if (read_rows(path, &rows, &err) != JOIST_OK)
        fail_msg("%s: %s", path, err.text);
    assert_int_equal(rows.batch.n_children, 2);
    const struct ArrowArray *const variant = rows.batch.children[1];
    const struct ji_json *const files = ji_json_get(test, "variant_files");
    const struct ji_json *const one = ji_json_get(test, "variant_file");
    const struct ji_json *file = files != NULL ? files->first : one;
    assert_int_equal(rows.batch.length, files != NULL ? files->count : 1);
    for (int64_t row = 0; row < rows.batch.length; row++) {
        check_row(variant, row, folder, file, path);
        file = file->next;
    }
    rows.batch.release(&rows.batch);
    rows.stream.release(&rows.stream);
}

static void check_refusal(const char *path, const struct refusal *refusal)
{
    struct rows rows;
    struct joist_error err = {.status = JOIST_OK};
    const enum joist_status status = read_rows(path, &rows, &err);
    if (status != refusal->status)
        fail_msg("%s: %s: %s", path, joist_status_name(status), err.text);
    for (size_t index = 0; index < 3; index++) {
        if (strstr(err.text, refusal->words[index]) == NULL)
            fail_msg("%s: '%s' is not in: %s", path, refusal->words[index], err.text);
    }
}

static const struct refusal *find_refusal(int64_t number)
{
    for (size_t index = 0; index < sizeof refusals / sizeof refusals[0]; index++) {
        if (refusals[index].number == number)
            return &refusals[index];
    }
    return NULL;
}

static void shredded_variants_follow_their_cases(void **state)
{
    (void)state;
    char folder[1024];
    struct ji_view text;
    struct ji_json *root = NULL;
    size_t read = 0;
    size_t refused = 0;
    size_t absent = 0;
    if (!testing_folder("shredded_variant", folder, sizeof folder))
        skip();
    assert_true(read_whole(folder, ji_view_of_text("cases"), ".json", &text));
    assert_ok(ji_json_parse(&group_arena, text, &root, NULL));
    for (const struct ji_json *test = root->first; test != NULL; test = test->next) {
        const struct ji_json *const file = ji_json_get(test, "parquet_file");
        int64_t number = 0;
        char path[2048];
        assert_ok(ji_json_want_int64(test, "case_number", &number, NULL));
        if (file == NULL)
            continue; /* case 3 is empty */
        (void)snprintf(
                path, sizeof path, "%s/%.*s", folder, (int)file->text.size, (const char *)file->text.data);
        const struct refusal *const refusal = find_refusal(number);
        assert_true(refusal != NULL || ji_json_get(test, "error_message") == NULL);
        if (access(path, R_OK) != 0) {
            absent++;
        } else if (refusal != NULL) {
            check_refusal(path, refusal);
            refused++;
        } else {
            check_case(folder, path, test);
            read++;
        }
    }
    print_message("%zu read, %zu refused, %zu not there\n", read, refused, absent);
    assert_true(read > 80 && refused >= 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(binary_variants_are_what_their_dictionary_says),
            cmocka_unit_test(shredded_variants_follow_their_cases),
    };
    return cmocka_run_group_tests(tests, group_arena_open, group_arena_close);
}
