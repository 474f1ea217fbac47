/*
 * metadata_read.h - a metadata.json of format version 1, 2 or 3 becomes a model
 */
#ifndef JI_METADATA_READ_H
#define JI_METADATA_READ_H

#include "table/iceberg/table_model.h"

/*
 * `document` is borrowed as long as the arena's content is used. CORRUPT: not JSON, a member missing, or
 * one of the checks that Iceberg's own loader makes fails; UNSUPPORTED: a later format version.
 */
enum joist_status ji_metadata_read(struct ji_arena *arena, struct ji_view document,
        struct ji_table_metadata *model, struct joist_error *err);

/* One snapshot object; also for the one that a commit has just made. */
enum joist_status ji_snapshot_read(
        const struct ji_tree_node *object, struct ji_snapshot *snapshot, struct joist_error *err);

#endif
