/*
 * rows_memory.h - a rows_source of values written in the test
 *
 *     rows_memory_open(ctx, "k string, v long", "a|1\nb|2\n|3", NULL, &source)      an empty value is null
 */
#ifndef JI_ROWS_MEMORY_H
#define JI_ROWS_MEMORY_H

#include "support/test.h"

#include "scan/rows_source.h"

struct rows_memory_options {
    size_t morsel_rows; /* 0: one morsel for all */
    size_t batch_rows;  /* 0: as many as the morsel has */
    bool dictionaries;  /* string columns come as dictionaries */
    bool no_facts;      /* neither a row count nor facts */
};

/* Rows end with '\n', values with '|'; "''" is the empty string. `options` may be NULL. */
enum joist_status rows_memory_open(struct joist_ctx *ctx, const char *schema, const char *rows,
        const struct rows_memory_options *options, struct ji_rows_source *source, struct joist_error *err);

#endif
