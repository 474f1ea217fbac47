/*
 * ipc_schema_test.c - the Arrow schema that files carry: every type, every cut, every byte wrong
 */
#include "support/arrow_schema_sample.h"
#include "support/oom.h"
#include "support/test.h"

#include "arrow/ipc_schema.h"
#include "base/ctx.h"

#include <stdlib.h>

struct fixture {
    struct joist_ctx *ctx;
    struct ji_arena arena;
    uint8_t message[8192];
    size_t size;
};

static unsigned sextet(char c)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *at = c == '=' ? NULL : strchr(digits, c);
    return at == NULL ? 0 : (unsigned)(at - digits);
}

static size_t decode(const char *text, uint8_t *out)
{
    size_t size = 0;
    for (; text[0] != '\0'; text += 4) {
        const unsigned bits =
                sextet(text[0]) << 18 | sextet(text[1]) << 12 | sextet(text[2]) << 6 | sextet(text[3]);
        out[size++] = (uint8_t)(bits >> 16);
        out[size++] = (uint8_t)(bits >> 8);
        out[size++] = (uint8_t)bits;
    }
    return size;
}

static int set_up(void **state)
{
    struct fixture *f = test_calloc(1, sizeof *f);
    const struct joist_ctx_options options = {
            .struct_size = sizeof options, .memory_bytes_max = (uint64_t)64 << 20};
    assert_ok(joist_ctx_open(&options, &f->ctx, NULL));
    ji_arena_init(&f->arena, ji_ctx_mem(f->ctx));
    assert_true(sizeof arrow_schema_sample / 4 * 3 < sizeof f->message);
    f->size = decode(arrow_schema_sample, f->message);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    ji_arena_clear(&f->arena);
    joist_ctx_close(f->ctx);
    test_free(f);
    return 0;
}

struct columns {
    size_t count;
    struct ji_field *fields;
    struct ji_array_shape *shapes;
};

static enum joist_status read_all(
        struct ji_arena *arena, struct ji_view message, struct columns *columns, struct joist_error *err)
{
    struct ji_ipc_schema schema;
    JI_TRY(ji_ipc_schema_open(&schema, message, err));
    columns->count = schema.columns.count;
    JI_TRY(ji_arena_array(arena, columns->count, sizeof columns->fields[0], &columns->fields, err));
    JI_TRY(ji_arena_array(arena, columns->count, sizeof columns->shapes[0], &columns->shapes, err));
    for (size_t i = 0; i < columns->count; i++)
        JI_TRY(ji_ipc_schema_column(&schema, i, arena, &columns->fields[i], &columns->shapes[i], err));
    return JOIST_OK;
}

static void types_and_layouts_are_as_pyarrow_wrote_them(void **state)
{
    struct fixture *f = *state;
    static const struct {
        const char *name;
        const char *type;
        enum ji_layout layout;
    } columns[ARROW_SCHEMA_SAMPLE_COLUMNS] = {
            {"zone", "timestamptz", JI_LAYOUT_SAME},
            {"plain", "timestamp_ms", JI_LAYOUT_SAME},
            {"took", "long", JI_LAYOUT_DURATION},
            {"large", "string", JI_LAYOUT_OFFSETS64},
            {"bytes", "binary", JI_LAYOUT_VIEWS},
            {"code", "string", JI_LAYOUT_OFFSETS32},
            {"price", "decimal(9, 2)", JI_LAYOUT_DECIMAL},
            {"wide", "decimal(50, 3)", JI_LAYOUT_SAME},
            {"pair", "list<int>", JI_LAYOUT_LIST_FIXED},
            {"deep", "list<struct<\"\" binary, \"\" uint8>>", JI_LAYOUT_LIST64},
            {"map", "map<string, float16>", JI_LAYOUT_LIST32},
            {"flag", "int8", JI_LAYOUT_SAME},
            {"day", "date", JI_LAYOUT_SAME},
            {"time", "time_ns", JI_LAYOUT_SAME},
            {"fixed", "fixed(5)", JI_LAYOUT_SAME},
            {"bool", "boolean", JI_LAYOUT_BITS},
            {"view", "list<long>", JI_LAYOUT_LIST_VIEW32},
            {"f32", "float", JI_LAYOUT_SAME},
            {"sec", "time_s", JI_LAYOUT_TIME32},
    };
    struct columns read;
    assert_ok(read_all(&f->arena, ji_view_of(f->message, f->size), &read, NULL));
    assert_int_equal(read.count, ARROW_SCHEMA_SAMPLE_COLUMNS);
    for (size_t i = 0; i < read.count; i++) {
        const char *text = NULL;
        assert_ok(ji_type_text(&f->arena, &read.fields[i], &text, NULL));
        assert_string_equal(text, columns[i].type);
        assert_string_equal(read.fields[i].name, "");
        assert_int_equal(read.shapes[i].layout, columns[i].layout);
        assert_int_equal(read.fields[i].nullable, strcmp(columns[i].name, "fixed") != 0);
    }
    assert_string_equal(read.fields[0].zone, "Europe/Oslo");
    assert_int_equal(read.shapes[2].unit, JI_MILLI);
    assert_true(read.shapes[5].is_dictionary && read.shapes[5].is_ordered);
    assert_int_equal(read.shapes[5].code_kind, JI_INT16);
    assert_int_equal(read.shapes[6].bits, 64);
    assert_int_equal(read.shapes[8].list_size, 2);
    assert_true(read.shapes[10].is_ordered);
    assert_string_equal(read.fields[11].extension_name, "arrow.bool8");
    assert_int_equal(read.fields[13].metadata_count, 1);
    assert_true(ji_view_equal_text(read.fields[13].metadata[0], "unit"));
    assert_true(ji_view_equal_text(read.fields[13].metadata[1], "none"));
}

