/*
 * ipc_write.c - a stream of batches in Arrow's IPC format
 *
 *     file     "ARROW1\0\0" schema batch batch ... end [Footer][size:4]"ARROW1"
 *     stream                schema batch batch ... end
 *
 *   1. A message begins and its body begins at a multiple of 8, the buffers in it at one of 64.
 *   2. What is held is one batch, the values of dictionaries, and 24 bytes for each batch before it in a
 *      file.
 *   3. A stream's dictionary stands before the batch that needs it, and is replaced where another batch has
 *      values that it lacks. A file's may not be replaced: its dictionaries grow with the batches and stand
 *      behind the last one, where the footer says, those within others' values first.
 */
#include "arrow/array_shape.h"
#include "arrow/arrow_schema.h"
#include "arrow/ipc_body.h"
#include "arrow/ipc_fields.h"
#include "arrow/ipc_format.h"
#include "arrow/ipc_stream.h"
#include "base/io.h"

#include <assert.h>

struct ipc_writer {
    struct joist_ctx *ctx;
    struct ji_mem *mem;
    struct joist_sink *sink;
    struct joist_ipc_options options;
    struct ji_ipc_packing packing;
    struct ArrowSchema schema;
    struct ji_bytes message;
    struct ji_bytes blocks; /* of the footer */
    struct ji_bytes dictionary_blocks;
    struct ji_ipc_dictionaries dictionaries;
    struct ji_ipc_parts parts;
    uint64_t offset; /* bytes written */
};

enum joist_status ji_ipc_options_take(
        const struct joist_ipc_options *from, struct joist_ipc_options *to, struct joist_error *err)
{
    struct joist_ipc_options taken = {.struct_size = sizeof taken};
    if (from != NULL) {
        if (from->struct_size < sizeof from->struct_size)
            return ji_fail(err, JOIST_ERR_INVALID, "joist_ipc_options.struct_size is not set");
        if (from->struct_size > sizeof taken)
            return ji_fail(err, JOIST_ERR_UNSUPPORTED,
                    "joist_ipc_options of %zu bytes are of a newer library", from->struct_size);
        memcpy(&taken, from, from->struct_size);
    }
    if ((unsigned)taken.codec > JOIST_IPC_ZSTD)
        return ji_fail(err, JOIST_ERR_INVALID, "codec %d of Arrow's IPC format", (int)taken.codec);
    *to = taken;
    return JOIST_OK;
}

static enum joist_status put(
        struct ipc_writer *writer, const void *data, size_t bytes, struct joist_error *err)
{
    JI_TRY(ji_sink_append(writer->sink, data, bytes, err));
    writer->offset += bytes;
    return JOIST_OK;
}

/* The root of a message; `place` is where its header is to be pointed to. */
static enum joist_status begin_message(
        struct ipc_writer *writer, unsigned kind, uint64_t body_bytes, size_t *place, struct joist_error *err)
{
    const struct ji_flat_slot slots[] = {{.index = 0, .width = 2, .number = JI_IPC_VERSION_5},
            {.index = 1, .width = 1, .number = kind}, {.index = 2, .width = 4},
            {.index = 3, .width = 8, .number = (int64_t)body_bytes}};
    size_t places[4];
    size_t at;
    JI_TRY(ji_flat_begin(&writer->message, err));
    JI_TRY(ji_flat_put_table(&writer->message, slots, 4, &at, places, err));
    ji_flat_point(&writer->message, 0, at);
    *place = places[2];
    return JOIST_OK;
}

/* The message that was made, with what stands before it; `bytes` is how many that is. */
static enum joist_status end_message(struct ipc_writer *writer, size_t *bytes, struct joist_error *err)
{
    uint8_t head[8];
    JI_TRY(ji_flat_end(&writer->message, err));
    ji_store_le32(head, UINT32_MAX);
    ji_store_le32(head + 4, (uint32_t)writer->message.size);
    *bytes = sizeof head + writer->message.size;
    JI_TRY(put(writer, head, sizeof head, err));
    return put(writer, writer->message.data, writer->message.size, err);
}

static enum joist_status put_schema(struct ipc_writer *writer, struct joist_error *err)
{
    static const uint8_t magic[8] = JI_IPC_MAGIC;
    size_t place;
    size_t at;
    size_t bytes;
    if (!writer->options.as_stream)
        JI_TRY(put(writer, magic, sizeof magic, err));
    JI_TRY(begin_message(writer, JI_IPC_SCHEMA, 0, &place, err));
    JI_TRY(ji_ipc_fields_put(&writer->message, &writer->schema, &at, err));
    ji_flat_point(&writer->message, place, at);
    return end_message(writer, &bytes, err);
}

