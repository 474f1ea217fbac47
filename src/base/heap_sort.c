/*
 * heap_sort.c - heap sort
 *
 *     items[0] is the largest of a heap; the children of i are 2 i + 1 and 2 i + 2
 */
#include "base/heap_sort.h"

#include <assert.h>
#include <string.h>

struct heap {
    char *items;
    size_t item_bytes;
    int (*compare)(const void *a, const void *b);
};

static char *item_at(const struct heap *heap, size_t index)
{
    return heap->items + index * heap->item_bytes;
}

/* Puts `item` at `index` or below it, among the first `count`. */
static void sift_down(const struct heap *heap, size_t index, size_t count, const char *item)
{
    for (;;) {
        size_t child = 2 * index + 1;
        if (child >= count)
            break;
        if (child + 1 < count && heap->compare(item_at(heap, child), item_at(heap, child + 1)) < 0)
            child++;
        if (heap->compare(item, item_at(heap, child)) >= 0)
            break;
        memcpy(item_at(heap, index), item_at(heap, child), heap->item_bytes);
        index = child;
    }
    memcpy(item_at(heap, index), item, heap->item_bytes);
}

void ji_sort(void *items, size_t count, size_t item_bytes, int (*compare)(const void *a, const void *b))
{
    assert(item_bytes > 0 && item_bytes <= JI_SORT_ITEM_BYTES_MAX);
    const struct heap heap = {.items = items, .item_bytes = item_bytes, .compare = compare};
    _Alignas(max_align_t) char item[JI_SORT_ITEM_BYTES_MAX];
    for (size_t i = count / 2; i-- > 0;) {
        memcpy(item, item_at(&heap, i), item_bytes);
        sift_down(&heap, i, count, item);
    }
    for (size_t left = count; left-- > 1;) {
        memcpy(item, item_at(&heap, left), item_bytes);
        memcpy(item_at(&heap, left), item_at(&heap, 0), item_bytes);
        sift_down(&heap, 0, left, item);
    }
}
