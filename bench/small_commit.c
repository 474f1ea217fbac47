/*
 * small_commit.c - how long one commit of 10,000 rows takes, and whether the 1,000th takes longer
 *
 *     small_commit WAREHOUSE COMMITS OUT.json     prints the median in seconds
 */
#include <joist/joist.h>

#include "measure.h"

#include <stdio.h>
#include <stdlib.h>

#define ROWS 10000
#define COMMITS_MAX 100000
#define AROUND 10

static double median(const double *times, size_t count)
{
    double *sorted = malloc(count * sizeof *sorted);
    if (sorted == NULL)
        exit(1);
    for (size_t index = 0; index < count; index++)
        sorted[index] = times[index];
    qsort(sorted, count, sizeof *sorted, measure_compare);
    const double middle = sorted[count / 2];
    free(sorted);
    return middle;
}

static enum joist_status make_rows(
        struct joist_builder *builder, struct ArrowArrayStream *stream, struct joist_error *err)
{
    enum joist_status status = JOIST_OK;
    for (int64_t row = 0; status == JOIST_OK && row < ROWS; row++) {
        status = joist_builder_int64(builder, row, err);
        if (status == JOIST_OK)
            status = joist_builder_double(builder, (double)row / 7, err);
        if (status == JOIST_OK)
            status = joist_builder_end_row(builder, err);
    }
    return status == JOIST_OK ? joist_builder_take(builder, stream, err) : status;
}

/* Only the append is timed; the rows stand ready. */
static enum joist_status commit_once(struct joist_catalog *catalog, struct joist_builder *builder,
        double *seconds, struct joist_error *err)
{
    struct ArrowArrayStream stream = {0};
    enum joist_status status = make_rows(builder, &stream, err);
    if (status == JOIST_OK) {
        const double started = measure_now();
        status = joist_table_append(catalog, "bench.small", &stream, NULL, NULL, err);
        *seconds = measure_now() - started;
    }
    if (stream.release != NULL)
        stream.release(&stream);
    return status;
}

static enum joist_status create(
        struct joist_catalog *catalog, struct joist_builder *builder, struct joist_error *err)
{
    struct ArrowArrayStream empty = {0};
    struct ArrowSchema schema = {0};
    enum joist_status status = joist_builder_take(builder, &empty, err);
    if (status != JOIST_OK || empty.get_schema(&empty, &schema) != 0)
        return status != JOIST_OK ? status : JOIST_ERR_INTERNAL;
    const struct joist_table_create_options options = {.struct_size = sizeof options, .schema = &schema};
    status = joist_table_create(catalog, "bench.small", &options, err);
    schema.release(&schema);
    empty.release(&empty);
    return status;
}

static void report(const double *times, size_t count, const char *path)
{
    FILE *out = fopen(path, "w");
    if (out == NULL)
        exit(1);
    const size_t places[] = {AROUND, count / 2, count - AROUND};
    for (size_t index = 0; index < 3; index++)
        fprintf(out, "%s\"%zuth\": %.6f", index == 0 ? "{" : ", ",
                places[index] == count - AROUND ? count : places[index],
                median(times + places[index] - AROUND / 2, AROUND));
    fputs("}\n", out);
    fclose(out);
    printf("%.6f\n", median(times, count));
}

int main(int argc, char **argv)
{
    struct joist_error err = {0};
    struct joist_ctx *ctx = NULL;
    struct joist_catalog *catalog = NULL;
    struct joist_builder *builder = NULL;
    const size_t count = argc == 4 ? strtoul(argv[2], NULL, 10) : 0;
    double *times = count >= 3 * AROUND && count <= COMMITS_MAX ? malloc(count * sizeof *times) : NULL;
    if (times == NULL)
        return 2;
    const struct joist_ctx_options options = {.struct_size = sizeof options};
    enum joist_status status = joist_ctx_open(&options, &ctx, &err);
    if (status == JOIST_OK)
        status = joist_catalog_open(ctx, argv[1], NULL, &catalog, &err);
    if (status == JOIST_OK)
        status = joist_builder_open(ctx, "id long, value double", &builder, &err);
    if (status == JOIST_OK)
        status = create(catalog, builder, &err);
    for (size_t index = 0; status == JOIST_OK && index < count; index++)
        status = commit_once(catalog, builder, &times[index], &err);
    if (status == JOIST_OK)
        report(times, count, argv[3]);
    else
        fprintf(stderr, "small_commit: %s\n", err.text);
    joist_builder_close(builder);
    joist_catalog_close(catalog);
    joist_ctx_close(ctx);
    free(times);
    return status == JOIST_OK ? 0 : 1;
}
