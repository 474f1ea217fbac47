/*
 * export_home.h - the memory of what has left the library
 *
 *     home: references, arena, buffers kept, ctx?     <- every ArrowSchema or ArrowArray of one export
 *
 * A tree of Arrow structs shares one home, and each node holds a reference: a child that a
 * consumer moved out of its parent stays valid after the parent's release. The last release, on any
 * thread, frees all and drops the reference on the ctx.
 */
#ifndef JI_EXPORT_HOME_H
#define JI_EXPORT_HOME_H

#include "base/arena.h"
#include "base/buffer.h"
#include "base/ctx.h"

struct ji_kept_buffer {
    struct ji_kept_buffer *next;
    struct ji_buffer *buffer;
};

struct ji_export_home {
    struct ji_mem *mem;
    struct joist_ctx *ctx; /* a reference, or NULL */
    struct ji_arena arena;
    struct ji_kept_buffer *buffers;
    atomic_size_t references;
};

/* With one reference. `ctx` NULL: `mem` outlives the home. */
enum joist_status ji_export_home_open(
        struct ji_mem *mem, struct joist_ctx *ctx, struct ji_export_home **home, struct joist_error *err);
static inline void ji_export_home_retain(struct ji_export_home *home)
{
    atomic_fetch_add_explicit(&home->references, 1, memory_order_relaxed);
}
void ji_export_home_release(struct ji_export_home *home); /* accepts NULL */

/* Releases `buffer` with the home; the caller's reference moves there, also on failure. */
enum joist_status ji_export_home_keep(
        struct ji_export_home *home, struct ji_buffer *buffer, struct joist_error *err);
/* Memory that lives with the home, 64-byte aligned where it is large. Not zeroed. */
enum joist_status ji_export_home_alloc(
        struct ji_export_home *home, size_t bytes, void *out, struct joist_error *err);

#endif
