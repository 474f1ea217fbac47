/*
 * ipc_body.c - an array as the RecordBatch of Arrow's IPC format, and its body
 *
 *     body   [buffer, padded to 64][buffer, padded] ...       compressed: [size:8, or -1][bytes]
 *
 * Parents come before their children, validity before offsets before values, as the format has it; an array
 * of codes has no children, its dictionary is a message of its own. Arrays are of our own export, from their
 * first row on, so that format string and offsets tell each buffer's size.
 */
#include "arrow/ipc_body.h"

#include "arrow/arrow_type.h"
#include "arrow/ipc_format.h"
#include "base/integer_text.h"

#include <assert.h>

#define NOT_PACKED UINT64_MAX

struct making {
    struct ji_ipc_parts *parts;
    const struct ji_ipc_packing *packing;
    const struct ji_ipc_dictionary *dictionary; /* the next one */
    struct joist_error *err;
};

void ji_ipc_parts_init(struct ji_ipc_parts *parts, struct ji_mem *mem)
{
    ji_bytes_init(&parts->nodes, mem);
    ji_bytes_init(&parts->buffers, mem);
    ji_bytes_init(&parts->variadic, mem);
    ji_bytes_init(&parts->codes, mem);
    ji_bytes_init(&parts->body, mem);
}

void ji_ipc_parts_clear(struct ji_ipc_parts *parts)
{
    ji_bytes_clear(&parts->nodes);
    ji_bytes_clear(&parts->buffers);
    ji_bytes_clear(&parts->variadic);
    ji_bytes_clear(&parts->codes);
    ji_bytes_clear(&parts->body);
}

static enum joist_status put_pair(
        struct ji_bytes *out, uint64_t first, uint64_t second, struct joist_error *err)
{
    uint8_t pair[JI_IPC_PAIR_BYTES];
    ji_store_le64(pair, first);
    ji_store_le64(pair + 8, second);
    return ji_bytes_append(out, pair, sizeof pair, err);
}

static enum joist_status put_packed(struct making *making, struct ji_view bytes)
{
    struct ji_bytes *body = &making->parts->body;
    const struct ji_ipc_packing *packing = making->packing;
    const size_t room = ji_codec_bound(packing->codec, bytes.size);
    JI_TRY(ji_bytes_reserve(body, JI_IPC_SIZE_BYTES + ji_max_size(room, bytes.size), making->err));
    uint8_t *head = body->data + body->size;
    size_t size = 0;
    JI_TRY(ji_compress(packing->codecs, packing->codec, packing->level, bytes, head + JI_IPC_SIZE_BYTES,
            &size, making->err));
    if (size < bytes.size) {
        ji_store_le64(head, bytes.size);
    } else {
        ji_store_le64(head, NOT_PACKED);
        memcpy(head + JI_IPC_SIZE_BYTES, bytes.data, bytes.size);
        size = bytes.size;
    }
    body->size += JI_IPC_SIZE_BYTES + size;
    return JOIST_OK;
}

static enum joist_status put_buffer(struct making *making, const void *data, size_t size)
{
    static const uint8_t zeros[JI_IPC_BUFFER_ALIGNMENT];
    struct ji_bytes *body = &making->parts->body;
    const size_t begin = body->size;
    if (size == 0)
        return put_pair(&making->parts->buffers, begin, 0, making->err);
    if (making->packing->codec == JI_CODEC_NONE)
        JI_TRY(ji_bytes_append(body, data, size, making->err));
    else
        JI_TRY(put_packed(making, ji_view_of(data, size)));
    JI_TRY(put_pair(&making->parts->buffers, begin, body->size - begin, making->err));
    const size_t over = body->size % JI_IPC_BUFFER_ALIGNMENT;
    return ji_bytes_append(body, zeros, over == 0 ? 0 : JI_IPC_BUFFER_ALIGNMENT - over, making->err);
}

/* Bytes of one value of a format of fixed width. */
static size_t width_of(const char *format)
{
    int64_t number = 0;
    const char *last = strrchr(format, format[0] == 'w' ? ':' : ',');
    if (format[0] == 'w' && ji_i64_parse(last + 1, strlen(last + 1), &number) == JI_TEXT_OK)
        return (size_t)number;
    if (format[0] == 'd') {
        const bool has_bits = strchr(format, ',') != last;
        if (has_bits && ji_i64_parse(last + 1, strlen(last + 1), &number) == JI_TEXT_OK)
            return (size_t)number / 8;
        return sizeof(ji_int128);
    }
    if (strcmp(format, "tin") == 0)
        return 16;
    if (strcmp(format, "tdm") == 0)
        return 8;
    if (strcmp(format, "tdD") == 0 || strcmp(format, "tts") == 0 || strcmp(format, "ttm") == 0)
        return 4;
    if (strchr("cC", format[0]) != NULL)
        return 1;
    if (strchr("sSe", format[0]) != NULL)
        return 2;
    return strchr("iIf", format[0]) != NULL ? 4 : 8;
}

/* Offsets into bytes or elements, and what they end with. */
static enum joist_status put_offsets(
        struct making *making, const struct ArrowArray *array, bool is_wide, size_t *end)
{
    const size_t rows = (size_t)array->length;
    const size_t width = is_wide ? sizeof(int64_t) : sizeof(int32_t);
    *end = 0;
    if (rows == 0)
        return put_buffer(making, NULL, 0);
    const int32_t *narrow = array->buffers[1];
    const int64_t *wide = array->buffers[1];
    *end = is_wide ? (size_t)wide[rows] : (size_t)narrow[rows];
    return put_buffer(making, array->buffers[1], (rows + 1) * width);
}

