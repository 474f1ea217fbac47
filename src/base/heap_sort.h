/*
 * heap_sort.h - sorting that allocates nothing: the C library's qsort may take memory that nobody counts
 */
#ifndef JI_HEAP_SORT_H
#define JI_HEAP_SORT_H

#include <stddef.h>

#define JI_SORT_ITEM_BYTES_MAX 256

/* Heap sort: n log n always, not stable. `compare` as for qsort. */
void ji_sort(void *items, size_t count, size_t item_bytes, int (*compare)(const void *a, const void *b));

#endif
