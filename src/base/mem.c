/*
 * mem.c - the one door to malloc, and blocks of any size
 *
 * Nothing else in the library calls the system's allocator; what comes from here was
 * reserved in a pool first. Blocks of 64 KiB and more are mapped: freed to a heap, they would
 * stay in the process's resident size, where the limit has them free already.
 *
 * Debug builds fill fresh blocks and freed ones, so that a use of either shows.
 */
#include "base/checked.h"
#include "base/pool.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define BLOCK_ALIGNMENT ((size_t)16)
#define MAPPED_BYTES_MIN ((size_t)64 << 10)

#ifndef NDEBUG
#define FILL_BYTES_MAX ((size_t)4096)
#define FILL_FRESH 0xcd
#define FILL_FREED 0xdd
static void fill(void *memory, int value, size_t bytes)
{
    memset(memory, value, ji_min_size(bytes, FILL_BYTES_MAX));
}
#endif

/* The sanitizers follow malloc's blocks, not mapped ones. */
#if defined(__SANITIZE_ADDRESS__)
#define MAPS_LARGE_BLOCKS false
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define MAPS_LARGE_BLOCKS false
#endif
#endif
#ifndef MAPS_LARGE_BLOCKS
#define MAPS_LARGE_BLOCKS true
#endif

static void *system_alloc(void *user, size_t bytes, size_t alignment)
{
    (void)user;
    if (MAPS_LARGE_BLOCKS && bytes >= MAPPED_BYTES_MIN) {
        void *mapped = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        return mapped == MAP_FAILED ? NULL : mapped;
    }
    if (alignment <= _Alignof(max_align_t))
        return malloc(bytes);
    size_t padded = 0;
    if (!ji_add_size(bytes, alignment - 1, &padded))
        return NULL;
    return aligned_alloc(alignment, padded / alignment * alignment);
}

static void system_free(void *user, void *memory, size_t bytes)
{
    (void)user;
    if (MAPS_LARGE_BLOCKS && bytes >= MAPPED_BYTES_MIN) {
        const int failed = munmap(memory, bytes);
        assert(failed == 0);
        (void)failed;
    } else {
        free(memory);
    }
}

struct joist_allocator ji_system_allocator(void)
{
    return (struct joist_allocator){.user = NULL, .alloc = system_alloc, .free = system_free};
}

bool ji_allocator_maps(const struct joist_allocator *allocator)
{
    return MAPS_LARGE_BLOCKS && allocator->alloc == system_alloc && allocator->free == system_free;
}

void *ji_chunks_map(size_t bytes, bool huge)
{
    assert(bytes > 0 && bytes % JI_CHUNK_BYTES == 0);
    /* One more, so that an aligned part is in it; the rest goes back. */
    uint8_t *mapped =
            mmap(NULL, bytes + JI_CHUNK_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (mapped == MAP_FAILED)
        return NULL;
    const size_t before = (size_t)(-(uintptr_t)mapped & (JI_CHUNK_BYTES - 1));
    if (before > 0)
        munmap(mapped, before);
    munmap(mapped + before + bytes, JI_CHUNK_BYTES - before);
    /* A kernel without huge pages says no, and the memory is as good as any. */
    (void)madvise(mapped + before, bytes, huge ? MADV_HUGEPAGE : MADV_NOHUGEPAGE);
    return mapped + before;
}

void *ji_root_allocate(struct ji_root *root, size_t bytes, size_t alignment)
{
    void *block = root->allocator.alloc(root->allocator.user, bytes, alignment);
    if (block == NULL && ji_slabs_trim(root, UINT64_MAX) > 0)
        block = root->allocator.alloc(root->allocator.user, bytes, alignment);
    return block;
}

enum joist_status ji_alloc(struct ji_mem *mem, size_t bytes, void *out, struct joist_error *err)
{
    assert(mem != NULL && out != NULL);
    void *block = NULL;
    if (bytes > 0) {
        JI_TRY(ji_mem_reserve(mem, bytes, err));
        block = ji_root_allocate(mem->root, bytes, BLOCK_ALIGNMENT);
        if (block == NULL) {
            ji_mem_release(mem, bytes);
            return ji_fail(
                    err, JOIST_ERR_NO_MEMORY, "the allocator refused %zu bytes for '%s'", bytes, mem->name);
        }
#ifndef NDEBUG
        fill(block, FILL_FRESH, bytes);
#endif
    }
    memcpy(out, &block, sizeof block);
    return JOIST_OK;
}

enum joist_status ji_alloc_array(
        struct ji_mem *mem, size_t count, size_t size, void *out, struct joist_error *err)
{
    size_t bytes = 0;
    if (!ji_mul_size(count, size, &bytes))
        return ji_fail(err, JOIST_ERR_LIMIT, "%zu things of %zu bytes for '%s'", count, size, mem->name);
    return ji_alloc(mem, bytes, out, err);
}

enum joist_status ji_alloc_zero(
        struct ji_mem *mem, size_t count, size_t size, void *out, struct joist_error *err)
{
    void *block = NULL;
    JI_TRY(ji_alloc_array(mem, count, size, &block, err));
    if (block != NULL)
        memset(block, 0, count * size);
    memcpy(out, &block, sizeof block);
    return JOIST_OK;
}

void ji_free(struct ji_mem *mem, void *memory, size_t bytes)
{
    if (memory == NULL)
        return;
    assert(mem != NULL && bytes > 0);
#ifndef NDEBUG
    fill(memory, FILL_FREED, bytes);
#endif
    mem->root->allocator.free(mem->root->allocator.user, memory, bytes);
    ji_mem_release(mem, bytes);
}

enum joist_status ji_realloc(
        struct ji_mem *mem, void *pointer, size_t bytes_old, size_t bytes_new, struct joist_error *err)
{
    assert(mem != NULL && pointer != NULL);
    void *block = NULL;
    JI_TRY(ji_alloc(mem, bytes_new, &block, err));
    void *old = NULL;
    memcpy(&old, pointer, sizeof old);
    const size_t kept = ji_min_size(bytes_old, bytes_new);
    if (kept > 0)
        memcpy(block, old, kept);
    ji_free(mem, old, bytes_old);
    memcpy(pointer, &block, sizeof block);
    return JOIST_OK;
}
