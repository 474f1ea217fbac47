/*
 * pick.h - which rows of a column are wanted, and the copies that follow from it
 *
 * One mechanism under gather, flat and export: a pick is a run of rows or a list of them; a
 * dictionary or constant column is a pick of the flat column beneath it.
 */
#ifndef JI_PICK_H
#define JI_PICK_H

#include "arrow/batch.h"

struct ji_pick {
    const uint32_t *rows; /* NULL: the run start, start + 1, ... */
    size_t start;
    size_t count;
};

static inline size_t ji_pick_row(const struct ji_pick *pick, size_t index)
{
    return pick->rows == NULL ? pick->start + index : pick->rows[index];
}

/* `width` bytes each, from values at `from` to `to`, which has room for `count`. */
void ji_pick_fixed(const struct ji_pick *pick, const void *from, size_t width, void *to);
/* Bits; those behind `count` in the last byte become 0. */
void ji_pick_bits(const struct ji_pick *pick, const uint8_t *from, uint8_t *to);
/* Ones among `count` bits from bit `start` on. */
size_t ji_bits_count(const uint8_t *bits, size_t start, size_t count);

/* The validity of the picked rows, of any form, into `to`; how many are null. */
size_t ji_pick_validity(const struct ji_pick *pick, const struct ji_column *column, uint8_t *to);

/*
 * Steps from `*column` to the column whose `values` are flat, and from `*pick` to its rows; what had to be
 * made is the arena's. Validity stays with the column that was left.
 */
enum joist_status ji_pick_resolve(struct ji_arena *arena, const struct ji_column **column,
        struct ji_pick *pick, struct joist_error *err);

/*
 * Offsets (count + 1, from 0) of the picked rows of a resolved LIST or MAP, and the pick of its child. Rows
 * that `validity` (of the picked rows; NULL: none) calls null are empty.
 */
enum joist_status ji_pick_list(struct ji_arena *arena, const struct ji_column *column,
        const struct ji_pick *pick, const uint8_t *validity, int32_t *offsets, struct ji_pick *child,
        struct joist_error *err);

/* Approximate bytes that the picked rows take flat, strings and children included. */
size_t ji_pick_bytes(const struct ji_pick *pick, const struct ji_column *column);

#endif
