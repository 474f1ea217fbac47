/*
 * stream_store.h - what has no offsets: standard input and output, pipes, devices
 */
#ifndef JI_STREAM_STORE_H
#define JI_STREAM_STORE_H

#include <joist/io.h>

#include "base/ctx.h"

/* Borrow the descriptors 0 and 1. */
enum joist_status ji_standard_input_open(
        struct joist_ctx *ctx, struct joist_source *source, struct joist_error *err);
enum joist_status ji_standard_output_open(
        struct joist_ctx *ctx, struct joist_sink *sink, struct joist_error *err);

/* Own `fd`, on failure as well. `name` is copied. */
enum joist_status ji_stream_source_open(
        struct ji_mem *mem, int fd, const char *name, struct joist_source *source, struct joist_error *err);
enum joist_status ji_stream_sink_open(
        struct ji_mem *mem, int fd, const char *name, struct joist_sink *sink, struct joist_error *err);

#endif
