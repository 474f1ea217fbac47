/*
 * rows_source.h - what can be scanned
 *
 * Files implement it in scan, tables in table, series later; frames and SQL see no difference.
 *
 *     source --plan(request)--> scan: morsels 0..count-1 --open(morsel)--> cursor --next--> batches
 *
 *   1. A source and its scans are shared: workers open and drain different morsels at once.
 *   2. A cursor is one worker's.
 *   3. Morsels in rising order, each drained, give the rows in the source's order.
 *   4. `predicate` is exact: no batch holds (or selects) a row for which it is not true.
 */
#ifndef JI_ROWS_SOURCE_H
#define JI_ROWS_SOURCE_H

#include "arrow/batch_stream.h"
#include "expr/expr.h"

struct ji_scan_request {
    const size_t *columns; /* of the source's schema, in the order wanted in the batches */
    size_t column_count;
    const struct ji_expr
            *predicate; /* bound to the source's schema; NULL: all rows; borrowed until the scan is closed */
    uint64_t limit;     /* a hint: more rows than this are never wanted; 0: all */
    const struct joist_cancel *cancel;
    bool no_prune; /* every row is looked at, whatever is known of it: what pruning is tested against */
};

/* What was pruned, for explain and tests. */
struct ji_scan_counters {
    uint64_t files, files_pruned;
    uint64_t groups, groups_pruned;
    uint64_t pages, pages_pruned; /* of the predicate's columns, where a page index was worth reading */
    uint64_t rows_read;
};

struct ji_rows_cursor_ops {
    enum joist_status (*next)(void *self, const struct ji_batch **batch, struct joist_error *err);
    void (*close)(void *self);
};
struct ji_rows_cursor {
    const struct ji_rows_cursor_ops *ops;
    void *self;
};

/* The end of opening one: it is the caller's, or, where `status` is a failure, closed again. */
static inline enum joist_status ji_rows_cursor_made(enum joist_status status,
        const struct ji_rows_cursor_ops *ops, void *self, struct ji_rows_cursor *cursor)
{
    if (status != JOIST_OK) {
        ops->close(self);
        return status;
    }
    cursor->ops = ops;
    cursor->self = self;
    return JOIST_OK;
}

struct ji_rows_scan_ops {
    size_t (*morsel_count)(void *self);
    /* `mem` is the pool of the worker. */
    enum joist_status (*open)(void *self, size_t morsel, struct ji_mem *mem, struct ji_rows_cursor *cursor,
            struct joist_error *err);
    struct ji_scan_counters (*counters)(void *self);
    void (*close)(void *self);
};
struct ji_rows_scan {
    const struct ji_rows_scan_ops *ops;
    void *self;
};

/* `morsel_count` of a scan that is one morsel, and `counters` of one that opens no file. */
size_t ji_one_morsel(void *self);
struct ji_scan_counters ji_no_counters(void *self);

struct ji_rows_source_ops {
    const struct ji_schema *(*schema)(void *self);
    /* Rows in all, UINT64_MAX where nobody knows; from metadata alone. */
    uint64_t (*row_count)(void *self);
    /*
     * Facts about a column over the whole source from metadata, or false. Exact bounds may answer min and
     * max. The values live as long as the source.
     */
    bool (*facts)(void *self, size_t column, struct ji_facts *facts);
    enum joist_status (*plan)(void *self, const struct ji_scan_request *request, struct ji_rows_scan *scan,
            struct joist_error *err);
    void (*close)(void *self);
};
struct ji_rows_source {
    const struct ji_rows_source_ops *ops;
    void *self;
};

#endif
