/*
 * land_rows.c - rows appended value by value, then asked for again
 *
 *     land_rows WAREHOUSE
 */
#include <joist/joist.h>

#include <stdio.h>

static const char schema[] = "day date required, city string required, oaks int, height decimal(5,2)";

static enum joist_status add_row(struct joist_builder *rows, int64_t day, const char *city, size_t city_bytes,
        int64_t oaks, struct joist_error *err)
{
    enum joist_status status = joist_builder_int64(rows, day, err);
    if (status == JOIST_OK)
        status = joist_builder_bytes(rows, city, city_bytes, err);
    if (status == JOIST_OK)
        status = joist_builder_int64(rows, oaks, err);
    if (status == JOIST_OK)
        status = joist_builder_text(rows, "21.50", 5, err);
    return status == JOIST_OK ? joist_builder_end_row(rows, err) : status;
}

/* The table takes its columns from the stream that is to land in it. */
static enum joist_status land(
        struct joist_catalog *catalog, struct ArrowArrayStream *stream, struct joist_error *err)
{
    struct ArrowSchema columns = {0};
    if (stream->get_schema(stream, &columns) != 0)
        return JOIST_ERR_INTERNAL;
    const struct joist_table_create_options create = {
            .struct_size = sizeof create,
            .schema = &columns,
            .partition = "month(day)",
    };
    enum joist_status status = joist_table_create(catalog, "parks.counts", &create, err);
    columns.release(&columns);
    if (status == JOIST_ERR_EXISTS)
        status = JOIST_OK;

    struct joist_append_report report = {0};
    if (status == JOIST_OK)
        status = joist_table_append(catalog, "parks.counts", stream, NULL, &report, err);
    if (status == JOIST_OK)
        printf("%llu rows in %llu files\n", (unsigned long long)report.rows,
                (unsigned long long)report.files);
    return status;
}

int main(int argc, char **argv)
{
    struct joist_error err = {0};
    struct joist_ctx *ctx = NULL;
    struct joist_catalog *catalog = NULL;
    struct joist_builder *rows = NULL;
    struct ArrowArrayStream stream = {0};
    const struct joist_ctx_options options = {
            .struct_size = sizeof options,
            .memory_bytes_max = (uint64_t)64 << 20,
    };
    enum joist_status status = joist_ctx_open(&options, &ctx, &err);
    if (status == JOIST_OK)
        status = joist_catalog_open(ctx, argc > 1 ? argv[1] : "memory:", NULL, &catalog, &err);
    if (status == JOIST_OK)
        status = joist_builder_open(ctx, schema, &rows, &err);
    for (int64_t day = 0; status == JOIST_OK && day < 100; day++)
        status =
                add_row(rows, 20745 + day, day % 2 == 0 ? "Oslo" : "Bergen", day % 2 == 0 ? 4 : 6, day, &err);
    if (status == JOIST_OK)
        status = joist_builder_take(rows, &stream, &err);
    if (status == JOIST_OK)
        status = land(catalog, &stream, &err);

    if (stream.release != NULL)
        stream.release(&stream);
    joist_builder_close(rows);
    joist_catalog_close(catalog);
    joist_ctx_close(ctx);
    if (status != JOIST_OK)
        fprintf(stderr, "land_rows: %s\n", err.text);
    return status == JOIST_OK ? 0 : 1;
}
