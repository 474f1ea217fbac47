/*
 * avro_test.c - Avro schemas, data and object files: what they read back, and what they refuse
 */
#include "support/oom.h"
#include "support/test.h"

#include "base/ctx.h"
#include "wire/avro_file.h"

#include <stdio.h>
#include <string.h>

/* The shape of an Iceberg manifest, made small. */
static const char manifest_schema[] =
        "{\"type\":\"record\",\"name\":\"manifest_entry\",\"fields\":["
        "{\"name\":\"status\",\"type\":\"int\",\"field-id\":0},"
        "{\"name\":\"snapshot_id\",\"type\":[\"null\",\"long\"],\"default\":null,\"field-id\":1},"
        "{\"name\":\"data_file\",\"field-id\":2,\"type\":{\"type\":\"record\",\"name\":\"r2\",\"fields\":["
        "{\"name\":\"path\",\"type\":\"string\",\"field-id\":100},"
        "{\"name\":\"sizes\",\"field-id\":108,\"default\":null,\"type\":[\"null\",{\"type\":\"array\","
        "\"logicalType\":\"map\",\"items\":{\"type\":\"record\",\"name\":\"k117_v118\",\"fields\":["
        "{\"name\":\"key\",\"type\":\"int\",\"field-id\":117},"
        "{\"name\":\"value\",\"type\":\"long\",\"field-id\":118}]}}]},"
        "{\"name\":\"offsets\",\"type\":{\"type\":\"array\",\"element-id\":133,\"items\":\"long\"},"
        "\"field-id\":132},"
        "{\"name\":\"amount\",\"field-id\":1000,\"type\":[\"null\",{\"type\":\"fixed\",\"name\":\"d9\","
        "\"size\":4,\"logicalType\":\"decimal\",\"precision\":9,\"scale\":2}]},"
        "{\"name\":\"at\",\"field-id\":1001,\"type\":{\"type\":\"long\",\"logicalType\":"
        "\"timestamp-micros\",\"adjust-to-utc\":true}},"
        "{\"name\":\"again\",\"field-id\":1002,\"type\":\"d9\"}"
        "]}}]}";

struct fixture {
    struct joist_ctx *ctx;
    struct ji_arena arena;
};

static int set_up(void **state)
{
    struct fixture *fixture = test_calloc(1, sizeof *fixture);
    const struct joist_ctx_options options = {
            .struct_size = sizeof options, .memory_bytes_max = (uint64_t)64 << 20};
    assert_ok(joist_ctx_open(&options, &fixture->ctx, NULL));
    ji_arena_init(&fixture->arena, ji_ctx_mem(fixture->ctx));
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    ji_arena_clear(&fixture->arena);
    assert_int_equal(joist_ctx_memory(fixture->ctx).bytes_max, (uint64_t)64 << 20);
    joist_ctx_close(fixture->ctx);
    test_free(fixture);
    return 0;
}

static void schema_keeps_what_iceberg_adds(void **state)
{
    struct fixture *fixture = *state;
    const struct ji_avro_type *type;
    assert_ok(ji_avro_schema_parse(&fixture->arena, ji_view_of_text(manifest_schema), &type, NULL));
    assert_int_equal(type->kind, JI_AVRO_RECORD);
    assert_string_equal(type->name, "manifest_entry");
    assert_int_equal(ji_avro_field_by_id(type, 2), 2);
    assert_int_equal(ji_avro_field_by_id(type, 3), SIZE_MAX);
    assert_int_equal(ji_avro_field_by_name(type, "snapshot_id"), 1);
    assert_int_equal(ji_avro_field_by_name(type, "nobody"), SIZE_MAX);
    const struct ji_avro_type *file = type->fields[2].type;
    const struct ji_avro_type *sizes = ji_avro_type_optional(file->fields[1].type);
    assert_int_equal(sizes->kind, JI_AVRO_ARRAY);
    assert_string_equal(sizes->logical_type, "map");
    assert_int_equal(sizes->items->fields[1].field_id, 118);
    assert_int_equal(file->fields[2].type->element_id, 133);
    const struct ji_avro_type *amount = ji_avro_type_optional(file->fields[3].type);
    assert_int_equal(amount->fixed_bytes, 4);
    assert_int_equal(amount->precision, 9);
    assert_int_equal(amount->scale, 2);
    assert_true(file->fields[4].type->adjust_to_utc);
    assert_ptr_equal(file->fields[5].type, amount);
}

