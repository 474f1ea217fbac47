/*
 * mem.h - the one door to memory: a tree of named pools that reserve before they allocate
 *
 *     ctx (the limit) -> query or writer -> operator
 *
 * A pool counts what was allocated through it and takes its room from its parent
 * in quanta, so that most allocations touch one counter. A reservation
 * that would pass the root's limit is JOIST_ERR_LIMIT and names the ten largest
 * holders; nothing was allocated then. Pools are thread-safe.
 *
 * Every block goes back with the size that it was asked with: no block carries a header.
 */
#ifndef JI_MEM_H
#define JI_MEM_H

#include "base/error.h"

struct ji_mem;

/* A child of `parent`. `name` is static text for messages. */
enum joist_status ji_mem_open(
        struct ji_mem *parent, const char *name, struct ji_mem **mem, struct joist_error *err);
/*
 * A child with one zeroed block of `bytes` in it, the object that the pool is for: sets the pointer that
 * `object` points to (any T **). Its owner frees the block, then closes the pool.
 */
enum joist_status ji_mem_open_with(struct ji_mem *parent, const char *name, size_t bytes, struct ji_mem **mem,
        void *object, struct joist_error *err);
/* Everything allocated through it has been freed and its children are closed. */
void ji_mem_close(struct ji_mem *mem);

/*
 * Sets the pointer that `out` points to (any T **). Blocks are 16-byte aligned and
 * not zeroed. `bytes` 0 gives NULL. LIMIT or NO_MEMORY.
 */
enum joist_status ji_alloc(struct ji_mem *mem, size_t bytes, void *out, struct joist_error *err);
/* The same, zeroed, for `count` things of `size` bytes; the product is checked. */
enum joist_status ji_alloc_zero(
        struct ji_mem *mem, size_t count, size_t size, void *out, struct joist_error *err);
/* For `count` things of `size` bytes, not zeroed; the product is checked. */
enum joist_status ji_alloc_array(
        struct ji_mem *mem, size_t count, size_t size, void *out, struct joist_error *err);
/* Moves the block that `*pointer` points to; on failure it stays as it was. `pointer` is a T **. */
enum joist_status ji_realloc(
        struct ji_mem *mem, void *pointer, size_t bytes_old, size_t bytes_new, struct joist_error *err);
void ji_free(struct ji_mem *mem, void *memory, size_t bytes);

/* Charges and discharges heap that somebody else allocates (codec contexts, SQLite). */
enum joist_status ji_mem_reserve(struct ji_mem *mem, size_t bytes, struct joist_error *err);
void ji_mem_release(struct ji_mem *mem, size_t bytes);

/*
 * Makes `bytes` that were allocated or charged through `from` the business of `to`, a pool of the
 * same root; they are freed through `to` then. Cannot fail: the root's sum stays as it is.
 */
void ji_mem_move(struct ji_mem *from, struct ji_mem *to, size_t bytes);

/* Bytes allocated or charged through this pool and its children. */
uint64_t ji_mem_bytes(const struct ji_mem *mem);
/* What the root still has to give, UINT64_MAX where there is no limit; a hint, for sizing. */
uint64_t ji_mem_room(const struct ji_mem *mem);
/* The same with the spare quanta of all pools in it, which go home to the root. */
uint64_t ji_mem_room_gathered(const struct ji_mem *mem);
/* The root's limit. */
uint64_t ji_mem_limit(const struct ji_mem *mem);

/* --- the root, for ctx and tests --- */

struct ji_mem_root_options {
    struct joist_allocator allocator; /* both functions set */
    uint64_t bytes_max;               /* UINT64_MAX: none */
    uint64_t keep_warm_bytes;
};
enum joist_status ji_mem_root_open(
        const struct ji_mem_root_options *options, struct ji_mem **root, struct joist_error *err);
void ji_mem_root_close(struct ji_mem *root);
/* All that is counted against the limit: bytes in use, spare quanta of the pools, warm slabs. */
uint64_t ji_mem_root_reserved(const struct ji_mem *root);
uint64_t ji_mem_root_peak(const struct ji_mem *root);

/*
 * --- slabs: bulk blocks that stay warm ---
 *
 * Power-of-two blocks from 4 KiB to 8 MiB, 64-byte aligned, that go back to
 * the root's free lists and are handed out again: first touch of fresh memory costs
 * more than most decoding. Larger requests go straight to the allocator. `*capacity`
 * is what was got and what must come back.
 */
#define JI_SLAB_BYTES_MIN ((size_t)4096)
#define JI_SLAB_BYTES_MAX ((size_t)8 << 20)
enum joist_status ji_slab_alloc(
        struct ji_mem *mem, size_t bytes, void *out, size_t *capacity, struct joist_error *err);
void ji_slab_free(struct ji_mem *mem, void *memory, size_t capacity);
/* Gives the free lists back to the allocator. */
void ji_slab_trim(struct ji_mem *mem);

/* The system's allocator: the only calls of malloc and free in the library. */
struct joist_allocator ji_system_allocator(void);

#endif
