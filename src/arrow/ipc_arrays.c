/*
 * ipc_arrays.c - a record batch of Arrow's IPC format as arrays
 *
 *   1. Nodes and buffers are taken in the order of the fields, parents first; none may be left.
 *   2. A buffer that is compressed begins with its size, 8 bytes: -1 where it is not compressed after all.
 *   3. Recursion is over the fields, whose depth has its limit.
 */
#include "arrow/ipc_arrays.h"

#include "arrow/ipc_format.h"

struct reading {
    const struct ji_ipc_body *body;
    struct ji_flat_vector nodes;
    struct ji_flat_vector buffers;
    struct ji_flat_vector variadic;
    size_t node;
    size_t buffer;
    size_t variadic_at;
    bool is_packed;
    enum ji_codec codec;
    struct joist_error *err;
};

static const uint64_t nothing[8];

static void release_nothing(struct ArrowArray *array)
{
    array->release = NULL;
}

static enum joist_status unpack(struct reading *reading, struct ji_view *bytes)
{
    if (bytes->size < JI_IPC_SIZE_BYTES)
        return ji_fail(reading->err, JOIST_ERR_CORRUPT, "a compressed buffer of %zu bytes", bytes->size);
    const int64_t size = (int64_t)ji_load_le64(bytes->data);
    const struct ji_view packed =
            ji_view_of(bytes->data + JI_IPC_SIZE_BYTES, bytes->size - JI_IPC_SIZE_BYTES);
    uint8_t *out;
    if (size == -1) {
        *bytes = packed;
        return JOIST_OK;
    }
    if (size < 0 || (uint64_t)size > JI_CODEC_BYTES_MAX)
        return ji_fail(reading->err, size < 0 ? JOIST_ERR_CORRUPT : JOIST_ERR_LIMIT,
                "a buffer of %" PRId64 " bytes", size);
    JI_TRY(ji_arena_alloc(reading->body->arena, (size_t)size, &out, reading->err));
    if (size > 0)
        JI_TRY(ji_decompress(reading->body->codecs, reading->codec, packed, out, (size_t)size, reading->err));
    *bytes = ji_view_of(out, (size_t)size);
    return JOIST_OK;
}

/* The next buffer, which has `due` bytes at least. Never NULL: an empty one points to zeros. */
static enum joist_status take_buffer(
        struct reading *reading, uint64_t due, const void **buffer, struct ji_view *bytes)
{
    struct joist_error *err = reading->err;
    struct ji_view taken = ji_view_of(nothing, 0);
    if (reading->buffer == reading->buffers.count)
        return ji_fail(err, JOIST_ERR_CORRUPT, "only %zu buffers", reading->buffers.count);
    const uint8_t *pair = ji_flat_bytes(&reading->buffers, reading->buffer++, JI_IPC_PAIR_BYTES);
    const uint64_t offset = ji_load_le64(pair);
    const uint64_t size = ji_load_le64(pair + 8);
    if (!ji_range_fits(offset, size, reading->body->bytes.size))
        return ji_fail(err, JOIST_ERR_CORRUPT, "%" PRId64 " bytes at %" PRId64 " of a body of %zu",
                (int64_t)size, (int64_t)offset, reading->body->bytes.size);
    if (size > 0) {
        taken = ji_view_of(reading->body->bytes.data + offset, (size_t)size);
        if (reading->is_packed)
            JI_TRY(unpack(reading, &taken));
    }
    if (taken.size < due)
        return ji_fail(
                err, JOIST_ERR_CORRUPT, "a buffer of %zu bytes where %" PRIu64 " are due", taken.size, due);
    *buffer = taken.data;
    if (bytes != NULL)
        *bytes = taken;
    return JOIST_OK;
}

static enum joist_status make_buffers(struct reading *reading, size_t count, struct ArrowArray *array)
{
    array->n_buffers = (int64_t)count;
    return ji_arena_array(reading->body->arena, count, sizeof *array->buffers, &array->buffers, reading->err);
}

static enum joist_status take_validity(struct reading *reading, struct ArrowArray *array)
{
    const uint64_t due = array->null_count == 0 ? 0 : ji_bitmap_bytes((size_t)array->length);
    JI_TRY(take_buffer(reading, due, &array->buffers[0], NULL));
    if (array->null_count == 0)
        array->buffers[0] = NULL;
    return JOIST_OK;
}