static void schema_resolves_names_in_their_namespace(void **state)
{
    struct fixture *fixture = *state;
    const struct ji_avro_type *type;
    const char *json = "{\"type\":\"record\",\"name\":\"tree\",\"namespace\":\"a.b\",\"fields\":["
                       "{\"name\":\"left\",\"type\":[\"null\",\"tree\"]},"
                       "{\"name\":\"right\",\"type\":[\"null\",\"a.b.tree\"]},"
                       "{\"name\":\"color\",\"type\":{\"type\":\"enum\",\"name\":\"c.color\","
                       "\"symbols\":[\"RED\",\"BLUE\"]}},"
                       "{\"name\":\"wrapped\",\"type\":{\"type\":{\"type\":\"map\",\"values\":\"c.color\","
                       "\"key-id\":5,\"value-id\":6}}}]}";
    assert_ok(ji_avro_schema_parse(&fixture->arena, ji_view_of_text(json), &type, NULL));
    assert_string_equal(type->name, "a.b.tree");
    assert_ptr_equal(ji_avro_type_optional(type->fields[0].type), type);
    assert_ptr_equal(ji_avro_type_optional(type->fields[1].type), type);
    assert_int_equal(type->fields[2].type->symbol_count, 2);
    assert_int_equal(type->fields[3].type->key_id, 5);
    assert_int_equal(type->fields[3].type->value_id, 6);
    assert_ptr_equal(type->fields[3].type->items, type->fields[2].type);
}

static void bad_schemas_are_refused(void **state)
{
    struct fixture *fixture = *state;
    static const char *const bad[] = {"", "1", "\"nobody\"", "{}", "{\"type\":\"record\"}", "[]",
            "{\"type\":\"record\",\"name\":\"r\"}", "{\"type\":\"record\",\"name\":\"r\",\"fields\":[1]}",
            "{\"type\":\"record\",\"name\":\"r\",\"fields\":[{\"name\":\"a\"}]}",
            "{\"type\":\"record\",\"name\":\"r\",\"fields\":[{\"type\":\"int\"}]}",
            "{\"type\":\"fixed\",\"name\":\"f\"}", "{\"type\":\"fixed\",\"name\":\"f\",\"size\":-1}",
            "{\"type\":\"fixed\",\"name\":\"f\",\"size\":99999999999}", "{\"type\":\"array\"}",
            "{\"type\":\"map\"}", "{\"type\":\"enum\",\"name\":\"e\",\"symbols\":[1]}", "[[\"null\"]]",
            "{\"type\":\"union\"}", "{\"type\":\"fixed\",\"name\":\"\",\"size\":1}",
            "[{\"type\":\"fixed\",\"name\":\"f\",\"size\":1},{\"type\":\"fixed\",\"name\":\"f\",\"size\":1}]",
            "{\"type\":\"record\",\"name\":\"r\",\"fields\":[{\"name\":\"a\",\"type\":\"int\","
            "\"field-id\":4294967296}]}",
            "{\"type\":\"record\",\"name\":\"r\",\"fields\":[{\"name\":\"a\",\"type\":\"int\","
            "\"field-id\":\"1\"}]}"};
    const struct ji_avro_type *type = NULL;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_status(ji_avro_schema_parse(&fixture->arena, ji_view_of_text(bad[i]), &type, NULL),
                JOIST_ERR_CORRUPT);
        assert_null(type);
    }
    char deep[2048];
    size_t size = 0;
    for (int i = 0; i < 70; i++)
        size += (size_t)sprintf(deep + size, "{\"type\":");
    size += (size_t)sprintf(deep + size, "\"int\"");
    for (int i = 0; i < 70; i++)
        deep[size++] = '}';
    assert_int_not_equal(
            ji_avro_schema_parse(&fixture->arena, ji_view_of(deep, size), &type, NULL), JOIST_OK);
}

