/*
 * slab.c - bulk blocks that stay warm
 *
 *     lists[class]:  newest -> block -> block         class c holds blocks of 4 KiB << c
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
    return given;
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

enum joist_status ji_slab_alloc(
        struct ji_mem *mem, size_t bytes, void *out, size_t *capacity, struct joist_error *err)
{
    assert(mem != NULL && out != NULL && capacity != NULL);
    struct ji_root *root = mem->root;
    const size_t wanted = capacity_for(bytes);
    if (wanted == 0)
        return ji_fail(err, JOIST_ERR_LIMIT, "a block of %zu bytes was asked for", bytes);

    void *block = wanted <= JI_SLAB_BYTES_MAX ? take_warm(root, wanted) : NULL;
    if (block != NULL) {
        ji_mem_take_from_root(mem, wanted);
    } else {
        JI_TRY(ji_mem_reserve(mem, wanted, err));
        block = ji_root_allocate(root, wanted, SLAB_ALIGNMENT);
        if (block == NULL) {
            ji_mem_release(mem, wanted);
            return ji_fail(
                    err, JOIST_ERR_NO_MEMORY, "the allocator refused %zu bytes for '%s'", wanted, mem->name);
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
    const uint64_t warm = atomic_load_explicit(&root->warm, memory_order_relaxed);
    if (capacity <= JI_SLAB_BYTES_MAX && warm + capacity <= root->keep_warm_bytes) {
        ji_mem_hand_to_root(mem, capacity);
        put_warm(root, memory, capacity);
        return;
    }
    root->allocator.free(root->allocator.user, memory, capacity);
    ji_mem_release(mem, capacity);
}
