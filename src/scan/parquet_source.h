/*
 * parquet_source.h - Parquet files of one schema as a rows_source
 */
#ifndef JI_PARQUET_SOURCE_H
#define JI_PARQUET_SOURCE_H

#include <joist/parquet.h>

#include "scan/rows_source.h"

/*
 * Opens every footer. INVALID names the first file whose columns differ from the first one's. Locations and
 * options (may be NULL) are copied; what the options' keys point to is borrowed until the source is closed.
 */
enum joist_status ji_parquet_source_open(struct joist_ctx *ctx, const char *const *locations, size_t count,
        const struct joist_parquet_open_options *options, struct ji_rows_source *source,
        struct joist_error *err);

#endif
