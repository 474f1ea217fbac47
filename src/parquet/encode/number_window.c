/*
 * number_window.c - a table that grows around the numbers that came
 *
 *   1. codes[value - base], modulo the numbers' width, is the code of `value` and one, for each entry.
 *   2. A window is twice as wide as what it was made for, the room on both sides: numbers that rise make few
 *      new ones.
 */
#include "parquet/encode/number_window.h"

#include <assert.h>

#define SIZE_MIN (JI_SLAB_BYTES_MIN / sizeof(uint32_t))

static size_t window_bytes(size_t size)
{
    return size * sizeof(uint32_t);
}

void ji_number_window_free(struct ji_number_window *window, struct ji_mem *mem)
{
    if (window->codes != NULL)
        ji_slab_free(mem, window->codes, window_bytes(window->size));
    *window = (struct ji_number_window){.codes = NULL};
}

void ji_number_window_reset(struct ji_number_window *window)
{
    if (window->codes != NULL)
        memset(window->codes, 0, window_bytes(window->size));
}

uint64_t ji_number_window_held(const struct ji_number_window *window)
{
    return window->codes == NULL ? 0 : window_bytes(window->size);
}

/* An empty window around low .. high instead of what there was; not where it would take too much. */
static enum joist_status move(struct ji_number_window *window, struct ji_mem *mem, int64_t low, int64_t high,
        size_t bytes_max, bool *fits, struct joist_error *err)
{
    const uint64_t last = (uint64_t)high - (uint64_t)low;
    size_t size = SIZE_MIN;
    size_t capacity = 0;
    uint32_t *codes = NULL;
    *fits = false;
    if (last >= bytes_max / sizeof(uint32_t))
        return JOIST_OK;
    while (size <= last)
        size *= 2;
    if (size - last < size / 2 && window_bytes(2 * size) <= bytes_max)
        size *= 2;
    if (window_bytes(size) > ji_max_size(bytes_max, JI_SLAB_BYTES_MIN))
        return JOIST_OK;
    JI_TRY(ji_slab_alloc(mem, window_bytes(size), &codes, &capacity, err));
    assert(capacity == window_bytes(size));
    ji_number_window_free(window, mem);
    *window = (struct ji_number_window){
            .codes = codes, .size = size, .base = (uint64_t)low - (size - 1 - last) / 2};
    ji_number_window_reset(window);
    *fits = true;
    return JOIST_OK;
}

#define NUMBER_WINDOW(bits)                                                                                  \
    bool ji_number_window_has##bits(const struct ji_number_window *window, uint##bits##_t value)             \
    {                                                                                                        \
        return (uint##bits##_t)(value - (uint##bits##_t)window->base) < window->size;                        \
    }                                                                                                        \
                                                                                                             \
    size_t ji_number_window_encode##bits(struct ji_number_window *window, struct ji_number_entries *entries, \
            const uint##bits##_t *values, size_t count, uint32_t *codes)                                     \
    {                                                                                                        \
        uint32_t *const table = window->codes;                                                               \
        uint##bits##_t *const entered = entries->values;                                                     \
        const uint##bits##_t base = (uint##bits##_t)window->base;                                            \
        const size_t size = window->size;                                                                    \
        for (size_t i = 0; i < count; i++) {                                                                 \
            const uint##bits##_t at = values[i] - base;                                                      \
            if (at >= size)                                                                                  \
                return i;                                                                                    \
            uint32_t code_and_one = table[at];                                                               \
            if (code_and_one == 0) {                                                                         \
                if (entries->count >= entries->count_max)                                                    \
                    return i;                                                                                \
                entered[entries->count++] = values[i];                                                       \
                table[at] = code_and_one = entries->count;                                                   \
            }                                                                                                \
            codes[i] = code_and_one - 1;                                                                     \
        }                                                                                                    \
        return count;                                                                                        \
    }                                                                                                        \
                                                                                                             \
    static void extend##bits(const uint##bits##_t *values, size_t count, int64_t *low, int64_t *high)        \
    {                                                                                                        \
        for (size_t i = 0; i < count; i++) {                                                                 \
            *low = (int##bits##_t)values[i] < *low ? (int##bits##_t)values[i] : *low;                        \
            *high = (int##bits##_t)values[i] > *high ? (int##bits##_t)values[i] : *high;                     \
        }                                                                                                    \
    }                                                                                                        \
                                                                                                             \
    enum joist_status ji_number_window_widen##bits(struct ji_number_window *window, struct ji_mem *mem,      \
            const struct ji_number_entries *entries, struct ji_view values, size_t bytes_max, bool *fits,    \
            struct joist_error *err)                                                                         \
    {                                                                                                        \
        const uint##bits##_t *const more = (const void *)values.data;                                        \
        const uint##bits##_t *const entered = entries->values;                                               \
        int64_t low = INT64_MAX;                                                                             \
        int64_t high = INT64_MIN;                                                                            \
        assert(values.size >= sizeof *more);                                                                 \
        extend##bits(more, values.size / sizeof *more, &low, &high);                                         \
        extend##bits(entered, entries->count, &low, &high);                                                  \
        JI_TRY(move(window, mem, low, high, bytes_max, fits, err));                                          \
        for (uint32_t code = 0; *fits && code < entries->count; code++)                                      \
            window->codes[(uint##bits##_t)(entered[code] - (uint##bits##_t)window->base)] = code + 1;        \
        return JOIST_OK;                                                                                     \
    }

NUMBER_WINDOW(32)
NUMBER_WINDOW(64)
