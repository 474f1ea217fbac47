/*
 * arrow_origin_test.c - the Arrow schema in a file restores types as a whole, or not at all
 */
#include "support/arrow_schema_sample.h"
#include "support/bytes_source.h"
#include "support/footer_bytes.h"
#include "support/test.h"

#include "arrow/ipc_schema.h"
#include "parquet/read/parquet_file.h"

#include <string.h>

#define COLUMNS ARROW_SCHEMA_SAMPLE_COLUMNS
#define WRONG "////"
#define WRONG_CHARACTERS (sizeof WRONG - 1)

struct fixture {
    struct joist_ctx *ctx;
    struct ji_arena arena;
    char text[sizeof arrow_schema_sample];
};

static int set_up(void **state)
{
    static struct fixture f;
    const struct joist_ctx_options options = {.struct_size = sizeof options};
    f = (struct fixture){.ctx = NULL};
    assert_ok(joist_ctx_open(&options, &f.ctx, NULL));
    ji_arena_init(&f.arena, ji_ctx_mem(f.ctx));
    memcpy(f.text, arrow_schema_sample, sizeof f.text);
    *state = &f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *const f = *state;
    ji_arena_clear(&f->arena);
    joist_ctx_close(f->ctx);
    return 0;
}

/* A file without rows: a timestamp, the other columns int64, and the Arrow schema. */
static void make_file(struct fixture *f, struct ji_bytes *file)
{
    struct ji_schema_element elements[COLUMNS + 1] = {{.name = ji_view_of_text("root"),
            .physical = JI_PHYSICAL_NONE,
            .child_count = COLUMNS,
            .converted = JI_CONVERTED_NONE}};
    for (size_t index = 1; index <= COLUMNS; index++)
        elements[index] = (struct ji_schema_element){.name = ji_view_of_text("a"),
                .physical = JI_PHYSICAL_INT64,
                .repetition = JI_OPTIONAL,
                .converted = JI_CONVERTED_NONE};
    elements[1].logical =
            (struct ji_logical_type){.kind = JI_LOGICAL_TIMESTAMP, .utc = true, .unit = JI_UNIT_MICROS};
    const struct ji_key_value pair = {
            .key = ji_view_of_text("ARROW:schema"), .value = ji_view_of_text(f->text), .has_value = true};
    const struct ji_footer footer = {.version = 2,
            .elements = elements,
            .element_count = COLUMNS + 1,
            .key_values = &pair,
            .key_value_count = 1,
            .created_by = ji_view_of_text("a test")};
    assert_ok(ji_bytes_append_text(file, "PAR1", NULL));
    footer_bytes(file, &footer);
    uint8_t length[4];
    ji_store_le32(length, (uint32_t)(file->size - 4));
    assert_ok(ji_bytes_append(file, length, sizeof length, NULL));
    assert_ok(ji_bytes_append_text(file, "PAR1", NULL));
}

struct restored {
    bool zone;
    bool duration;
};

static struct restored open_file(struct fixture *f)
{
    struct ji_bytes bytes;
    ji_bytes_init(&bytes, ji_ctx_mem(f->ctx));
    make_file(f, &bytes);
    struct bytes_source from = {.data = bytes.data, .size = bytes.size};
    struct joist_parquet_file *file = NULL;
    assert_ok(joist_parquet_open(f->ctx, bytes_source(&from), NULL, &file, NULL));
    const struct restored restored = {
            .zone = file->schema.fields[0].zone != NULL,
            .duration = file->layout->children[2].layout == JI_LAYOUT_DURATION,
    };
    joist_parquet_close(file);
    ji_bytes_clear(&bytes);
    return restored;
}

static unsigned sextet(char c)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *at = c == '=' ? NULL : strchr(digits, c);
    return at == NULL ? 0 : (unsigned)(at - digits);
}

/* How many columns of the message can be read before it turns out broken. */
static size_t readable_columns(struct fixture *f)
{
    static uint8_t message[sizeof f->text];
    size_t size = 0;
    for (const char *text = f->text; text[0] != '\0'; text += 4) {
        const unsigned bits =
                sextet(text[0]) << 18 | sextet(text[1]) << 12 | sextet(text[2]) << 6 | sextet(text[3]);
        message[size++] = (uint8_t)(bits >> 16);
        message[size++] = (uint8_t)(bits >> 8);
        message[size++] = (uint8_t)bits;
    }
    struct ji_ipc_schema schema;
    struct ji_field field;
    struct ji_array_shape shape;
    size_t count = 0;
    if (ji_ipc_schema_open(&schema, ji_view_of(message, size), NULL) != JOIST_OK ||
            schema.columns.count != COLUMNS)
        return 0;
    while (count < COLUMNS &&
            ji_ipc_schema_column(&schema, count, &f->arena, &field, &shape, NULL) == JOIST_OK)
        count++;
    return count;
}

static void zone_and_duration_are_restored(void **state)
{
    const struct restored restored = open_file(*state);
    assert_true(restored.zone && restored.duration);
}

static void a_schema_that_breaks_off_restores_nothing(void **state)
{
    struct fixture *const f = *state;
    size_t broken_late = 0;
    for (size_t at = 0; at + WRONG_CHARACTERS < sizeof f->text - 1; at += WRONG_CHARACTERS) {
        char kept[WRONG_CHARACTERS];
        memcpy(kept, f->text + at, sizeof kept);
        memcpy(f->text + at, WRONG, WRONG_CHARACTERS);
        const size_t readable = readable_columns(f);
        const struct restored restored = open_file(f);
        if (readable < COLUMNS)
            assert_true(!restored.zone && !restored.duration);
        broken_late += readable > 2 && readable < COLUMNS;
        memcpy(f->text + at, kept, sizeof kept);
        ji_arena_reset(&f->arena);
    }
    assert_true(broken_late > 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test_setup_teardown(zone_and_duration_are_restored, set_up, tear_down),
            cmocka_unit_test_setup_teardown(a_schema_that_breaks_off_restores_nothing, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
