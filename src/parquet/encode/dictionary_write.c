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
 *   3. Numbers have a window or slots, never both: slots are filled from the entries when the window ends.
 *   4. A probe never goes on for more than PROBES_MAX slots: values chosen to collide end the dictionary, not
 *      the writer's speed.
 *
 * Integers hash by one multiplication; strings by folding 128-bit products of 16 bytes at a time, as
 * wyhash does. Hashes stay in memory, so that neither quality against an attacker nor byte order matters.
 */
#include "parquet/encode/dictionary_write.h"

#include <assert.h>

#define SLOT_BITS_MIN 9
#define PROBES_MAX 64
/* Of a window of numbers; no more than a full dictionary page takes, either. */
#define WINDOW_BYTES_MAX ((size_t)256 << 10)
/* The same memory has the same bytes, as long as a call lasts: views that were seen lately are not read. */
#define SEEN_BITS 8
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
    ji_number_window_free(&dictionary->window, dictionary->mem);
    ji_bytes_clear(&dictionary->page);
    ji_bytes_clear(&dictionary->offsets);
    ji_bytes_clear(&dictionary->lengths);
    dictionary->count = 0;
}

uint64_t ji_dictionary_writer_held(const struct ji_dictionary_writer *dictionary)
{
    const uint64_t slots = dictionary->slots == NULL ? 0 : slots_bytes(dictionary->slot_bits);
    return slots + ji_number_window_held(&dictionary->window) + dictionary->page.capacity +
            dictionary->offsets.capacity + dictionary->lengths.capacity;
}

void ji_dictionary_writer_freeze(struct ji_dictionary_writer *dictionary)
{
    slots_free(dictionary);
    ji_number_window_free(&dictionary->window, dictionary->mem);
}

void ji_dictionary_writer_reset(struct ji_dictionary_writer *dictionary)
{
    if (dictionary->slots != NULL)
        memset(dictionary->slots, 0, slots_bytes(dictionary->slot_bits));
    ji_number_window_reset(&dictionary->window);
    dictionary->page.size = 0;
    dictionary->offsets.size = 0;
    dictionary->lengths.size = 0;
    dictionary->count = 0;
}

static size_t slots_half(const struct ji_dictionary_writer *dictionary)
{
    return dictionary->slots == NULL ? 0 : (size_t)1 << (dictionary->slot_bits - 1);
}

static inline uint32_t hash_four(uint32_t value)
{
    return value * MIX_32;
}

static inline uint32_t hash_eight(uint64_t value)
{
    return (uint32_t)(value * MIX_64 >> 32);
}

static void slot_put(struct ji_dictionary_slot *slots, unsigned bits, struct ji_dictionary_slot slot)
{
    const size_t mask = ((size_t)1 << bits) - 1;
    size_t at = slot.hash >> (32 - bits);
    while (slots[at].code_and_one != 0)
        at = (at + 1) & mask;
    slots[at] = slot;
}

/* Tables are slabs from 4 KiB on: their sizes are powers of two already. */
static enum joist_status slots_make(struct ji_dictionary_writer *dictionary, unsigned bits,
        struct ji_dictionary_slot **slots, struct joist_error *err)
{
    size_t capacity = 0;
    JI_TRY(ji_slab_alloc(dictionary->mem, slots_bytes(bits), slots, &capacity, err));
    assert(capacity == slots_bytes(bits) || capacity > JI_SLAB_BYTES_MAX);
    memset(*slots, 0, slots_bytes(bits));
    return JOIST_OK;
}

/* Four times as many slots. */
static enum joist_status slots_grow(struct ji_dictionary_writer *dictionary, struct joist_error *err)
{
    const unsigned bits = dictionary->slots == NULL ? SLOT_BITS_MIN : dictionary->slot_bits + 2;
    struct ji_dictionary_slot *grown = NULL;
    JI_TRY(slots_make(dictionary, bits, &grown, err));
    const size_t old_count = dictionary->slots == NULL ? 0 : (size_t)1 << dictionary->slot_bits;
    for (size_t i = 0; i < old_count; i++)
        if (dictionary->slots[i].code_and_one != 0)
            slot_put(grown, bits, dictionary->slots[i]);
    slots_free(dictionary);
    dictionary->slots = grown;
    dictionary->slot_bits = bits;
    return JOIST_OK;
}

