/*
 * row_key.h - the values of a row as bytes: equal rows, equal bytes
 *
 *     row (7, null, 'oak')  ->  01 07 00 00 00 | 00 00 00 00 00 | 01 03 00 00 00 'o' 'a' 'k'
 *                               valid, value     null, zeros      valid, length, bytes
 *
 * For hash tables. -0 becomes 0 and every NaN the same one, so that bytes are equal exactly where SQL's "not
 * distinct from" holds.
 */
#ifndef JI_ROW_KEY_H
#define JI_ROW_KEY_H

#include "arrow/value.h"

/* Keys of the rows of one batch, reused from batch to batch. All zero but for `mem` is empty. */
struct ji_row_keys {
    struct ji_mem *mem;
    uint8_t *bytes;
    size_t bytes_room;
    uint32_t *ends; /* key i is bytes[ends[i - 1], ends[i]) */
    uint32_t *cursors;
    size_t row_room;
    size_t count;
};

/* UNSUPPORTED by name for kinds that have no key (list, map, struct). */
enum joist_status ji_row_key_check(const struct ji_field *field, struct joist_error *err);

/*
 * Encodes `count` rows: those that `rows` names, or the first ones where it is NULL. `lead` (NULL, or one a
 * row that is encoded) stands in front of each key, four bytes in the host's order.
 */
enum joist_status ji_row_keys_encode(struct ji_row_keys *keys, const uint32_t *lead,
        const struct ji_column *columns, size_t column_count, const uint32_t *rows, size_t count,
        struct joist_error *err);
void ji_row_keys_clear(struct ji_row_keys *keys);

static inline const uint8_t *ji_row_key(const struct ji_row_keys *keys, size_t index, size_t *bytes)
{
    const uint32_t start = index == 0 ? 0 : keys->ends[index - 1];
    *bytes = keys->ends[index] - start;
    return keys->bytes + start;
}

/* Takes one value off the front of a key. Views point into the key. */
void ji_row_key_read(const struct ji_field *field, const uint8_t **key, struct ji_value *value);

uint64_t ji_row_key_hash(const uint8_t *key, size_t bytes);

#endif
