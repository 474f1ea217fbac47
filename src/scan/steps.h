/*
 * steps.h - a filter and a projection over whatever is scanned
 */
#ifndef JI_STEPS_H
#define JI_STEPS_H

#include "scan/rows_source.h"

struct ji_steps_options {
    const struct ji_schema *schema;           /* of the result */
    const struct ji_expr *filter;             /* bound to the input; NULL: every row */
    const struct ji_expr *const *expressions; /* one a column of the schema; NULL: the input's columns */
    const struct joist_cancel *cancel;
};

/* Owns `input` from success on; what `options` points to must outlive the result. Morsels are the input's. */
enum joist_status ji_steps_open(struct joist_ctx *ctx, struct ji_rows_scan *input,
        const struct ji_steps_options *options, struct ji_rows_scan *result, struct joist_error *err);

#endif
