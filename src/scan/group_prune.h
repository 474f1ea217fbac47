/*
 * group_prune.h - which rows of a row group can satisfy a predicate
 */
#ifndef JI_GROUP_PRUNE_H
#define JI_GROUP_PRUNE_H

#include "scan/parquet_scan.h"

/* One row group of one file, and who asks. All borrowed for the call. */
struct ji_group_question {
    const struct joist_parquet_file *file;
    size_t group;
    const struct ji_schema *schema;
    const struct ji_projected *projected; /* one a column of the schema */
    const struct ji_expr *predicate;      /* NULL: every row */
    const struct joist_cancel *cancel;
};

struct ji_group_answer {
    enum ji_prune match;               /* of the rows that are left; NONE: of all rows */
    uint64_t row_count;                /* that are left */
    const struct ji_row_range *ranges; /* NULL: all rows; in the arena of the answer */
    size_t range_count;
    uint64_t pages; /* of the predicate's columns, where their index was read */
    uint64_t pages_pruned;
};

/*
 * Decides by statistics, then Bloom filters and dictionaries, then the page index, each only where those
 * before it leave the question open. What is broken in filters and indexes proves nothing and is passed over;
 * other failures to read are errors. `arena` gets the answer's ranges; `scratch` is reset.
 */
enum joist_status ji_group_prune(const struct ji_group_question *question, struct ji_arena *arena,
        struct ji_arena *scratch, struct ji_group_answer *answer, struct joist_error *err);

#endif
