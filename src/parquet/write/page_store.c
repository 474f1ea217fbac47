/*
 * page_store.c - bytes of a chunk until their row group is written
 *
 *     extent | extent | ...           slab 4 KiB | 4 KiB | 4 KiB | ... | 256 KiB | 256 KiB
 *     in the scratch file             each filled before the next is made
 */
#include "parquet/write/page_store.h"

#define SLAB_BYTES_MAX ((size_t)256 << 10)
#define READ_BYTES ((size_t)256 << 10)
#define IDLE_PART 4 /* a slab is at most a quarter of what is held already */

struct page_slab {
    uint8_t *data;
    size_t size;
    size_t capacity;
};

struct page_extent {
    uint64_t offset;
    uint64_t size;
};

static struct page_extent *extents_of(const struct ji_page_store *store, size_t *count)
{
    *count = store->extents.size / sizeof(struct page_extent);
    return (struct page_extent *)(void *)store->extents.data;
}

static struct page_slab *slabs_of(const struct ji_page_store *store, size_t *count)
{
    *count = store->slabs.size / sizeof(struct page_slab);
    return (struct page_slab *)(void *)store->slabs.data;
}

void ji_page_store_init(struct ji_page_store *store, struct ji_mem *mem)
{
    store->mem = mem;
    store->bytes = store->held = 0;
    store->scratch = NULL;
    ji_bytes_init(&store->slabs, mem);
    ji_bytes_init(&store->extents, mem);
}

/* The first `count` slabs. */
static void free_slabs(struct ji_page_store *store, size_t count)
{
    struct page_slab *slabs = (struct page_slab *)(void *)store->slabs.data;
    const size_t left = store->slabs.size / sizeof *slabs - count;
    for (size_t i = 0; i < count; i++) {
        ji_slab_free(store->mem, slabs[i].data, slabs[i].capacity);
        store->held -= slabs[i].capacity;
    }
    for (size_t i = 0; i < left; i++)
        slabs[i] = slabs[count + i];
    store->slabs.size = left * sizeof *slabs;
    if (left == 0)
        ji_bytes_clear(&store->slabs);
}

void ji_page_store_clear(struct ji_page_store *store)
{
    free_slabs(store, store->slabs.size / sizeof(struct page_slab));
    ji_bytes_clear(&store->extents);
    store->bytes = store->held = 0;
    store->scratch = NULL;
}

uint64_t ji_page_store_held(const struct ji_page_store *store)
{
    return store->held + store->slabs.capacity + store->extents.capacity;
}

static enum joist_status slab_add(struct ji_page_store *store, struct joist_error *err)
{
    size_t wanted = JI_SLAB_BYTES_MIN;
    while (wanted < SLAB_BYTES_MAX && wanted < store->held / IDLE_PART)
        wanted *= 2;
    JI_TRY(ji_bytes_reserve(&store->slabs, sizeof(struct page_slab), err));
    struct page_slab slab = {.size = 0};
    JI_TRY(ji_slab_alloc(store->mem, wanted, &slab.data, &slab.capacity, err));
    memcpy(store->slabs.data + store->slabs.size, &slab, sizeof slab);
    store->slabs.size += sizeof slab;
    store->held += slab.capacity;
    return JOIST_OK;
}

enum joist_status ji_page_store_append(
        struct ji_page_store *store, struct ji_view bytes, struct joist_error *err)
{
    while (bytes.size > 0) {
        size_t count = 0;
        struct page_slab *slabs = slabs_of(store, &count);
        if (count == 0 || slabs[count - 1].size == slabs[count - 1].capacity) {
            JI_TRY(slab_add(store, err));
            slabs = slabs_of(store, &count);
        }
        struct page_slab *last = &slabs[count - 1];
        const size_t take = ji_min_size(bytes.size, last->capacity - last->size);
        memcpy(last->data + last->size, bytes.data, take);
        last->size += take;
        store->bytes += take;
        bytes = ji_view_of(bytes.data + take, bytes.size - take);
    }
    return JOIST_OK;
}

static enum joist_status add_extent(
        struct ji_page_store *store, uint64_t offset, uint64_t size, struct joist_error *err)
{
    size_t count = 0;
    struct page_extent *extents = extents_of(store, &count);
    if (count > 0 && extents[count - 1].offset + extents[count - 1].size == offset) {
        extents[count - 1].size += size;
        return JOIST_OK;
    }
    const struct page_extent extent = {.offset = offset, .size = size};
    return ji_bytes_append(&store->extents, &extent, sizeof extent, err);
}

enum joist_status ji_page_store_spill(
        struct ji_page_store *store, struct ji_scratch *scratch, struct joist_error *err)
{
    enum joist_status status = JOIST_OK;
    size_t count = 0;
    size_t moved = 0;
    const struct page_slab *slabs = slabs_of(store, &count);
    store->scratch = scratch;
    for (; moved < count; moved++) {
        uint64_t offset = 0;
        JI_TRY_OUT(ji_bytes_reserve(&store->extents, sizeof(struct page_extent), err));
        JI_TRY_OUT(ji_scratch_append(scratch, slabs[moved].data, slabs[moved].size, &offset, err));
        JI_TRY_OUT(add_extent(store, offset, slabs[moved].size, err));
    }
out:
    free_slabs(store, moved);
    return status;
}

enum joist_status ji_page_store_send(const struct ji_page_store *store, struct ji_bytes *room,
        struct joist_sink *sink, struct joist_error *err)
{
    size_t count = 0;
    const struct page_extent *extents = extents_of(store, &count);
    for (size_t i = 0; i < count; i++) {
        for (uint64_t done = 0; done < extents[i].size;) {
            const size_t take = (size_t)ji_min_u64(extents[i].size - done, READ_BYTES);
            room->size = 0;
            JI_TRY(ji_bytes_reserve(room, take, err));
            JI_TRY(ji_scratch_read(store->scratch, extents[i].offset + done, take, room->data, err));
            JI_TRY(ji_sink_append(sink, room->data, take, err));
            done += take;
        }
    }
    const struct page_slab *slabs = slabs_of(store, &count);
    for (size_t i = 0; i < count; i++)
        JI_TRY(ji_sink_append(sink, slabs[i].data, slabs[i].size, err));
    return JOIST_OK;
}

enum joist_status ji_page_store_load(
        const struct ji_page_store *store, struct ji_bytes *out, struct joist_error *err)
{
    size_t count = 0;
    const struct page_extent *extents = extents_of(store, &count);
    JI_TRY(ji_bytes_reserve(out, (size_t)store->bytes, err));
    for (size_t i = 0; i < count; i++) {
        JI_TRY(ji_scratch_read(
                store->scratch, extents[i].offset, (size_t)extents[i].size, out->data + out->size, err));
        out->size += (size_t)extents[i].size;
    }
    const struct page_slab *slabs = slabs_of(store, &count);
    for (size_t i = 0; i < count; i++)
        JI_TRY(ji_bytes_append(out, slabs[i].data, slabs[i].size, err));
    return JOIST_OK;
}
