/*
 * dictionary_write.c - the distinct values of a column chunk, and their codes
 *
 *     slots   [hash, code + 1] ...      linear probing, at most half full
 *     page    entry, entry, ...         as the dictionary page wants them
 *
 *   1. slots[s].code_and_one - 1 < count, and its hash is that of the entry.
 *   2. The loops enter no more than `entries_max` entries: what half of the slots, the page's limit and
 *      the room that was made allow. Where only the slots were too few, the table grows and the loop goes
 *      on.
 *   3. A probe never goes on for more than PROBES_MAX slots: values chosen to collide end the dictionary, not
 *      the writer's speed.
 *
 * Integers hash by one multiplication; strings by folding 128-bit products of 16 bytes at a time, as
 * wyhash does. Hashes stay in memory, so that neither quality against an attacker nor byte order matters.
 */
#include "parquet/encode/dictionary_write.h"

#include <assert.h>

#define SLOT_BITS_MIN 9
#define PROBES_MAX 64
/* The same memory has the same bytes, as long as a call lasts: views that were seen lately are not read. */
#define SEEN_BITS 6
#define SEEN_COUNT ((size_t)1 << SEEN_BITS)
#define MIX_32 0x9e3779b1u
#define MIX_64 UINT64_C(0x9e3779b97f4a7c15)
#define MIX_A UINT64_C(0xa0761d6478bd642f)
#define MIX_B UINT64_C(0xe7037ed1a0b428db)

void ji_dictionary_writer_init(struct ji_dictionary_writer *dictionary, struct ji_mem *mem,
        enum ji_block_shape shape, bool has_lengths, size_t page_size_max)
{
    assert(shape != JI_BLOCK_BITS);
    *dictionary = (struct ji_dictionary_writer){
            .mem = mem, .shape = shape, .has_lengths = has_lengths, .page_size_max = page_size_max};
    ji_bytes_init(&dictionary->page, mem);
    ji_bytes_init(&dictionary->offsets, mem);
    ji_bytes_init(&dictionary->lengths, mem);
}

static size_t slots_bytes(unsigned bits)
{
    return sizeof(struct ji_dictionary_slot) << bits;
}

static void slots_free(struct ji_dictionary_writer *dictionary)
{
    if (dictionary->slots != NULL)
        ji_slab_free(dictionary->mem, dictionary->slots, slots_bytes(dictionary->slot_bits));
    dictionary->slots = NULL;
    dictionary->slot_bits = 0;
}

void ji_dictionary_writer_clear(struct ji_dictionary_writer *dictionary)
{
    slots_free(dictionary);
    ji_bytes_clear(&dictionary->page);
    ji_bytes_clear(&dictionary->offsets);
    ji_bytes_clear(&dictionary->lengths);
    dictionary->count = 0;
}

uint64_t ji_dictionary_writer_held(const struct ji_dictionary_writer *dictionary)
{
    const uint64_t slots = dictionary->slots == NULL ? 0 : slots_bytes(dictionary->slot_bits);
    return slots + dictionary->page.capacity + dictionary->offsets.capacity + dictionary->lengths.capacity;
}

void ji_dictionary_writer_freeze(struct ji_dictionary_writer *dictionary)
{
    slots_free(dictionary);
}

void ji_dictionary_writer_reset(struct ji_dictionary_writer *dictionary)
{
    if (dictionary->slots != NULL)
        memset(dictionary->slots, 0, slots_bytes(dictionary->slot_bits));
    dictionary->page.size = 0;
    dictionary->offsets.size = 0;
    dictionary->lengths.size = 0;
    dictionary->count = 0;
}

static size_t slots_half(const struct ji_dictionary_writer *dictionary)
{
    return dictionary->slots == NULL ? 0 : (size_t)1 << (dictionary->slot_bits - 1);
}