static enum joist_status put_structs(struct ipc_writer *writer, const struct ji_bytes *from, size_t width,
        size_t place, struct joist_error *err)
{
    size_t at;
    JI_TRY(ji_flat_put_vector(&writer->message, from->size / width, width, &at, err));
    if (from->size > 0)
        memcpy(writer->message.data + at + 4, from->data, from->size);
    ji_flat_point(&writer->message, place, at);
    return JOIST_OK;
}

/* The table RecordBatch of the parts, pointed to from `place`. */
static enum joist_status put_parts(
        struct ipc_writer *writer, int64_t rows, size_t place, struct joist_error *err)
{
    const struct ji_ipc_parts *const parts = &writer->parts;
    const int64_t codec = writer->packing.codec == JI_CODEC_ZSTD ? JI_IPC_CODEC_ZSTD : JI_IPC_CODEC_LZ4;
    const struct ji_flat_slot codec_slots[] = {{.index = 0, .width = 1, .number = codec}};
    const bool is_packed = writer->packing.codec != JI_CODEC_NONE;
    const bool has_views = parts->variadic.size > 0;
    struct ji_flat_slot slots[5] = {
            {.index = 0, .width = 8, .number = rows}, {.index = 1, .width = 4}, {.index = 2, .width = 4}};
    size_t count = 3;
    size_t places[5];
    size_t at;
    if (is_packed)
        slots[count++] = (struct ji_flat_slot){.index = 3, .width = 4};
    if (has_views)
        slots[count++] = (struct ji_flat_slot){.index = 4, .width = 4};
    JI_TRY(ji_flat_put_table(&writer->message, slots, count, &at, places, err));
    ji_flat_point(&writer->message, place, at);
    JI_TRY(put_structs(writer, &parts->nodes, JI_IPC_PAIR_BYTES, places[1], err));
    JI_TRY(put_structs(writer, &parts->buffers, JI_IPC_PAIR_BYTES, places[2], err));
    if (has_views)
        JI_TRY(put_structs(writer, &parts->variadic, sizeof(int64_t), places[count - 1], err));
    if (!is_packed)
        return JOIST_OK;
    JI_TRY(ji_flat_put_table(&writer->message, codec_slots, 1, &at, NULL, err));
    ji_flat_point(&writer->message, places[3], at);
    return JOIST_OK;
}

/* The message and its body; `blocks` gets its place. */
static enum joist_status end_body(struct ipc_writer *writer, struct ji_bytes *blocks, struct joist_error *err)
{
    uint8_t block[JI_IPC_BLOCK_BYTES] = {0};
    size_t bytes;
    ji_store_le64(block, writer->offset);
    JI_TRY(end_message(writer, &bytes, err));
    JI_TRY(put(writer, writer->parts.body.data, writer->parts.body.size, err));
    ji_store_le32(block + 8, (uint32_t)bytes);
    ji_store_le64(block + 16, writer->parts.body.size);
    return writer->options.as_stream ? JOIST_OK : ji_bytes_append(blocks, block, sizeof block, err);
}

static enum joist_status take_dictionaries(struct ipc_writer *writer, const struct ArrowSchema *schema,
        struct ArrowArray *array, size_t *number, struct joist_error *err);

static enum joist_status put_dictionary(
        struct ipc_writer *writer, size_t number, struct ArrowArray *values, struct joist_error *err)
{
    struct ji_ipc_dictionary *const dictionary = &writer->dictionaries.items[number];
    const struct ji_ipc_part part = {
            .schema = dictionary->values, .array = values, .dictionaries = dictionary + 1};
    const struct ji_flat_slot slots[] = {
            {.index = 0, .width = 8, .number = (int64_t)number}, {.index = 1, .width = 4}};
    size_t inner = number + 1;
    size_t places[2];
    size_t place;
    size_t at;
    for (int64_t i = 0; i < values->n_children; i++)
        JI_TRY(take_dictionaries(writer, dictionary->values->children[i], values->children[i], &inner, err));
    JI_TRY(ji_ipc_parts_of_values(&writer->parts, &part, &writer->packing, err));
    JI_TRY(begin_message(writer, JI_IPC_DICTIONARY, writer->parts.body.size, &place, err));
    JI_TRY(ji_flat_put_table(&writer->message, slots, 2, &at, places, err));
    ji_flat_point(&writer->message, place, at);
    JI_TRY(put_parts(writer, values->length, places[1], err));
    JI_TRY(end_body(writer, &writer->dictionary_blocks, err));
    dictionary->is_written = true;
    return JOIST_OK;
}

static enum joist_status write_dictionary(struct ipc_writer *writer, size_t number, struct joist_error *err)
{
    struct ArrowArray values = {.release = NULL};
    JI_TRY(ji_ipc_dictionary_export(writer->ctx, &writer->dictionaries, number, &values, err));
    const enum joist_status status = put_dictionary(writer, number, &values, err);
    values.release(&values);
    return status;
}

