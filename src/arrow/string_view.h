/*
 * string_view.h - a string as Arrow's view types have it
 *
 *     up to 12 bytes:  size:4  bytes:12, the rest zero
 *     more:            size:4  prefix:4  buffer:4  offset:4
 *
 * Inside the engine strings are struct ji_view; these leave the library.
 */
#ifndef JI_STRING_VIEW_H
#define JI_STRING_VIEW_H

#include "base/bytes.h"

#define JI_STRING_VIEW_INLINE_MAX 12

struct ji_string_view {
    int32_t size;
    uint8_t prefix[4]; /* of the bytes; of short strings all go on behind it */
    int32_t buffer;
    int32_t offset;
};
_Static_assert(sizeof(struct ji_string_view) == 16, "the layout is Arrow's");

/* Of `size` <= 12 bytes at `data`. */
static inline struct ji_string_view ji_string_view_short(const uint8_t *data, size_t size)
{
    struct ji_string_view view = {.size = (int32_t)size};
    if (size > 0)
        memcpy((uint8_t *)&view + sizeof view.size, data, size);
    return view;
}

/* Of more bytes, which stand at `offset` of the buffer with number `buffer`. */
static inline struct ji_string_view ji_string_view_long(
        const uint8_t *data, size_t size, int32_t buffer, size_t offset)
{
    struct ji_string_view view = {.size = (int32_t)size, .buffer = buffer, .offset = (int32_t)offset};
    memcpy(view.prefix, data, sizeof view.prefix);
    return view;
}

/* Of `count` strings whose bytes, where they are long, stand at `base` in the buffer with that number. */
static inline void ji_string_views_of(const struct ji_view *strings, size_t count, const uint8_t *base,
        int32_t buffer, struct ji_string_view *out)
{
    for (size_t index = 0; index < count; index++) {
        const struct ji_view string = strings[index];
        out[index] = string.size <= JI_STRING_VIEW_INLINE_MAX
                ? ji_string_view_short(string.data, string.size)
                : ji_string_view_long(string.data, string.size, buffer, (size_t)(string.data - base));
    }
}

#endif
