/*
 * chunk_table.c - the column chunks of a file that somebody asked for, decoded
 *
 *     slots   [group 0, leaf 5][         ][group 3, leaf 0] ...      open addressing, at most half full
 *                   |
 *     arena   [chunk, its statistics, its bytes] ...
 *
 *   1. The lock is held while a slot is looked for and while a chunk is made: a chunk is made once, and one
 *      that was handed out does not move.
 *   2. A chunk that could not be made leaves its slot empty.
 *   3. A file may have any number of chunks: past a part of the memory's limit those are kept alone that
 *      somebody wants for as long as the file is open.
 */
#include "parquet/read/chunk_table.h"

#include <pthread.h>

#define SLOTS_MIN 64

/* Chunks that are kept take about a part of the limit, at about so many bytes each. */
#define KEPT_PART 16
#define CHUNK_BYTES 1024
#define KEPT_MIN 1024

struct slot {
    const struct ji_chunk *chunk; /* NULL: empty */
    size_t group;
    size_t leaf;
};

struct ji_chunk_table {
    pthread_mutex_t lock;
    struct ji_mem *mem;
    ji_chunk_make_fn make;
    struct joist_parquet_file *file;
    struct ji_arena arena;
    struct slot *slots;
    size_t slot_count; /* a power of two */
    size_t used;
    size_t kept_max;
};

enum joist_status ji_chunk_table_open(struct ji_mem *mem, ji_chunk_make_fn make,
        struct joist_parquet_file *file, struct ji_chunk_table **table, struct joist_error *err)
{
    struct ji_chunk_table *made = NULL;
    JI_TRY(ji_alloc_zero(mem, 1, sizeof *made, &made, err));
    if (pthread_mutex_init(&made->lock, NULL) != 0) {
        ji_free(mem, made, sizeof *made);
        return ji_fail(err, JOIST_ERR_NO_MEMORY, "a lock could not be made");
    }
    made->mem = mem;
    made->kept_max = (size_t)ji_max_u64(ji_mem_limit(mem) / KEPT_PART / CHUNK_BYTES, KEPT_MIN);
    made->make = make;
    made->file = file;
    ji_arena_init(&made->arena, mem);
    *table = made;
    return JOIST_OK;
}

void ji_chunk_table_close(struct ji_chunk_table *table)
{
    if (table == NULL)
        return;
    ji_arena_clear(&table->arena);
    ji_free(table->mem, table->slots, table->slot_count * sizeof table->slots[0]);
    pthread_mutex_destroy(&table->lock);
    ji_free(table->mem, table, sizeof *table);
}

/* The slot of a group and leaf, or the empty one where it belongs. */
static struct slot *find_slot(const struct ji_chunk_table *table, size_t group, size_t leaf)
{
    const uint64_t hash = ((uint64_t)group << 32 ^ (uint64_t)leaf) * UINT64_C(0x9e3779b97f4a7c15);
    const size_t mask = table->slot_count - 1;
    size_t at = (size_t)(hash >> 32) & mask;
    while (table->slots[at].chunk != NULL &&
            (table->slots[at].group != group || table->slots[at].leaf != leaf))
        at = (at + 1) & mask;
    return &table->slots[at];
}

static enum joist_status grow(struct ji_chunk_table *table, struct joist_error *err)
{
    struct ji_chunk_table larger = {.slot_count = ji_max_size(SLOTS_MIN, table->slot_count * 2)};
    JI_TRY(ji_alloc_zero(table->mem, larger.slot_count, sizeof larger.slots[0], &larger.slots, err));
    for (size_t index = 0; index < table->slot_count; index++) {
        const struct slot *const slot = &table->slots[index];
        if (slot->chunk != NULL)
            *find_slot(&larger, slot->group, slot->leaf) = *slot;
    }
    ji_free(table->mem, table->slots, table->slot_count * sizeof table->slots[0]);
    table->slots = larger.slots;
    table->slot_count = larger.slot_count;
    return JOIST_OK;
}

static enum joist_status get(struct ji_chunk_table *table, size_t group, size_t leaf, struct ji_arena *spare,
        const struct ji_chunk **chunk, struct joist_error *err)
{
    if (table->used >= table->slot_count / 2)
        JI_TRY(grow(table, err));
    struct slot *const slot = find_slot(table, group, leaf);
    if (slot->chunk == NULL && spare != NULL && table->used >= table->kept_max)
        return table->make(table->file, group, leaf, spare, chunk, err);
    if (slot->chunk == NULL) {
        JI_TRY(table->make(table->file, group, leaf, &table->arena, &slot->chunk, err));
        slot->group = group;
        slot->leaf = leaf;
        table->used++;
    }
    *chunk = slot->chunk;
    return JOIST_OK;
}

enum joist_status ji_chunk_table_get(struct ji_chunk_table *table, size_t group, size_t leaf,
        struct ji_arena *spare, const struct ji_chunk **chunk, struct joist_error *err)
{
    pthread_mutex_lock(&table->lock);
    const enum joist_status status = get(table, group, leaf, spare, chunk, err);
    pthread_mutex_unlock(&table->lock);
    return status;
}