/* Numbers lie too far apart for a window: slots with the entries that there are. */
static enum joist_status window_to_slots(struct ji_dictionary_writer *dictionary, struct joist_error *err)
{
    struct ji_dictionary_slot *slots = NULL;
    unsigned bits = SLOT_BITS_MIN;
    while ((size_t)1 << (bits - 1) <= dictionary->count)
        bits += 2;
    JI_TRY(slots_make(dictionary, bits, &slots, err));
    for (uint32_t code = 0; code < dictionary->count; code++) {
        const uint32_t hash = dictionary->shape == JI_BLOCK_FOUR
                ? hash_four(ji_dictionary_writer_four(dictionary, code))
                : hash_eight(ji_dictionary_writer_eight(dictionary, code));
        slot_put(slots, bits, (struct ji_dictionary_slot){.hash = hash, .code_and_one = code + 1});
    }
    ji_number_window_free(&dictionary->window, dictionary->mem);
    dictionary->slots = slots;
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
        const uint32_t hash = hash_four(value);
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
        const uint32_t hash = hash_eight(value);
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

/* Bytes of the page that values may be entered in, as far as room was made for them. */
static inline size_t page_room(const struct ji_dictionary_writer *dictionary)
{
    return ji_min_size(dictionary->page.capacity, dictionary->page_size_max) - dictionary->page.size;
}

static inline bool view_enter(struct ji_dictionary_writer *dictionary, struct ji_view view, size_t head_bytes)
{
    struct ji_bytes *page = &dictionary->page;
    if (view.size + head_bytes > page_room(dictionary))
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

/* The page grows by what is new, one value at a time: most blocks have nothing that is. */
static enum joist_status views_encode(struct ji_dictionary_writer *dictionary, const struct ji_view *views,
        size_t count, uint32_t *codes, size_t *coded, struct joist_error *err)
{
    const size_t before = dictionary->count;
    const size_t entries_max = ji_min_size(slots_half(dictionary), before + count);
    const size_t more = (entries_max - before) * sizeof(uint32_t);
    const size_t head_bytes = dictionary->has_lengths ? sizeof(uint32_t) : 0;
    struct ji_bytes *const page = &dictionary->page;
    size_t done = 0;
    JI_TRY(ji_bytes_reserve(&dictionary->offsets, more, err));
    JI_TRY(ji_bytes_reserve(&dictionary->lengths, more, err));
    for (;;) {
        done += encode_views(dictionary, views + done, count - done, entries_max, codes + done);
        if (done == count || dictionary->count >= entries_max)
            break;
        const size_t wanted = views[done].size + head_bytes;
        if (wanted <= page_room(dictionary) || wanted > dictionary->page_size_max - page->size)
            break; /* crowded, or full */
        JI_TRY(ji_bytes_reserve(page, wanted, err));
    }
    dictionary->offsets.size = dictionary->lengths.size = dictionary->count * sizeof(uint32_t);
    *coded = done;
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

/* The first values that lie within the window; `*is_full` where one does that finds no room. */
static enum joist_status window_encode(struct ji_dictionary_writer *dictionary, struct ji_view values,
        uint32_t *codes, size_t *coded, bool *is_full, struct joist_error *err)
{
    const bool is_four = dictionary->shape == JI_BLOCK_FOUR;
    const size_t width = is_four ? sizeof(uint32_t) : sizeof(uint64_t);
    const size_t count = values.size / width;
    const uint32_t *const fours = (const void *)values.data;
    const uint64_t *const eights = (const void *)values.data;
    const size_t entries_max = ji_min_size(dictionary->page_size_max / width, dictionary->count + count);
    const size_t more = entries_max - ji_min_size(entries_max, dictionary->count);
    JI_TRY(ji_bytes_reserve(&dictionary->page, more * width, err));
    struct ji_number_entries entries = {
            .values = dictionary->page.data, .count = dictionary->count, .count_max = entries_max};
    const size_t took = is_four
            ? ji_number_window_encode32(&dictionary->window, &entries, fours, count, codes)
            : ji_number_window_encode64(&dictionary->window, &entries, eights, count, codes);
    dictionary->count = entries.count;
    dictionary->page.size = entries.count * width;
    *coded = took;
    *is_full = took < count &&
            (is_four ? ji_number_window_has32(&dictionary->window, fours[took])
                     : ji_number_window_has64(&dictionary->window, eights[took]));
    return JOIST_OK;
}

/* A window that holds `values` too, or slots instead. */
static enum joist_status window_widen(
        struct ji_dictionary_writer *dictionary, struct ji_view values, struct joist_error *err)
{
    const struct ji_number_entries entries = {.values = dictionary->page.data, .count = dictionary->count};
    const size_t bytes_max = ji_min_size(WINDOW_BYTES_MAX, dictionary->page_size_max);
    bool fits = false;
    if (dictionary->shape == JI_BLOCK_FOUR)
        JI_TRY(ji_number_window_widen32(
                &dictionary->window, dictionary->mem, &entries, values, bytes_max, &fits, err));
    else
        JI_TRY(ji_number_window_widen64(
                &dictionary->window, dictionary->mem, &entries, values, bytes_max, &fits, err));
    return fits ? JOIST_OK : window_to_slots(dictionary, err);
}

/* Numbers while there are no slots: `*coded` < count where there are now, or the page is full. */
static enum joist_status close_numbers_encode(struct ji_dictionary_writer *dictionary, struct ji_view values,
        uint32_t *codes, size_t *coded, bool *is_full, struct joist_error *err)
{
    const size_t width = dictionary->shape == JI_BLOCK_FOUR ? sizeof(uint32_t) : sizeof(uint64_t);
    size_t done = 0;
    *is_full = false;
    while (dictionary->slots == NULL && !*is_full && done * width < values.size) {
        const struct ji_view left = ji_view_of(values.data + done * width, values.size - done * width);
        size_t took = 0;
        if (dictionary->window.codes != NULL)
            JI_TRY(window_encode(dictionary, left, codes + done, &took, is_full, err));
        done += took;
        if (took * width < left.size && !*is_full)
            JI_TRY(window_widen(
                    dictionary, ji_view_of(left.data + took * width, left.size - took * width), err));
    }
    *coded = done;
    return JOIST_OK;
}

enum joist_status ji_dictionary_writer_encode(struct ji_dictionary_writer *dictionary,
        const struct ji_value_block *block, uint32_t *codes, size_t *coded, struct joist_error *err)
{
    const bool is_views = dictionary->shape == JI_BLOCK_VIEWS;
    const size_t width = dictionary->shape == JI_BLOCK_FOUR ? sizeof(uint32_t) : sizeof(uint64_t);
    const uint8_t *const values = block->values;
    size_t done = 0;
    bool is_full = false;
    if (!is_views && dictionary->slots == NULL)
        JI_TRY(close_numbers_encode(
                dictionary, ji_view_of(values, block->count * width), codes, &done, &is_full, err));
    while (done < block->count && !is_full) {
        const size_t left = block->count - done;
        size_t took = 0;
        if (dictionary->count >= slots_half(dictionary))
            JI_TRY(slots_grow(dictionary, err));
        if (is_views)
            JI_TRY(views_encode(dictionary, (const struct ji_view *)block->values + done, left, codes + done,
                    &took, err));
        else
            JI_TRY(numbers_encode(dictionary, values + done * width, left, codes + done, &took, err));
        done += took;
        is_full = took < left && dictionary->count < slots_half(dictionary);
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
