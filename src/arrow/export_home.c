/*
 * export_home.c - keeps and frees the memory of exported structs
 */
#include "arrow/export_home.h"

#include <assert.h>

/* A slab is at least 4 KiB: below a half of that the arena wastes less. */
#define SMALL_BYTES_MAX (JI_SLAB_BYTES_MIN / 2)

enum joist_status ji_export_home_open(
        struct ji_mem *mem, struct joist_ctx *ctx, struct ji_export_home **home, struct joist_error *err)
{
    struct ji_export_home *opened;
    JI_TRY(ji_alloc_zero(mem, 1, sizeof *opened, &opened, err));
    opened->mem = mem;
    opened->ctx = ctx == NULL ? NULL : ji_ctx_retain(ctx);
    ji_arena_init(&opened->arena, mem);
    atomic_init(&opened->references, 1);
    *home = opened;
    return JOIST_OK;
}

void ji_export_home_release(struct ji_export_home *home)
{
    if (home == NULL || atomic_fetch_sub_explicit(&home->references, 1, memory_order_acq_rel) > 1)
        return;
    for (struct ji_kept_buffer *kept = home->buffers; kept != NULL; kept = kept->next)
        ji_buffer_release(kept->buffer);
    ji_arena_clear(&home->arena);
    struct joist_ctx *ctx = home->ctx;
    ji_free(home->mem, home, sizeof *home);
    joist_ctx_close(ctx);
}

enum joist_status ji_export_home_keep(
        struct ji_export_home *home, struct ji_buffer *buffer, struct joist_error *err)
{
    struct ji_kept_buffer *kept;
    const enum joist_status status = ji_arena_alloc(&home->arena, sizeof *kept, &kept, err);
    if (status != JOIST_OK) {
        ji_buffer_release(buffer);
        return status;
    }
    *kept = (struct ji_kept_buffer){.next = home->buffers, .buffer = buffer};
    home->buffers = kept;
    return JOIST_OK;
}

enum joist_status ji_export_home_alloc(
        struct ji_export_home *home, size_t bytes, void *out, struct joist_error *err)
{
    if (bytes <= SMALL_BYTES_MAX)
        return ji_arena_alloc(&home->arena, bytes, out, err);
    struct ji_buffer *buffer;
    JI_TRY(ji_buffer_new(home->mem, bytes, &buffer, err));
    void *data = buffer->data;
    JI_TRY(ji_export_home_keep(home, buffer, err));
    memcpy(out, &data, sizeof data);
    return JOIST_OK;
}