static int64_t load_offset(const void *offsets, bool wide, size_t index)
{
    int32_t narrow;
    int64_t large;
    if (wide) {
        memcpy(&large, (const uint8_t *)offsets + index * sizeof large, sizeof large);
        return large;
    }
    memcpy(&narrow, (const uint8_t *)offsets + index * sizeof narrow, sizeof narrow);
    return narrow;
}

/* Offsets that never fall, from 0 or above up to `end` at most. An array without rows may lack them. */
static enum joist_status take_offsets(
        struct reading *reading, bool wide, const struct ArrowArray *array, const void **offsets)
{
    const size_t rows = (size_t)array->length;
    const uint64_t width = wide ? sizeof(int64_t) : sizeof(int32_t);
    struct ji_view bytes;
    JI_TRY(take_buffer(reading, rows == 0 ? 0 : (rows + 1) * width, offsets, &bytes));
    if (bytes.size < width)
        *offsets = nothing;
    return JOIST_OK;
}

static enum joist_status check_offsets(
        struct reading *reading, bool wide, const void *offsets, size_t rows, uint64_t end)
{
    int64_t last = load_offset(offsets, wide, 0);
    if (rows == 0)
        return JOIST_OK;
    if (last < 0)
        return ji_fail(reading->err, JOIST_ERR_CORRUPT, "a negative offset");
    for (size_t i = 1; i <= rows; i++) {
        const int64_t next = load_offset(offsets, wide, i);
        if (next < last)
            return ji_fail(reading->err, JOIST_ERR_CORRUPT,
                    "row %zu: offset %" PRId64 " behind offset %" PRId64, i, next, last);
        last = next;
    }
    if ((uint64_t)last > end)
        return ji_fail(
                reading->err, JOIST_ERR_CORRUPT, "offset %" PRId64 " into %" PRIu64 " bytes", last, end);
    return JOIST_OK;
}

static enum joist_status read_text(struct reading *reading, bool wide, struct ArrowArray *array)
{
    struct ji_view data;
    JI_TRY(make_buffers(reading, 3, array));
    JI_TRY(take_validity(reading, array));
    JI_TRY(take_offsets(reading, wide, array, &array->buffers[1]));
    JI_TRY(take_buffer(reading, 0, &array->buffers[2], &data));
    return check_offsets(reading, wide, array->buffers[1], (size_t)array->length, data.size);
}

/* Validity, views, as many buffers as the batch says, and their sizes, which the C data interface wants. */
static enum joist_status read_views(struct reading *reading, struct ArrowArray *array)
{
    struct joist_error *err = reading->err;
    if (reading->variadic_at == reading->variadic.count)
        return ji_fail(err, JOIST_ERR_CORRUPT, "views without a count of their buffers");
    const uint64_t count = ji_load_le64(ji_flat_bytes(&reading->variadic, reading->variadic_at++, 8));
    if (count > reading->buffers.count - reading->buffer)
        return ji_fail(err, JOIST_ERR_CORRUPT, "views into %" PRIu64 " buffers, of which there are %zu",
                count, reading->buffers.count - reading->buffer);
    int64_t *sizes;
    JI_TRY(make_buffers(reading, (size_t)count + 3, array));
    JI_TRY(ji_arena_array(reading->body->arena, (size_t)count, sizeof *sizes, &sizes, err));
    JI_TRY(take_validity(reading, array));
    JI_TRY(take_buffer(reading, (uint64_t)array->length * JI_IPC_VIEW_BYTES, &array->buffers[1], NULL));
    for (size_t i = 0; i < count; i++) {
        struct ji_view bytes;
        JI_TRY(take_buffer(reading, 0, &array->buffers[2 + i], &bytes));
        sizes[i] = (int64_t)bytes.size;
    }
    array->buffers[2 + count] = sizes;
    return JOIST_OK;
}

static uint64_t value_bytes(const struct ji_field *field, const struct ji_array_shape *shape, uint64_t rows)
{
    switch (shape->layout) {
    case JI_LAYOUT_BITS:
        return (rows + 7) / 8;
    case JI_LAYOUT_DECIMAL:
        return rows * (shape->bits / 8);
    case JI_LAYOUT_TIME32:
        return rows * sizeof(int32_t);
    case JI_LAYOUT_DATE64:
    case JI_LAYOUT_DURATION:
        return rows * sizeof(int64_t);
    default:
        return rows * ji_field_width(field);
    }
}

