/*
 * bloom_check.c - a chunk's Bloom filter: its header, and whether it has every value
 *
 *     [BloomFilterHeader, Thrift] [blocks of 32 bytes]      a block: eight words, a bit of each is a value's
 *
 * Written from the format's text beside the engine's own probe, so that both are not wrong in the same way.
 */
#include "codec/checksum.h"
#include "parquet/check/chunk_walk.h"
#include "parquet/format/bloom_format.h"
#include "parquet/read/file_crypto.h"

#define BLOCK_BYTES 32
#define BITSET_BYTES_MAX ((size_t)128 << 20)
#define HEADER_BYTES_MAX JI_BLOOM_HEADER_BYTES_MAX

/* What is wrong with the header: true where it was said. */
static enum joist_status check_header(struct ji_chunk_walk *walk, const struct ji_bloom_header *header,
        size_t header_bytes, bool *is_fine, struct joist_error *err)
{
    struct ji_checker *const checker = walk->checker;
    const uint32_t size = header->bitset_bytes;
    const uint64_t begin = (uint64_t)walk->chunk->bloom_offset + header_bytes;
    *is_fine = false;
    if (!header->is_known)
        return ji_find(
                checker, JI_CHECK_BLOOM_FILTER, err, "algorithm, hash or compression is not the format's");
    if (!ji_range_fits(begin, size, checker->file->data_end))
        return ji_find(checker, JI_CHECK_BLOOM_FILTER, err,
                "bits of %" PRIu32 " bytes at %" PRIu64 " leave the data", size, begin);
    *is_fine = true;
    const int32_t said = walk->chunk->bloom_bytes;
    if (said >= 0 && walk->chunk->key == NULL && (uint64_t)said != header_bytes + size)
        return ji_find(checker, JI_CHECK_BLOOM_FILTER, err,
                "%" PRIu64 " bytes with its header, the footer says %" PRId32, header_bytes + size, said);
    return JOIST_OK;
}

/* A part of the filter of an encrypted chunk, opened. */
static enum joist_status open_part(struct ji_chunk_walk *walk, enum ji_module module, uint64_t offset,
        struct ji_view *plain, size_t *used, struct joist_error *what)
{
    const struct ji_chunk_part part = {
            .group = (size_t)walk->checker->group,
            .leaf = walk->leaf_index,
            .module = module,
            .offset = offset,
    };
    return ji_chunk_part_read(
            walk->checker->file, &part, BITSET_BYTES_MAX + HEADER_BYTES_MAX, &walk->arena, plain, used, what);
}

/* The front of the filter, at least its header where it is whole; `*used` what an encrypted one takes. */
static enum joist_status read_front(
        struct ji_chunk_walk *walk, struct ji_view *front, size_t *used, struct joist_error *what)
{
    const struct joist_parquet_file *const file = walk->checker->file;
    const uint64_t offset = (uint64_t)walk->chunk->bloom_offset;
    if (walk->chunk->key != NULL)
        return open_part(walk, JI_MODULE_BLOOM_HEADER, offset, front, used, what);
    uint8_t *bytes = NULL;
    const size_t size = (size_t)ji_min_u64(HEADER_BYTES_MAX, file->data_end - offset);
    JI_TRY(ji_arena_alloc(&walk->arena, size, &bytes, what));
    JI_TRY(ji_source_read(&file->source, offset, size, bytes, what));
    *front = ji_view_of(bytes, size);
    return JOIST_OK;
}

static enum joist_status read_bits(struct ji_chunk_walk *walk, uint64_t offset, size_t size,
        struct ji_view *bits, struct joist_error *what)
{
    if (walk->chunk->key != NULL)
        return open_part(walk, JI_MODULE_BLOOM_BITSET, offset, bits, NULL, what);
    uint8_t *bytes = NULL;
    JI_TRY(ji_arena_alloc(&walk->arena, size, &bytes, what));
    JI_TRY(ji_source_read(&walk->checker->file->source, offset, size, bytes, what));
    *bits = ji_view_of(bytes, size);
    return JOIST_OK;
}

enum joist_status ji_check_read_bloom(struct ji_chunk_walk *walk, struct joist_error *err)
{
    struct ji_checker *const checker = walk->checker;
    const int64_t offset = walk->chunk->bloom_offset;
    struct joist_error what = {.status = JOIST_OK};
    struct ji_bloom_header header = {.is_known = false};
    struct ji_view view = {.size = 0};
    size_t header_bytes = 0;
    size_t used = 0;
    bool is_fine = false;
    if (offset < 0)
        return JOIST_OK;
    ji_checker_page(checker, -1, offset);
    if ((uint64_t)offset >= checker->file->data_end)
        return ji_find(checker, JI_CHECK_BLOOM_FILTER, err, "it begins behind the data");
    what.status = read_front(walk, &view, &used, &what);
    if (what.status == JOIST_OK)
        what.status = ji_bloom_header_decode(view, &header, &header_bytes, &what);
    if (what.status != JOIST_OK)
        return ji_find_status(checker, JI_CHECK_BLOOM_FILTER, &what, err);
    if (header_bytes == 0)
        return ji_find(checker, JI_CHECK_BLOOM_FILTER, err, "its header ends early");
    header_bytes = used > 0 ? used : header_bytes;
    JI_TRY(check_header(walk, &header, header_bytes, &is_fine, err));
    if (!is_fine)
        return JOIST_OK;
    const size_t bytes = (size_t)header.bitset_bytes;
    what.status = read_bits(walk, (uint64_t)offset + header_bytes, bytes, &view, &what);
    if (what.status != JOIST_OK)
        return ji_find_status(checker, JI_CHECK_BLOOM_FILTER, &what, err);
    if (view.size != bytes)
        return ji_find(checker, JI_CHECK_BLOOM_FILTER, err, "%zu bytes of bits, the header says %zu",
                view.size, bytes);
    walk->bloom = (struct ji_bloom_bits){.blocks = view.data, .block_count = bytes / BLOCK_BYTES};
    return JOIST_OK;
}

bool ji_bloom_bits_have(const struct ji_bloom_bits *bloom, struct ji_view value)
{
    static const uint32_t salts[BLOCK_BYTES / 4] = {0x47b6137bu, 0x44974d91u, 0x8824ad5bu, 0xa2b7289du,
            0x705495c7u, 0x2df1424bu, 0x9efc4947u, 0x5c6bfb31u};
    const uint64_t hash = ji_xxh64(value.data, value.size, 0);
    const uint64_t block = ((hash >> 32) * (uint64_t)bloom->block_count) >> 32;
    const uint8_t *const words = bloom->blocks + block * BLOCK_BYTES;
    for (size_t word = 0; word < sizeof salts / sizeof salts[0]; word++) {
        const uint32_t bit = ((uint32_t)hash * salts[word]) >> 27;
        if ((ji_load_le32(words + 4 * word) >> bit & 1) == 0)
            return false;
    }
    return true;
}
