/*
 * bloom_fuzz.c - any bytes as a Bloom filter, with a length or without, and as a dictionary that proves values lacking
 *
 *     [flags][physical type][offset: 2][bytes ...]
 */
#include <joist/joist.h>

#include "base/ctx.h"
#include "codec/checksum.h"
#include "parquet/read/bloom_probe.h"
#include "parquet/read/dictionary_facts.h"
#include "support/bytes_source.h"

#define HEAD_BYTES 4

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void ask_filter(struct joist_parquet_file *file, const struct ji_chunk *chunk, struct ji_arena *arena)
{
    const struct ji_module_place place = {.file = file};
    struct ji_bloom_probe probe;
    if (ji_bloom_probe_open(&probe, &place, chunk, arena, NULL) != JOIST_OK)
        return;
    for (uint64_t value = 0; value < 40; value++) {
        bool may_have = false;
        ji_ignore(ji_bloom_probe_may_have(&probe, ji_xxh64(&value, sizeof value, 0), &may_have, NULL),
                "any status will do");
    }
}

static void ask_dictionary(struct joist_parquet_file *file, struct ji_arena *arena)
{
    struct ji_dictionary_facts facts;
    if (ji_dictionary_facts_read(file, 0, 0, arena, &facts, NULL) != JOIST_OK)
        return;
    for (uint64_t value = 0; value < 40; value++)
        (void)ji_dictionary_facts_may_have(&facts, ji_xxh64(&value, sizeof value, 0));
}

static void ask_all(struct joist_ctx *ctx, const uint8_t *data, size_t size)
{
    static const struct ji_field field = {.name = "x", .kind = JI_BINARY};
    static const struct ji_encoding_stat stat = {
            .page_type = JI_PAGE_DATA, .encoding = JI_ENCODING_RLE_DICTIONARY, .count = 1};
    const struct ji_schema_element element = {
            .physical = (enum ji_physical)(data[1] % (JI_PHYSICAL_FIXED + 1)), .type_length = 5};
    const struct ji_shape shape = {.field = &field, .leaf_count = 1};
    struct ji_leaf leaf = {.element = &element, .field = &field, .shape = &shape, .name = "x"};
    struct ji_chunk chunk = {.has_metadata = true,
            .codec = (data[0] & 8) != 0 ? JI_PARQUET_SNAPPY : JI_PARQUET_UNCOMPRESSED,
            .value_count = 10,
            .compressed_bytes = (int64_t)(size - HEAD_BYTES),
            .data_page_offset = (int64_t)size,
            .dictionary_page_offset = HEAD_BYTES,
            .bloom_offset = HEAD_BYTES + ji_load_le16(data + 2),
            .bloom_bytes = (data[0] & 1) != 0 ? (int32_t)size - HEAD_BYTES - (data[0] >> 4) : -1,
            .encoding_stats = &stat,
            .encoding_stat_count = 1};
    struct ji_row_group group = {.chunks = &chunk, .chunk_count = 1, .row_count = 10};
    struct bytes_source from = {.data = data, .size = size};
    struct joist_parquet_file file = {.source = bytes_source(&from), .data_end = size};
    file.footer = (struct ji_footer){.groups = &group, .group_count = 1};
    file.schema = (struct ji_parquet_schema){.leaves = &leaf, .leaf_count = 1};
    struct ji_arena arena;
    ji_arena_init(&arena, ji_ctx_mem(ctx));
    if ((data[0] & 2) != 0)
        ask_dictionary(&file, &arena);
    else
        ask_filter(&file, &chunk, &arena);
    ji_arena_clear(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct joist_ctx_options options = {.struct_size = sizeof options, .memory_bytes_max = 64 << 20};
    struct joist_ctx *ctx = NULL;
    if (size < HEAD_BYTES + 1 || size > (1 << 20) || joist_ctx_open(&options, &ctx, NULL) != JOIST_OK)
        return 0;
    ask_all(ctx, data, size);
    joist_ctx_close(ctx);
    return 0;
}
