/*
 * slab.c - bulk blocks that stay warm
 *
 *     lists[class]:  newest -> block -> block         class c holds blocks of 4 KiB << c; those below
 *                                                     64 KiB are in small_slab.c where they can be
 *
 *   1. A block in a list is counted in `warm` and in the root's granted, in no pool's.
 *   2. `warm` never passes `keep_warm_bytes` by more than one block a thread.
 *   3. Taking a warm block needs no reservation: its bytes were never given back.
 *
 * The newest block is handed out first: it is the one most likely still in a cache.
 * Under the address sanitizer a block in a list is poisoned behind its link.
 */
#include "base/checked.h"
#include "base/pool.h"
#include "base/small_slab.h"

#include <assert.h>
#include <string.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HAVE_ADDRESS_SANITIZER 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(HAVE_ADDRESS_SANITIZER)
#include <sanitizer/asan_interface.h>
#define POISON(memory, bytes) __asan_poison_memory_region(memory, bytes)
#define UNPOISON(memory, bytes) __asan_unpoison_memory_region(memory, bytes)
#else
#define POISON(memory, bytes) ((void)(memory), (void)(bytes))
#define UNPOISON(memory, bytes) ((void)(memory), (void)(bytes))
#endif

#define SLAB_ALIGNMENT ((size_t)64)
#define CUT_BYTES_MIN ((size_t)64 << 10) /* what the system's allocator maps, and so frees by itself */

void ji_slabs_init(struct ji_root *root)
{
    for (size_t i = 0; i < JI_SLAB_CLASSES; i++)
        pthread_mutex_init(&root->lists[i].lock, NULL);
}

void ji_slabs_clear(struct ji_root *root)
{
    for (size_t i = 0; i < JI_SLAB_CLASSES; i++) {
        assert(root->lists[i].newest == NULL);
        pthread_mutex_destroy(&root->lists[i].lock);
    }
}

static unsigned class_of(size_t capacity)
{
    return (unsigned)(__builtin_ctzll(capacity) - __builtin_ctzll(JI_SLAB_BYTES_MIN));
}

static void *take_warm(struct ji_root *root, size_t capacity)
{
    struct ji_slab_list *list = &root->lists[class_of(capacity)];
    pthread_mutex_lock(&list->lock);
    void *block = list->newest;
    if (block != NULL) {
        memcpy(&list->newest, block, sizeof list->newest);
        atomic_fetch_sub_explicit(&root->warm, capacity, memory_order_relaxed);
    }
    pthread_mutex_unlock(&list->lock);
    if (block != NULL)
        UNPOISON(block, capacity);
    return block;
}

static void put_warm(struct ji_root *root, void *block, size_t capacity)
{
    struct ji_slab_list *list = &root->lists[class_of(capacity)];
    POISON((uint8_t *)block + sizeof list->newest, capacity - sizeof list->newest);
    pthread_mutex_lock(&list->lock);
    memcpy(block, &list->newest, sizeof list->newest);
    list->newest = block;
    atomic_fetch_add_explicit(&root->warm, capacity, memory_order_relaxed);
    pthread_mutex_unlock(&list->lock);
}

uint64_t ji_slabs_trim(struct ji_root *root, uint64_t enough)
{
    uint64_t given = 0;
    for (size_t capacity = JI_SLAB_BYTES_MAX; capacity >= JI_SLAB_BYTES_MIN; capacity /= 2) {
        while (given < enough) {
            void *block = take_warm(root, capacity);
            if (block == NULL)
                break;
            root->allocator.free(root->allocator.user, block, capacity);
            atomic_fetch_sub_explicit(&root->pool.granted, capacity, memory_order_relaxed);
            given += capacity;
        }
    }
    return given < enough && root->maps ? given + ji_small_trim(root, enough - given) : given;
}

void ji_slab_trim(struct ji_mem *mem)
{
    ji_slabs_trim(mem->root, UINT64_MAX);
}

/* The class's size, or whole pages above the classes; 0 where that overflows. */
static size_t capacity_for(size_t bytes)
{
    if (bytes <= JI_SLAB_BYTES_MIN)
        return JI_SLAB_BYTES_MIN;
    if (bytes <= JI_SLAB_BYTES_MAX)
        return (size_t)1 << (64 - __builtin_clzll(bytes - 1));
    size_t padded = 0;
    if (!ji_add_size(bytes, JI_SLAB_BYTES_MIN - 1, &padded))
        return 0;
    return padded & ~(JI_SLAB_BYTES_MIN - 1);
}

static bool is_small(const struct ji_root *root, size_t capacity)
{
    return root->maps && capacity < CUT_BYTES_MIN;
}

