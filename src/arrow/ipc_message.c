/*
 * ipc_message.c - the messages of an IPC stream or file, one after the other
 *
 *   1. No memory is taken for bytes that are not there: sizes meet what is left of a file, and what comes
 *      through a pipe is taken in steps.
 *   2. Bytes of a pipe are read in order: a body that nobody wanted is read and dropped.
 */
#include "arrow/ipc_message.h"

#define HEAD_BYTES 8
#define TAIL_BYTES (4 + JI_IPC_MAGIC_BYTES)
#define STEP_BYTES ((size_t)1 << 20)

static enum joist_status fail(
        const struct ji_ipc_messages *messages, const char *what, struct joist_error *err)
{
    return ji_fail(err, JOIST_ERR_CORRUPT, "%s: %s", ji_source_name(&messages->source), what);
}

/* `bytes` bytes at `offset` into `out` from its start. */
static enum joist_status read_bytes(struct ji_ipc_messages *messages, uint64_t offset, uint64_t bytes,
        struct ji_bytes *out, struct joist_error *err)
{
    out->size = 0;
    if (messages->size != JOIST_SIZE_UNKNOWN && !ji_range_fits(offset, bytes, messages->size))
        return ji_fail(err, JOIST_ERR_CORRUPT, "%s: %" PRIu64 " bytes at %" PRIu64 " of %" PRIu64,
                ji_source_name(&messages->source), bytes, offset, messages->size);
    if (bytes > SIZE_MAX / 2)
        return ji_fail(err, JOIST_ERR_LIMIT, "%s: a message of %" PRIu64 " bytes",
                ji_source_name(&messages->source), bytes);
    while (out->size < bytes) {
        size_t step = (size_t)bytes - out->size;
        if (messages->size == JOIST_SIZE_UNKNOWN)
            step = ji_min_size(step, ji_max_size(out->size, STEP_BYTES));
        JI_TRY(ji_bytes_reserve(out, step, err));
        JI_TRY(ji_source_read(&messages->source, offset + out->size, step, out->data + out->size, err));
        out->size += step;
    }
    return JOIST_OK;
}

static enum joist_status take_message(
        struct ji_ipc_messages *messages, struct ji_ipc_message *message, struct joist_error *err)
{
    ji_flat_init(&message->buffer, ji_view_of(messages->bytes.data, messages->bytes.size));
    const struct ji_flat_table table = ji_flat_root(&message->buffer);
    const int64_t version = ji_flat_number(&table, JI_IPC_MESSAGE_VERSION, 2, 0);
    const int64_t kind = ji_flat_number(&table, JI_IPC_MESSAGE_KIND, 1, 0);
    const int64_t body_bytes = ji_flat_number(&table, JI_IPC_MESSAGE_BODY_BYTES, 8, 0);
    message->header = ji_flat_child(&table, JI_IPC_MESSAGE_HEADER);
    if (message->buffer.is_bad || message->header.buffer == NULL || body_bytes < 0)
        return fail(messages, "not an Arrow message", err);
    if (version != JI_IPC_VERSION_4 && version != JI_IPC_VERSION_5)
        return ji_fail(err, JOIST_ERR_UNSUPPORTED, "%s: version %" PRId64 " of Arrow's IPC format",
                ji_source_name(&messages->source), version + 1);
    if (kind < JI_IPC_SCHEMA || kind > JI_IPC_BATCH)
        return ji_fail(err, JOIST_ERR_UNSUPPORTED, "%s: an Arrow message of kind %" PRId64,
                ji_source_name(&messages->source), kind);
    message->kind = (enum ji_ipc_kind)kind;
    messages->body_bytes = (uint64_t)body_bytes;
    return JOIST_OK;
}

/* --- in order --- */

/* The size that stands before a message, 0 at the end. */
static enum joist_status read_size(struct ji_ipc_messages *messages, uint32_t *size, struct joist_error *err)
{
    uint8_t head[4];
    size_t got = 0;
    *size = 0;
    JI_TRY(ji_source_read_some(&messages->source, messages->offset, sizeof head, head, &got, err));
    messages->offset += got;
    if (got == 0 && !messages->is_file)
        return JOIST_OK; /* a stream may just stop */
    if (got < sizeof head)
        return fail(messages, "ends within a message", err);
    *size = ji_load_le32(head);
    if (*size != JI_IPC_CONTINUATION)
        return JOIST_OK; /* before Arrow 0.15 there was no marker */
    JI_TRY(ji_source_read(&messages->source, messages->offset, sizeof head, head, err));
    messages->offset += sizeof head;
    *size = ji_load_le32(head);
    return JOIST_OK;
}

