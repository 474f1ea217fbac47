/*
 * small_slab.c - slabs below 64 KiB that the system can have back one by one
 *
 *     chunk, 2 MiB and aligned so:  [header, a block's room][block][block] ... [block]
 *
 *   1. Every block but the first is used, warm or cold; warm and cold ones have their bit set.
 *      A cold one has no memory behind it.
 *   2. A chunk with a warm block is in its class's `warm` list, one with cold ones alone in `cold`, a full
 *      one in none.
 *   3. A chunk whose blocks are all cold goes back whole, and its header's charge with it.
 *   4. All of a class changes under the lock of its list.
 *
 * From a heap such blocks would not come back: one small neighbour in use keeps the pages around it
 * resident, while the limit has them free already. Huge pages are refused here, since one of them would make
 * a whole chunk resident for its first block.
 */
#include "base/small_slab.h"

#include "base/checked.h"

#include <assert.h>
#include <string.h>
#include <sys/mman.h>

#define HEADER_BYTES ((size_t)4096)
#define BITS_WORDS 8
_Static_assert(JI_CHUNK_BYTES / JI_SLAB_BYTES_MIN == (size_t)BITS_WORDS * 64, "a bit a block");

struct ji_small_chunk {
    struct ji_small_chunk *next;
    struct ji_small_chunk *prev;
    struct ji_small_chunk **list; /* whose member it is, NULL: none */
    size_t block_bytes;
    size_t used; /* blocks */
    uint64_t warm[BITS_WORDS];
    uint64_t cold[BITS_WORDS];
};
_Static_assert(sizeof(struct ji_small_chunk) <= HEADER_BYTES, "the header has a page");

struct lists {
    pthread_mutex_t *lock;
    struct ji_small_chunk **warm;
    struct ji_small_chunk **cold;
};

static struct lists lists_of(struct ji_root *root, size_t capacity)
{
    const size_t class = (size_t)__builtin_ctzll(capacity) - (size_t)__builtin_ctzll(JI_SLAB_BYTES_MIN);
    assert(class < JI_SMALL_CLASSES);
    return (struct lists){&root->lists[class].lock, &root->small_warm[class], &root->small_cold[class]};
}

/* Puts the chunk into that list, or into none. */
static void enlist(struct ji_small_chunk *chunk, struct ji_small_chunk **list)
{
    if (chunk->list == list)
        return;
    if (chunk->list != NULL) {
        if (chunk->prev != NULL)
            chunk->prev->next = chunk->next;
        else
            *chunk->list = chunk->next;
        if (chunk->next != NULL)
            chunk->next->prev = chunk->prev;
    }
    chunk->list = list;
    chunk->prev = NULL;
    chunk->next = NULL;
    if (list != NULL) {
        chunk->next = *list;
        if (*list != NULL)
            (*list)->prev = chunk;
        *list = chunk;
    }
}

static bool any_bit(const uint64_t bits[BITS_WORDS])
{
    uint64_t all = 0;
    for (size_t i = 0; i < BITS_WORDS; i++)
        all |= bits[i];
    return all != 0;
}

static void enlist_by_bits(struct ji_small_chunk *chunk, const struct lists *lists)
{
    enlist(chunk, any_bit(chunk->warm) ? lists->warm : any_bit(chunk->cold) ? lists->cold : NULL);
}

static size_t take_bit(uint64_t bits[BITS_WORDS])
{
    size_t word = 0;
    while (bits[word] == 0)
        word++;
    const size_t index = 64 * word + (size_t)__builtin_ctzll(bits[word]);
    bits[word] &= bits[word] - 1;
    return index;
}

static void set_bit(uint64_t bits[BITS_WORDS], size_t index)
{
    bits[index / 64] |= UINT64_C(1) << (index % 64);
}

static void *block_at(struct ji_small_chunk *chunk, size_t index)
{
    return (uint8_t *)chunk + index * chunk->block_bytes;
}

static struct ji_small_chunk *chunk_of(void *block)
{
    return (struct ji_small_chunk *)(void *)((uint8_t *)block - ((uintptr_t)block & (JI_CHUNK_BYTES - 1)));
}

static size_t index_of(const struct ji_small_chunk *chunk, const void *block)
{
    return (size_t)((const uint8_t *)block - (const uint8_t *)chunk) / chunk->block_bytes;
}

void *ji_small_take_warm(struct ji_root *root, size_t capacity)
{
    const struct lists lists = lists_of(root, capacity);
    void *block = NULL;
    pthread_mutex_lock(lists.lock);
    struct ji_small_chunk *chunk = *lists.warm;
    if (chunk != NULL) {
        block = block_at(chunk, take_bit(chunk->warm));
        chunk->used++;
        enlist_by_bits(chunk, &lists);
        atomic_fetch_sub_explicit(&root->warm, capacity, memory_order_relaxed);
    }
    pthread_mutex_unlock(lists.lock);
    return block;
}

