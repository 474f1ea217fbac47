/*
 * array_import_test.c - arrays that a stranger made, right and wrong ones
 *
 * Buffers are made as small as they may be, so that the address sanitizer sees every read beyond them.
 */
#include "support/oom.h"
#include "support/test.h"

#include "arrow/batch_stream.h"
#include "arrow/value.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define NODES_MAX 8
#define BUFFERS_MAX 5

/* A tree of arrays and their schema; node 0 is the row, its children follow in order. */
struct stranger {
    struct ArrowArray arrays[NODES_MAX];
    struct ArrowSchema schemas[NODES_MAX];
    struct ArrowArray *array_children[NODES_MAX][NODES_MAX];
    struct ArrowSchema *schema_children[NODES_MAX][NODES_MAX];
    const void *buffers[NODES_MAX][BUFFERS_MAX];
    void *owned[NODES_MAX * BUFFERS_MAX];
    size_t node_count;
    size_t owned_count;
    struct joist_ctx *ctx;
    struct ji_arena arena;
    struct joist_error err;
    struct ji_batch batch;
};

static void release_array(struct ArrowArray *array)
{
    array->release = NULL;
}

static void release_schema(struct ArrowSchema *schema)
{
    schema->release = NULL;
}

static void open_stranger(struct stranger *s)
{
    memset(s, 0, sizeof *s);
    const struct joist_ctx_options options = {
            .struct_size = sizeof options, .memory_bytes_max = (uint64_t)64 << 20};
    assert_ok(joist_ctx_open(&options, &s->ctx, NULL));
    ji_arena_init(&s->arena, ji_ctx_mem(s->ctx));
}

static void close_stranger(struct stranger *s)
{
    for (size_t i = 0; i < s->owned_count; i++)
        free(s->owned[i]);
    ji_arena_clear(&s->arena);
    joist_ctx_close(s->ctx);
}

/* A node under `parent` (none for the first). */
static size_t add_node(struct stranger *s, size_t parent, const char *format, const char *name,
        int64_t length, int64_t buffer_count)
{
    const size_t at = s->node_count++;
    s->arrays[at] = (struct ArrowArray){.length = length,
            .n_buffers = buffer_count,
            .buffers = s->buffers[at],
            .children = s->array_children[at],
            .release = release_array};
    s->schemas[at] = (struct ArrowSchema){.format = format,
            .name = name,
            .flags = ARROW_FLAG_NULLABLE,
            .children = s->schema_children[at],
            .release = release_schema};
    if (at > 0) {
        s->array_children[parent][s->arrays[parent].n_children++] = &s->arrays[at];
        s->schema_children[parent][s->schemas[parent].n_children++] = &s->schemas[at];
    }
    return at;
}

/* A copy of exactly `bytes` bytes, so that the sanitizer guards its end. */
static void set_buffer(struct stranger *s, size_t node, size_t buffer, const void *data, size_t bytes)
{
    void *copy = malloc(bytes);
    assert_non_null(copy);
    memcpy(copy, data, bytes);
    s->owned[s->owned_count++] = copy;
    s->buffers[node][buffer] = copy;
}

static enum joist_status import(struct stranger *s)
{
    struct ji_schema *schema = NULL;
    const struct ji_array_shape *shape;
    JI_TRY(ji_arena_array(&s->arena, 1, sizeof *schema, &schema, &s->err));
    JI_TRY(ji_schema_import_shape(&s->arena, &s->schemas[0], schema, &shape, &s->err));
    return ji_shaped_array_import(&s->arena, schema, shape, &s->arrays[0], &s->batch, &s->err);
}

static void assert_refused(struct stranger *s, enum joist_status wanted, const char *text)
{
    assert_status(import(s), wanted);
    if (strstr(s->err.text, text) == NULL)
        fail_msg("'%s' does not say '%s'", s->err.text, text);
}

static void assert_column(struct stranger *s, size_t column, const char *json)
{
    struct ji_bytes text;
    const struct ji_column *from = &s->batch.columns[column];
    ji_bytes_init(&text, ji_ctx_mem(s->ctx));
    for (size_t row = 0; row < from->row_count; row++) {
        assert_ok(ji_column_json(from, row, &text, NULL));
        assert_ok(ji_bytes_append_byte(&text, ' ', NULL));
    }
    assert_ok(ji_bytes_append_byte(&text, 0, NULL));
    assert_string_equal((const char *)text.data, json);
    ji_bytes_clear(&text);
}

