/*
 * stable_sort.c - a stable sort of numbers by what they stand for
 *
 * Runs of RUN numbers are sorted by insertion, then merged bottom-up between two arrays; runs that are in
 * order already are copied and not compared again.
 */
#include "scan/stable_sort.h"

#include "base/checked.h"

#include <string.h>

#define RUN 16

static void sort_run(uint32_t *order, size_t count, ji_order_fn compare, const void *arg)
{
    for (size_t index = 1; index < count; index++) {
        const uint32_t moved = order[index];
        size_t at = index;
        for (; at > 0 && compare(arg, order[at - 1], moved) > 0; at--)
            order[at] = order[at - 1];
        order[at] = moved;
    }
}

static void merge(
        const uint32_t *from, size_t middle, size_t end, uint32_t *to, ji_order_fn compare, const void *arg)
{
    size_t left = 0;
    size_t right = middle;
    size_t out = 0;
    if (middle == end || compare(arg, from[middle - 1], from[middle]) <= 0) {
        memcpy(to, from, end * sizeof *to);
        return;
    }
    while (left < middle && right < end)
        to[out++] = compare(arg, from[left], from[right]) <= 0 ? from[left++] : from[right++];
    memcpy(to + out, from + left, (middle - left) * sizeof *to);
    memcpy(to + out + (middle - left), from + right, (end - right) * sizeof *to);
}

enum joist_status ji_stable_sort(struct ji_mem *mem, uint32_t *order, size_t count, ji_order_fn compare,
        const void *arg, struct joist_error *err)
{
    uint32_t *other = NULL;
    for (size_t start = 0; start < count; start += RUN)
        sort_run(order + start, ji_min_size(RUN, count - start), compare, arg);
    if (count <= RUN)
        return JOIST_OK;
    JI_TRY(ji_alloc_array(mem, count, sizeof *other, &other, err));
    uint32_t *from = order;
    uint32_t *to = other;
    for (size_t width = RUN; width < count; width *= 2) {
        for (size_t start = 0; start < count; start += 2 * width) {
            const size_t middle = ji_min_size(width, count - start);
            const size_t end = ji_min_size(2 * width, count - start);
            merge(from + start, middle, end, to + start, compare, arg);
        }
        uint32_t *swap = from;
        from = to;
        to = swap;
    }
    if (from != order)
        memcpy(order, from, count * sizeof *order);
    ji_free(mem, other, count * sizeof *other);
    return JOIST_OK;
}