/*
 * The first part of a larger warm block that could have been cut from a chunk, whose rest becomes warm in
 * halves: what asks for a few blocks of each size touches one huge page so, and not one for each size. NULL
 * where there is none.
 */
static void *cut_warm(struct ji_root *root, size_t capacity)
{
    if (!root->cuts_chunks || capacity < CUT_BYTES_MIN)
        return NULL;
    for (size_t larger = capacity * 2; larger < JI_CHUNK_BYTES; larger *= 2) {
        uint8_t *const block = take_warm(root, larger);
        if (block == NULL)
            continue;
        for (size_t half = larger / 2; half >= capacity; half /= 2)
            put_warm(root, block + half, half);
        return block;
    }
    return NULL;
}

/*
 * A fresh block of 64 KiB to 1 MiB cut from a chunk, whose other blocks become warm, or a larger one of
 * whole chunks: touching a huge page for the first time costs half of touching its small pages, and less.
 * NULL where the limit or the warm limit has no room for the whole chunk.
 */
static void *cut_chunk(struct ji_root *root, size_t capacity)
{
    if (!root->cuts_chunks || capacity < CUT_BYTES_MIN || capacity > JI_SLAB_BYTES_MAX)
        return NULL;
    if (capacity >= JI_CHUNK_BYTES)
        return ji_chunks_map(capacity, true);
    const uint64_t more = JI_CHUNK_BYTES - capacity;
    const uint64_t warm = atomic_load_explicit(&root->warm, memory_order_relaxed);
    if (warm + more > root->keep_warm_bytes || !ji_root_take(root, more))
        return NULL;
    uint8_t *chunk = ji_chunks_map(JI_CHUNK_BYTES, true);
    if (chunk == NULL) {
        atomic_fetch_sub_explicit(&root->pool.granted, more, memory_order_relaxed);
        return NULL;
    }
    for (size_t at = JI_CHUNK_BYTES - capacity; at > 0; at -= capacity)
        put_warm(root, chunk + at, capacity);
    return chunk;
}

/* A block that is in no list: cut from a chunk, or the allocator's. It is reserved already. */
static enum joist_status fresh_block(
        struct ji_mem *mem, size_t capacity, void **block, struct joist_error *err)
{
    struct ji_root *root = mem->root;
    if (is_small(root, capacity))
        return ji_small_take_cold(root, capacity, block, err);
    *block = cut_chunk(root, capacity);
    if (*block == NULL)
        *block = ji_root_allocate(root, capacity, SLAB_ALIGNMENT);
    if (*block == NULL)
        return ji_fail(
                err, JOIST_ERR_NO_MEMORY, "the allocator refused %zu bytes for '%s'", capacity, mem->name);
    return JOIST_OK;
}

enum joist_status ji_slab_alloc(
        struct ji_mem *mem, size_t bytes, void *out, size_t *capacity, struct joist_error *err)
{
    assert(mem != NULL && out != NULL && capacity != NULL);
    struct ji_root *root = mem->root;
    const size_t wanted = capacity_for(bytes);
    if (wanted == 0)
        return ji_fail(err, JOIST_ERR_LIMIT, "a block of %zu bytes was asked for", bytes);

    void *block = NULL;
    if (is_small(root, wanted))
        block = ji_small_take_warm(root, wanted);
    else if (wanted <= JI_SLAB_BYTES_MAX)
        block = take_warm(root, wanted);
    if (block == NULL)
        block = cut_warm(root, wanted);
    if (block != NULL) {
        ji_mem_take_from_root(mem, wanted);
    } else {
        JI_TRY(ji_mem_reserve(mem, wanted, err));
        const enum joist_status status = fresh_block(mem, wanted, &block, err);
        if (status != JOIST_OK) {
            ji_mem_release(mem, wanted);
            return status;
        }
    }
    memcpy(out, &block, sizeof block);
    *capacity = wanted;
    return JOIST_OK;
}

void ji_slab_free(struct ji_mem *mem, void *memory, size_t capacity)
{
    if (memory == NULL)
        return;
    assert(mem != NULL && capacity == capacity_for(capacity));
    struct ji_root *root = mem->root;
    const bool small = is_small(root, capacity);
    const uint64_t warm = atomic_load_explicit(&root->warm, memory_order_relaxed);
    if (capacity <= JI_SLAB_BYTES_MAX && warm + capacity <= root->keep_warm_bytes) {
        ji_mem_hand_to_root(mem, capacity);
        if (small)
            ji_small_put_warm(root, memory, capacity);
        else
            put_warm(root, memory, capacity);
        return;
    }
    if (small)
        ji_small_put_cold(root, memory, capacity);
    else
        root->allocator.free(root->allocator.user, memory, capacity);
    ji_mem_release(mem, capacity);
}