/* One entry of the manifest; `room` holds what the value points to. */
struct entry {
    struct ji_avro_value pair[2][2];
    struct ji_avro_value pairs[2];
    struct ji_avro_value offsets[3];
    struct ji_avro_value file[6];
    struct ji_avro_value fields[3];
    struct ji_avro_value record;
};

static void make_entry(struct entry *entry, int64_t number)
{
    for (int i = 0; i < 2; i++) {
        entry->pair[i][0] = ji_avro_int(i + 1);
        entry->pair[i][1] = ji_avro_long(number * 1000 + i);
        entry->pairs[i] = ji_avro_record(entry->pair[i], 2);
    }
    entry->offsets[0] = ji_avro_long(4);
    entry->offsets[1] = ji_avro_long(INT64_MAX);
    entry->offsets[2] = ji_avro_long(INT64_MIN);
    entry->file[0] = ji_avro_string(ji_view_of_text("data/\xc3\xa4.parquet"));
    entry->file[1] = number % 2 == 0 ? ji_avro_array(entry->pairs, 2) : ji_avro_null();
    entry->file[2] = ji_avro_array(entry->offsets, (size_t)(number % 4));
    entry->file[3] = number % 3 == 0 ? ji_avro_null() : ji_avro_fixed(ji_view_of("\xff\xff\xff\x85", 4));
    entry->file[4] = ji_avro_long(-number);
    entry->file[5] = ji_avro_fixed(ji_view_of("abcd", 4));
    entry->fields[0] = ji_avro_int(1);
    entry->fields[1] = number % 2 == 0 ? ji_avro_long(number) : ji_avro_null();
    entry->fields[2] = ji_avro_record(entry->file, 6);
    entry->record = ji_avro_record(entry->fields, 3);
}

static void check_entry(const struct ji_avro_value *record, int64_t number)
{
    assert_int_equal(ji_avro_get(record, 0)->as.integer, 1);
    const struct ji_avro_value *snapshot = ji_avro_get(record, 1);
    assert_int_equal(snapshot->kind, number % 2 == 0 ? JI_AVRO_LONG : JI_AVRO_NULL);
    const struct ji_avro_value *file = ji_avro_get(record, 2);
    assert_true(ji_view_equal_text(ji_avro_get(file, 100)->as.bytes, "data/\xc3\xa4.parquet"));
    const struct ji_avro_value *sizes = ji_avro_get(file, 108);
    if (number % 2 == 0) {
        assert_int_equal(sizes->as.items.count, 2);
        assert_int_equal(ji_avro_get(&sizes->as.items.values[1], 118)->as.integer, number * 1000 + 1);
    } else {
        assert_int_equal(sizes->kind, JI_AVRO_NULL);
    }
    const struct ji_avro_value *offsets = ji_avro_get(file, 132);
    assert_int_equal(offsets->as.items.count, number % 4);
    if (number % 4 == 3)
        assert_true(offsets->as.items.values[2].as.integer == INT64_MIN);
    assert_int_equal(ji_avro_get(file, 1001)->as.integer, -number);
    assert_null(ji_avro_get(file, 9999));
}

/* A codec that flips every byte, and says what it is asked. */
static enum joist_status flip(void *user, const char *codec, struct ji_view in, size_t bytes_max,
        struct ji_bytes *out, struct joist_error *err)
{
    (void)user;
    if (strcmp(codec, "flip") != 0)
        return ji_fail(err, JOIST_ERR_UNSUPPORTED, "codec '%s'", codec);
    if (in.size > bytes_max)
        return ji_fail(err, JOIST_ERR_LIMIT, "too large");
    for (size_t i = 0; i < in.size; i++)
        JI_TRY(ji_bytes_append_byte(out, in.data[i] ^ 0xff, err));
    return JOIST_OK;
}

static enum joist_status flip_pack(
        void *user, const char *codec, struct ji_view in, struct ji_bytes *out, struct joist_error *err)
{
    return flip(user, codec, in, SIZE_MAX, out, err);
}

