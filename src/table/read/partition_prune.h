/*
 * partition_prune.h - which manifests and files can hold rows for a predicate
 *
 * Everything is turned into facts about the table's columns: bounds and counts of an entry, the values of
 * its partition and the summaries of a manifest (by the inverse of their transforms). What is not proved is
 * read.
 */
#ifndef JI_PARTITION_PRUNE_H
#define JI_PARTITION_PRUNE_H

#include "expr/expr.h"
#include "table/read/snapshot_files.h"

struct ji_prune_work {
    const struct ji_schema *columns;
    const struct ji_expr *predicate; /* bound to `columns`; NULL: nothing is left out */
    bool *used;                      /* by the predicate, one a column */
    struct ji_facts *facts;          /* room, one a column */
};
enum joist_status ji_prune_init(struct ji_prune_work *work, struct ji_arena *arena,
        const struct ji_schema *columns, const struct ji_expr *predicate, struct joist_error *err);

bool ji_manifest_is_pruned(struct ji_prune_work *work, const struct ji_loaded_manifest *manifest);
bool ji_entry_is_pruned(struct ji_prune_work *work, const struct ji_loaded_manifest *manifest,
        const struct ji_manifest_entry *entry);

/* What an entry says of one scalar top-level column. */
void ji_entry_facts(const struct ji_schema *columns, const struct ji_loaded_manifest *manifest,
        const struct ji_manifest_entry *entry, size_t column, struct ji_facts *facts);

#endif
