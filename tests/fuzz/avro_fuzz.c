/*
 * avro_fuzz.c - any bytes as an Avro object file: records that are read can be written and read again
 */
#include "base/ctx.h"
#include "wire/avro_file.h"

#include <joist/joist.h>

#include <stdlib.h>

#define RECORDS_MAX 1000

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A codec that leaves bytes as they are, so that its paths are walked too. */
static enum joist_status keep(void *user, const char *codec, struct ji_view in, size_t bytes_max,
        struct ji_bytes *out, struct joist_error *err)
{
    (void)user;
    (void)codec;
    if (in.size > bytes_max)
        return JOIST_ERR_LIMIT;
    return ji_bytes_append(out, in.data, in.size, err);
}

static void write_back(struct ji_arena *arena, const struct ji_avro_type *type,
        const struct ji_avro_value *record, struct ji_bytes *bytes)
{
    struct ji_avro_value again;
    size_t used = 0;
    bytes->size = 0;
    if (ji_avro_encode(type, record, bytes, NULL) != JOIST_OK)
        return;
    const enum joist_status status =
            ji_avro_decode(arena, type, ji_view_of(bytes->data, bytes->size), &again, &used, NULL);
    if (status == JOIST_ERR_CORRUPT || (status == JOIST_OK && used != bytes->size))
        abort();
}

static void read_records(struct ji_avro_reader *reader, struct ji_mem *mem)
{
    struct ji_arena arena;
    struct ji_bytes bytes;
    ji_arena_init(&arena, mem);
    ji_bytes_init(&bytes, mem);
    for (int i = 0; i < RECORDS_MAX; i++) {
        const struct ji_avro_value *record = NULL;
        ji_arena_reset(&arena);
        if (ji_avro_reader_next(reader, &arena, &record, NULL) != JOIST_OK || record == NULL)
            break;
        write_back(&arena, ji_avro_reader_schema(reader), record, &bytes);
    }
    ji_bytes_clear(&bytes);
    ji_arena_clear(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct joist_ctx_options options = {.struct_size = sizeof options, .memory_bytes_max = 16 << 20};
    const struct ji_avro_codec codec = {.decompress = keep};
    struct joist_ctx *ctx = NULL;
    if (joist_ctx_open(&options, &ctx, NULL) != JOIST_OK)
        return 0;
    struct ji_avro_reader *reader = NULL;
    if (ji_avro_reader_open(ji_ctx_mem(ctx), ji_view_of(data, size), &codec, &reader, NULL) == JOIST_OK)
        read_records(reader, ji_ctx_mem(ctx));
    ji_avro_reader_close(reader);
    joist_ctx_close(ctx);
    return 0;
}
