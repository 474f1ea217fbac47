/*
 * scratch.h - a file without a name, for what does not fit in memory
 *
 * It is gone with its last descriptor, however the process ends. Its bytes count against the context's limit
 * of scratch files. Reading and appending may go on side by side, on any threads: what was appended stands.
 */
#ifndef JI_SCRATCH_H
#define JI_SCRATCH_H

#include "base/ctx.h"

struct ji_scratch;

/* NOT_FOUND where the context has no place for it: the caller does without. */
enum joist_status ji_scratch_open(
        struct joist_ctx *ctx, struct ji_mem *mem, struct ji_scratch **scratch, struct joist_error *err);
void ji_scratch_close(struct ji_scratch *scratch); /* accepts NULL */

/* `*offset` is where the bytes stand from then on. */
enum joist_status ji_scratch_append(
        struct ji_scratch *scratch, const void *data, size_t size, uint64_t *offset, struct joist_error *err);
/* The same in two steps, for bytes that stand in pieces: a place for so many, then any part of it. */
enum joist_status ji_scratch_place(
        struct ji_scratch *scratch, uint64_t size, uint64_t *offset, struct joist_error *err);
enum joist_status ji_scratch_write(
        struct ji_scratch *scratch, uint64_t offset, const void *data, size_t size, struct joist_error *err);
enum joist_status ji_scratch_read(
        struct ji_scratch *scratch, uint64_t offset, size_t size, void *out, struct joist_error *err);
/* Forgets all bytes: the next ones stand at 0. By nobody else at the time. */
enum joist_status ji_scratch_rewind(struct ji_scratch *scratch, struct joist_error *err);

#endif
