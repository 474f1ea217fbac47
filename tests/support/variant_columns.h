/*
 * variant_columns.h - a shredded VARIANT group from its type and its rows as NDJSON, put together
 *
 *     struct variant_columns columns;
 *     assert_ok(variant_columns_open(ctx, "metadata binary, value binary, typed_value int",
 *             "{\"metadata\": \"010000\", \"typed_value\": 34}\n", &columns, &err));
 *     assert_ok(ji_variant_assemble(&columns.assembly, &columns.storage, &out, &err));
 */
#ifndef JI_VARIANT_COLUMNS_H
#define JI_VARIANT_COLUMNS_H

#include "support/test.h"

#include "arrow/batch_stream.h"
#include "parquet/decode/variant_assemble.h"

struct variant_columns {
    struct ji_arena arena;
    struct ArrowArrayStream exported;
    struct ji_batch_stream rows;
    struct ji_parquet_schema schema;
    struct ji_variant_assembly assembly;
    struct ji_column storage;
};

/*
 * `fields` are the group's, as ji_schema_parse reads them; binary values are hexadecimal. The status is that of
 * the group's schema; what is wrong with the test's own texts fails the test. Close in any case.
 */
enum joist_status variant_columns_open(struct joist_ctx *ctx, const char *fields, const char *rows,
        struct variant_columns *columns, struct joist_error *err);
void variant_columns_close(struct variant_columns *columns);

#endif
