/*
 * arena.c - small things with a common end
 *
 *     block -> older block -> older ...      [header][things ......|next    left]
 *
 * Blocks double from 1 KiB to 64 KiB; a thing larger than a quarter of the next block gets
 * one of its own. Of that and the newest one, the one with more left goes on as the newest, so that little
 * is lost. Blocks of 4 KiB to 1 MiB are slabs: they come back warm to the next arena, and large ones come out
 * of huge pages, whose first touch costs a fraction of that of small ones.
 */
#include "base/arena.h"

#include <assert.h>
#include <stdio.h>

#define BLOCK_BYTES_MIN ((size_t)1 << 10)
#define BLOCK_BYTES_MAX ((size_t)64 << 10)
#define SLAB_BLOCK_BYTES_MAX ((size_t)1 << 20)
#define ALIGNMENT ((size_t)16)

struct ji_arena_block {
    struct ji_arena_block *older;
    size_t bytes; /* the header included */
};

#define HEADER_BYTES ((sizeof(struct ji_arena_block) + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT)

void ji_arena_init(struct ji_arena *arena, struct ji_mem *mem)
{
    *arena = (struct ji_arena){.mem = mem};
}

static bool is_slab(size_t bytes)
{
    return bytes >= JI_SLAB_BYTES_MIN && bytes <= SLAB_BLOCK_BYTES_MAX;
}

static void free_blocks(struct ji_arena *arena, struct ji_arena_block *block)
{
    while (block != NULL) {
        struct ji_arena_block *older = block->older;
        if (is_slab(block->bytes))
            ji_slab_free(arena->mem, block, block->bytes);
        else
            ji_free(arena->mem, block, block->bytes);
        block = older;
    }
}

void ji_arena_clear(struct ji_arena *arena)
{
    free_blocks(arena, arena->block);
    ji_arena_init(arena, arena->mem);
}

void ji_arena_reset(struct ji_arena *arena)
{
    struct ji_arena_block *kept = arena->block;
    if (kept == NULL)
        return;
    if (kept->bytes > BLOCK_BYTES_MAX) {
        ji_arena_clear(arena);
        return;
    }
    free_blocks(arena, kept->older);
    kept->older = NULL;
    arena->next = (uint8_t *)kept + HEADER_BYTES;
    arena->left = kept->bytes - HEADER_BYTES;
}

static enum joist_status add_block(
        struct ji_arena *arena, size_t bytes, struct ji_arena_block **block, struct joist_error *err)
{
    size_t total = 0;
    if (!ji_add_size(bytes, HEADER_BYTES, &total))
        return ji_fail(err, JOIST_ERR_LIMIT, "%zu bytes were asked of an arena", bytes);
    if (is_slab(total))
        JI_TRY(ji_slab_alloc(arena->mem, total, block, &total, err));
    else
        JI_TRY(ji_alloc(arena->mem, total, block, err));
    (*block)->bytes = total;
    return JOIST_OK;
}

/* `bytes` is a multiple of the alignment and does not fit what is left. */
static enum joist_status alloc_slow(
        struct ji_arena *arena, size_t bytes, uint8_t **thing, struct joist_error *err)
{
    size_t grown = BLOCK_BYTES_MIN;
    if (arena->block != NULL)
        grown = ji_max_size(BLOCK_BYTES_MIN, ji_min_size(arena->block->bytes * 2, BLOCK_BYTES_MAX));
    struct ji_arena_block *block = NULL;
    const bool own = arena->block != NULL && bytes > grown / 4;
    JI_TRY(add_block(arena, own ? bytes : ji_max_size(bytes, grown - HEADER_BYTES), &block, err));
    if (own && block->bytes - HEADER_BYTES - bytes <= arena->left) {
        block->older = arena->block->older;
        arena->block->older = block;
        *thing = (uint8_t *)block + HEADER_BYTES;
        return JOIST_OK;
    }
    block->older = arena->block;
    arena->block = block;
    *thing = (uint8_t *)block + HEADER_BYTES;
    arena->next = *thing + bytes;
    arena->left = block->bytes - HEADER_BYTES - bytes;
    return JOIST_OK;
}

enum joist_status ji_arena_alloc(struct ji_arena *arena, size_t bytes, void *out, struct joist_error *err)
{
    assert(arena != NULL && arena->mem != NULL);
    size_t padded = 0;
    if (!ji_add_size(bytes, ALIGNMENT - 1, &padded))
        return ji_fail(err, JOIST_ERR_LIMIT, "%zu bytes were asked of an arena", bytes);
    padded &= ~(ALIGNMENT - 1);

    uint8_t *thing = arena->next;
    if (thing != NULL && padded <= arena->left) {
        arena->next += padded;
        arena->left -= padded;
    } else {
        JI_TRY(alloc_slow(arena, padded, &thing, err));
    }
    memcpy(out, &thing, sizeof thing);
    return JOIST_OK;
}

enum joist_status ji_arena_array(
        struct ji_arena *arena, size_t count, size_t size, void *out, struct joist_error *err)
{
    size_t bytes = 0;
    if (!ji_mul_size(count, size, &bytes))
        return ji_fail(err, JOIST_ERR_LIMIT, "%zu things of %zu bytes were asked of an arena", count, size);
    uint8_t *things = NULL;
    JI_TRY(ji_arena_alloc(arena, bytes, &things, err));
    memset(things, 0, bytes);
    memcpy(out, &things, sizeof things);
    return JOIST_OK;
}

enum joist_status ji_arena_text(
        struct ji_arena *arena, struct ji_view view, const char **text, struct joist_error *err)
{
    size_t bytes = 0;
    if (!ji_add_size(view.size, 1, &bytes))
        return ji_fail(err, JOIST_ERR_LIMIT, "%zu bytes were asked of an arena", view.size);
    char *copy = NULL;
    JI_TRY(ji_arena_alloc(arena, bytes, &copy, err));
    if (view.size > 0)
        memcpy(copy, view.data, view.size);
    copy[view.size] = '\0';
    *text = copy;
    return JOIST_OK;
}

enum joist_status ji_arena_view(
        struct ji_arena *arena, struct ji_view from, struct ji_view *copy, struct joist_error *err)
{
    const char *text = NULL;
    JI_TRY(ji_arena_text(arena, from, &text, err));
    *copy = ji_view_of(text, from.size);
    return JOIST_OK;
}

enum joist_status ji_arena_printf(
        struct ji_arena *arena, const char **text, struct joist_error *err, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    const int size = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    if (size < 0)
        return ji_fail(err, JOIST_ERR_INTERNAL, "a text could not be formatted");
    char *made = NULL;
    JI_TRY(ji_arena_alloc(arena, (size_t)size + 1, &made, err));
    va_start(arguments, format);
    vsnprintf(made, (size_t)size + 1, format, arguments);
    va_end(arguments);
    *text = made;
    return JOIST_OK;
}
