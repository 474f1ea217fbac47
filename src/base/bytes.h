/*
 * bytes.h - numbers at unaligned places, in a stated byte order; views of bytes
 */
#ifndef JI_BYTES_H
#define JI_BYTES_H

#include "base/checked.h"

#include <string.h>

/* A run of bytes that somebody else owns. `data` may be NULL where `size` is 0. */
struct ji_view {
    const uint8_t *data;
    size_t size;
};
_Static_assert(sizeof(struct ji_view) == 16, "string columns are arrays of 16-byte views");

static inline struct ji_view ji_view_of(const void *data, size_t size)
{
    return (struct ji_view){.data = (const uint8_t *)data, .size = size};
}
static inline struct ji_view ji_view_of_text(const char *text)
{
    return ji_view_of(text, strlen(text));
}
static inline bool ji_view_equal(struct ji_view a, struct ji_view b)
{
    return a.size == b.size && (a.size == 0 || memcmp(a.data, b.data, a.size) == 0);
}
static inline bool ji_view_equal_text(struct ji_view a, const char *text)
{
    return ji_view_equal(a, ji_view_of_text(text));
}
/* Unsigned bytewise order: below, at or above 0. */
static inline int ji_view_compare(struct ji_view a, struct ji_view b)
{
    const size_t shared = ji_min_size(a.size, b.size);
    const int order = shared == 0 ? 0 : memcmp(a.data, b.data, shared);
    return order != 0 ? order : (a.size > b.size) - (a.size < b.size);
}

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define JI_LE16(x) (x)
#define JI_LE32(x) (x)
#define JI_LE64(x) (x)
#define JI_BE32(x) __builtin_bswap32(x)
#define JI_BE64(x) __builtin_bswap64(x)
#else
#define JI_LE16(x) __builtin_bswap16(x)
#define JI_LE32(x) __builtin_bswap32(x)
#define JI_LE64(x) __builtin_bswap64(x)
#define JI_BE32(x) (x)
#define JI_BE64(x) (x)
#endif

static inline uint16_t ji_load_le16(const void *from)
{
    uint16_t value;
    memcpy(&value, from, sizeof value);
    return JI_LE16(value);
}
static inline uint32_t ji_load_le32(const void *from)
{
    uint32_t value;
    memcpy(&value, from, sizeof value);
    return JI_LE32(value);
}
static inline uint64_t ji_load_le64(const void *from)
{
    uint64_t value;
    memcpy(&value, from, sizeof value);
    return JI_LE64(value);
}
static inline uint32_t ji_load_be32(const void *from)
{
    uint32_t value;
    memcpy(&value, from, sizeof value);
    return JI_BE32(value);
}
static inline uint64_t ji_load_be64(const void *from)
{
    uint64_t value;
    memcpy(&value, from, sizeof value);
    return JI_BE64(value);
}
static inline void ji_store_le16(void *to, uint16_t value)
{
    value = JI_LE16(value);
    memcpy(to, &value, sizeof value);
}
static inline void ji_store_le32(void *to, uint32_t value)
{
    value = JI_LE32(value);
    memcpy(to, &value, sizeof value);
}
static inline void ji_store_le64(void *to, uint64_t value)
{
    value = JI_LE64(value);
    memcpy(to, &value, sizeof value);
}
/* `count` numbers of 1 to 32 bytes between memory and little-endian bytes, either way. */
static inline void ji_copy_le(void *to, const void *from, size_t count, size_t width)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    memcpy(to, from, count * width);
#else
    const uint8_t *in = from;
    uint8_t *out = to;
    for (size_t at = 0; at < count * width; at += width) {
        for (size_t byte = 0; byte < width; byte++)
            out[at + byte] = in[at + width - 1 - byte];
    }
#endif
}
static inline void ji_store_be32(void *to, uint32_t value)
{
    value = JI_BE32(value);
    memcpy(to, &value, sizeof value);
}
static inline void ji_store_be64(void *to, uint64_t value)
{
    value = JI_BE64(value);
    memcpy(to, &value, sizeof value);
}

#endif
