/*
 * land_stream.c - any Arrow stream into a table; here one that reads a CSV file
 *
 *     land_stream WAREHOUSE TABLE FILE.csv
 */
#include <joist/joist.h>

#include <stdio.h>

static enum joist_status land(struct joist_ctx *ctx, char **argv, struct joist_error *err)
{
    struct joist_catalog *catalog = NULL;
    struct joist_source source = {0};
    struct ArrowArrayStream stream = {0};
    struct ArrowSchema columns = {0};
    struct joist_append_report report = {0};
    const struct joist_text_options text = {.struct_size = sizeof text, .infer_decimals = true};

    enum joist_status status = joist_catalog_open(ctx, argv[1], NULL, &catalog, err);
    if (status == JOIST_OK)
        status = joist_source_open(ctx, argv[3], &source, err);
    if (status == JOIST_OK) {
        status = joist_csv_open(ctx, source, &text, &stream, err);
        if (status != JOIST_OK)
            joist_source_close(&source);
    }
    if (status == JOIST_OK && stream.get_schema(&stream, &columns) == 0) {
        const struct joist_table_create_options create = {.struct_size = sizeof create, .schema = &columns};
        status = joist_table_create(catalog, argv[2], &create, err);
        columns.release(&columns);
    }
    if (status == JOIST_OK)
        status = joist_table_append(catalog, argv[2], &stream, NULL, &report, err);
    if (status == JOIST_OK)
        printf("%llu rows, %llu bytes, snapshot %lld\n", (unsigned long long)report.rows,
                (unsigned long long)report.bytes, (long long)report.snapshot_id);
    if (stream.release != NULL)
        stream.release(&stream);
    joist_catalog_close(catalog);
    return status;
}

int main(int argc, char **argv)
{
    struct joist_error err = {0};
    struct joist_ctx *ctx = NULL;
    const struct joist_ctx_options options = {.struct_size = sizeof options, .threads = 2};
    if (argc != 4) {
        fputs("usage: land_stream WAREHOUSE TABLE FILE.csv\n", stderr);
        return 2;
    }
    enum joist_status status = joist_ctx_open(&options, &ctx, &err);
    if (status == JOIST_OK)
        status = land(ctx, argv, &err);
    joist_ctx_close(ctx);
    if (status != JOIST_OK)
        fprintf(stderr, "land_stream: %s\n", err.text);
    return status == JOIST_OK ? 0 : 1;
}
