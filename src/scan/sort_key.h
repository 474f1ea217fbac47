/*
 * sort_key.h - the values that rows are ordered by, as bytes that memcmp orders
 *
 *     order by a desc, b       key: [null? inverted a][null? b][position of the row]
 *
 * Integers: sign flipped, big endian, 4 bytes up to 32 bits, else 8. Doubles: negative ones inverted, others
 * with the sign flipped, NaN last. Strings: a zero byte as 00 ff, the end as 00 00. Descending: all bytes of
 * the value inverted. The position makes each key unique and the sort stable.
 */
#ifndef JI_SORT_KEY_H
#define JI_SORT_KEY_H

#include "arrow/value.h"

struct ji_sort_order {
    bool descending;
    bool nulls_first;
};

/* UNSUPPORTED by name for kinds without an order. */
enum joist_status ji_sort_key_check(const struct ji_field *field, struct joist_error *err);
enum joist_status ji_sort_key_append(struct ji_bytes *key, const struct ji_column *column, size_t row,
        struct ji_sort_order order, struct joist_error *err);
enum joist_status ji_sort_key_position(struct ji_bytes *key, uint64_t position, struct joist_error *err);

#endif
