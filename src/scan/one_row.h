/*
 * one_row.h - a scan of one row of known values
 */
#ifndef JI_ONE_ROW_H
#define JI_ONE_ROW_H

#include "scan/rows_source.h"

/* One value a column of the schema; both are borrowed until the scan is closed. */
enum joist_status ji_one_row_open(struct joist_ctx *ctx, const struct ji_schema *schema,
        const struct ji_value *values, struct ji_rows_scan *result, struct joist_error *err);

#endif
