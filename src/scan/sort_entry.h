/*
 * sort_entry.h - rows of bytes in the order of their keys
 *
 *     keys of a sort    01 80 00 27 1c 01 80 00 00 00 00 2d c6 c0 00 ..
 *     they differ in             ^  ^                    ^  ^  ^         these bytes are the prefix
 *
 *   1. A byte that is the same in all keys decides nothing: the prefix is made of the first eight that
 *      differ, among those that every key has. Two prefixes that differ order their keys; else the keys do.
 *   2. No two keys are equal, for each ends with the position of its row.
 */
#ifndef JI_SORT_ENTRY_H
#define JI_SORT_ENTRY_H

#include "scan/row_bytes.h"

#define JI_KEY_LOOK_BYTES 64 /* of a key, that may become part of the prefix */

/* In which bytes keys differ. All zero: no key was seen. */
struct ji_key_spread {
    size_t bytes; /* that all keys have, at most JI_KEY_LOOK_BYTES */
    bool begun;
    uint8_t first[JI_KEY_LOOK_BYTES];
    uint8_t varies[JI_KEY_LOOK_BYTES]; /* bits in which some key differs from the first */
};

void ji_key_spread_add(struct ji_key_spread *spread, struct ji_view key);
/* As if it had seen the keys of both. */
void ji_key_spread_join(struct ji_key_spread *spread, const struct ji_key_spread *other);

struct ji_key_prefix {
    unsigned count;
    uint8_t places[8]; /* rising */
};

struct ji_key_prefix ji_key_prefix_of(const struct ji_key_spread *spread);

static inline uint64_t ji_key_prefix(const struct ji_key_prefix *prefix, const uint8_t *row)
{
    const uint8_t *key = row + JI_ROW_HEAD_BYTES;
    uint64_t value = 0;
    for (unsigned i = 0; i < prefix->count; i++)
        value = value << 8 | key[prefix->places[i]];
    return value;
}

struct ji_sort_entry {
    uint64_t prefix;
    const uint8_t *row;
};

static inline bool ji_sort_entry_less(
        uint64_t a_prefix, const uint8_t *a, uint64_t b_prefix, const uint8_t *b)
{
    if (a_prefix != b_prefix)
        return a_prefix < b_prefix;
    return ji_view_compare(ji_row_key_of(a), ji_row_key_of(b)) < 0;
}

/* `other` has room for as many, and its contents are lost. */
void ji_sort_entries(struct ji_sort_entry *entries, struct ji_sort_entry *other, size_t count);

#endif