/* What the array and those below have of values; a stream has them before the array. */
static enum joist_status take_dictionaries(struct ipc_writer *writer, const struct ArrowSchema *schema,
        struct ArrowArray *array, size_t *number, struct joist_error *err)
{
    if (schema->dictionary == NULL) {
        for (int64_t i = 0; i < array->n_children; i++)
            JI_TRY(take_dictionaries(writer, schema->children[i], array->children[i], number, err));
        return JOIST_OK;
    }
    const struct ji_ipc_dictionary *const dictionary = &writer->dictionaries.items[*number];
    const bool is_stream = writer->options.as_stream;
    JI_TRY(ji_ipc_dictionary_take(&writer->dictionaries, *number, array->dictionary, is_stream, err));
    if (is_stream && !dictionary->is_written)
        JI_TRY(write_dictionary(writer, *number, err));
    *number += 1 + dictionary->inner;
    return JOIST_OK;
}

static enum joist_status put_batch(
        struct ipc_writer *writer, struct ArrowArray *array, struct joist_error *err)
{
    const struct ji_ipc_part part = {
            .schema = &writer->schema, .array = array, .dictionaries = writer->dictionaries.items};
    size_t number = 0;
    size_t place;
    JI_TRY(take_dictionaries(writer, &writer->schema, array, &number, err));
    JI_TRY(ji_ipc_parts_of_columns(&writer->parts, &part, &writer->packing, err));
    JI_TRY(begin_message(writer, JI_IPC_BATCH, writer->parts.body.size, &place, err));
    JI_TRY(put_parts(writer, array->length, place, err));
    return end_body(writer, &writer->blocks, err);
}

/* A file's, behind its batches: those within others come later, and are read first. */
static enum joist_status put_dictionaries(struct ipc_writer *writer, struct joist_error *err)
{
    uint8_t block[JI_IPC_BLOCK_BYTES];
    const size_t count = writer->options.as_stream ? 0 : writer->dictionaries.count;
    for (size_t i = 0; i < count; i++)
        JI_TRY(write_dictionary(writer, i, err));
    for (size_t i = 0; i < count / 2; i++) {
        uint8_t *const front = writer->dictionary_blocks.data + i * JI_IPC_BLOCK_BYTES;
        uint8_t *const back = writer->dictionary_blocks.data + (count - 1 - i) * JI_IPC_BLOCK_BYTES;
        memcpy(block, front, JI_IPC_BLOCK_BYTES);
        memcpy(front, back, JI_IPC_BLOCK_BYTES);
        memcpy(back, block, JI_IPC_BLOCK_BYTES);
    }
    return JOIST_OK;
}

static enum joist_status put_end(struct ipc_writer *writer, struct joist_error *err)
{
    static const uint8_t end[8] = {0xff, 0xff, 0xff, 0xff};
    static const struct ji_flat_slot slots[] = {{.index = 0, .width = 2, .number = JI_IPC_VERSION_5},
            {.index = 1, .width = 4}, {.index = 2, .width = 4}, {.index = 3, .width = 4}};
    struct ji_bytes *footer = &writer->message;
    uint8_t size[4];
    size_t places[4];
    size_t at;
    JI_TRY(put_dictionaries(writer, err));
    JI_TRY(put(writer, end, sizeof end, err));
    if (writer->options.as_stream)
        return JOIST_OK;
    JI_TRY(ji_flat_begin(footer, err));
    JI_TRY(ji_flat_put_table(footer, slots, 4, &at, places, err));
    ji_flat_point(footer, 0, at);
    JI_TRY(ji_ipc_fields_put(footer, &writer->schema, &at, err));
    ji_flat_point(footer, places[1], at);
    JI_TRY(put_structs(writer, &writer->dictionary_blocks, JI_IPC_BLOCK_BYTES, places[2], err));
    JI_TRY(put_structs(writer, &writer->blocks, JI_IPC_BLOCK_BYTES, places[3], err));
    JI_TRY(ji_flat_end(footer, err));
    ji_store_le32(size, (uint32_t)footer->size);
    JI_TRY(put(writer, footer->data, footer->size, err));
    JI_TRY(put(writer, size, sizeof size, err));
    return put(writer, JI_IPC_MAGIC, JI_IPC_MAGIC_BYTES, err);
}

static enum joist_status write_all(
        struct ipc_writer *writer, struct ArrowArrayStream *arrays, struct joist_error *err)
{
    JI_TRY(put_schema(writer, err));
    for (;;) {
        struct ArrowArray array = {.release = NULL};
        JI_TRY(ji_cancel_check(writer->options.cancel, err));
        JI_TRY(joist_stream_next(arrays, &array, err));
        if (array.release == NULL)
            return put_end(writer, err);
        const enum joist_status status = put_batch(writer, &array, err);
        array.release(&array);
        JI_TRY(status);
    }
}

