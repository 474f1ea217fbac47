/*
 * rows_source.c - what scans answer that have nothing of their own to say
 */
#include "scan/rows_source.h"

size_t ji_one_morsel(void *self)
{
    (void)self;
    return 1;
}

struct ji_scan_counters ji_no_counters(void *self)
{
    (void)self;
    return (struct ji_scan_counters){0};
}
