/*
 * bloom_format.c - a split block Bloom filter as it stands in a file
 *
 * The eight multipliers are those of the specification. All lanes are looked at before the answer is known: a
 * branch a lane would be mispredicted more often than it would save.
 */
#include "parquet/format/bloom_format.h"

#include "wire/thrift.h"

#define LANES 8

/* The field id of the union's one member that we know: BLOCK, XXHASH, UNCOMPRESSED; 0 where it is another. */
static int16_t read_choice(struct ji_thrift_reader *thrift, enum ji_thrift_type type)
{
    int16_t choice = 0;
    if (!ji_thrift_expect_struct(thrift, type))
        return 0;
    struct ji_thrift_field field = ji_thrift_struct(thrift);
    while (ji_thrift_next(thrift, &field)) {
        choice = field.id;
        ji_thrift_skip(thrift, field.type);
    }
    return choice;
}

enum joist_status ji_bloom_header_decode(
        struct ji_view bytes, struct ji_bloom_header *header, size_t *header_bytes, struct joist_error *err)
{
    struct ji_thrift_reader thrift;
    ji_thrift_reader_init(&thrift, bytes);
    int32_t bitset_bytes = 0;
    int16_t choices[3] = {0, 0, 0};
    struct ji_thrift_field field = ji_thrift_struct(&thrift);
    while (ji_thrift_next(&thrift, &field)) {
        if (field.id == 1)
            bitset_bytes = ji_thrift_i32(&thrift, field.type);
        else if (field.id >= 2 && field.id <= 4)
            choices[field.id - 2] = read_choice(&thrift, field.type);
        else
            ji_thrift_skip(&thrift, field.type);
    }
    if (thrift.error == JI_THRIFT_SHORT && bytes.size < JI_BLOOM_HEADER_BYTES_MAX) {
        *header_bytes = 0;
        return JOIST_OK;
    }
    JI_TRY(ji_thrift_status(&thrift, err));
    if (bitset_bytes <= 0 || bitset_bytes % JI_BLOOM_BLOCK_BYTES != 0)
        return ji_fail(err, JOIST_ERR_CORRUPT, "Bloom filter of %" PRId32 " bytes", bitset_bytes);
    if ((uint32_t)bitset_bytes > JI_BLOOM_BYTES_MAX)
        return ji_fail(err, JOIST_ERR_LIMIT, "Bloom filter of %" PRId32 " bytes (at most %" PRIu32 ")",
                bitset_bytes, JI_BLOOM_BYTES_MAX);
    header->bitset_bytes = (uint32_t)bitset_bytes;
    header->is_known = choices[0] == 1 && choices[1] == 1 && choices[2] == 1;
    *header_bytes = ji_thrift_position(&thrift);
    return JOIST_OK;
}

static const uint32_t salts[LANES] = {
        0x47b6137b, 0x44974d91, 0x8824ad5b, 0xa2b7289d, 0x705495c7, 0x2df1424b, 0x9efc4947, 0x5c6bfb31};

static uint32_t lane_bit(uint64_t hash, size_t lane)
{
    return UINT32_C(1) << ((uint32_t)hash * salts[lane] >> 27);
}

bool ji_bloom_block_has(const uint8_t *block, uint64_t hash)
{
    uint32_t missing = 0;
    for (size_t lane = 0; lane < LANES; lane++)
        missing |= lane_bit(hash, lane) & ~ji_load_le32(block + 4 * lane);
    return missing == 0;
}

void ji_bloom_block_put(uint8_t *block, uint64_t hash)
{
    for (size_t lane = 0; lane < LANES; lane++)
        ji_store_le32(block + 4 * lane, ji_load_le32(block + 4 * lane) | lane_bit(hash, lane));
}

enum joist_status ji_bloom_header_write(struct ji_bytes *out, uint32_t bitset_bytes, struct joist_error *err)
{
    struct ji_thrift_writer writer;
    ji_thrift_writer_init(&writer, out, err);
    ji_thrift_write_i32(&writer, 1, (int32_t)bitset_bytes);
    for (int16_t id = 2; id <= 4; id++) {
        ji_thrift_begin_struct(&writer, id);
        ji_thrift_begin_struct(&writer, 1);
        ji_thrift_end_struct(&writer);
        ji_thrift_end_struct(&writer);
    }
    return ji_thrift_writer_finish(&writer);
}