/* Four times as many slots. Tables are slabs from 4 KiB on: their sizes are powers of two already. */
static enum joist_status slots_grow(struct ji_dictionary_writer *dictionary, struct joist_error *err)
{
    const unsigned bits = dictionary->slots == NULL ? SLOT_BITS_MIN : dictionary->slot_bits + 2;
    struct ji_dictionary_slot *grown = NULL;
    size_t capacity = 0;
    JI_TRY(ji_slab_alloc(dictionary->mem, slots_bytes(bits), &grown, &capacity, err));
    assert(capacity == slots_bytes(bits) || capacity > JI_SLAB_BYTES_MAX);
    memset(grown, 0, slots_bytes(bits));

    const size_t mask = ((size_t)1 << bits) - 1;
    const size_t old_count = dictionary->slots == NULL ? 0 : (size_t)1 << dictionary->slot_bits;
    for (size_t i = 0; i < old_count; i++) {
        if (dictionary->slots[i].code_and_one == 0)
            continue;
        size_t at = dictionary->slots[i].hash >> (32 - bits);
        while (grown[at].code_and_one != 0)
            at = (at + 1) & mask;
        grown[at] = dictionary->slots[i];
    }
    slots_free(dictionary);
    dictionary->slots = grown;
    dictionary->slot_bits = bits;
    return JOIST_OK;
}

static size_t encode_four(struct ji_dictionary_writer *dictionary, const uint32_t *values, size_t count,
        size_t entries_max, uint32_t *codes)
{
    struct ji_dictionary_slot *const slots = dictionary->slots;
    uint32_t *const entries = (uint32_t *)(void *)dictionary->page.data;
    const unsigned shift = 32 - dictionary->slot_bits;
    const size_t mask = ((size_t)1 << dictionary->slot_bits) - 1;
    for (size_t i = 0; i < count; i++) {
        const uint32_t value = values[i];
        const uint32_t hash = value * MIX_32;
        size_t at = hash >> shift;
        for (unsigned probes = 0;; at = (at + 1) & mask) {
            /* Equal hashes are equal values: the multiplier is odd. */
            if (slots[at].code_and_one != 0 && slots[at].hash == hash)
                break;
            if (slots[at].code_and_one == 0) {
                if (dictionary->count >= entries_max)
                    return i;
                entries[dictionary->count++] = value;
                slots[at] = (struct ji_dictionary_slot){.hash = hash, .code_and_one = dictionary->count};
                break;
            }
            if (++probes > PROBES_MAX)
                return i;
        }
        codes[i] = slots[at].code_and_one - 1;
    }
    return count;
}

static size_t encode_eight(struct ji_dictionary_writer *dictionary, const uint64_t *values, size_t count,
        size_t entries_max, uint32_t *codes)
{
    struct ji_dictionary_slot *const slots = dictionary->slots;
    uint64_t *const entries = (uint64_t *)(void *)dictionary->page.data;
    const unsigned shift = 32 - dictionary->slot_bits;
    const size_t mask = ((size_t)1 << dictionary->slot_bits) - 1;
    for (size_t i = 0; i < count; i++) {
        const uint64_t value = values[i];
        const uint32_t hash = (uint32_t)(value * MIX_64 >> 32);
        size_t at = hash >> shift;
        for (unsigned probes = 0;; at = (at + 1) & mask) {
            if (slots[at].code_and_one == 0) {
                if (dictionary->count >= entries_max)
                    return i;
                entries[dictionary->count++] = value;
                slots[at] = (struct ji_dictionary_slot){.hash = hash, .code_and_one = dictionary->count};
                break;
            }
            if (slots[at].hash == hash && entries[slots[at].code_and_one - 1] == value)
                break;
            if (++probes > PROBES_MAX)
                return i;
        }
        codes[i] = slots[at].code_and_one - 1;
    }
    return count;
}

