/*
 * open_from.c - what stands behind `from`: a file, a glob, or a table of a catalog
 */
#include "query/open_from.h"

#include "scan/file_source.h"
#include "scan/stream_source.h"
#include "table/table_source.h"

static enum joist_status add_source(struct ji_query *query, struct ji_rows_source *source, const char *label,
        struct ji_plan **plan, struct joist_error *err)
{
    const enum joist_status status = ji_query_scan(query, source, label, plan, err);
    if (status != JOIST_OK)
        source->ops->close(source->self);
    return status;
}

enum joist_status ji_query_scan_file(struct ji_query *query, const char *location,
        const struct joist_parquet_open_options *parquet, struct ji_plan **plan, struct joist_error *err)
{
    struct ji_rows_source source = {0};
    JI_TRY(ji_file_source_open(query->ctx, location, parquet, &source, err));
    return add_source(query, &source, location, plan, err);
}

enum joist_status ji_query_scan_from(struct ji_query *query, struct joist_catalog *catalog, const char *from,
        const struct joist_snapshot_choice *snapshot, struct ji_plan **plan, struct joist_error *err)
{
    static const struct joist_snapshot_choice current = {0};
    struct ji_rows_source source = {0};
    if (ji_location_is_file(from)) {
        if (snapshot != NULL)
            return ji_fail(err, JOIST_ERR_INVALID, "'%.200s' is a file and has no versions", from);
        return ji_query_scan_file(query, from, NULL, plan, err);
    }
    if (catalog == NULL)
        return ji_fail(err, JOIST_ERR_INVALID, "'%.200s' is a table, but no catalog is open", from);
    JI_TRY(ji_table_source_open(catalog, from, snapshot == NULL ? &current : snapshot, &source, err));
    return add_source(query, &source, from, plan, err);
}

enum joist_status ji_query_scan_stream(struct ji_query *query, struct ArrowArrayStream *stream,
        struct ji_plan **plan, struct joist_error *err)
{
    struct ji_rows_source source = {0};
    JI_TRY(ji_stream_source_make(query->ctx, stream, &source, err));
    return add_source(query, &source, "a stream", plan, err);
}
