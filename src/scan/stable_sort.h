/*
 * stable_sort.h - a stable sort of numbers by what they stand for
 */
#ifndef JI_STABLE_SORT_H
#define JI_STABLE_SORT_H

#include "base/mem.h"

/* Below, at or above 0, for what numbers a and b stand for. */
typedef int (*ji_order_fn)(const void *arg, uint32_t a, uint32_t b);

/*
 * Merge sort with `count` more numbers of `mem` for a while; libc's qsort would take memory that nobody
 * counts.
 */
enum joist_status ji_stable_sort(struct ji_mem *mem, uint32_t *order, size_t count, ji_order_fn compare,
        const void *arg, struct joist_error *err);

#endif