static enum joist_status skip_body(struct ji_ipc_messages *messages, struct joist_error *err)
{
    if (messages->size != JOIST_SIZE_UNKNOWN) {
        messages->offset += messages->body_bytes;
        messages->body_bytes = 0;
        return JOIST_OK;
    }
    while (messages->body_bytes > 0) {
        const size_t step = (size_t)ji_min_u64(messages->body_bytes, STEP_BYTES);
        messages->bytes.size = 0;
        JI_TRY(ji_bytes_reserve(&messages->bytes, step, err));
        JI_TRY(ji_source_read(&messages->source, messages->offset, step, messages->bytes.data, err));
        messages->offset += step;
        messages->body_bytes -= step;
    }
    return JOIST_OK;
}

static enum joist_status next_in_order(
        struct ji_ipc_messages *messages, struct ji_ipc_message *message, struct joist_error *err)
{
    uint32_t size = 0;
    JI_TRY(skip_body(messages, err));
    JI_TRY(read_size(messages, &size, err));
    message->kind = JI_IPC_END;
    if (size == 0)
        return JOIST_OK;
    if (size > JI_IPC_MESSAGE_BYTES_MAX)
        return ji_fail(err, size > INT32_MAX ? JOIST_ERR_CORRUPT : JOIST_ERR_LIMIT,
                "%s: an Arrow message of %" PRIu32 " bytes", ji_source_name(&messages->source), size);
    JI_TRY(read_bytes(messages, messages->offset, size, &messages->bytes, err));
    messages->offset += size;
    messages->body_offset = messages->offset;
    return take_message(messages, message, err);
}

/* --- by the footer --- */

static enum joist_status take_blocks(struct ji_ipc_messages *messages, const struct ji_flat_table *footer,
        unsigned index, struct joist_error *err)
{
    const struct ji_flat_vector vector = ji_flat_structs(footer, index, JI_IPC_BLOCK_BYTES);
    if (vector.count > JI_IPC_BLOCKS_MAX)
        return ji_fail(err, JOIST_ERR_LIMIT, "%s: %zu record batches", ji_source_name(&messages->source),
                vector.count);
    for (size_t i = 0; i < vector.count; i++) {
        const uint8_t *from = ji_flat_bytes(&vector, i, JI_IPC_BLOCK_BYTES);
        const struct ji_ipc_block block = {.offset = ji_load_le64(from),
                .message_bytes = ji_load_le32(from + 8),
                .body_bytes = ji_load_le64(from + 16)};
        if (block.message_bytes > JI_IPC_MESSAGE_BYTES_MAX || block.message_bytes < HEAD_BYTES ||
                !ji_range_fits(block.offset, block.message_bytes, messages->size) ||
                !ji_range_fits(block.offset + block.message_bytes, block.body_bytes, messages->size))
            return fail(messages, "a block outside of the file", err);
        JI_TRY(ji_bytes_append(&messages->blocks, &block, sizeof block, err));
    }
    return JOIST_OK;
}

static enum joist_status read_footer(
        struct ji_ipc_messages *messages, struct ji_ipc_message *schema, struct joist_error *err)
{
    uint8_t tail[TAIL_BYTES];
    if (messages->size < HEAD_BYTES + TAIL_BYTES)
        return fail(messages, "too short for an Arrow file", err);
    JI_TRY(ji_source_read(&messages->source, messages->size - TAIL_BYTES, TAIL_BYTES, tail, err));
    const uint32_t size = ji_load_le32(tail);
    if (memcmp(tail + 4, JI_IPC_MAGIC, JI_IPC_MAGIC_BYTES) != 0)
        return fail(messages, "no Arrow file's end: it was cut short, or is still being written", err);
    if (size > JI_IPC_MESSAGE_BYTES_MAX || size > messages->size - HEAD_BYTES - TAIL_BYTES)
        return fail(messages, "an Arrow footer of wrong size", err);
    JI_TRY(read_bytes(messages, messages->size - TAIL_BYTES - size, size, &messages->bytes, err));
    ji_flat_init(&schema->buffer, ji_view_of(messages->bytes.data, messages->bytes.size));
    const struct ji_flat_table footer = ji_flat_root(&schema->buffer);
    schema->header = ji_flat_child(&footer, JI_IPC_FOOTER_SCHEMA);
    JI_TRY(take_blocks(messages, &footer, JI_IPC_FOOTER_DICTIONARIES, err));
    JI_TRY(take_blocks(messages, &footer, JI_IPC_FOOTER_BATCHES, err));
    if (schema->buffer.is_bad || schema->header.buffer == NULL)
        return fail(messages, "an Arrow footer whose offsets lead nowhere", err);
    schema->kind = JI_IPC_SCHEMA;
    return JOIST_OK;
}

