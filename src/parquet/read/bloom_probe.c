/*
 * bloom_probe.c - asks the Bloom filter of one column chunk
 *
 *     bloom_offset -> [header][block][block] ...      bloom_length, where the file has it: header and blocks
 *
 *   1. Header and blocks lie inside the data of the file, and inside the length where one is known.
 *   2. An encrypted filter is one module, which is read whole with the first question; where memory is too
 *      short for that, nothing is asked.
 *   3. A question of another reads one block of 32 bytes, until there were so many that the whole filter is
 *      read; of one too large for that nothing more is asked.
 */
#include "parquet/read/bloom_probe.h"

#include "parquet/format/crypto_read.h"
#include "parquet/read/file_crypto.h"

/* With a known length this much is read at once, header and all. */
#define WHOLE_BYTES ((uint64_t)8 << 10)
#define HEADER_GUESS_BYTES ((size_t)64)
/* So many single blocks cost as much as reading a filter of WHOLE_LATER_BYTES. */
#define READS_MAX 32
#define WHOLE_LATER_BYTES ((uint32_t)4 << 20)
/* What encryption adds: length, nonce, tag. */
#define SEAL_BYTES (JI_MODULE_LENGTH_BYTES + JI_AES_NONCE_BYTES + JI_AES_TAG_BYTES)
#define SEALED_HEADER_BYTES_MAX (JI_BLOOM_HEADER_BYTES_MAX + SEAL_BYTES)

/* The header, from a guess that grows while it is too short. `*read` is what was read, header and more. */
static enum joist_status read_header(struct ji_bloom_probe *probe, uint64_t offset, uint64_t length,
        struct ji_bloom_header *header, size_t *header_bytes, struct ji_view *read, struct joist_error *err)
{
    struct ji_module_place place = probe->place;
    place.module = JI_MODULE_BLOOM_HEADER;
    uint64_t guess = length <= WHOLE_BYTES ? length : HEADER_GUESS_BYTES;
    for (;;) {
        JI_TRY(ji_file_read_module(&place, probe->arena, offset, (size_t)guess, read, err));
        JI_TRY(ji_bloom_header_decode(*read, header, header_bytes, err));
        if (*header_bytes > 0)
            return JOIST_OK;
        if (guess == length || guess >= JI_BLOOM_HEADER_BYTES_MAX)
            return ji_fail(err, JOIST_ERR_CORRUPT, "header of the Bloom filter goes past its end");
        guess = ji_min_u64(guess * 2, length);
    }
}

/* The header of an encrypted filter, which says itself how long it is; the bits are one module behind it. */
static enum joist_status open_sealed(struct ji_bloom_probe *probe, uint64_t offset, struct joist_error *err)
{
    const struct ji_chunk_part part = {
            .group = probe->place.group,
            .leaf = probe->place.leaf,
            .module = JI_MODULE_BLOOM_HEADER,
            .offset = offset,
    };
    struct ji_bloom_header header;
    struct ji_view plain;
    size_t header_bytes = 0;
    size_t used = 0;
    JI_TRY(ji_chunk_part_read(
            probe->place.file, &part, SEALED_HEADER_BYTES_MAX, probe->arena, &plain, &used, err));
    JI_TRY(ji_bloom_header_decode(plain, &header, &header_bytes, err));
    if (header_bytes == 0)
        return ji_fail(err, JOIST_ERR_CORRUPT, "header of the Bloom filter ends inside a value");
    if (!header.is_known)
        return JOIST_OK;
    probe->is_sealed = true;
    probe->bitset_offset = offset + used;
    probe->block_count = header.bitset_bytes / JI_BLOOM_BLOCK_BYTES;
    return JOIST_OK;
}

/* All bits of an encrypted filter. */
static enum joist_status read_sealed(struct ji_bloom_probe *probe, size_t bytes, struct joist_error *err)
{
    struct ji_view plain;
    JI_TRY(ji_file_read_module(
            &probe->place, probe->arena, probe->bitset_offset, bytes + SEAL_BYTES, &plain, err));
    if (plain.size != bytes)
        return ji_fail(
                err, JOIST_ERR_CORRUPT, "Bloom filter of %zu bytes, its header says %zu", plain.size, bytes);
    probe->bitset = plain.data;
    return JOIST_OK;
}