static enum joist_status open_chunk(
        struct ji_root *root, size_t capacity, struct ji_small_chunk **chunk, struct joist_error *err)
{
    JI_TRY(ji_mem_reserve(&root->pool, HEADER_BYTES, err));
    struct ji_small_chunk *made = ji_chunks_map(JI_CHUNK_BYTES, false);
    if (made == NULL) {
        ji_mem_release(&root->pool, HEADER_BYTES);
        return ji_fail(err, JOIST_ERR_NO_MEMORY, "the system refused %zu bytes", JI_CHUNK_BYTES);
    }
    atomic_fetch_add_explicit(&root->overhead, HEADER_BYTES, memory_order_relaxed);
    made->block_bytes = capacity; /* fresh pages are zero */
    for (size_t i = 1; i < JI_CHUNK_BYTES / capacity; i++)
        set_bit(made->cold, i);
    *chunk = made;
    return JOIST_OK;
}

static void *take_cold(struct ji_small_chunk *chunk, const struct lists *lists)
{
    void *block = block_at(chunk, take_bit(chunk->cold));
    chunk->used++;
    enlist_by_bits(chunk, lists);
    return block;
}

enum joist_status ji_small_take_cold(
        struct ji_root *root, size_t capacity, void **block, struct joist_error *err)
{
    const struct lists lists = lists_of(root, capacity);
    pthread_mutex_lock(lists.lock);
    *block = *lists.cold != NULL ? take_cold(*lists.cold, &lists) : NULL;
    pthread_mutex_unlock(lists.lock);
    if (*block != NULL)
        return JOIST_OK;
    /* Not under the lock: a reservation may trim this very class. */
    struct ji_small_chunk *chunk = NULL;
    JI_TRY(open_chunk(root, capacity, &chunk, err));
    pthread_mutex_lock(lists.lock);
    *block = take_cold(chunk, &lists);
    pthread_mutex_unlock(lists.lock);
    return JOIST_OK;
}

void ji_small_put_warm(struct ji_root *root, void *block, size_t capacity)
{
    const struct lists lists = lists_of(root, capacity);
    struct ji_small_chunk *chunk = chunk_of(block);
    assert(chunk->block_bytes == capacity);
    pthread_mutex_lock(lists.lock);
    set_bit(chunk->warm, index_of(chunk, block));
    chunk->used--;
    enlist_by_bits(chunk, &lists);
    atomic_fetch_add_explicit(&root->warm, capacity, memory_order_relaxed);
    pthread_mutex_unlock(lists.lock);
}

/* Where nothing of a chunk is used or warm any more it goes; under the lock. */
static void settle(struct ji_root *root, struct ji_small_chunk *chunk, const struct lists *lists)
{
    if (chunk->used > 0 || any_bit(chunk->warm)) {
        enlist_by_bits(chunk, lists);
        return;
    }
    enlist(chunk, NULL);
    munmap(chunk, JI_CHUNK_BYTES);
    atomic_fetch_sub_explicit(&root->overhead, HEADER_BYTES, memory_order_relaxed);
    ji_mem_release(&root->pool, HEADER_BYTES);
}

void ji_small_put_cold(struct ji_root *root, void *block, size_t capacity)
{
    const struct lists lists = lists_of(root, capacity);
    struct ji_small_chunk *chunk = chunk_of(block);
    assert(chunk->block_bytes == capacity);
    madvise(block, capacity, MADV_DONTNEED);
    pthread_mutex_lock(lists.lock);
    set_bit(chunk->cold, index_of(chunk, block));
    chunk->used--;
    settle(root, chunk, &lists);
    pthread_mutex_unlock(lists.lock);
}

/* Makes every warm block of the chunk cold, neighbours by one call; how many bytes. */
static uint64_t cool(struct ji_small_chunk *chunk)
{
    uint64_t given = 0;
    const size_t count = JI_CHUNK_BYTES / chunk->block_bytes;
    for (size_t i = 1; i < count;) {
        size_t end = i;
        while (end < count && (chunk->warm[end / 64] >> (end % 64) & 1) != 0)
            set_bit(chunk->cold, end++);
        if (end > i) {
            madvise(block_at(chunk, i), (end - i) * chunk->block_bytes, MADV_DONTNEED);
            given += (end - i) * chunk->block_bytes;
        }
        i = end + 1;
    }
    memset(chunk->warm, 0, sizeof chunk->warm);
    return given;
}

uint64_t ji_small_trim(struct ji_root *root, uint64_t enough)
{
    uint64_t given = 0;
    for (size_t class = 0; class < JI_SMALL_CLASSES; class ++) {
        const struct lists lists = lists_of(root, JI_SLAB_BYTES_MIN << class);
        pthread_mutex_lock(lists.lock);
        while (*lists.warm != NULL && given < enough) {
            struct ji_small_chunk *chunk = *lists.warm;
            const uint64_t cooled = cool(chunk);
            settle(root, chunk, &lists);
            atomic_fetch_sub_explicit(&root->warm, cooled, memory_order_relaxed);
            atomic_fetch_sub_explicit(&root->pool.granted, cooled, memory_order_relaxed);
            given += cooled;
        }
        pthread_mutex_unlock(lists.lock);
    }
    return given;
}