static inline uint64_t fold(uint64_t a, uint64_t b)
{
    const ji_uint128 product = (ji_uint128)a * b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static inline uint32_t view_hash(struct ji_view view)
{
    const uint8_t *data = view.data;
    size_t left = view.size;
    uint64_t seed = left ^ MIX_A;
    for (; left > 16; left -= 16, data += 16)
        seed = fold(ji_load_le64(data) ^ MIX_B, ji_load_le64(data + 8) ^ seed);
    uint64_t a = 0;
    uint64_t b = 0;
    if (left >= 8) {
        a = ji_load_le64(data);
        b = ji_load_le64(data + left - 8);
    } else if (left >= 4) {
        a = ji_load_le32(data);
        b = ji_load_le32(data + left - 4);
    } else if (left > 0) {
        a = (uint64_t)data[0] << 16 | (uint64_t)data[left >> 1] << 8 | data[left - 1];
    }
    return (uint32_t)(fold(fold(a ^ MIX_B, b ^ seed), MIX_A) >> 32);
}

/* False where the page would pass its limit. */
static inline bool view_enter(struct ji_dictionary_writer *dictionary, struct ji_view view, size_t head_bytes)
{
    struct ji_bytes *page = &dictionary->page;
    if (view.size + head_bytes > dictionary->page_size_max - page->size)
        return false;
    if (head_bytes != 0)
        ji_store_le32(page->data + page->size, (uint32_t)view.size);
    page->size += head_bytes;
    ((uint32_t *)(void *)dictionary->offsets.data)[dictionary->count] = (uint32_t)page->size;
    ((uint32_t *)(void *)dictionary->lengths.data)[dictionary->count] = (uint32_t)view.size;
    if (view.size != 0)
        memcpy(page->data + page->size, view.data, view.size);
    page->size += view.size;
    dictionary->count++;
    return true;
}

static size_t encode_views(struct ji_dictionary_writer *dictionary, const struct ji_view *values,
        size_t count, size_t entries_max, uint32_t *codes)
{
    struct ji_dictionary_slot *const slots = dictionary->slots;
    const unsigned shift = 32 - dictionary->slot_bits;
    const size_t mask = ((size_t)1 << dictionary->slot_bits) - 1;
    const size_t head_bytes = dictionary->has_lengths ? sizeof(uint32_t) : 0;
    struct ji_view seen[SEEN_COUNT] = {{NULL, 0}};
    uint32_t seen_codes[SEEN_COUNT];
    for (size_t i = 0; i < count; i++) {
        const struct ji_view view = values[i];
        const size_t place = (size_t)((uintptr_t)view.data * MIX_64 >> (64 - SEEN_BITS));
        if (view.size != 0 && seen[place].data == view.data && seen[place].size == view.size) {
            codes[i] = seen_codes[place];
            continue;
        }
        const uint32_t hash = view_hash(view);
        size_t at = hash >> shift;
        for (unsigned probes = 0;; at = (at + 1) & mask) {
            if (slots[at].code_and_one == 0) {
                if (dictionary->count >= entries_max || !view_enter(dictionary, view, head_bytes))
                    return i;
                slots[at] = (struct ji_dictionary_slot){.hash = hash, .code_and_one = dictionary->count};
                break;
            }
            if (slots[at].hash == hash &&
                    ji_view_equal(ji_dictionary_writer_view(dictionary, slots[at].code_and_one - 1), view))
                break;
            if (++probes > PROBES_MAX)
                return i;
        }
        codes[i] = slots[at].code_and_one - 1;
        seen[place] = view;
        seen_codes[place] = codes[i];
    }
    return count;
}

/* Bytes that the page may grow by: all the values, but never beyond the limit. */
static size_t views_room(
        const struct ji_dictionary_writer *dictionary, const struct ji_view *views, size_t count)
{
    const size_t room = dictionary->page_size_max - dictionary->page.size;
    size_t bytes = 0;
    for (size_t i = 0; i < count; i++) {
        if (views[i].size > room - bytes)
            return room;
        bytes = ji_min_size(room, bytes + views[i].size + sizeof(uint32_t));
    }
    return bytes;
}

static enum joist_status views_encode(struct ji_dictionary_writer *dictionary, const struct ji_view *views,
        size_t count, uint32_t *codes, size_t *coded, struct joist_error *err)
{
    const size_t before = dictionary->count;
    const size_t entries_max = ji_min_size(slots_half(dictionary), before + count);
    const size_t more = (entries_max - before) * sizeof(uint32_t);
    JI_TRY(ji_bytes_reserve(&dictionary->page, views_room(dictionary, views, count), err));
    JI_TRY(ji_bytes_reserve(&dictionary->offsets, more, err));
    JI_TRY(ji_bytes_reserve(&dictionary->lengths, more, err));
    *coded = encode_views(dictionary, views, count, entries_max, codes);
    dictionary->offsets.size = dictionary->lengths.size = dictionary->count * sizeof(uint32_t);
    return JOIST_OK;
}

static enum joist_status numbers_encode(struct ji_dictionary_writer *dictionary, const void *values,
        size_t count, uint32_t *codes, size_t *coded, struct joist_error *err)
{
    const bool is_four = dictionary->shape == JI_BLOCK_FOUR;
    const size_t width = is_four ? sizeof(uint32_t) : sizeof(uint64_t);
    const size_t before = dictionary->count;
    size_t entries_max = ji_min_size(dictionary->page_size_max / width, before + count);
    entries_max = ji_max_size(before, ji_min_size(entries_max, slots_half(dictionary)));
    JI_TRY(ji_bytes_reserve(&dictionary->page, (entries_max - before) * width, err));
    if (is_four)
        *coded = encode_four(dictionary, values, count, entries_max, codes);
    else
        *coded = encode_eight(dictionary, values, count, entries_max, codes);
    dictionary->page.size = dictionary->count * width;
    return JOIST_OK;
}

enum joist_status ji_dictionary_writer_encode(struct ji_dictionary_writer *dictionary,
        const struct ji_value_block *block, uint32_t *codes, size_t *coded, struct joist_error *err)
{
    size_t done = 0;
    while (done < block->count) {
        const size_t left = block->count - done;
        size_t took = 0;
        if (dictionary->count >= slots_half(dictionary))
            JI_TRY(slots_grow(dictionary, err));
        if (dictionary->shape == JI_BLOCK_VIEWS) {
            const struct ji_view *views = block->values;
            JI_TRY(views_encode(dictionary, views + done, left, codes + done, &took, err));
        } else {
            const size_t width = dictionary->shape == JI_BLOCK_FOUR ? sizeof(uint32_t) : sizeof(uint64_t);
            const uint8_t *values = block->values;
            JI_TRY(numbers_encode(dictionary, values + done * width, left, codes + done, &took, err));
        }
        done += took;
        if (took < left && dictionary->count < slots_half(dictionary))
            break;
    }
    *coded = done;
    return JOIST_OK;
}

void ji_dictionary_writer_limit(struct ji_dictionary_writer *dictionary, size_t page_size_max)
{
    dictionary->page_size_max = ji_max_size(page_size_max, dictionary->page.size);
}

void ji_dictionary_writer_decode(const struct ji_dictionary_writer *dictionary, const uint32_t *codes,
        size_t count, struct ji_block_room *room, struct ji_value_block *block)
{
    assert(count <= JI_BLOCK_VALUES);
    block->count = count;
    block->values = room->bytes;
    if (dictionary->shape == JI_BLOCK_FOUR) {
        uint32_t *out = (uint32_t *)(void *)room->bytes;
        for (size_t i = 0; i < count; i++)
            out[i] = ji_dictionary_writer_four(dictionary, codes[i]);
    } else if (dictionary->shape == JI_BLOCK_EIGHT) {
        uint64_t *out = (uint64_t *)(void *)room->bytes;
        for (size_t i = 0; i < count; i++)
            out[i] = ji_dictionary_writer_eight(dictionary, codes[i]);
    } else {
        for (size_t i = 0; i < count; i++)
            room->views[i] = ji_dictionary_writer_view(dictionary, codes[i]);
        block->values = room->views;
    }
}
