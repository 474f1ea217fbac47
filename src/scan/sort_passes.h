/*
 * sort_passes.h - many runs become few enough to be merged at once
 */
#ifndef JI_SORT_PASSES_H
#define JI_SORT_PASSES_H

#include "scan/sort_run.h"
#include "scan/sorter.h"

struct ji_sort_runs {
    struct joist_ctx *ctx; /* NULL: all zero */
    struct ji_sort_spill *runs;
    size_t count;
    size_t room;
    struct ji_scratch **scratches; /* one a thread, for what is merged; NULL where nothing was */
};

/* Those of all sorters, which keep the files that they are in. */
enum joist_status ji_sort_runs_gather(struct ji_sort_runs *runs, struct joist_ctx *ctx,
        const struct ji_sorter *sorters, size_t sorter_count, struct joist_error *err);
void ji_sort_runs_clear(struct ji_sort_runs *runs); /* accepts one that is all zero */

/* How many runs `bytes` of memory can read at once, two at least, and with how much room each. */
size_t ji_sort_runs_at_once(const struct ji_sort_runs *runs, uint64_t bytes, size_t *buffer_bytes);

/*
 * Merges some until at most `most` are left, with the ctx's threads and `bytes` of memory for buffers; with a
 * limit what comes out ends there.
 */
enum joist_status ji_sort_runs_merge(struct ji_sort_runs *runs, const struct ji_sort_options *options,
        const struct ji_key_prefix *prefix, size_t most, uint64_t bytes, struct joist_error *err);

#endif
