/*
 * page_store.c - bytes of a chunk until their row group is written
 *
 *     in the scratch file                      in memory
 *     0, bytes <- extent, bytes <- extent, bytes <- last      slab 4 KiB | 4 KiB | ... | 256 KiB | 256 KiB
 *                                              each filled before the next is made
 */
#include "parquet/write/page_store.h"

#include <assert.h>

#define SLAB_BYTES_MAX ((size_t)256 << 10)
#define READ_BYTES ((size_t)256 << 10)
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
    store->scratch = NULL;
    store->last = (struct ji_page_extent){.offset = 0};
    store->extent_count = 0;
    ji_bytes_init(&store->slabs, mem);
}

static void free_slabs(struct ji_page_store *store)
{
    size_t count = 0;
    const struct page_slab *slabs = slabs_of(store, &count);
    for (size_t i = 0; i < count; i++)
        ji_slab_free(store->mem, slabs[i].data, slabs[i].capacity);
    ji_bytes_clear(&store->slabs);
    store->held = 0;
}

void ji_page_store_clear(struct ji_page_store *store)
{
    free_slabs(store);
    store->bytes = 0;
    store->scratch = NULL;
    store->last = (struct ji_page_extent){.offset = 0};
    store->extent_count = 0;
}

uint64_t ji_page_store_held(const struct ji_page_store *store)
{
    return store->held + store->slabs.capacity;
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

enum joist_status ji_page_store_spill(
        struct ji_page_store *store, struct ji_scratch *scratch, struct joist_error *err)
{
    size_t count = 0;
    struct ji_page_extent made = {.size = 0};
    const struct page_slab *slabs = slabs_of(store, &count);
    for (size_t i = 0; i < count; i++)
        made.size += slabs[i].size;
    if (made.size == 0)
        return JOIST_OK;
    JI_TRY(ji_scratch_place(scratch, sizeof store->last + made.size, &made.offset, err));
    JI_TRY(ji_scratch_write(scratch, made.offset, &store->last, sizeof store->last, err));
    uint64_t at = made.offset + sizeof store->last;
    for (size_t i = 0; i < count; i++) {
        JI_TRY(ji_scratch_write(scratch, at, slabs[i].data, slabs[i].size, err));
        at += slabs[i].size;
    }
    store->scratch = scratch;
    store->last = made;
    store->extent_count++;
    free_slabs(store);
    return JOIST_OK;
}

/* All extents, the first one first. */
static enum joist_status find_extents(
        const struct ji_page_store *store, struct ji_bytes *out, struct joist_error *err)
{
    struct ji_page_extent extent = store->last;
    JI_TRY(ji_bytes_reserve(out, store->extent_count * sizeof extent, err));
    out->size = store->extent_count * sizeof extent;
    for (size_t i = store->extent_count; i-- > 0;) {
        memcpy(out->data + i * sizeof extent, &extent, sizeof extent);
        if (i > 0)
            JI_TRY(ji_scratch_read(store->scratch, extent.offset, sizeof extent, &extent, err));
    }
    return JOIST_OK;
}

static enum joist_status send_extent(const struct ji_page_store *store, struct ji_page_extent extent,
        struct ji_bytes *room, struct joist_sink *sink, struct joist_error *err)
{
    for (uint64_t done = 0; done < extent.size;) {
        const uint64_t at = extent.offset + sizeof extent + done;
        const size_t take = (size_t)ji_min_u64(extent.size - done, READ_BYTES);
        room->size = 0;
        JI_TRY(ji_bytes_reserve(room, take, err));
        JI_TRY(ji_scratch_read(store->scratch, at, take, room->data, err));
        JI_TRY(ji_sink_append(sink, room->data, take, err));
        done += take;
    }
    return JOIST_OK;
}

enum joist_status ji_page_store_send(const struct ji_page_store *store, struct ji_bytes *room,
        struct joist_sink *sink, struct joist_error *err)
{
    enum joist_status status = JOIST_OK;
    size_t count = 0;
    const struct page_slab *slabs = slabs_of(store, &count);
    struct ji_bytes extents;
    ji_bytes_init(&extents, store->mem);
    JI_TRY_OUT(find_extents(store, &extents, err));
    for (size_t i = 0; i < store->extent_count; i++) {
        struct ji_page_extent extent;
        memcpy(&extent, extents.data + i * sizeof extent, sizeof extent);
        JI_TRY_OUT(send_extent(store, extent, room, sink, err));
    }
    for (size_t i = 0; i < count; i++)
        JI_TRY_OUT(ji_sink_append(sink, slabs[i].data, slabs[i].size, err));
out:
    ji_bytes_clear(&extents);
    return status;
}

enum joist_status ji_page_store_load(
        const struct ji_page_store *store, struct ji_bytes *out, struct joist_error *err)
{
    size_t count = 0;
    const struct page_slab *slabs = slabs_of(store, &count);
    struct ji_page_extent extent = store->last;
    JI_TRY(ji_bytes_reserve(out, (size_t)store->bytes, err));
    uint64_t at = out->size + store->bytes;
    for (size_t i = count; i-- > 0;) {
        at -= slabs[i].size;
        memcpy(out->data + at, slabs[i].data, slabs[i].size);
    }
    for (size_t i = store->extent_count; i-- > 0;) {
        at -= extent.size;
        JI_TRY(ji_scratch_read(
                store->scratch, extent.offset + sizeof extent, (size_t)extent.size, out->data + at, err));
        if (i > 0)
            JI_TRY(ji_scratch_read(store->scratch, extent.offset, sizeof extent, &extent, err));
    }
    out->size += (size_t)store->bytes;
    return JOIST_OK;
}

void ji_page_cursor_init(struct ji_page_cursor *cursor, const struct ji_page_store *store)
{
    *cursor = (struct ji_page_cursor){.store = store};
    ji_bytes_init(&cursor->extents, store->mem);
}

void ji_page_cursor_clear(struct ji_page_cursor *cursor)
{
    ji_bytes_clear(&cursor->extents);
}

/* Up to `size` bytes of one part; 0 at its end. */
static enum joist_status read_part(
        struct ji_page_cursor *cursor, uint8_t *out, size_t size, size_t *taken, struct joist_error *err)
{
    const struct ji_page_store *store = cursor->store;
    if (cursor->part >= store->extent_count) {
        size_t count = 0;
        const struct page_slab *slab = slabs_of(store, &count) + (cursor->part - store->extent_count);
        assert(cursor->part - store->extent_count < count);
        *taken = (size_t)ji_min_u64(size, slab->size - cursor->at);
        memcpy(out, slab->data + cursor->at, *taken);
        return JOIST_OK;
    }
    struct ji_page_extent extent;
    memcpy(&extent, cursor->extents.data + cursor->part * sizeof extent, sizeof extent);
    *taken = (size_t)ji_min_u64(size, extent.size - cursor->at);
    const uint64_t from = extent.offset + sizeof extent + cursor->at;
    return *taken == 0 ? JOIST_OK : ji_scratch_read(store->scratch, from, *taken, out, err);
}

enum joist_status ji_page_cursor_read(
        struct ji_page_cursor *cursor, void *out, size_t size, struct joist_error *err)
{
    uint8_t *to = out;
    if (cursor->extents.size == 0 && cursor->store->extent_count > 0)
        JI_TRY(find_extents(cursor->store, &cursor->extents, err));
    while (size > 0) {
        size_t taken = 0;
        JI_TRY(read_part(cursor, to, size, &taken, err));
        cursor->at += taken;
        to += taken;
        size -= taken;
        if (taken == 0) {
            cursor->part++;
            cursor->at = 0;
        }
    }
    return JOIST_OK;
}
