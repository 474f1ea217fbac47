/*
 * arrow_origin_write.c - the Arrow schema of what is written, for Arrow's readers
 *
 *     fields --> IPC message --> base64 --> the pair "ARROW:schema"
 */
#include "parquet/format/arrow_origin.h"

#include "arrow/ipc_fields.h"

#define VERSION_5 4
#define HEADER_SCHEMA 1

static void base64_encode(struct ji_view bytes, uint8_t *out)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t at = 0; at < bytes.size; at += 3, out += 4) {
        const size_t left = bytes.size - at;
        uint32_t bits = (uint32_t)bytes.data[at] << 16;
        bits |= left > 1 ? (uint32_t)bytes.data[at + 1] << 8 : 0;
        bits |= left > 2 ? bytes.data[at + 2] : 0;
        out[0] = (uint8_t)digits[bits >> 18];
        out[1] = (uint8_t)digits[bits >> 12 & 63];
        out[2] = left > 1 ? (uint8_t)digits[bits >> 6 & 63] : '=';
        out[3] = left > 2 ? (uint8_t)digits[bits & 63] : '=';
    }
}

static enum joist_status put_message(
        struct ji_bytes *message, const struct ArrowSchema *schema, struct joist_error *err)
{
    const struct ji_flat_slot slots[] = {{.index = 0, .width = 2, .number = VERSION_5},
            {.index = 1, .width = 1, .number = HEADER_SCHEMA}, {.index = 2, .width = 4},
            {.index = 3, .width = 8, .number = 0}};
    size_t places[4];
    size_t at = 0;
    JI_TRY(ji_flat_begin(message, err));
    JI_TRY(ji_flat_put_table(message, slots, 4, &at, places, err));
    ji_flat_point(message, 0, at);
    JI_TRY(ji_ipc_fields_put(message, schema, &at, err));
    ji_flat_point(message, places[2], at);
    return ji_flat_end(message, err);
}

/* The message, with its mark and its length in front. */
static enum joist_status put_whole(
        struct ji_bytes *whole, const struct ji_bytes *message, struct joist_error *err)
{
    uint8_t head[8];
    if (message->size > INT32_MAX)
        return ji_fail(err, JOIST_ERR_LIMIT, "an Arrow schema of %zu bytes", message->size);
    ji_store_le32(head, UINT32_MAX);
    ji_store_le32(head + 4, (uint32_t)message->size);
    JI_TRY(ji_bytes_append(whole, head, sizeof head, err));
    return ji_bytes_append(whole, message->data, message->size, err);
}

enum joist_status ji_arrow_origin_make(struct ji_arena *arena, const struct ArrowSchema *schema,
        struct ji_key_value *pair, struct joist_error *err)
{
    enum joist_status status = JOIST_OK;
    struct ji_bytes message;
    struct ji_bytes whole;
    uint8_t *text = NULL;
    struct ArrowSchema fields = *schema;
    fields.metadata = NULL; /* pairs of the file's own */
    ji_bytes_init(&message, arena->mem);
    ji_bytes_init(&whole, arena->mem);
    JI_TRY_OUT(put_message(&message, &fields, err));
    JI_TRY_OUT(put_whole(&whole, &message, err));
    const size_t size = (whole.size + 2) / 3 * 4;
    JI_TRY_OUT(ji_arena_alloc(arena, size, &text, err));
    base64_encode(ji_view_of(whole.data, whole.size), text);
    *pair = (struct ji_key_value){
            .key = ji_view_of_text(JI_ARROW_SCHEMA_KEY), .value = ji_view_of(text, size), .has_value = true};
out:
    ji_bytes_clear(&whole);
    ji_bytes_clear(&message);
    return status;
}