static enum joist_status read_fixed(struct reading *reading, uint64_t due, struct ArrowArray *array)
{
    JI_TRY(make_buffers(reading, 2, array));
    JI_TRY(take_validity(reading, array));
    return take_buffer(reading, due, &array->buffers[1], NULL);
}

static enum joist_status read_codes(struct reading *reading, const struct ji_ipc_node *node,
        const struct ji_array_shape *shape, struct ArrowArray *array)
{
    const struct ji_field codes = {.kind = shape->code_kind};
    const struct ji_ipc_dictionary_place *at = reading->body->dictionaries;
    JI_TRY(read_fixed(reading, (uint64_t)array->length * ji_field_width(&codes), array));
    while (at != NULL && at->id != node->dictionary_id)
        at = at->next;
    if (at == NULL)
        return ji_fail(reading->err, JOIST_ERR_CORRUPT, "codes before their dictionary, number %" PRId64,
                node->dictionary_id);
    array->dictionary = at->array;
    return JOIST_OK;
}

static enum joist_status read_array(struct reading *reading, const struct ji_ipc_node *node,
        const struct ji_field *field, const struct ji_array_shape *shape, struct ArrowArray *array);

static enum joist_status read_children(struct reading *reading, const struct ji_ipc_node *node,
        const struct ji_field *fields, const struct ji_array_shape *shape, struct ArrowArray *array)
{
    const size_t count = shape->child_count;
    struct ArrowArray *children;
    array->n_children = (int64_t)count;
    JI_TRY(ji_arena_array(reading->body->arena, count, sizeof *children, &children, reading->err));
    JI_TRY(ji_arena_array(
            reading->body->arena, count, sizeof *array->children, &array->children, reading->err));
    for (size_t i = 0; i < count; i++) {
        array->children[i] = &children[i];
        const enum joist_status status =
                read_array(reading, &node->children[i], &fields[i], &shape->children[i], &children[i]);
        if (status != JOIST_OK) {
            ji_error_prefix(reading->err, "column '%.200s'", fields[i].name);
            return status;
        }
    }
    return JOIST_OK;
}

static enum joist_status read_list(struct reading *reading, const struct ji_ipc_node *node,
        const struct ji_field *field, const struct ji_array_shape *shape, struct ArrowArray *array)
{
    const bool wide = shape->layout == JI_LAYOUT_LIST64;
    JI_TRY(make_buffers(reading, 2, array));
    JI_TRY(take_validity(reading, array));
    JI_TRY(take_offsets(reading, wide, array, &array->buffers[1]));
    JI_TRY(read_children(reading, node, field->children, shape, array));
    const uint64_t elements = (uint64_t)array->children[0]->length;
    return check_offsets(reading, wide, array->buffers[1], (size_t)array->length, elements);
}

/* Where they lead is looked at where they are imported. */
static enum joist_status read_list_views(struct reading *reading, const struct ji_ipc_node *node,
        const struct ji_field *field, const struct ji_array_shape *shape, struct ArrowArray *array)
{
    const bool is_wide = shape->layout == JI_LAYOUT_LIST_VIEW64;
    const uint64_t due = (uint64_t)array->length * (is_wide ? sizeof(int64_t) : sizeof(int32_t));
    JI_TRY(make_buffers(reading, 3, array));
    JI_TRY(take_validity(reading, array));
    JI_TRY(take_buffer(reading, due, &array->buffers[1], NULL));
    JI_TRY(take_buffer(reading, due, &array->buffers[2], NULL));
    return read_children(reading, node, field->children, shape, array);
}

static enum joist_status read_values(struct reading *reading, const struct ji_ipc_node *node,
        const struct ji_field *field, const struct ji_array_shape *shape, struct ArrowArray *array)
{
    if (shape->is_dictionary)
        return read_codes(reading, node, shape, array);
    switch (shape->layout) {
    case JI_LAYOUT_NULL:
        return JOIST_OK;
    case JI_LAYOUT_OFFSETS32:
    case JI_LAYOUT_OFFSETS64:
        return read_text(reading, shape->layout == JI_LAYOUT_OFFSETS64, array);
    case JI_LAYOUT_VIEWS:
        return read_views(reading, array);
    case JI_LAYOUT_LIST32:
    case JI_LAYOUT_LIST64:
        return read_list(reading, node, field, shape, array);
    case JI_LAYOUT_LIST_VIEW32:
    case JI_LAYOUT_LIST_VIEW64:
        return read_list_views(reading, node, field, shape, array);
    case JI_LAYOUT_LIST_FIXED:
    case JI_LAYOUT_STRUCT:
        JI_TRY(make_buffers(reading, 1, array));
        JI_TRY(take_validity(reading, array));
        return read_children(reading, node, field->children, shape, array);
    default:
        return read_fixed(reading, value_bytes(field, shape, (uint64_t)array->length), array);
    }
}

