/*
 * commit.h - data files that are written become a snapshot
 */
#ifndef JI_COMMIT_H
#define JI_COMMIT_H

#include "table/write/write_files.h"

/*
 * Commits the entries of `files` on top of `*table`. Where somebody was first `*table` becomes what was
 * loaded since, and the one given stays the caller's too. On success `*table` says what the table is now.
 * OK: durable. CONFLICT: the table is another one, or its schema or partitioning changed, or others were
 * first too often. On any failure `*may_remove` says whether the data files are known to be in no snapshot.
 */
enum joist_status ji_commit_append(struct joist_catalog *catalog, struct ji_table **table,
        const struct ji_write_files *files, int64_t *snapshot_id, bool *may_remove, struct joist_error *err);

#endif
