/*
 * arena.h - small things with a common end
 *
 * Bump allocation from blocks that grow to 64 KiB; everything goes at `clear`. Not thread-safe.
 * Name an arena after the end that its things share: reader, plan, batch.
 */
#ifndef JI_ARENA_H
#define JI_ARENA_H

#include "base/bytes.h"
#include "base/mem.h"

struct ji_arena_block;

struct ji_arena {
    struct ji_mem *mem;
    struct ji_arena_block *block; /* newest first */
    uint8_t *next;
    size_t left;
};

void ji_arena_init(struct ji_arena *arena, struct ji_mem *mem);
/* Frees all; the arena is ready for use again. Accepts one that is all zero. */
void ji_arena_clear(struct ji_arena *arena);
/* Keeps the newest block for reuse: the steady state of a loop allocates nothing. */
void ji_arena_reset(struct ji_arena *arena);

/* 16-byte aligned, not zeroed. `out` is any T **. 0 bytes give a valid pointer. */
enum joist_status ji_arena_alloc(struct ji_arena *arena, size_t bytes, void *out, struct joist_error *err);
/* Zeroed, the product checked. */
enum joist_status ji_arena_array(
        struct ji_arena *arena, size_t count, size_t size, void *out, struct joist_error *err);
/* A copy with a NUL behind it. */
enum joist_status ji_arena_text(
        struct ji_arena *arena, struct ji_view view, const char **text, struct joist_error *err);
enum joist_status ji_arena_view(
        struct ji_arena *arena, struct ji_view from, struct ji_view *copy, struct joist_error *err);
enum joist_status ji_arena_printf(struct ji_arena *arena, const char **text, struct joist_error *err,
        const char *format, ...) __attribute__((format(printf, 4, 5)));

#endif
