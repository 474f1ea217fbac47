/*
 * parquet_source.h - Parquet files of one schema as a rows_source
 */
#ifndef JI_PARQUET_SOURCE_H
#define JI_PARQUET_SOURCE_H

#include "scan/rows_source.h"

/*
 * Opens every footer. INVALID names the first file whose columns differ from the first one's. Locations are
 * copied.
 */
enum joist_status ji_parquet_source_open(struct joist_ctx *ctx, const char *const *locations, size_t count,
        struct ji_rows_source *source, struct joist_error *err);

#endif
