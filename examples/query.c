/*
 * query.c - one SELECT, its rows read batch by batch
 *
 *     query WAREHOUSE "select ..."
 */
#include <joist/joist.h>

#include <inttypes.h>
#include <stdio.h>

/* Prints the first column where it is of 64-bit integers, and counts the rows. */
static enum joist_status print_rows(struct ArrowArrayStream *stream, struct joist_error *err)
{
    struct ArrowSchema schema = {0};
    if (stream->get_schema(stream, &schema) != 0)
        return JOIST_ERR_INTERNAL;
    const bool is_long = schema.n_children > 0 && schema.children[0]->format[0] == 'l';
    schema.release(&schema);

    int64_t rows = 0;
    for (;;) {
        struct ArrowArray batch = {0};
        const enum joist_status status = joist_stream_next(stream, &batch, err);
        if (status != JOIST_OK)
            return status;
        if (batch.release == NULL)
            break;
        for (int64_t row = 0; is_long && row < batch.length; row++) {
            const struct ArrowArray *column = batch.children[0];
            const int64_t *values = column->buffers[1];
            printf("%" PRId64 "\n", values[column->offset + row]);
        }
        rows += batch.length;
        batch.release(&batch);
    }
    printf("%" PRId64 " rows\n", rows);
    return JOIST_OK;
}

int main(int argc, char **argv)
{
    struct joist_error err = {0};
    struct joist_ctx *ctx = NULL;
    struct joist_catalog *catalog = NULL;
    struct ArrowArrayStream stream = {0};
    const struct joist_ctx_options options = {.struct_size = sizeof options, .threads = 2};
    if (argc != 3) {
        fputs("usage: query WAREHOUSE STATEMENT\n", stderr);
        return 2;
    }
    enum joist_status status = joist_ctx_open(&options, &ctx, &err);
    if (status == JOIST_OK)
        status = joist_catalog_open(ctx, argv[1], NULL, &catalog, &err);
    const struct joist_sql_options sql = {.struct_size = sizeof sql, .catalog = catalog};
    if (status == JOIST_OK)
        status = joist_sql_query(ctx, argv[2], &sql, &stream, &err);
    if (status == JOIST_OK)
        status = print_rows(&stream, &err);
    if (stream.release != NULL)
        stream.release(&stream);
    joist_catalog_close(catalog);
    joist_ctx_close(ctx);
    if (status != JOIST_OK)
        fprintf(stderr, "query: %s\n", err.text);
    return status == JOIST_OK ? 0 : 1;
}