static const struct ji_avro_codec flip_codec = {.decompress = flip, .compress = flip_pack};

static enum joist_status write_entries(
        struct ji_mem *mem, const char *codec, int64_t count, struct ji_bytes *out, struct joist_error *err)
{
    const struct ji_avro_pair metadata[] = {
            {"format-version", {(const uint8_t *)"2", 1}}, {"empty", {NULL, 0}}};
    const struct ji_avro_writer_options options = {.schema_json = ji_view_of_text(manifest_schema),
            .metadata = metadata,
            .metadata_count = 2,
            .codec_name = codec,
            .codec = &flip_codec,
            .sync = "0123456789abcde"};
    struct ji_avro_writer *writer;
    enum joist_status status = JOIST_OK;
    JI_TRY(ji_avro_writer_open(mem, &options, out, &writer, err));
    for (int64_t i = 0; i < count; i++) {
        struct entry entry;
        make_entry(&entry, i);
        JI_TRY_OUT(ji_avro_writer_append(writer, &entry.record, err));
    }
    JI_TRY_OUT(ji_avro_writer_finish(writer, err));
out:
    ji_avro_writer_close(writer);
    return status;
}

static enum joist_status read_entries(
        struct ji_mem *mem, struct ji_view file, int64_t *count, struct joist_error *err)
{
    struct ji_avro_reader *reader;
    struct ji_arena arena;
    enum joist_status status = JOIST_OK;
    JI_TRY(ji_avro_reader_open(mem, file, &flip_codec, &reader, err));
    ji_arena_init(&arena, mem);
    *count = 0;
    for (;;) {
        const struct ji_avro_value *record;
        ji_arena_reset(&arena);
        JI_TRY_OUT(ji_avro_reader_next(reader, &arena, &record, err));
        if (record == NULL)
            break;
        check_entry(record, *count);
        (*count)++;
    }
out:
    ji_arena_clear(&arena);
    ji_avro_reader_close(reader);
    return status;
}

static void files_read_back_with_and_without_codec(void **state)
{
    struct fixture *fixture = *state;
    struct ji_mem *mem = ji_ctx_mem(fixture->ctx);
    static const char *const codecs[] = {NULL, "flip"};
    static const int64_t counts[] = {0, 1, 5000};
    for (size_t i = 0; i < 6; i++) {
        struct ji_bytes file;
        int64_t count = -1;
        ji_bytes_init(&file, mem);
        assert_ok(write_entries(mem, codecs[i % 2], counts[i / 2], &file, NULL));
        assert_ok(read_entries(mem, ji_view_of(file.data, file.size), &count, NULL));
        assert_int_equal(count, counts[i / 2]);
        ji_bytes_clear(&file);
    }
}

static void header_keeps_metadata_and_schema_word_for_word(void **state)
{
    struct fixture *fixture = *state;
    struct ji_mem *mem = ji_ctx_mem(fixture->ctx);
    struct ji_bytes file;
    struct ji_avro_reader *reader;
    struct ji_view value;
    ji_bytes_init(&file, mem);
    assert_ok(write_entries(mem, NULL, 1, &file, NULL));
    assert_ok(ji_avro_reader_open(mem, ji_view_of(file.data, file.size), NULL, &reader, NULL));
    assert_true(ji_avro_reader_metadata(reader, "avro.schema", &value));
    assert_true(ji_view_equal_text(value, manifest_schema));
    assert_true(ji_avro_reader_metadata(reader, "format-version", &value));
    assert_true(ji_view_equal_text(value, "2"));
    assert_true(ji_avro_reader_metadata(reader, "empty", &value));
    assert_int_equal(value.size, 0);
    assert_false(ji_avro_reader_metadata(reader, "nothing", &value));
    assert_string_equal(ji_avro_reader_schema(reader)->name, "manifest_entry");
    ji_avro_reader_close(reader);
    ji_bytes_clear(&file);
}