static enum joist_status next_block(
        struct ji_ipc_messages *messages, struct ji_ipc_message *message, struct joist_error *err)
{
    const struct ji_ipc_block *blocks = (const struct ji_ipc_block *)(const void *)messages->blocks.data;
    message->kind = JI_IPC_END;
    if (messages->next_block == messages->blocks.size / sizeof *blocks)
        return JOIST_OK;
    const struct ji_ipc_block block = blocks[messages->next_block++];
    JI_TRY(read_bytes(messages, block.offset, block.message_bytes, &messages->bytes, err));
    struct ji_bytes *bytes = &messages->bytes;
    const size_t head = ji_load_le32(bytes->data) == JI_IPC_CONTINUATION ? HEAD_BYTES : 4;
    bytes->size -= head;
    memmove(bytes->data, bytes->data + head, bytes->size);
    messages->body_offset = block.offset + block.message_bytes;
    JI_TRY(take_message(messages, message, err));
    if (messages->body_bytes > block.body_bytes)
        return fail(messages, "a message whose body is longer than its block", err);
    return JOIST_OK;
}

enum joist_status ji_ipc_message_next(
        struct ji_ipc_messages *messages, struct ji_ipc_message *message, struct joist_error *err)
{
    if (messages->is_file && messages->size != JOIST_SIZE_UNKNOWN)
        return next_block(messages, message, err);
    return next_in_order(messages, message, err);
}

enum joist_status ji_ipc_body_read(
        struct ji_ipc_messages *messages, struct ji_bytes *body, struct joist_error *err)
{
    const uint64_t bytes = messages->body_bytes;
    JI_TRY(read_bytes(messages, messages->body_offset, bytes, body, err));
    messages->offset = messages->body_offset + bytes;
    messages->body_bytes = 0;
    return JOIST_OK;
}

/* --- opening --- */

/* The first message of a stream, whose head has been read. */
static enum joist_status first_in_order(struct ji_ipc_messages *messages, const uint8_t head[HEAD_BYTES],
        struct ji_ipc_message *schema, struct joist_error *err)
{
    const bool marked = ji_load_le32(head) == JI_IPC_CONTINUATION;
    const uint32_t size = ji_load_le32(marked ? head + 4 : head);
    const size_t held = marked ? 0 : 4;
    if (size <= held || size > JI_IPC_MESSAGE_BYTES_MAX)
        return fail(messages, "not Arrow's IPC format", err);
    JI_TRY(read_bytes(messages, messages->offset, size - held, &messages->bytes, err));
    messages->offset += size - held;
    if (held > 0) {
        JI_TRY(ji_bytes_reserve(&messages->bytes, held, err));
        memmove(messages->bytes.data + held, messages->bytes.data, messages->bytes.size);
        memcpy(messages->bytes.data, head + 4, held);
        messages->bytes.size += held;
    }
    messages->body_offset = messages->offset;
    return take_message(messages, schema, err);
}

static enum joist_status open_messages(
        struct ji_ipc_messages *messages, struct ji_ipc_message *schema, struct joist_error *err)
{
    uint8_t head[HEAD_BYTES];
    size_t got = 0;
    JI_TRY(ji_source_read_some(&messages->source, 0, sizeof head, head, &got, err));
    messages->offset = got;
    if (got >= 4 && memcmp(head, "FEA1", 4) == 0)
        return ji_fail(
                err, JOIST_ERR_UNSUPPORTED, "%s: Feather version 1", ji_source_name(&messages->source));
    if (got < HEAD_BYTES)
        return fail(messages, "too short for Arrow's IPC format", err);
    messages->is_file = memcmp(head, JI_IPC_MAGIC, JI_IPC_MAGIC_BYTES) == 0;
    if (messages->is_file && messages->size != JOIST_SIZE_UNKNOWN)
        return read_footer(messages, schema, err);
    if (messages->is_file)
        return next_in_order(messages, schema, err);
    return first_in_order(messages, head, schema, err);
}

enum joist_status ji_ipc_messages_open(struct ji_ipc_messages *messages, struct ji_mem *mem,
        struct joist_source source, struct ji_ipc_message *schema, struct joist_error *err)
{
    *messages = (struct ji_ipc_messages){.source = source, .size = ji_source_size(&source)};
    ji_bytes_init(&messages->bytes, mem);
    ji_bytes_init(&messages->blocks, mem);
    enum joist_status status = open_messages(messages, schema, err);
    if (status == JOIST_OK && schema->kind != JI_IPC_SCHEMA)
        status = fail(messages, "an Arrow stream that does not begin with its schema", err);
    if (status != JOIST_OK)
        ji_ipc_messages_close(messages);
    return status;
}

void ji_ipc_messages_close(struct ji_ipc_messages *messages)
{
    ji_bytes_clear(&messages->bytes);
    ji_bytes_clear(&messages->blocks);
}