/* Where each list begins, and how long it is. */
static enum joist_status put_list_views(struct making *making, const struct ArrowArray *array, bool is_wide)
{
    const size_t bytes = (size_t)array->length * (is_wide ? sizeof(int64_t) : sizeof(int32_t));
    JI_TRY(put_buffer(making, array->buffers[1], bytes));
    return put_buffer(making, array->buffers[2], bytes);
}

static enum joist_status put_views(struct making *making, const struct ArrowArray *array)
{
    const int64_t count = array->n_buffers - 3;
    const int64_t *sizes = array->buffers[array->n_buffers - 1];
    JI_TRY(put_buffer(making, array->buffers[1], (size_t)array->length * JI_IPC_VIEW_BYTES));
    for (int64_t i = 0; i < count; i++)
        JI_TRY(put_buffer(making, array->buffers[2 + i], (size_t)sizes[i]));
    return ji_bytes_append(&making->parts->variadic, &count, sizeof count, making->err);
}

static enum joist_status put_codes(
        struct making *making, const struct ArrowSchema *schema, const struct ArrowArray *array)
{
    const struct ji_ipc_dictionary *const dictionary = making->dictionary;
    struct ji_bytes *const codes = &making->parts->codes;
    const size_t bytes = (size_t)array->length * width_of(schema->format);
    making->dictionary += 1 + dictionary->inner;
    if (dictionary->is_identity)
        return put_buffer(making, array->buffers[1], bytes);
    codes->size = 0;
    JI_TRY(ji_bytes_reserve(codes, ji_max_size(bytes, 1), making->err));
    ji_ipc_codes_map(dictionary, array->buffers[1], (size_t)array->length, codes->data);
    return put_buffer(making, codes->data, bytes);
}

static enum joist_status put_text(struct making *making, const struct ArrowArray *array, bool is_wide)
{
    size_t end = 0;
    JI_TRY(put_offsets(making, array, is_wide, &end));
    return put_buffer(making, array->buffers[2], end);
}

/* What stands behind the validity. */
static enum joist_status put_values(
        struct making *making, const struct ArrowSchema *schema, const struct ArrowArray *array)
{
    const char *format = schema->format;
    size_t end = 0;
    if (schema->dictionary != NULL)
        return put_codes(making, schema, array);
    switch (format[0]) {
    case 'n':
        return JOIST_OK;
    case 'b':
        return put_buffer(making, array->buffers[1], ji_bitmap_bytes((size_t)array->length));
    case 'u':
    case 'z':
        return put_text(making, array, false);
    case 'U':
    case 'Z':
        return put_text(making, array, true);
    case 'v':
        return put_views(making, array);
    case '+':
        if (format[1] == 'v')
            return put_list_views(making, array, format[2] == 'L');
        if (format[1] == 's' || format[1] == 'w')
            return JOIST_OK;
        return put_offsets(making, array, format[1] == 'L', &end);
    default:
        return put_buffer(making, array->buffers[1], (size_t)array->length * width_of(format));
    }
}

static enum joist_status put_array(
        struct making *making, const struct ArrowSchema *schema, const struct ArrowArray *array)
{
    assert(array->offset == 0 && array->null_count >= 0);
    const size_t rows = (size_t)array->length;
    JI_TRY(put_pair(&making->parts->nodes, (uint64_t)rows, (uint64_t)array->null_count, making->err));
    if (array->n_buffers > 0)
        JI_TRY(put_buffer(making, array->buffers[0], array->buffers[0] == NULL ? 0 : ji_bitmap_bytes(rows)));
    JI_TRY(put_values(making, schema, array));
    for (int64_t i = 0; i < array->n_children; i++)
        JI_TRY(put_array(making, schema->children[i], array->children[i]));
    return JOIST_OK;
}

static struct making begin(struct ji_ipc_parts *parts, const struct ji_ipc_part *part,
        const struct ji_ipc_packing *packing, struct joist_error *err)
{
    parts->nodes.size = 0;
    parts->buffers.size = 0;
    parts->variadic.size = 0;
    parts->body.size = 0;
    return (struct making){.parts = parts, .packing = packing, .dictionary = part->dictionaries, .err = err};
}

enum joist_status ji_ipc_parts_of_columns(struct ji_ipc_parts *parts, const struct ji_ipc_part *part,
        const struct ji_ipc_packing *packing, struct joist_error *err)
{
    struct making making = begin(parts, part, packing, err);
    for (int64_t i = 0; i < part->array->n_children; i++) {
        const struct ArrowSchema *const schema = part->schema->children[i];
        const enum joist_status status = put_array(&making, schema, part->array->children[i]);
        if (status != JOIST_OK) {
            ji_error_prefix(err, "column '%.200s'", schema->name);
            return status;
        }
    }
    return JOIST_OK;
}

enum joist_status ji_ipc_parts_of_values(struct ji_ipc_parts *parts, const struct ji_ipc_part *part,
        const struct ji_ipc_packing *packing, struct joist_error *err)
{
    struct making making = begin(parts, part, packing, err);
    return put_array(&making, part->schema, part->array);
}