static enum joist_status check_rows(int64_t rows, struct joist_error *err)
{
    if (rows < 0)
        return ji_fail(err, JOIST_ERR_CORRUPT, "an array of %" PRId64 " rows", rows);
    if (rows > JI_IPC_ROWS_MAX)
        return ji_fail(err, JOIST_ERR_LIMIT, "an array of %" PRId64 " rows", rows);
    return JOIST_OK;
}

static enum joist_status read_array(struct reading *reading, const struct ji_ipc_node *node,
        const struct ji_field *field, const struct ji_array_shape *shape, struct ArrowArray *array)
{
    if (reading->node == reading->nodes.count)
        return ji_fail(reading->err, JOIST_ERR_CORRUPT, "only %zu arrays", reading->nodes.count);
    const uint8_t *pair = ji_flat_bytes(&reading->nodes, reading->node++, JI_IPC_PAIR_BYTES);
    *array = (struct ArrowArray){
            .length = (int64_t)ji_load_le64(pair),
            .null_count = (int64_t)ji_load_le64(pair + 8),
            .release = release_nothing,
    };
    JI_TRY(check_rows(array->length, reading->err));
    if (array->null_count < 0 || array->null_count > array->length)
        return ji_fail(reading->err, JOIST_ERR_CORRUPT, "%" PRId64 " nulls in %" PRId64 " rows",
                array->null_count, array->length);
    return read_values(reading, node, field, shape, array);
}

static enum joist_status read_compression(struct reading *reading, const struct ji_flat_table *batch)
{
    const struct ji_flat_table compression = ji_flat_child(batch, JI_IPC_BATCH_COMPRESSION);
    if (compression.buffer == NULL)
        return JOIST_OK;
    const int64_t codec = ji_flat_number(&compression, 0, 1, 0);
    const int64_t method = ji_flat_number(&compression, 1, 1, 0);
    if (codec > 1 || method != 0)
        return ji_fail(reading->err, JOIST_ERR_UNSUPPORTED, "compression of number %" PRId64 ", %" PRId64,
                codec, method);
    reading->is_packed = true;
    reading->codec = codec == 0 ? JI_CODEC_LZ4_FRAME : JI_CODEC_ZSTD;
    return JOIST_OK;
}

enum joist_status ji_ipc_arrays_read(const struct ji_flat_table *batch, const struct ji_ipc_body *body,
        const struct ji_ipc_node *root, const struct ji_field *fields, const struct ji_array_shape *shape,
        struct ArrowArray *array, struct joist_error *err)
{
    struct reading reading = {.body = body, .err = err};
    struct ArrowArray made = {
            .length = ji_flat_number(batch, JI_IPC_BATCH_LENGTH, 8, 0), .release = release_nothing};
    reading.nodes = ji_flat_structs(batch, JI_IPC_BATCH_NODES, JI_IPC_PAIR_BYTES);
    reading.buffers = ji_flat_structs(batch, JI_IPC_BATCH_BUFFERS, JI_IPC_PAIR_BYTES);
    reading.variadic = ji_flat_structs(batch, JI_IPC_BATCH_VARIADIC, 8);
    JI_TRY(read_compression(&reading, batch));
    if (batch->buffer == NULL || batch->buffer->is_bad)
        return ji_fail(err, JOIST_ERR_CORRUPT, "a record batch whose offsets lead nowhere");
    JI_TRY(check_rows(made.length, err));
    JI_TRY(make_buffers(&reading, 1, &made));
    JI_TRY(read_children(&reading, root, fields, shape, &made));
    if (reading.node != reading.nodes.count || reading.buffer != reading.buffers.count)
        return ji_fail(err, JOIST_ERR_CORRUPT, "more arrays or buffers than the schema has");
    for (int64_t i = 0; i < made.n_children; i++) {
        if (made.children[i]->length != made.length)
            return ji_fail(err, JOIST_ERR_CORRUPT,
                    "column '%.200s': %" PRId64 " rows where %" PRId64 " are due", fields[i].name,
                    made.children[i]->length, made.length);
    }
    *array = made;
    return JOIST_OK;
}