static enum joist_status read_again(struct fixture *f, const uint8_t *message, size_t size)
{
    struct columns columns;
    ji_arena_reset(&f->arena);
    return read_all(&f->arena, ji_view_of(message, size), &columns, NULL);
}

static void a_message_cut_anywhere_is_refused_or_read(void **state)
{
    struct fixture *f = *state;
    for (size_t size = 0; size < f->size; size++) {
        uint8_t *cut = test_calloc(1, size + 1);
        memcpy(cut, f->message, size);
        const enum joist_status status = read_again(f, cut, size);
        assert_true(status == JOIST_ERR_CORRUPT || (status == JOIST_OK && f->size - size < 16));
        test_free(cut);
    }
}

static void any_byte_may_be_wrong(void **state)
{
    struct fixture *f = *state;
    static const uint8_t wrong[] = {0x00, 0x01, 0x7f, 0x80, 0xff};
    for (size_t at = 0; at < f->size; at++) {
        const uint8_t kept = f->message[at];
        for (size_t i = 0; i < sizeof wrong; i++) {
            f->message[at] = wrong[i];
            const enum joist_status status = read_again(f, f->message, f->size);
            assert_true(status == JOIST_OK || status == JOIST_ERR_CORRUPT);
        }
        f->message[at] = kept;
    }
}

/* A field whose one child is the field itself. */
static void a_field_within_itself_ends(void **state)
{
    struct fixture *f = *state;
    static const uint8_t circle[] = {0x60, 0, 0, 0, /* the message's size, without what stands before */
            0x10, 0, 0, 0,                          /* root: the message, at 16 */
            10, 0, 12, 0, 0, 0, 8, 0, 4, 0, 0, 0,   /* 4: its vtable: type at 8, header at 4 */
            12, 0, 0, 0, 20, 0, 0, 0, 1, 0, 0, 0,   /* 16: message, header at 20 + 20 = 40 */
            8, 0, 8, 0, 0, 0, 4, 0, 0, 0, 0, 0,     /* 28: the schema's vtable: fields at 4 */
            12, 0, 0, 0, 4, 0, 0, 0,                /* 40: schema, fields at 48 */
            1, 0, 0, 0, 24, 0, 0, 0,                /* 48: one field, at 52 + 24 = 76 */
            16, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 0, 0, /* 56: its vtable: children at 4 */
            20, 0, 0, 0, 4, 0, 0, 0,                                     /* 76: the field, children at 84 */
            1, 0, 0, 0, 0xf4, 0xff, 0xff, 0xff, /* 84: one, before this: offsets only go on, so nowhere */
            0, 0, 0, 0};
    assert_status(read_again(f, circle, sizeof circle), JOIST_ERR_CORRUPT);
}

static enum joist_status body(struct joist_ctx *ctx, void *arg, struct joist_error *err)
{
    const struct fixture *f = arg;
    struct ji_arena arena;
    struct columns columns;
    ji_arena_init(&arena, ji_ctx_mem(ctx));
    const enum joist_status status = read_all(&arena, ji_view_of(f->message, f->size), &columns, err);
    ji_arena_clear(&arena);
    return status;
}

static void every_failed_allocation_is_survived(void **state)
{
    oom_sweep(body, *state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test_setup_teardown(types_and_layouts_are_as_pyarrow_wrote_them, set_up, tear_down),
            cmocka_unit_test_setup_teardown(a_message_cut_anywhere_is_refused_or_read, set_up, tear_down),
            cmocka_unit_test_setup_teardown(any_byte_may_be_wrong, set_up, tear_down),
            cmocka_unit_test_setup_teardown(a_field_within_itself_ends, set_up, tear_down),
            cmocka_unit_test_setup_teardown(every_failed_allocation_is_survived, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