/* One column of three strings "ab", null, "ø". */
static void make_strings(struct stranger *s)
{
    static const int32_t offsets[] = {0, 2, 2, 4};
    open_stranger(s);
    add_node(s, 0, "+s", "", 3, 1);
    add_node(s, 0, "u", "name", 3, 3);
    set_buffer(s, 1, 0, "\x05", 1);
    set_buffer(s, 1, 1, offsets, sizeof offsets);
    set_buffer(s, 1, 2, "ab\xc3\xb8", 4);
    s->arrays[1].null_count = 1;
}

static void strings_come_in_as_views(void **state)
{
    (void)state;
    struct stranger s;
    make_strings(&s);
    assert_ok(import(&s));
    assert_column(&s, 0, "\"ab\" null \"\xc3\xb8\" ");
    close_stranger(&s);
}

static void wrong_counts_are_refused_before_any_value_is_read(void **state)
{
    (void)state;
    struct stranger s;
    make_strings(&s);
    s.arrays[1].length = -1;
    assert_refused(&s, JOIST_ERR_INVALID, "column 'name': an array of length -1");
    s.arrays[1].length = 3;
    s.arrays[1].offset = -5;
    assert_refused(&s, JOIST_ERR_INVALID, "at offset -5");
    s.arrays[1].offset = INT64_MAX;
    assert_refused(&s, JOIST_ERR_LIMIT, "rows");
    s.arrays[1].offset = 0;
    s.arrays[1].null_count = 4;
    assert_refused(&s, JOIST_ERR_INVALID, "4 nulls in 3 rows");
    s.arrays[1].null_count = -2;
    assert_refused(&s, JOIST_ERR_INVALID, "-2 nulls");
    s.arrays[1].null_count = 1;
    s.arrays[1].n_buffers = 2;
    assert_refused(&s, JOIST_ERR_INVALID, "2 buffers where 3 are due");
    s.arrays[1].n_buffers = 3;
    s.arrays[1].buffers = NULL;
    assert_refused(&s, JOIST_ERR_INVALID, "no pointers to 3 buffers");
    s.arrays[1].buffers = s.buffers[1];
    const void *validity = s.buffers[1][0];
    s.buffers[1][0] = NULL;
    assert_refused(&s, JOIST_ERR_INVALID, "1 nulls and no validity");
    s.buffers[1][0] = validity;
    s.buffers[1][1] = NULL;
    assert_refused(&s, JOIST_ERR_INVALID, "3 rows and no values");
    close_stranger(&s);
    make_strings(&s);
    s.buffers[1][2] = NULL;
    assert_refused(&s, JOIST_ERR_INVALID, "bytes without a buffer");
    close_stranger(&s);
}

static void wrong_trees_are_refused(void **state)
{
    (void)state;
    struct stranger s;
    make_strings(&s);
    s.arrays[0].length = 4;
    assert_refused(&s, JOIST_ERR_INVALID, "a child of 3 rows where 4 are due");
    s.arrays[0].length = 3;
    s.arrays[0].offset = 1;
    assert_refused(&s, JOIST_ERR_INVALID, "a child of 3 rows where 4 are due");
    s.arrays[0].offset = 0;
    s.arrays[0].n_children = 2;
    assert_refused(&s, JOIST_ERR_INVALID, "2 children where 1 are due");
    s.arrays[0].n_children = 1;
    s.arrays[0].children = NULL;
    assert_refused(&s, JOIST_ERR_INVALID, "no pointers to 1 children");
    s.arrays[0].children = s.array_children[0];
    s.array_children[0][0] = NULL;
    assert_refused(&s, JOIST_ERR_INVALID, "missing");
    s.array_children[0][0] = &s.arrays[1];
    s.arrays[1].release = NULL;
    assert_refused(&s, JOIST_ERR_INVALID, "released");
    s.arrays[1].release = release_array;
    s.arrays[1].dictionary = &s.arrays[0];
    assert_refused(&s, JOIST_ERR_INVALID, "a dictionary that no type names");
    s.arrays[1].dictionary = NULL;
    set_buffer(&s, 0, 0, "\x06", 1);
    s.arrays[0].null_count = -1;
    assert_refused(&s, JOIST_ERR_INVALID, "rows that are null as a whole");
    close_stranger(&s);
}