/* What is written, and how its arrays are laid out. */
struct ipc_rows {
    struct ArrowArrayStream arrays; /* of our own making */
    const struct ji_schema *schema;
    const struct ji_array_shape *shape;
};

static enum joist_status write_rows(
        struct joist_ctx *ctx, struct ipc_rows *rows, struct ipc_writer *writer, struct joist_error *err)
{
    static const enum ji_codec codecs[] = {
            [JOIST_IPC_NONE] = JI_CODEC_NONE,
            [JOIST_IPC_LZ4] = JI_CODEC_LZ4_FRAME,
            [JOIST_IPC_ZSTD] = JI_CODEC_ZSTD,
    };
    enum joist_status status = JOIST_OK;
    writer->ctx = ctx;
    writer->packing.codec = codecs[writer->options.codec];
    writer->packing.level = writer->options.level;
    JI_TRY(ji_codec_check(writer->packing.codec, writer->packing.level, err));
    JI_TRY(ji_mem_open(ji_ctx_mem(ctx), "arrow ipc", &writer->mem, err));
    ji_bytes_init(&writer->message, writer->mem);
    ji_bytes_init(&writer->blocks, writer->mem);
    ji_bytes_init(&writer->dictionary_blocks, writer->mem);
    ji_ipc_parts_init(&writer->parts, writer->mem);
    JI_TRY_OUT(ji_codec_context_open(writer->mem, &writer->packing.codecs, err));
    JI_TRY_OUT(ji_shaped_schema_hand_out(ctx, rows->schema, rows->shape, &writer->schema, err));
    JI_TRY_OUT(ji_ipc_dictionaries_init(
            &writer->dictionaries, writer->mem, rows->schema, rows->shape, &writer->schema, err));
    JI_TRY_OUT(write_all(writer, &rows->arrays, err));

out:
    ji_ipc_dictionaries_clear(&writer->dictionaries);
    if (writer->schema.release != NULL)
        writer->schema.release(&writer->schema);
    ji_codec_context_close(writer->packing.codecs);
    ji_ipc_parts_clear(&writer->parts);
    ji_bytes_clear(&writer->dictionary_blocks);
    ji_bytes_clear(&writer->blocks);
    ji_bytes_clear(&writer->message);
    ji_mem_close(writer->mem);
    return status;
}

/* How the stream says that its arrays are laid out; of the engine's own rows: how they leave. */
static enum joist_status read_shape(struct ji_arena *arena, struct ArrowArrayStream *stream,
        const struct ji_array_shape **shape, struct joist_error *err)
{
    struct ArrowSchema schema = {.release = NULL};
    struct ji_schema fields;
    const int failed = stream->get_schema(stream, &schema);
    if (failed != 0)
        return ji_fail_errno(err, failed, "the stream's schema");
    const enum joist_status status = ji_schema_import_shape(arena, &schema, &fields, shape, err);
    schema.release(&schema);
    return status;
}

static enum joist_status write_stream(struct joist_ctx *ctx, struct ji_batch_stream *batches,
        struct ipc_rows *rows, struct ipc_writer *writer, struct joist_error *err)
{
    rows->schema = ji_stream_schema(batches);
    const enum joist_status status = ji_shaped_stream_export(ctx, batches, rows->shape, &rows->arrays, err);
    if (status != JOIST_OK) {
        ji_stream_close(batches);
        return status;
    }
    return write_rows(ctx, rows, writer, err);
}

enum joist_status joist_ipc_write(struct joist_ctx *ctx, struct ArrowArrayStream *stream,
        struct joist_sink sink, const struct joist_ipc_options *options, struct joist_error *err)
{
    assert(ctx != NULL && stream != NULL && sink.ops != NULL);
    enum joist_status status = JOIST_OK;
    struct ipc_writer writer = {.sink = &sink};
    struct ipc_rows rows = {.shape = NULL};
    struct ji_batch_stream batches;
    struct ji_arena arena;
    JI_TRY(ji_ipc_options_take(options, &writer.options, err));
    JI_TRY(ji_stream_import(ctx, stream, &batches, err));
    ji_arena_init(&arena, ji_ctx_mem(ctx));
    status = read_shape(&arena, stream, &rows.shape, err);
    if (status != JOIST_OK)
        ji_stream_close(&batches);
    else
        status = write_stream(ctx, &batches, &rows, &writer, err);
    if (rows.arrays.release != NULL)
        rows.arrays.release(&rows.arrays);
    ji_arena_clear(&arena);
    return status;
}