enum joist_status ji_bloom_probe_open(struct ji_bloom_probe *probe, const struct ji_module_place *place,
        const struct ji_chunk *chunk, struct ji_arena *arena, struct joist_error *err)
{
    *probe = (struct ji_bloom_probe){.place = *place, .arena = arena};
    const uint64_t data_end = place->file->data_end;
    if (chunk->bloom_offset <= 0 || ji_chunk_is_locked(chunk) || chunk->file_path.size > 0)
        return JOIST_OK;
    const uint64_t offset = (uint64_t)chunk->bloom_offset;
    if (offset >= data_end)
        return ji_fail(err, JOIST_ERR_CORRUPT, "Bloom filter at %" PRIu64 " of %" PRIu64 " bytes of data",
                offset, data_end);
    const uint64_t room = data_end - offset;
    if (chunk->bloom_bytes > 0 && (uint64_t)chunk->bloom_bytes > room)
        return ji_fail(err, JOIST_ERR_CORRUPT, "Bloom filter of %" PRId32 " bytes where %" PRIu64 " are left",
                chunk->bloom_bytes, room);
    if (chunk->key != NULL)
        return open_sealed(probe, offset, err);
    const uint64_t length = chunk->bloom_bytes > 0 ? (uint64_t)chunk->bloom_bytes : room;
    struct ji_bloom_header header;
    size_t header_bytes = 0;
    struct ji_view read;
    JI_TRY(read_header(probe, offset, length, &header, &header_bytes, &read, err));
    if (header.bitset_bytes > length - header_bytes)
        return ji_fail(err, JOIST_ERR_CORRUPT, "Bloom filter of %" PRIu32 " bytes where %" PRIu64 " are left",
                header.bitset_bytes, length - header_bytes);
    if (!header.is_known)
        return JOIST_OK;
    probe->bitset_offset = offset + header_bytes;
    probe->block_count = header.bitset_bytes / JI_BLOOM_BLOCK_BYTES;
    if (read.size - header_bytes >= header.bitset_bytes)
        probe->bitset = read.data + header_bytes;
    return JOIST_OK;
}

enum joist_status ji_bloom_probe_may_have(
        struct ji_bloom_probe *probe, uint64_t hash, bool *may_have, struct joist_error *err)
{
    struct ji_view bytes;
    *may_have = true;
    if (probe->block_count == 0)
        return JOIST_OK;
    probe->place.module = JI_MODULE_BLOOM_BITSET;
    const uint32_t bitset_bytes = probe->block_count * JI_BLOOM_BLOCK_BYTES;
    if (probe->bitset == NULL && probe->is_sealed) {
        const enum joist_status status = read_sealed(probe, bitset_bytes, err);
        if (status == JOIST_ERR_LIMIT)
            probe->block_count = 0;
        if (status != JOIST_OK)
            return status == JOIST_ERR_LIMIT ? JOIST_OK : status;
    }
    if (probe->bitset == NULL && probe->reads == READS_MAX) {
        if (bitset_bytes > WHOLE_LATER_BYTES)
            return JOIST_OK;
        JI_TRY(ji_file_read_module(
                &probe->place, probe->arena, probe->bitset_offset, bitset_bytes, &bytes, err));
        probe->bitset = bytes.data;
    }
    const size_t at = (size_t)ji_bloom_block(hash, probe->block_count) * JI_BLOOM_BLOCK_BYTES;
    const uint8_t *block = probe->bitset != NULL ? probe->bitset + at : NULL;
    if (block == NULL) {
        JI_TRY(ji_file_read_module(
                &probe->place, probe->arena, probe->bitset_offset + at, JI_BLOOM_BLOCK_BYTES, &bytes, err));
        block = bytes.data;
        probe->reads++;
    }
    *may_have = ji_bloom_block_has(block, hash);
    return JOIST_OK;
}