static void bad_offsets_and_texts_are_refused(void **state)
{
    (void)state;
    static const int32_t falling[] = {0, 2, 1, 4};
    static const int32_t negative[] = {-1, 2, 2, 4};
    static const int32_t split[] = {0, 3, 3, 4};
    struct stranger s;
    make_strings(&s);
    set_buffer(&s, 1, 1, falling, sizeof falling);
    assert_refused(&s, JOIST_ERR_INVALID, "row 2: offset 1 behind offset 2");
    set_buffer(&s, 1, 1, negative, sizeof negative);
    assert_refused(&s, JOIST_ERR_INVALID, "a negative offset");
    set_buffer(&s, 1, 1, split, sizeof split);
    assert_refused(&s, JOIST_ERR_INVALID, "row 1: text that is not UTF-8");
    close_stranger(&s);
    make_strings(&s);
    set_buffer(&s, 1, 2, "ab\xc3(", 4);
    assert_refused(&s, JOIST_ERR_INVALID, "row 3: text that is not UTF-8");
    s.schemas[1].format = "z";
    assert_ok(import(&s));
    assert_column(&s, 0, "\"6162\" null \"c328\" ");
    close_stranger(&s);
}

static void garbage_behind_nulls_is_never_read(void **state)
{
    (void)state;
    static const int32_t offsets[] = {0, 1, 3, 5};
    struct stranger s;
    make_strings(&s);
    set_buffer(&s, 1, 1, offsets, sizeof offsets);
    set_buffer(&s, 1, 2, "a\xff\xfe\xc3\xb8", 5);
    assert_ok(import(&s));
    assert_column(&s, 0, "\"a\" null \"\xc3\xb8\" ");
    set_buffer(&s, 1, 2, "\xc3\xb8\xfe\xc3\xb8", 5);
    assert_refused(&s, JOIST_ERR_INVALID, "row 1: text that is not UTF-8");
    close_stranger(&s);
}

static void nulls_in_required_columns_name_the_row(void **state)
{
    (void)state;
    struct stranger s;
    make_strings(&s);
    s.schemas[1].flags = 0;
    assert_refused(&s, JOIST_ERR_INVALID, "column 'name': row 2 is null in a required column");
    s.schemas[1].format = "n";
    s.arrays[1].n_buffers = 0;
    assert_refused(&s, JOIST_ERR_INVALID, "row 1 is null in a required column");
    close_stranger(&s);
}

static void misaligned_and_shifted_values_are_copied(void **state)
{
    (void)state;
    struct stranger s;
    uint8_t room[1 + 3 * 8];
    const int64_t values[3] = {1, -2, 3};
    open_stranger(&s);
    add_node(&s, 0, "+s", "", 2, 1);
    add_node(&s, 0, "l", "a", 2, 2);
    add_node(&s, 0, "b", "b", 2, 2);
    memcpy(room + 1, values, sizeof values);
    s.buffers[1][1] = room + 1;
    s.arrays[1].offset = 1;
    s.buffers[1][0] = "\x04";
    s.arrays[1].null_count = -1;
    s.buffers[2][1] = "\xf8";
    s.arrays[2].offset = 2;
    assert_ok(import(&s));
    assert_column(&s, 0, "null 3 ");
    assert_column(&s, 1, "false true ");
    close_stranger(&s);
}

