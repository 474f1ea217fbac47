/*
 * footer_read.c - decodes FileMetaData straight into its final structs, but for the chunks of its groups
 *
 *     version  schema: element ...  rows  groups: [chunk ... | bytes rows sorting] ...  key-values  orders
 *                                                  ^mark   ^mark
 *
 *   1. Every list is sized by a count that thrift.c has held against its limit and the bytes left,
 *      and its array is charged to the arena before it is filled.
 *   2. A field that the format requires and the bytes lack is corruption; `need` names it.
 *   3. The thrift reader fails sticky, so decoders of small structs return nothing; the ones that allocate
 *      return a status. Both are settled once, in ji_footer_decode.
 *   4. Chunks are passed over, each from its first byte to its stop, so that a mark is where a chunk begins
 *      and nothing else; ji_footer_chunk_decode finds a chunk from the mark before it by the same steps.
 *   5. Nothing decoded points into a window that moves: texts are copied then. A name has a NUL behind it.
 *   6. What is decoded by ji_footer_read_whole may be decoded again with more bytes, so it sets all of what
 *      it fills.
 *
 * A chunk is a fifth of a microsecond to decode and 700 bytes to keep, and of 10,000 columns a query wants
 * three. Passing over one costs a twentieth (thrift_pattern.c), so a footer of 200,000 chunks is opened in
 * the time in which its bytes can be read.
 */
#include "parquet/format/footer_read.h"

#include "parquet/format/chunk_read.h"
#include "parquet/format/crypto_read.h"
#include "parquet/format/element_read.h"
#include "parquet/format/footer_parts.h"
#include "parquet/format/group_read.h"

static enum joist_status need(bool is_there, const char *field, struct joist_error *err)
{
    if (is_there)
        return JOIST_OK;
    return ji_fail(err, JOIST_ERR_CORRUPT, "footer lacks %s", field);
}

/* A text of any length, with its head here. */
static enum joist_status read_text(struct ji_footer_steps *reader, enum ji_thrift_type type,
        struct ji_view *text, struct joist_error *err)
{
    struct ji_footer_window *const window = reader->window;
    if (ji_footer_window_is_whole(window)) {
        *text = ji_thrift_binary(&window->thrift, type);
        return JOIST_OK;
    }
    uint8_t *bytes = NULL;
    const size_t size = ji_thrift_binary_length(&window->thrift, type);
    if (size > window->footer_bytes - ji_footer_window_position(window))
        ji_thrift_fail(&window->thrift, JI_THRIFT_SHORT);
    if (window->thrift.error != JI_THRIFT_FINE)
        return JOIST_OK;
    JI_TRY(ji_arena_alloc(reader->arena, size, &bytes, err));
    JI_TRY(ji_footer_window_take(window, size, bytes, err));
    *text = ji_view_of(bytes, size);
    return JOIST_OK;
}

static enum joist_status read_key_value(
        struct ji_footer_steps *reader, struct ji_key_value *pair, struct joist_error *err)
{
    enum joist_status status = JOIST_OK;
    struct ji_thrift_field field = ji_thrift_struct(&reader->window->thrift);
    while (ji_footer_next_field(reader, &field, &status, err)) {
        if (field.id == 1) {
            JI_TRY(read_text(reader, field.type, &pair->key, err));
        } else if (field.id == 2) {
            JI_TRY(read_text(reader, field.type, &pair->value, err));
            pair->has_value = true;
        } else {
            JI_TRY(ji_footer_skip_field(reader, field.type, err));
        }
    }
    return status;
}

static enum joist_status read_key_values(struct ji_footer_steps *reader, enum ji_thrift_type type,
        struct ji_footer *footer, struct joist_error *err)
{
    JI_TRY(ji_footer_list_head(reader, type, err));
    const struct ji_thrift_list list = reader->list;
    struct ji_key_value *pairs = NULL;
    JI_TRY(ji_arena_array(reader->arena, list.count, sizeof pairs[0], &pairs, err));
    for (size_t index = 0; index < list.count; index++) {
        if (!ji_thrift_expect_struct(&reader->window->thrift, list.type))
            break;
        JI_TRY(read_key_value(reader, &pairs[index], err));
    }
    footer->key_values = pairs;
    footer->key_value_count = list.count;
    return JOIST_OK;
}

static enum joist_status read_order(struct ji_footer_steps *reader, void *out, struct joist_error *err)
{
    struct ji_thrift_reader *const thrift = &reader->window->thrift;
    enum ji_column_order *const order = out;
    (void)err;
    /* TYPE_ORDER, of which there is one for each of ten thousand columns: field 1, an empty struct, stop. */
    static const uint8_t usual[] = {0x1c, 0, 0};
    if (reader->list.type == JI_THRIFT_STRUCT && (size_t)(thrift->end - thrift->at) >= sizeof usual &&
            memcmp(thrift->at, usual, sizeof usual) == 0) {
        thrift->at += sizeof usual;
        *order = JI_ORDER_TYPE;
        return JOIST_OK;
    }
    *order = JI_ORDER_UNKNOWN;
    if (!ji_thrift_expect_struct(thrift, reader->list.type))
        return JOIST_OK;
    struct ji_thrift_field field = ji_thrift_struct(thrift);
    while (ji_thrift_next(thrift, &field)) {
        if (field.id >= JI_ORDER_TYPE && field.id <= JI_ORDER_INT96)
            *order = (enum ji_column_order)field.id;
        ji_thrift_skip(thrift, field.type);
    }
    return JOIST_OK;
}

