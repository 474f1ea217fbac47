/*
 * rle.h - Parquet's hybrid of runs and bit-packed groups
 *
 *     varint header; header & 1 == 0: header >> 1 times the value that follows in ceil(width / 8) bytes
 *                    header & 1 == 1: (header >> 1) groups of eight values of `width` bits
 *
 * A reader never reads behind its bytes. Every function returns how many values there were: fewer than
 * asked for means that the bytes are at their end or are not of this format, which is the caller's to tell.
 * A last group that was cut short gives the values that are whole: old writers leave its padding out.
 */
#ifndef JI_RLE_H
#define JI_RLE_H

#include "kernel/bit_unpack.h"

struct ji_rle {
    const uint8_t *at;
    const uint8_t *end;
    uint64_t run_left; /* of the current run, repeated or packed */
    uint32_t run_value;
    bool is_packed;
    const uint8_t *packed; /* the packed run's first byte, and how many may be read from there */
    size_t packed_bytes;
    size_t packed_index; /* of the next value in it */
    struct ji_bit_unpacker unpacker;
};

/* `width` <= 32. */
void ji_rle_init(struct ji_rle *rle, struct ji_view bytes, unsigned width);
size_t ji_rle_u32(struct ji_rle *rle, size_t count, uint32_t *out);
/*
 * The next values of one run, at most `count`: a repeated one, then `*is_run` and out[0] is what all of them
 * are; or packed ones, at most `room` of them, to `out`.
 */
size_t ji_rle_piece(struct ji_rle *rle, size_t count, size_t room, uint32_t *out, bool *is_run);
/* `width` <= 8; a repeated value above 255 ends it. */
size_t ji_rle_u8(struct ji_rle *rle, size_t count, uint8_t *out);
/* `width` 1: bits at `at` of `bitmap`; `*ones` grows by those set. A repeated value above 1 ends it. */
size_t ji_rle_bits(struct ji_rle *rle, size_t count, uint8_t *bitmap, size_t at, size_t *ones);
size_t ji_rle_skip(struct ji_rle *rle, size_t count);
/* `width` 1: skips, and counts the ones. */
size_t ji_rle_skip_bits(struct ji_rle *rle, size_t count, size_t *ones);

#endif
