/*
 * sql_fuzz.c - any bytes as a statement: parsed, bound to fixed tables, optimised, run
 *
 * The tables are small, so that what survives binding runs too.
 */
#include "support/sql_rows.h"

#include "base/ctx.h"

#include <stdlib.h>
#include <string.h>

static const struct sql_table tables[] = {
        {"t", "a long, b string, c decimal(9,2), d date, e double, f boolean, g timestamp, h int",
                "1|x|1.50|2026-01-01|0.5|true|2026-01-01T00:00:00|7\n||||||||\n-5|yy|0.01|1970-01-01|-1e300|"
                "false||0\n",
                {0}},
        {"s", "k string, st struct<x int, y list<int>>", "", {0}},
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct joist_ctx_options options = {
            .struct_size = sizeof options, .memory_bytes_max = (uint64_t)8 << 20};
    struct joist_ctx *ctx = NULL;
    struct joist_error err = {0};
    struct ji_bytes out;
    if (size > 4096 || joist_ctx_open(&options, &ctx, &err) != JOIST_OK)
        return 0;
    char *statement = malloc(size + 1);
    if (statement != NULL) {
        memcpy(statement, data, size);
        statement[size] = '\0';
        ji_bytes_init(&out, ji_ctx_mem(ctx));
        ji_ignore(sql_rows(ctx, tables, sizeof tables / sizeof tables[0], statement, true, &out, &err),
                "any answer will do, as long as there is one");
        ji_bytes_clear(&out);
        free(statement);
    }
    joist_ctx_close(ctx);
    return 0;
}