/* What it points to dies with the window: whoever needs it holds the footer whole. */
static enum joist_status read_encryption(struct ji_footer_steps *reader, void *out, struct joist_error *err)
{
    (void)err;
    ji_encryption_algorithm_decode(&reader->window->thrift, reader->field_type, out);
    return JOIST_OK;
}

static enum joist_status read_field(struct ji_footer_steps *reader, const struct ji_thrift_field *field,
        struct ji_footer *footer, struct joist_error *err)
{
    struct ji_thrift_reader *const thrift = &reader->window->thrift;
    switch (field->id) {
    case 1:
        footer->version = ji_thrift_i32(thrift, field->type);
        return JOIST_OK;
    case 2:
        return ji_footer_read_list(reader, field->type, sizeof footer->elements[0], ji_element_read,
                &footer->elements, &footer->element_count, err);
    case 3:
        footer->row_count = ji_thrift_i64(thrift, field->type);
        return JOIST_OK;
    case 4:
        return ji_groups_read(reader, field->type, &footer->groups, &footer->group_count, err);
    case 5:
        return read_key_values(reader, field->type, footer, err);
    case 6:
        return read_text(reader, field->type, &footer->created_by, err);
    case 7:
        return ji_footer_read_list(reader, field->type, sizeof footer->orders[0], read_order, &footer->orders,
                &footer->order_count, err);
    case 8:
        reader->field_type = field->type;
        return ji_footer_read_whole(reader, read_encryption, &footer->encryption, err);
    case 9:
        return read_text(reader, field->type, &footer->encryption.key_metadata, err);
    default:
        return ji_footer_skip_field(reader, field->type, err);
    }
}

/* The ids of FileMetaData that are required: 1..4. */
#define FOOTER_REQUIRED 0x1eu

static enum joist_status read_footer(
        struct ji_footer_steps *reader, struct ji_footer *footer, struct joist_error *err)
{
    enum joist_status status = JOIST_OK;
    uint32_t seen = 0;
    struct ji_thrift_field field = ji_thrift_struct(&reader->window->thrift);
    while (ji_footer_next_field(reader, &field, &status, err)) {
        if (field.id > 0 && field.id < 32)
            seen |= UINT32_C(1) << field.id;
        JI_TRY(read_field(reader, &field, footer, err));
    }
    JI_TRY(status);
    JI_TRY(ji_thrift_status(&reader->window->thrift, err));
    footer->decoded_bytes = (size_t)ji_footer_window_position(reader->window);
    return need((seen & FOOTER_REQUIRED) == FOOTER_REQUIRED, "a required field", err);
}

enum joist_status ji_footer_decode(struct joist_ctx *ctx, struct ji_arena *arena,
        struct ji_footer_window *window, struct ji_footer *footer, struct joist_error *err)
{
    struct ji_footer_steps reader = {.window = window, .arena = arena, .ctx = ctx};
    struct ji_footer made = {.version = 0};
    ji_thrift_pattern_init(&reader.chunk_pattern);
    reader.element_model.size = 0;
    const enum joist_status status = read_footer(&reader, &made, err);
    if (status != JOIST_OK) {
        ji_error_prefix(err, "footer");
        return status;
    }
    *footer = made;
    return JOIST_OK;
}

static enum joist_status decode_chunk(struct ji_arena *arena, struct ji_view bytes, size_t before,
        struct ji_chunk *chunk, struct joist_error *err)
{
    struct ji_thrift_reader thrift;
    struct ji_thrift_pattern pattern;
    ji_thrift_pattern_init(&pattern);
    ji_thrift_reader_init(&thrift, bytes);
    for (size_t index = 0; index < before; index++)
        ji_thrift_pattern_skip(&pattern, &thrift);
    const uint8_t *const start = thrift.at;
    struct ji_thrift_reader behind = thrift;
    ji_thrift_skip(&behind, JI_THRIFT_STRUCT);
    JI_TRY(ji_thrift_status(&behind, err));
    struct ji_view own;
    JI_TRY(ji_arena_view(arena, ji_view_of(start, (size_t)(behind.at - start)), &own, err));
    ji_thrift_reader_init(&thrift, own);
    JI_TRY(ji_chunk_decode(&thrift, arena, chunk, err));
    return ji_thrift_status(&thrift, err);
}

enum joist_status ji_footer_chunk_decode(struct ji_arena *arena, struct ji_view bytes, size_t before,
        struct ji_chunk *chunk, struct joist_error *err)
{
    const enum joist_status status = decode_chunk(arena, bytes, before, chunk, err);
    if (status != JOIST_OK)
        ji_error_prefix(err, "footer");
    return status;
}
