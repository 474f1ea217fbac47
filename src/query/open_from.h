/*
 * open_from.h - what stands behind `from`: a file, a glob, or a table of a catalog
 */
#ifndef JI_OPEN_FROM_H
#define JI_OPEN_FROM_H

#include <joist/parquet.h>
#include <joist/table.h>

#include "query/plan.h"

/*
 * A scan of `from`, all columns. `snapshot` NULL is the current one; with a file it is INVALID. `catalog`
 * may be NULL where only files are meant.
 */
enum joist_status ji_query_scan_from(struct ji_query *query, struct joist_catalog *catalog, const char *from,
        const struct joist_snapshot_choice *snapshot, struct ji_plan **plan, struct joist_error *err);
/* `parquet` may be NULL; copied, what its keys point to is borrowed until the query is closed. */
enum joist_status ji_query_scan_file(struct ji_query *query, const char *location,
        const struct joist_parquet_open_options *parquet, struct ji_plan **plan, struct joist_error *err);
/* A stream of rows, which can be run once; the query owns it from success on. */
enum joist_status ji_query_scan_stream(struct ji_query *query, struct ArrowArrayStream *stream,
        struct ji_plan **plan, struct joist_error *err);

#endif