static void every_cut_and_flipped_byte_is_survived(void **state)
{
    struct fixture *fixture = *state;
    struct ji_mem *mem = ji_ctx_mem(fixture->ctx);
    struct ji_bytes file;
    ji_bytes_init(&file, mem);
    assert_ok(write_entries(mem, NULL, 3, &file, NULL));
    for (size_t size = 0; size < file.size; size++) {
        struct ji_avro_reader *reader;
        struct ji_view cut = {.size = 0};
        uint8_t *copy = test_calloc(1, size + 1);
        memcpy(copy, file.data, size);
        cut = ji_view_of(copy, size);
        enum joist_status status = ji_avro_reader_open(mem, cut, NULL, &reader, NULL);
        if (status == JOIST_OK) {
            const struct ji_avro_value *record = NULL;
            do {
                ji_arena_reset(&fixture->arena);
                status = ji_avro_reader_next(reader, &fixture->arena, &record, NULL);
            } while (status == JOIST_OK && record != NULL);
            ji_avro_reader_close(reader);
            assert_true(status == JOIST_OK || status == JOIST_ERR_CORRUPT);
        } else {
            assert_status(status, JOIST_ERR_CORRUPT);
        }
        test_free(copy);
    }
    for (size_t at = 0; at < file.size; at++) {
        struct ji_avro_reader *reader;
        const uint8_t old = file.data[at];
        file.data[at] = (uint8_t)(old ^ (1u << (at % 8)));
        if (ji_avro_reader_open(mem, ji_view_of(file.data, file.size), NULL, &reader, NULL) == JOIST_OK) {
            const struct ji_avro_value *record = NULL;
            enum joist_status status;
            do {
                ji_arena_reset(&fixture->arena);
                status = ji_avro_reader_next(reader, &fixture->arena, &record, NULL);
            } while (status == JOIST_OK && record != NULL);
            ji_avro_reader_close(reader);
        }
        file.data[at] = old;
    }
    ji_bytes_clear(&file);
}

static void codecs_that_nobody_gave_are_refused_by_name(void **state)
{
    struct fixture *fixture = *state;
    struct ji_mem *mem = ji_ctx_mem(fixture->ctx);
    struct ji_bytes file;
    struct ji_avro_reader *reader = NULL;
    struct joist_error err;
    ji_bytes_init(&file, mem);
    assert_ok(write_entries(mem, "flip", 1, &file, NULL));
    assert_status(ji_avro_reader_open(mem, ji_view_of(file.data, file.size), NULL, &reader, &err),
            JOIST_ERR_UNSUPPORTED);
    assert_non_null(strstr(err.text, "'flip'"));
    const size_t size = file.size;
    assert_status(write_entries(mem, "snappy", 1, &file, &err), JOIST_ERR_UNSUPPORTED);
    assert_true(file.size >= size);
    ji_bytes_clear(&file);
}

static void decode_one(
        struct fixture *fixture, const char *schema, const char *bytes, size_t size, enum joist_status wanted)
{
    const struct ji_avro_type *type;
    struct ji_avro_value value;
    size_t used;
    uint8_t *copy = test_calloc(1, size + 1);
    memcpy(copy, bytes, size);
    assert_ok(ji_avro_schema_parse(&fixture->arena, ji_view_of_text(schema), &type, NULL));
    assert_status(ji_avro_decode(&fixture->arena, type, ji_view_of(copy, size), &value, &used, NULL), wanted);
    test_free(copy);
}

