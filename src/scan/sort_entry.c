/*
 * sort_entry.c - rows of bytes in the order of their keys
 *
 * Many entries are dealt by the bytes of their prefixes, last byte first, passing over bytes that all share;
 * those with equal prefixes, and few, are merged by whole keys.
 */
#include "scan/sort_entry.h"

#define DEAL_MIN 256 /* fewer are merged */
#define INSERT_MAX 16

void ji_key_spread_add(struct ji_key_spread *spread, struct ji_view key)
{
    if (!spread->begun) {
        spread->begun = true;
        spread->bytes = ji_min_size(key.size, JI_KEY_LOOK_BYTES);
        memcpy(spread->first, key.data, spread->bytes);
        return;
    }
    spread->bytes = ji_min_size(key.size, spread->bytes);
    for (size_t i = 0; i < spread->bytes; i++)
        spread->varies[i] |= (uint8_t)(key.data[i] ^ spread->first[i]);
}

void ji_key_spread_join(struct ji_key_spread *spread, const struct ji_key_spread *other)
{
    if (!other->begun)
        return;
    ji_key_spread_add(spread, ji_view_of(other->first, other->bytes));
    for (size_t i = 0; i < spread->bytes; i++)
        spread->varies[i] |= other->varies[i];
}

struct ji_key_prefix ji_key_prefix_of(const struct ji_key_spread *spread)
{
    struct ji_key_prefix prefix = {.count = 0};
    for (size_t i = 0; i < spread->bytes && prefix.count < sizeof prefix.places; i++) {
        if (spread->varies[i] != 0)
            prefix.places[prefix.count++] = (uint8_t)i;
    }
    return prefix;
}

static bool less(const struct ji_sort_entry *a, const struct ji_sort_entry *b)
{
    return ji_sort_entry_less(a->prefix, a->row, b->prefix, b->row);
}

static void insert(struct ji_sort_entry *entries, size_t count)
{
    for (size_t index = 1; index < count; index++) {
        const struct ji_sort_entry moved = entries[index];
        size_t at = index;
        for (; at > 0 && less(&moved, &entries[at - 1]); at--)
            entries[at] = entries[at - 1];
        entries[at] = moved;
    }
}

static void merge(const struct ji_sort_entry *from, size_t middle, size_t end, struct ji_sort_entry *to)
{
    size_t left = 0;
    size_t right = middle;
    size_t out = 0;
    if (middle < end && !less(&from[middle - 1], &from[middle])) {
        while (left < middle && right < end)
            to[out++] = less(&from[right], &from[left]) ? from[right++] : from[left++];
    }
    memcpy(to + out, from + left, (middle - left) * sizeof *to);
    memcpy(to + out + (middle - left), from + right, (end - right) * sizeof *to);
}

static void merge_all(struct ji_sort_entry *entries, struct ji_sort_entry *other, size_t count)
{
    struct ji_sort_entry *from = entries;
    struct ji_sort_entry *to = other;
    for (size_t start = 0; start < count; start += INSERT_MAX)
        insert(entries + start, ji_min_size(INSERT_MAX, count - start));
    for (size_t width = INSERT_MAX; width < count; width *= 2) {
        for (size_t start = 0; start < count; start += 2 * width)
            merge(from + start, ji_min_size(width, count - start), ji_min_size(2 * width, count - start),
                    to + start);
        struct ji_sort_entry *const swap = from;
        from = to;
        to = swap;
    }
    if (from != entries)
        memcpy(entries, from, count * sizeof *entries);
}

static void deal(const struct ji_sort_entry *from, struct ji_sort_entry *to, size_t count, unsigned shift,
        const size_t *counts)
{
    size_t places[256];
    size_t place = 0;
    for (unsigned byte = 0; byte < 256; byte++) {
        places[byte] = place;
        place += counts[byte];
    }
    for (size_t i = 0; i < count; i++)
        to[places[from[i].prefix >> shift & 0xff]++] = from[i];
}

static void deal_all(struct ji_sort_entry *entries, struct ji_sort_entry *other, size_t count)
{
    size_t counts[8][256] = {{0}};
    struct ji_sort_entry *from = entries;
    struct ji_sort_entry *to = other;
    for (size_t i = 0; i < count; i++) {
        for (unsigned byte = 0; byte < 8; byte++)
            counts[byte][entries[i].prefix >> (8 * byte) & 0xff]++;
    }
    for (unsigned byte = 0; byte < 8; byte++) {
        if (counts[byte][entries[0].prefix >> (8 * byte) & 0xff] == count)
            continue;
        deal(from, to, count, 8 * byte, counts[byte]);
        struct ji_sort_entry *const swap = from;
        from = to;
        to = swap;
    }
    if (from != entries)
        memcpy(entries, from, count * sizeof *entries);
}

void ji_sort_entries(struct ji_sort_entry *entries, struct ji_sort_entry *other, size_t count)
{
    if (count < DEAL_MIN) {
        merge_all(entries, other, count);
        return;
    }
    deal_all(entries, other, count);
    for (size_t start = 0; start < count;) {
        size_t end = start + 1;
        while (end < count && entries[end].prefix == entries[start].prefix)
            end++;
        if (end - start > 1)
            merge_all(entries + start, other + start, end - start);
        start = end;
    }
}
