/*
 * leaf_total.c - what a leaf takes over all row groups, by what the footer says
 */
#include "parquet/read/parquet_file.h"

#include <stdio.h>

#define ENCODINGS_MAX 11
#define BYTE_ARRAY_LENGTH 4

/* Bytes of the values as they are, without an encoding's help. */
static uint64_t plain_bytes(const struct ji_leaf *leaf, const struct ji_chunk *chunk)
{
    static const uint8_t width[] = {[JI_PHYSICAL_INT32] = 4,
            [JI_PHYSICAL_INT64] = 8,
            [JI_PHYSICAL_INT96] = 12,
            [JI_PHYSICAL_FLOAT] = 4,
            [JI_PHYSICAL_DOUBLE] = 8};
    uint64_t values = (uint64_t)chunk->value_count;
    if (chunk->statistics != NULL && chunk->statistics->has_null_count &&
            (uint64_t)chunk->statistics->null_count <= values)
        values -= (uint64_t)chunk->statistics->null_count;
    switch (leaf->element->physical) {
    case JI_PHYSICAL_BOOLEAN:
        return values / 8;
    case JI_PHYSICAL_FIXED:
        return values * (uint64_t)leaf->element->type_length;
    case JI_PHYSICAL_BYTE_ARRAY:
        if (chunk->size_statistics != NULL && chunk->size_statistics->has_unencoded_bytes)
            return values * BYTE_ARRAY_LENGTH + (uint64_t)chunk->size_statistics->unencoded_bytes;
        return (uint64_t)chunk->uncompressed_bytes;
    default:
        return values * width[leaf->element->physical];
    }
}

/* Of data pages, where the footer tells them apart; else of all but levels. */
static uint32_t data_encodings(const struct ji_chunk *chunk)
{
    const uint32_t levels = 1u << JI_ENCODING_RLE | 1u << JI_ENCODING_BIT_PACKED;
    uint32_t found = 0;
    for (size_t index = 0; index < chunk->encoding_stat_count; index++) {
        const struct ji_encoding_stat *const stat = &chunk->encoding_stats[index];
        const bool is_data = stat->page_type == JI_PAGE_DATA || stat->page_type == JI_PAGE_DATA_V2;
        if (is_data && stat->count > 0 && (unsigned)stat->encoding < ENCODINGS_MAX)
            found |= 1u << stat->encoding;
    }
    if (found != 0)
        return found;
    return (chunk->encodings & ~levels) != 0 ? chunk->encodings & ~levels : chunk->encodings;
}

static void print_encodings(uint32_t encodings, char *out, size_t room)
{
    size_t used = 0;
    out[0] = '\0';
    for (int encoding = 0; encoding < ENCODINGS_MAX; encoding++) {
        if ((encodings >> encoding & 1) == 0)
            continue;
        const int size =
                snprintf(out + used, room - used, "%s%s", used > 0 ? ", " : "", ji_encoding_name(encoding));
        if (size < 0 || (size_t)size >= room - used)
            return;
        used += (size_t)size;
    }
}

size_t joist_parquet_leaf_count(const struct joist_parquet_file *file)
{
    return file->schema.leaf_count;
}

enum joist_status joist_parquet_leaf_total(const struct joist_parquet_file *file, size_t leaf,
        struct joist_parquet_leaf_total *total, struct joist_error *err)
{
    struct joist_parquet_leaf_total made = {.struct_size = sizeof made};
    uint32_t encodings = 0;
    enum joist_status status = JOIST_OK;
    struct ji_arena arena;
    if (leaf >= file->schema.leaf_count)
        return ji_fail(err, JOIST_ERR_INVALID, "leaf %zu of %zu", leaf, file->schema.leaf_count);
    if (total->struct_size < sizeof total->struct_size || total->struct_size > sizeof made)
        return ji_fail(err, JOIST_ERR_INVALID, "joist_parquet_leaf_total.struct_size is not set");
    const struct ji_leaf *const own = &file->schema.leaves[leaf];
    made.column = own->name;
    ji_arena_init(&arena, file->mem);
    for (size_t group = 0; group < joist_parquet_row_group_count(file); group++) {
        const struct ji_chunk *chunk = NULL;
        ji_arena_reset(&arena);
        JI_TRY_OUT(ji_file_chunk_in(file, group, own->chunk, &arena, &chunk, err));
        made.values += (uint64_t)chunk->value_count;
        made.bytes += (uint64_t)chunk->compressed_bytes;
        made.unpacked_bytes += (uint64_t)chunk->uncompressed_bytes;
        made.plain_bytes += plain_bytes(own, chunk);
        encodings |= data_encodings(chunk);
    }
    print_encodings(encodings, made.encodings, sizeof made.encodings);
    made.struct_size = total->struct_size;
    memcpy(total, &made, made.struct_size);
out:
    ji_arena_clear(&arena);
    return status;
}