static void hostile_data_are_refused(void **state)
{
    struct fixture *f = *state;
    decode_one(f, "\"long\"", "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 10, JOIST_OK);
    decode_one(f, "\"long\"", "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02", 10, JOIST_ERR_CORRUPT);
    decode_one(f, "\"long\"", "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x81", 10, JOIST_ERR_CORRUPT);
    decode_one(f, "\"int\"", "\xff\xff\xff\xff\x1f", 5, JOIST_ERR_CORRUPT);
    decode_one(f, "\"boolean\"", "\x02", 1, JOIST_ERR_CORRUPT);
    decode_one(f, "\"boolean\"", "", 0, JOIST_ERR_CORRUPT);
    decode_one(f, "\"string\"", "\x02\xff", 2, JOIST_ERR_CORRUPT);
    decode_one(f, "\"bytes\"", "\x01", 1, JOIST_ERR_CORRUPT);
    decode_one(f, "\"bytes\"", "\x04\x61", 2, JOIST_ERR_CORRUPT);
    decode_one(f, "\"float\"", "\0\0\0", 3, JOIST_ERR_CORRUPT);
    decode_one(f, "\"double\"", "\0\0\0\0\0\0\0", 7, JOIST_ERR_CORRUPT);
    decode_one(f, "[\"null\",\"int\"]", "\x04", 1, JOIST_ERR_CORRUPT);
    decode_one(f, "[\"null\",\"int\"]", "\x01", 1, JOIST_ERR_CORRUPT);
    decode_one(
            f, "{\"type\":\"array\",\"items\":\"null\"}", "\xfe\xff\xff\xff\x0f\x00", 6, JOIST_ERR_CORRUPT);
    decode_one(f, "{\"type\":\"array\",\"items\":\"int\"}", "\x01\x04\x02\x00", 4, JOIST_ERR_CORRUPT);
    decode_one(f, "{\"type\":\"array\",\"items\":\"int\"}", "\x01\x02\x02\x00", 4, JOIST_OK);
    decode_one(
            f, "{\"type\":\"map\",\"values\":\"int\"}", "\x02\x02\x61\x04\x02\x02\x62\x06\x00", 9, JOIST_OK);
    decode_one(f, "{\"type\":\"enum\",\"name\":\"e\",\"symbols\":[\"A\"]}", "\x02", 1, JOIST_ERR_CORRUPT);
    decode_one(f, "{\"type\":\"record\",\"name\":\"r\",\"fields\":[{\"name\":\"r\",\"type\":\"r\"}]}",
            "\x00\x00", 2, JOIST_ERR_LIMIT);
}

static void values_that_do_not_fit_leave_no_byte(void **state)
{
    struct fixture *fixture = *state;
    const struct ji_avro_type *type;
    struct ji_bytes out;
    struct joist_error err;
    struct entry entry;
    ji_bytes_init(&out, ji_ctx_mem(fixture->ctx));
    assert_ok(ji_avro_schema_parse(&fixture->arena, ji_view_of_text(manifest_schema), &type, NULL));
    make_entry(&entry, 1);
    entry.file[5] = ji_avro_fixed(ji_view_of("abc", 3));
    assert_status(ji_avro_encode(type, &entry.record, &out, &err), JOIST_ERR_INVALID);
    assert_string_equal(err.text, "field 'data_file': field 'again': 3 bytes where 4 are due");
    assert_int_equal(out.size, 0);
    make_entry(&entry, 1);
    entry.fields[0] = ji_avro_long(INT64_C(1) << 40);
    assert_status(ji_avro_encode(type, &entry.record, &out, NULL), JOIST_ERR_INVALID);
    entry.fields[0] = ji_avro_null();
    assert_status(ji_avro_encode(type, &entry.record, &out, NULL), JOIST_ERR_INVALID);
    entry.fields[0] = ji_avro_long(7);
    entry.fields[1] = ji_avro_boolean(true);
    assert_status(ji_avro_encode(type, &entry.record, &out, NULL), JOIST_ERR_INVALID);
    entry.fields[1] = ji_avro_int(7);
    assert_ok(ji_avro_encode(type, &entry.record, &out, NULL));
    entry.file[0] = ji_avro_string(ji_view_of("\xff", 1));
    assert_status(ji_avro_encode(type, &entry.record, &out, NULL), JOIST_ERR_INVALID);
    entry.record.as.items.count = 2;
    assert_status(ji_avro_encode(type, &entry.record, &out, NULL), JOIST_ERR_INVALID);
    ji_bytes_clear(&out);
}

static void reals_booleans_enums_and_maps_round_trip(void **state)
{
    struct fixture *fixture = *state;
    const char *json =
            "{\"type\":\"record\",\"name\":\"r\",\"fields\":[{\"name\":\"f\",\"type\":\"float\"},"
            "{\"name\":\"d\",\"type\":\"double\"},{\"name\":\"b\",\"type\":\"boolean\"},"
            "{\"name\":\"m\",\"type\":{\"type\":\"map\",\"values\":\"bytes\"}},"
            "{\"name\":\"e\",\"type\":{\"type\":\"enum\",\"name\":\"e\",\"symbols\":[\"A\",\"B\"]}}]}";
    const struct ji_avro_type *type;
    struct ji_bytes out;
    const struct ji_view keys[] = {ji_view_of_text("k")};
    const struct ji_avro_value bytes = ji_avro_bytes(ji_view_of("\0\1", 2));
    struct ji_avro_value fields[5] = {ji_avro_float(0.5F), ji_avro_double(-1e300), ji_avro_boolean(true),
            {.kind = JI_AVRO_MAP, .as.items = {.values = &bytes, .keys = keys, .count = 1}},
            {.kind = JI_AVRO_ENUM, .as.integer = 1}};
    const struct ji_avro_value record = ji_avro_record(fields, 5);
    struct ji_avro_value back;
    size_t used;
    ji_bytes_init(&out, ji_ctx_mem(fixture->ctx));
    assert_ok(ji_avro_schema_parse(&fixture->arena, ji_view_of_text(json), &type, NULL));
    assert_ok(ji_avro_encode(type, &record, &out, NULL));
    assert_ok(ji_avro_decode(&fixture->arena, type, ji_view_of(out.data, out.size), &back, &used, NULL));
    assert_int_equal(used, out.size);
    assert_true(back.as.items.values[0].as.real == 0.5);
    assert_true(back.as.items.values[1].as.real == -1e300);
    assert_true(back.as.items.values[2].as.boolean);
    assert_true(ji_view_equal_text(back.as.items.values[3].as.items.keys[0], "k"));
    assert_int_equal(back.as.items.values[4].as.integer, 1);
    fields[4].as.integer = 2;
    assert_status(ji_avro_encode(type, &record, &out, NULL), JOIST_ERR_INVALID);
    ji_bytes_clear(&out);
    assert_string_equal(ji_avro_kind_name(JI_AVRO_FIXED), "fixed");
    assert_string_equal(ji_avro_kind_name((enum ji_avro_kind)99), "unknown");
}

static enum joist_status write_and_read(struct joist_ctx *ctx, void *arg, struct joist_error *err)
{
    struct ji_bytes file;
    int64_t count;
    enum joist_status status = JOIST_OK;
    ji_bytes_init(&file, ji_ctx_mem(ctx));
    JI_TRY_OUT(write_entries(ji_ctx_mem(ctx), arg, 12, &file, err));
    JI_TRY_OUT(read_entries(ji_ctx_mem(ctx), ji_view_of(file.data, file.size), &count, err));
    assert_int_equal(count, 12);
out:
    ji_bytes_clear(&file);
    return status;
}

static void every_failed_allocation_is_survived(void **state)
{
    (void)state;
    char codec[] = "flip";
    oom_sweep(write_and_read, NULL);
    oom_sweep(write_and_read, codec);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test_setup_teardown(schema_keeps_what_iceberg_adds, set_up, tear_down),
            cmocka_unit_test_setup_teardown(schema_resolves_names_in_their_namespace, set_up, tear_down),
            cmocka_unit_test_setup_teardown(bad_schemas_are_refused, set_up, tear_down),
            cmocka_unit_test_setup_teardown(files_read_back_with_and_without_codec, set_up, tear_down),
            cmocka_unit_test_setup_teardown(
                    header_keeps_metadata_and_schema_word_for_word, set_up, tear_down),
            cmocka_unit_test_setup_teardown(every_cut_and_flipped_byte_is_survived, set_up, tear_down),
            cmocka_unit_test_setup_teardown(codecs_that_nobody_gave_are_refused_by_name, set_up, tear_down),
            cmocka_unit_test_setup_teardown(hostile_data_are_refused, set_up, tear_down),
            cmocka_unit_test_setup_teardown(values_that_do_not_fit_leave_no_byte, set_up, tear_down),
            cmocka_unit_test_setup_teardown(reals_booleans_enums_and_maps_round_trip, set_up, tear_down),
            cmocka_unit_test(every_failed_allocation_is_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
