/*
 * serial.h - morsels one after another: limits, and the stream at the root of a query
 */
#ifndef JI_SERIAL_H
#define JI_SERIAL_H

#include "scan/rows_source.h"

/* Rows [offset, offset + rows) of the input's, as one morsel. Owns `input` from success on. */
enum joist_status ji_limit_open(struct joist_ctx *ctx, struct ji_rows_scan *input, uint64_t rows,
        uint64_t offset, struct ji_rows_scan *result, struct joist_error *err);

/* All morsels in order, through one cursor; closing it leaves `input` to its owner. */
enum joist_status ji_serial_open(struct ji_rows_scan *input, struct ji_mem *mem,
        struct ji_rows_cursor *cursor, struct joist_error *err);

#endif
