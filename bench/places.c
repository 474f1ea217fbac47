/*
 * places.c - how long ten rows at a random place of a file take, all columns, the file being open
 *
 *     places FILE     prints the median and the slowest of a hundred places, in milliseconds
 */
#include <joist/joist.h>

#include "measure.h"

#include <stdio.h>
#include <stdlib.h>

#define PLACES 100
#define ROWS 10

static uint64_t next_random(uint64_t *state)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return *state >> 33;
}

static double read_place(struct joist_parquet_file *file, uint64_t row)
{
    struct joist_error err = {0};
    struct ArrowArrayStream stream = {0};
    const struct joist_parquet_read_options options = {
            .struct_size = sizeof options, .row_start = row, .row_count = ROWS};
    int64_t rows = 0;
    const double started = measure_now();
    measure_need(joist_parquet_read(file, &options, &stream, &err), &err);
    for (;;) {
        struct ArrowArray array = {0};
        if (stream.get_next(&stream, &array) != 0)
            measure_stop(stream.get_last_error(&stream));
        if (array.release == NULL)
            break;
        rows += array.length;
        array.release(&array);
    }
    stream.release(&stream);
    if (rows != ROWS)
        measure_stop("not ten rows");
    return measure_now() - started;
}

int main(int argc, char **argv)
{
    struct joist_error err = {0};
    struct joist_ctx *ctx = NULL;
    struct joist_source source = {NULL, NULL};
    struct joist_parquet_file *file = NULL;
    if (argc != 2)
        measure_stop("usage: places FILE");
    const struct joist_ctx_options options = {.struct_size = sizeof options, .threads = 2};
    measure_need(joist_ctx_open(&options, &ctx, &err), &err);
    measure_need(joist_source_open(ctx, argv[1], &source, &err), &err);
    measure_need(joist_parquet_open(ctx, source, NULL, &file, &err), &err);
    const uint64_t rows = joist_parquet_row_count(file);
    double seconds[PLACES];
    uint64_t state = 7;
    for (size_t place = 0; place < PLACES; place++)
        seconds[place] = read_place(file, next_random(&state) % (rows - ROWS));
    qsort(seconds, PLACES, sizeof seconds[0], measure_compare);
    printf("%.3f %.3f\n", seconds[PLACES / 2] * 1e3, seconds[PLACES - 1] * 1e3);
    joist_parquet_close(file);
    joist_ctx_close(ctx);
    return 0;
}