static void codes_outside_their_dictionary_are_refused(void **state)
{
    (void)state;
    static const int32_t offsets[] = {0, 1, 1, 2};
    struct stranger s;
    open_stranger(&s);
    add_node(&s, 0, "+s", "", 4, 1);
    add_node(&s, 0, "c", "code", 4, 2);
    s.schemas[2] = (struct ArrowSchema){.format = "u", .release = release_schema};
    s.arrays[2] = (struct ArrowArray){
            .length = 3, .n_buffers = 3, .null_count = 1, .buffers = s.buffers[2], .release = release_array};
    set_buffer(&s, 2, 0, "\x05", 1);
    set_buffer(&s, 2, 1, offsets, sizeof offsets);
    set_buffer(&s, 2, 2, "xy", 2);
    set_buffer(&s, 1, 1, "\x02\x00\x01\x63", 4);
    set_buffer(&s, 1, 0, "\x07", 1);
    s.arrays[1].null_count = 1;
    s.schemas[1].dictionary = &s.schemas[2];
    assert_refused(&s, JOIST_ERR_INVALID, "codes without their dictionary");
    s.arrays[1].dictionary = &s.arrays[2];
    assert_ok(import(&s));
    assert_int_equal(s.batch.columns[0].form, JI_DICTIONARY);
    assert_column(&s, 0, "\"y\" \"x\" null null ");
    set_buffer(&s, 1, 1, "\x02\xff\x01\x63", 4);
    assert_refused(&s, JOIST_ERR_INVALID, "row 2 has code -1 in a dictionary of 3");
    set_buffer(&s, 1, 1, "\x03\x00\x01\x63", 4);
    assert_refused(&s, JOIST_ERR_INVALID, "row 1 has code 3");
    s.arrays[2].length = 0;
    s.arrays[2].null_count = 0;
    set_buffer(&s, 1, 0, "\x00", 1);
    s.arrays[1].null_count = 4;
    assert_ok(import(&s));
    assert_column(&s, 0, "null null null null ");
    close_stranger(&s);
}

static void codes_of_every_width_are_read(void **state)
{
    (void)state;
    static const char *const formats[] = {"c", "C", "s", "S", "i", "I", "l", "L"};
    static const int32_t offsets[] = {0, 1, 2};
    static const uint8_t one[8] = {1};
    for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++) {
        const size_t width = (size_t)1 << (i / 2);
        uint8_t codes[16] = {0};
        struct stranger s;
        ji_copy_le(codes + width, one, 1, width);
        open_stranger(&s);
        add_node(&s, 0, "+s", "", 2, 1);
        add_node(&s, 0, formats[i], "code", 2, 2);
        s.schemas[2] = (struct ArrowSchema){.format = "z", .release = release_schema};
        s.arrays[2] = (struct ArrowArray){
                .length = 2, .n_buffers = 3, .buffers = s.buffers[2], .release = release_array};
        set_buffer(&s, 2, 1, offsets, sizeof offsets);
        set_buffer(&s, 2, 2, "xy", 2);
        set_buffer(&s, 1, 1, codes, 2 * width);
        s.schemas[1].dictionary = &s.schemas[2];
        s.arrays[1].dictionary = &s.arrays[2];
        assert_ok(import(&s));
        assert_column(&s, 0, "\"78\" \"79\" ");
        close_stranger(&s);
    }
}

static void narrow_decimals_and_dates_are_widened(void **state)
{
    (void)state;
    struct stranger s;
    static const int32_t narrow[] = {-125, 99999};
    static const int64_t wide[] = {-864000000, 1};
    open_stranger(&s);
    add_node(&s, 0, "+s", "", 2, 1);
    add_node(&s, 0, "d:5,2,32", "a", 2, 2);
    add_node(&s, 0, "d:9,0,64", "b", 2, 2);
    add_node(&s, 0, "tdm", "c", 2, 2);
    set_buffer(&s, 1, 1, narrow, sizeof narrow);
    set_buffer(&s, 2, 1, wide, sizeof wide);
    set_buffer(&s, 3, 1, wide, sizeof wide);
    set_buffer(&s, 3, 0, "\x01", 1);
    s.arrays[3].null_count = 1;
    assert_ok(import(&s));
    assert_column(&s, 0, "-1.25 999.99 ");
    assert_column(&s, 1, "-864000000 1 ");
    assert_column(&s, 2, "\"1969-12-22\" null ");
    close_stranger(&s);
}

