/*
 * sorter.h - one worker's share of a sort: rows kept, their keys, and the order of these
 */
#ifndef JI_SORTER_H
#define JI_SORTER_H

#include "scan/row_store.h"
#include "scan/sort_run.h"

struct ji_sort_entry {
    uint64_t prefix; /* the first eight bytes of the key, as a number */
    const uint8_t *key;
    uint32_t key_bytes;
    uint32_t chunk;
    uint32_t row;
};

struct ji_sorter {
    const struct ji_sort_options *options;
    struct ji_mem *mem; /* a pool of its own; NULL: not begun */
    struct ji_evaluator *evaluator;
    struct ji_arena arena;     /* arrays of the sorter */
    struct ji_row_store store; /* rows, and in its arena their keys */
    struct ji_sort_entry *entries;
    size_t count;
    size_t room;
    uint32_t *order; /* once sorted */
    struct ji_bytes key;
    struct ji_column *columns; /* of the sort keys */
    uint32_t *kept;            /* rows of a batch that are kept */
    size_t kept_room;
    bool full; /* `limit` rows are held: only smaller ones than `worst` come in */
    struct ji_view worst;
};

enum joist_status ji_sorter_open(struct joist_ctx *ctx, const struct ji_sort_options *options,
        struct ji_sorter *sorter, struct joist_error *err);
void ji_sorter_close(struct ji_sorter *sorter);
/* `position` is that of row 0 of the batch. */
enum joist_status ji_sorter_add(
        struct ji_sorter *sorter, const struct ji_batch *batch, uint64_t position, struct joist_error *err);
/* After the last row: `order` holds the entries' numbers in order. */
enum joist_status ji_sorter_finish(struct ji_sorter *sorter, struct joist_error *err);

int ji_sort_entry_compare(const struct ji_sort_entry *a, const struct ji_sort_entry *b);

#endif
