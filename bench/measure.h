/*
 * measure.h - what the benchmarks' programs share: a clock, an order of times, a way out
 */
#ifndef BENCH_MEASURE_H
#define BENCH_MEASURE_H

#include <joist/base.h>

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/* Seconds on the wall. */
static inline double measure_now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* For qsort of doubles. */
static inline int measure_compare(const void *a, const void *b)
{
    const double x = *(const double *)a;
    const double y = *(const double *)b;
    return (x > y) - (x < y);
}

static inline void measure_stop(const char *what)
{
    fprintf(stderr, "%s\n", what);
    exit(1);
}

static inline void measure_need(enum joist_status status, const struct joist_error *err)
{
    if (status != JOIST_OK)
        measure_stop(err->text);
}

#endif
