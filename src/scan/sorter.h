/*
 * sorter.h - one worker's share of a sort: rows kept as bytes, and the runs that did not fit
 */
#ifndef JI_SORTER_H
#define JI_SORTER_H

#include "scan/sort_entry.h"
#include "scan/sort_run.h"
#include "scan/sort_spill.h"

struct ji_sort_slab {
    uint8_t *data;
    size_t capacity;
};

struct ji_sorter {
    struct joist_ctx *ctx;
    const struct ji_sort_options *options;
    struct ji_mem *mem; /* a pool of its own; NULL: not begun */
    struct ji_evaluator *evaluator;
    struct ji_arena arena; /* arrays of the sorter */
    struct ji_row_layout layout;
    struct ji_row_packer packer;
    struct ji_column *keys; /* as columns */

    /* A step: what is picked of a batch. */
    struct ji_bytes key_bytes; /* keys one behind the other */
    uint32_t *rows;
    size_t *key_ends;
    uint64_t *sizes;
    uint8_t **bodies;

    /* Rows that are held. */
    uint64_t share;    /* bytes that slabs and entries may take */
    size_t slab_bytes; /* of each but those of one large row */
    struct ji_sort_slab *slabs;
    size_t slab_count;
    size_t slab_room;
    size_t slab_at; /* the one that is filled; == slab_count: none */
    size_t slab_used;
    uint64_t held;                 /* bytes of all slabs and entries */
    struct ji_sort_entry *entries; /* twice `entry_room`: the rest is for sorting */
    size_t count;
    size_t entry_room;
    struct ji_key_spread spread; /* of all keys, of rows that went to a run too */

    /* With a limit: `limit` rows are held or in a run, and only those below `worst` come in. */
    bool full;
    struct ji_bytes worst;

    /* Runs. */
    struct ji_scratch *scratch; /* NULL: nothing went there */
    bool has_no_scratch;        /* nowhere to put it */
    struct ji_sort_spill *runs;
    size_t run_count;
    size_t run_room;
};

/* `share` bytes are for rows that are held; UINT64_MAX: what the ctx gives. */
enum joist_status ji_sorter_open(struct joist_ctx *ctx, const struct ji_sort_options *options, uint64_t share,
        struct ji_sorter *sorter, struct joist_error *err);
void ji_sorter_close(struct ji_sorter *sorter); /* accepts one that was not begun */
/* Selected rows [begin, end) of the batch, whose row 0 has that position. */
enum joist_status ji_sorter_add(struct ji_sorter *sorter, const struct ji_batch *batch, size_t begin,
        size_t end, uint64_t position, struct joist_error *err);
/* All rows that are held go to a run, and the memory of rows is given back. */
enum joist_status ji_sorter_spill_rest(struct ji_sorter *sorter, struct joist_error *err);
/* Puts the rows that are held in order; `spread` is that of all keys of the sort. */
void ji_sorter_finish(struct ji_sorter *sorter, const struct ji_key_spread *spread);

#endif
