/*
 * dictionary_write.h - the distinct values of a column chunk, and their codes
 *
 * Open addressing over entries that stand in `page` as the dictionary page has them (PLAIN), but for numbers,
 * which are in the machine's byte order, and which need no search while they lie close together. Entries are
 * numbered in the order of their first use.
 */
#ifndef JI_DICTIONARY_WRITE_H
#define JI_DICTIONARY_WRITE_H

#include "base/buffer.h"
#include "parquet/encode/number_window.h"
#include "parquet/encode/value_block.h"

struct ji_dictionary_slot {
    uint32_t hash;
    uint32_t code_and_one; /* 0: empty */
};

struct ji_dictionary_writer {
    struct ji_mem *mem;
    enum ji_block_shape shape;
    bool has_lengths;     /* VIEWS: BYTE_ARRAY, each entry with its length in front; else FIXED */
    size_t page_size_max; /* bytes of `page` */
    struct ji_bytes page;
    struct ji_bytes offsets; /* VIEWS: uint32_t, where each entry's bytes begin */
    struct ji_bytes lengths; /* VIEWS: uint32_t */
    uint32_t count;
    struct ji_number_window window; /* numbers: until they lie too far apart, instead of slots */
    struct ji_dictionary_slot *slots;
    unsigned slot_bits;
};

/* Allocates nothing yet. `shape` is not BITS. */
void ji_dictionary_writer_init(struct ji_dictionary_writer *dictionary, struct ji_mem *mem,
        enum ji_block_shape shape, bool has_lengths, size_t page_size_max);
/* Frees all; ready for use again. */
void ji_dictionary_writer_clear(struct ji_dictionary_writer *dictionary);
/* Empty, memory kept. */
void ji_dictionary_writer_reset(struct ji_dictionary_writer *dictionary);

/* Another limit for the page; entries that are there stay. */
void ji_dictionary_writer_limit(struct ji_dictionary_writer *dictionary, size_t page_size_max);

/* Bytes of memory that `clear` frees. */
uint64_t ji_dictionary_writer_held(const struct ji_dictionary_writer *dictionary);

/* Takes no more values: keeps the entries and lets go of what finds them. Until reset or clear. */
void ji_dictionary_writer_freeze(struct ji_dictionary_writer *dictionary);

/*
 * Codes of the block's values, new ones entered. `*coded` < block->count where the dictionary took no more:
 * its page is full, or its table too crowded at one place to be fast.
 */
enum joist_status ji_dictionary_writer_encode(struct ji_dictionary_writer *dictionary,
        const struct ji_value_block *block, uint32_t *codes, size_t *coded, struct joist_error *err);

/* Entries of each shape. */
static inline uint32_t ji_dictionary_writer_four(const struct ji_dictionary_writer *dictionary, uint32_t code)
{
    return ((const uint32_t *)(const void *)dictionary->page.data)[code];
}
static inline uint64_t ji_dictionary_writer_eight(
        const struct ji_dictionary_writer *dictionary, uint32_t code)
{
    return ((const uint64_t *)(const void *)dictionary->page.data)[code];
}
static inline struct ji_view ji_dictionary_writer_view(
        const struct ji_dictionary_writer *dictionary, uint32_t code)
{
    const uint32_t *offsets = (const void *)dictionary->offsets.data;
    const uint32_t *lengths = (const void *)dictionary->lengths.data;
    return ji_view_of(dictionary->page.data + offsets[code], lengths[code]);
}

/*
 * Values `codes[0 .. count)` as a block of at most JI_BLOCK_VALUES, for a page that is PLAIN after all and
 * for bounds. Lives as long as room and dictionary.
 */
void ji_dictionary_writer_decode(const struct ji_dictionary_writer *dictionary, const uint32_t *codes,
        size_t count, struct ji_block_room *room, struct ji_value_block *block);

#endif