static void make_list(struct stranger *s, const char *format, const int32_t offsets[4])
{
    static const int32_t values[] = {10, 11, 12, 13, 14};
    open_stranger(s);
    add_node(s, 0, "+s", "", 3, 1);
    add_node(s, 0, format, "l", 3, 2);
    add_node(s, 1, "i", "element", 5, 2);
    set_buffer(s, 1, 0, "\x05", 1);
    set_buffer(s, 1, 1, offsets, 4 * sizeof *offsets);
    set_buffer(s, 2, 1, values, sizeof values);
    s->arrays[1].null_count = 1;
}

static void lists_check_their_offsets(void **state)
{
    (void)state;
    static const int32_t good[] = {1, 3, 3, 5};
    static const int32_t full_null[] = {0, 2, 4, 5};
    static const int32_t beyond[] = {0, 2, 2, 6};
    static const int32_t falling[] = {0, 2, 1, 5};
    struct stranger s;
    make_list(&s, "+l", good);
    assert_ok(import(&s));
    assert_column(&s, 0, "[11,12] null [13,14] ");
    close_stranger(&s);
    make_list(&s, "+l", full_null);
    assert_ok(import(&s));
    assert_column(&s, 0, "[10,11] null [14] ");
    assert_int_equal(s.batch.columns[0].offsets[2], 2);
    assert_int_equal(s.batch.columns[0].offsets[3], 3);
    close_stranger(&s);
    make_list(&s, "+l", beyond);
    assert_refused(&s, JOIST_ERR_INVALID, "offset 6 into 5 elements");
    close_stranger(&s);
    make_list(&s, "+l", falling);
    assert_refused(&s, JOIST_ERR_INVALID, "offset 1 behind offset 2");
    s.schemas[1].format = "+w:2";
    s.arrays[1].n_buffers = 1;
    assert_refused(&s, JOIST_ERR_INVALID, "a child of 5 rows where 6 are due");
    s.schemas[1].format = "+w:1";
    assert_ok(import(&s));
    assert_column(&s, 0, "[10] null [12] ");
    close_stranger(&s);
}

static void nulls_beneath_null_structs_are_no_breach(void **state)
{
    (void)state;
    struct stranger s;
    static const int32_t values[] = {1, 2, 3};
    open_stranger(&s);
    add_node(&s, 0, "+s", "", 3, 1);
    add_node(&s, 0, "+s", "s", 3, 1);
    add_node(&s, 1, "i", "x", 3, 2);
    set_buffer(&s, 1, 0, "\x05", 1);
    s.arrays[1].null_count = 1;
    set_buffer(&s, 2, 0, "\x05", 1);
    set_buffer(&s, 2, 1, values, sizeof values);
    s.arrays[2].null_count = 1;
    s.schemas[2].flags = 0;
    assert_ok(import(&s));
    assert_column(&s, 0, "{\"x\":1} null {\"x\":3} ");
    set_buffer(&s, 2, 0, "\x03", 1);
    assert_refused(&s, JOIST_ERR_INVALID, "column 's': column 'x': row 3 is null");
    close_stranger(&s);
}

static void views_are_held_against_their_buffers(void **state)
{
    (void)state;
    struct stranger s;
    int32_t views[2][4] = {{3, 0, 0, 0}, {14, 0, 0, 2}};
    const int64_t sizes[1] = {16};
    memcpy(&views[0][1], "abc", 3);
    open_stranger(&s);
    add_node(&s, 0, "+s", "", 2, 1);
    add_node(&s, 0, "vu", "v", 2, 4);
    set_buffer(&s, 1, 1, views, sizeof views);
    set_buffer(&s, 1, 2, "..fourteen bytes", 16);
    set_buffer(&s, 1, 3, sizes, sizeof sizes);
    assert_ok(import(&s));
    assert_column(&s, 0, "\"abc\" \"fourteen bytes\" ");
    views[1][3] = 3;
    set_buffer(&s, 1, 1, views, sizeof views);
    assert_refused(&s, JOIST_ERR_INVALID, "row 2: a view of 14 bytes at 3 of 16");
    views[1][3] = -1;
    set_buffer(&s, 1, 1, views, sizeof views);
    assert_refused(&s, JOIST_ERR_INVALID, "at -1");
    views[1][3] = 2;
    views[1][2] = 1;
    set_buffer(&s, 1, 1, views, sizeof views);
    assert_refused(&s, JOIST_ERR_INVALID, "a view into buffer 1 of 1");
    views[0][0] = -4;
    set_buffer(&s, 1, 1, views, sizeof views);
    assert_refused(&s, JOIST_ERR_INVALID, "row 1: a view of -4 bytes");
    s.buffers[1][3] = NULL;
    assert_refused(&s, JOIST_ERR_INVALID, "without the sizes");
    s.arrays[1].n_buffers = 2;
    assert_refused(&s, JOIST_ERR_INVALID, "2 buffers where 3 are due");
    close_stranger(&s);
}

