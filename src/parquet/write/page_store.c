/*
 * page_store.c - encoded pages of a chunk, until their row group is written
 *
 *     slab 4 KiB | 4 KiB | 4 KiB | ... | 256 KiB | 256 KiB        each filled before the next is made
 */
#include "parquet/write/page_store.h"

#define SLAB_BYTES_MAX ((size_t)256 << 10)
#define IDLE_PART 4 /* a slab is at most a quarter of what is held already */

struct page_slab {
    uint8_t *data;
    size_t size;
    size_t capacity;
};

static struct page_slab *slabs_of(const struct ji_page_store *store, size_t *count)
{
    *count = store->slabs.size / sizeof(struct page_slab);
    return (struct page_slab *)(void *)store->slabs.data;
}

void ji_page_store_init(struct ji_page_store *store, struct ji_mem *mem)
{
    store->mem = mem;
    store->bytes = store->held = 0;
    ji_bytes_init(&store->slabs, mem);
}

void ji_page_store_clear(struct ji_page_store *store)
{
    size_t count = 0;
    const struct page_slab *slabs = slabs_of(store, &count);
    for (size_t i = 0; i < count; i++)
        ji_slab_free(store->mem, slabs[i].data, slabs[i].capacity);
    ji_bytes_clear(&store->slabs);
    store->bytes = store->held = 0;
}

uint64_t ji_page_store_held(const struct ji_page_store *store)
{
    return store->held + store->slabs.capacity;
}

static enum joist_status slab_add(struct ji_page_store *store, struct joist_error *err)
{
    size_t wanted = JI_SLAB_BYTES_MIN;
    while (wanted < SLAB_BYTES_MAX && wanted < store->bytes / IDLE_PART)
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

enum joist_status ji_page_store_send(
        const struct ji_page_store *store, struct joist_sink *sink, struct joist_error *err)
{
    size_t count = 0;
    const struct page_slab *slabs = slabs_of(store, &count);
    for (size_t i = 0; i < count; i++)
        JI_TRY(ji_sink_append(sink, slabs[i].data, slabs[i].size, err));
    return JOIST_OK;
}
