/*
 * bytes_source.h - bytes of the test's as a source, whose n-th read fails on request
 */
#ifndef JI_BYTES_SOURCE_H
#define JI_BYTES_SOURCE_H

#include <stdatomic.h>

#include <joist/io.h>

struct bytes_source {
    const uint8_t *data;
    size_t size;
    atomic_uint_fast64_t reads; /* of any thread */
    atomic_uint_fast64_t hints; /* how often it was told what will be read */
    uint64_t fail_at;           /* this read fails with EIO, 1-based; 0: none */
    bool is_short;              /* reads give half of what was asked for, 1 byte at least */
};

/* `from` is borrowed and lives longer than the source; closing does nothing. */
struct joist_source bytes_source(struct bytes_source *from);

#endif