static void values_out_of_their_types_range_are_refused(void **state)
{
    (void)state;
    struct stranger s;
    /* The low half is 1000, the high one negative. */
    static const uint8_t limbs[32] = {0xe8, 0x03, [16] = 0xfb, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
            0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
    uint8_t wide[32];
    const int64_t no_midnight = 43200;
    const int32_t noon = 43200;
    const int64_t day = 86400000000;
    open_stranger(&s);
    add_node(&s, 0, "+s", "", 1, 1);
    add_node(&s, 0, "d:3,1", "v", 1, 2);
    ji_copy_le(wide, limbs, 1, 16);
    set_buffer(&s, 1, 1, wide, 16);
    assert_refused(&s, JOIST_ERR_INVALID, "row 1: a decimal of more than 3 digits");
    s.schemas[1].format = "d:4,1";
    assert_ok(import(&s));
    assert_column(&s, 0, "100.0 ");
    s.schemas[1].format = "d:38,0,256";
    ji_copy_le(wide, limbs, 1, 32);
    set_buffer(&s, 1, 1, wide, 32);
    assert_refused(&s, JOIST_ERR_INVALID, "more than 38 digits");
    s.schemas[1].format = "ttu";
    set_buffer(&s, 1, 1, &day, 8);
    assert_refused(&s, JOIST_ERR_INVALID, "no time of a day");
    s.schemas[1].format = "tdm";
    set_buffer(&s, 1, 1, &no_midnight, 8);
    assert_refused(&s, JOIST_ERR_INVALID, "no whole day");
    s.schemas[1].format = "tts";
    set_buffer(&s, 1, 1, &noon, 4);
    assert_ok(import(&s));
    assert_column(&s, 0, "\"12:00:00\" ");
    close_stranger(&s);
}

/* --- streams --- */

struct foreign_stream {
    struct stranger *stranger;
    int calls;
    int fail_at;
    bool released;
};

static int foreign_schema(struct ArrowArrayStream *stream, struct ArrowSchema *out)
{
    struct foreign_stream *self = stream->private_data;
    if (self->fail_at == 0)
        return EIO;
    *out = self->stranger->schemas[0];
    return 0;
}

static int foreign_next(struct ArrowArrayStream *stream, struct ArrowArray *out)
{
    struct foreign_stream *self = stream->private_data;
    if (++self->calls == self->fail_at)
        return ENOMEM;
    *out = self->stranger->arrays[0];
    if (self->calls == 2)
        out->length = 0;
    if (self->calls > 3)
        out->release = NULL;
    return 0;
}

static const char *foreign_error(struct ArrowArrayStream *stream)
{
    const struct foreign_stream *self = stream->private_data;
    return self->fail_at == 3 ? NULL : "the stranger is tired";
}

static void foreign_release(struct ArrowArrayStream *stream)
{
    struct foreign_stream *self = stream->private_data;
    self->released = true;
    stream->release = NULL;
}

static struct ArrowArrayStream stream_of(struct foreign_stream *foreign)
{
    return (struct ArrowArrayStream){.get_schema = foreign_schema,
            .get_next = foreign_next,
            .get_last_error = foreign_error,
            .release = foreign_release,
            .private_data = foreign};
}

static void foreign_streams_are_read_and_not_released(void **state)
{
    (void)state;
    struct stranger s;
    make_strings(&s);
    struct foreign_stream foreign = {.stranger = &s, .fail_at = -1};
    struct ArrowArrayStream stream = stream_of(&foreign);
    struct ji_batch_stream batches;
    size_t rows = 0;
    assert_ok(ji_stream_import(s.ctx, &stream, &batches, NULL));
    assert_string_equal(ji_stream_schema(&batches)->columns[0].name, "name");
    for (;;) {
        const struct ji_batch *batch;
        assert_ok(ji_stream_next(&batches, &batch, NULL));
        if (batch == NULL)
            break;
        rows += batch->row_count;
    }
    assert_int_equal(rows, 6);
    ji_stream_close(&batches);
    assert_false(foreign.released);
    ji_stream_close(&batches);
    close_stranger(&s);
}

static void failures_of_foreign_streams_keep_their_text(void **state)
{
    (void)state;
    struct stranger s;
    make_strings(&s);
    struct foreign_stream foreign = {.stranger = &s, .fail_at = 0};
    struct ArrowArrayStream stream = stream_of(&foreign);
    struct ji_batch_stream batches;
    struct joist_error err;
    assert_status(ji_stream_import(s.ctx, &stream, &batches, &err), JOIST_ERR_IO);
    assert_string_equal(err.text, "the stranger is tired");
    assert_int_equal(err.os_errno, EIO);
    for (int fail_at = 1; fail_at <= 3; fail_at += 2) {
        const struct ji_batch *batch;
        enum joist_status status;
        foreign = (struct foreign_stream){.stranger = &s, .fail_at = fail_at};
        assert_ok(ji_stream_import(s.ctx, &stream, &batches, NULL));
        do {
            status = ji_stream_next(&batches, &batch, &err);
        } while (status == JOIST_OK);
        assert_status(status, JOIST_ERR_NO_MEMORY);
        assert_true((strstr(err.text, "tired") != NULL) == (fail_at == 1));
        ji_stream_close(&batches);
    }
    struct ArrowArray array;
    stream.release(&stream);
    assert_status(joist_stream_next(&stream, &array, &err), JOIST_ERR_INVALID);
    assert_status(ji_stream_import(s.ctx, &stream, &batches, &err), JOIST_ERR_INVALID);
    close_stranger(&s);
}

static enum joist_status import_all(struct joist_ctx *ctx, void *arg, struct joist_error *err)
{
    struct foreign_stream foreign = {.stranger = arg, .fail_at = -1};
    struct ArrowArrayStream stream = stream_of(&foreign);
    struct ji_batch_stream batches;
    enum joist_status status = JOIST_OK;
    const struct ji_batch *batch;
    JI_TRY(ji_stream_import(ctx, &stream, &batches, err));
    do {
        JI_TRY_OUT(ji_stream_next(&batches, &batch, err));
    } while (batch != NULL);
out:
    ji_stream_close(&batches);
    return status;
}

static void every_failed_allocation_is_survived(void **state)
{
    (void)state;
    static const int32_t offsets[] = {0, 2, 4, 5};
    struct stranger s;
    make_list(&s, "+l", offsets);
    oom_sweep(import_all, &s);
    close_stranger(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(strings_come_in_as_views),
            cmocka_unit_test(wrong_counts_are_refused_before_any_value_is_read),
            cmocka_unit_test(wrong_trees_are_refused),
            cmocka_unit_test(bad_offsets_and_texts_are_refused),
            cmocka_unit_test(garbage_behind_nulls_is_never_read),
            cmocka_unit_test(nulls_in_required_columns_name_the_row),
            cmocka_unit_test(misaligned_and_shifted_values_are_copied),
            cmocka_unit_test(codes_outside_their_dictionary_are_refused),
            cmocka_unit_test(codes_of_every_width_are_read),
            cmocka_unit_test(narrow_decimals_and_dates_are_widened),
            cmocka_unit_test(lists_check_their_offsets),
            cmocka_unit_test(nulls_beneath_null_structs_are_no_breach),
            cmocka_unit_test(views_are_held_against_their_buffers),
            cmocka_unit_test(values_out_of_their_types_range_are_refused),
            cmocka_unit_test(foreign_streams_are_read_and_not_released),
            cmocka_unit_test(failures_of_foreign_streams_keep_their_text),
            cmocka_unit_test(every_failed_allocation_is_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
