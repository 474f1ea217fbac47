/*
 * table_source.h - one snapshot of a table as a rows_source
 */
#ifndef JI_TABLE_SOURCE_H
#define JI_TABLE_SOURCE_H

#include <joist/table.h>

#include "scan/rows_source.h"

/*
 * Resolves the snapshot and reads its manifests (pruned again by each plan); UNSUPPORTED names what the
 * snapshot needs and we lack. The catalog may be closed afterwards.
 */
enum joist_status ji_table_source_open(struct joist_catalog *catalog, const char *table,
        const struct joist_snapshot_choice *choice, struct ji_rows_source *source, struct joist_error *err);

#endif
