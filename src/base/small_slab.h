/*
 * small_slab.h - slabs below 64 KiB that the system can have back one by one, for slab.c
 *
 * Used where the root's allocator is the system's; another allocator's small slabs are blocks like any.
 */
#ifndef JI_SMALL_SLAB_H
#define JI_SMALL_SLAB_H

#include "base/pool.h"

/* A warm block of `capacity` bytes or NULL. It stays counted at the root: the caller moves the charge. */
void *ji_small_take_warm(struct ji_root *root, size_t capacity);
/* A block that has no memory yet; the caller has reserved it. LIMIT or NO_MEMORY for what it is cut from. */
enum joist_status ji_small_take_cold(
        struct ji_root *root, size_t capacity, void **block, struct joist_error *err);
/* Keeps a block warm; the caller has moved the charge to the root and counts `warm`. */
void ji_small_put_warm(struct ji_root *root, void *block, size_t capacity);
/* Gives a block's memory back to the system; the caller ends the charge. */
void ji_small_put_cold(struct ji_root *root, void *block, size_t capacity);
/* Gives warm blocks' memory back until `enough` bytes went, or all; how many. Ends their charge. */
uint64_t ji_small_trim(struct ji_root *root, uint64_t enough);

#endif
