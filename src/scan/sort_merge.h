/*
 * sort_merge.h - rows of many sources that are in order, in order
 */
#ifndef JI_SORT_MERGE_H
#define JI_SORT_MERGE_H

#include "scan/sort_entry.h"
#include "scan/sort_spill.h"

struct ji_sort_source {
    const uint8_t *row; /* the next; NULL: at its end */
    uint64_t prefix;
    const struct ji_sort_entry *entries; /* in memory, in order; NULL: a run */
    size_t count;
    size_t at;
    struct ji_spill_reader reader;
};

struct ji_sort_merge {
    struct ji_mem *mem;
    struct ji_key_prefix prefix;
    struct ji_sort_source *sources;
    size_t count;
    size_t room;
    uint32_t *tree; /* tree[0] has the smallest row; the others lost to what is above them */
};

/* For `room` sources at most. The prefix is that of all their keys. */
enum joist_status ji_sort_merge_open(struct ji_sort_merge *merge, struct ji_mem *mem,
        const struct ji_key_prefix *prefix, size_t room, struct joist_error *err);
void ji_sort_merge_close(struct ji_sort_merge *merge); /* accepts one that is all zero */
/* Entries with that prefix; borrowed until the merge is closed. */
enum joist_status ji_sort_merge_add_entries(struct ji_sort_merge *merge, const struct ji_sort_entry *entries,
        size_t count, struct joist_error *err);
enum joist_status ji_sort_merge_add_run(struct ji_sort_merge *merge, const struct ji_sort_spill *run,
        size_t buffer_bytes, struct joist_error *err);
/* After the last source. */
void ji_sort_merge_begin(struct ji_sort_merge *merge);

/* The smallest row, which lives until `pop`; NULL at the end. */
static inline const uint8_t *ji_sort_merge_peek(const struct ji_sort_merge *merge)
{
    return merge->count == 0 ? NULL : merge->sources[merge->tree[0]].row;
}
enum joist_status ji_sort_merge_pop(struct ji_sort_merge *merge, struct joist_error *err);

#endif
