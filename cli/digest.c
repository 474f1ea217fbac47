/*
 * digest.c - walks Arrow arrays by their format strings
 */
#include "digest.h"

#include <stdlib.h>
#include <string.h>

#define FNV_START UINT64_C(0xcbf29ce484222325)
#define FNV_FACTOR UINT64_C(0x100000001b3)
#define MIX_FACTOR UINT64_C(0x9e3779b97f4a7c15)

enum shape {
    SHAPE_NONE,
    SHAPE_FIXED,
    SHAPE_BITS,
    SHAPE_TEXT,
    SHAPE_LARGE,
    SHAPE_VIEW,
    SHAPE_LIST,
    SHAPE_LARGE_LIST,
    SHAPE_LIST_VIEW,
    SHAPE_LARGE_LIST_VIEW,
    SHAPE_STRUCT
};

struct layout {
    enum shape shape;
    size_t width;
};

/* "d:precision,scale" or "d:precision,scale,bits". */
static size_t decimal_width(const char *format)
{
    const char *at = strchr(format, ',');
    at = at != NULL ? strchr(at + 1, ',') : NULL;
    return at != NULL ? (size_t)strtoul(at + 1, NULL, 10) / 8 : 16;
}

static size_t time_width(const char *format)
{
    if (format[1] == 'd')
        return format[2] == 'D' ? 4 : 8;
    if (format[1] == 't')
        return format[2] == 's' || format[2] == 'm' ? 4 : 8;
    if (format[1] == 'i')
        return format[2] == 'M' ? 4 : format[2] == 'D' ? 8 : 16;
    return 8;
}

static bool fixed_layout(const char *format, struct layout *layout)
{
    static const char letters[] = "cCsSeiIflLg";
    static const unsigned char widths[] = {1, 1, 2, 2, 2, 4, 4, 4, 8, 8, 8};
    const char *letter = format[1] == '\0' ? strchr(letters, format[0]) : NULL;
    layout->shape = SHAPE_FIXED;
    if (letter != NULL)
        layout->width = widths[letter - letters];
    else if (format[0] == 't')
        layout->width = time_width(format);
    else if (format[0] == 'd')
        layout->width = decimal_width(format);
    else if (format[0] == 'w')
        layout->width = (size_t)strtoul(format + 2, NULL, 10);
    else
        return false;
    return true;
}

/* False for what we do not know: dictionaries, unions, runs, fixed lists, list views. */
static bool layout_of(const struct ArrowSchema *schema, struct layout *layout)
{
    static const struct {
        const char *format;
        enum shape shape;
    } known[] = {
            {"n", SHAPE_NONE},
            {"b", SHAPE_BITS},
            {"u", SHAPE_TEXT},
            {"z", SHAPE_TEXT},
            {"U", SHAPE_LARGE},
            {"Z", SHAPE_LARGE},
            {"vu", SHAPE_VIEW},
            {"vz", SHAPE_VIEW},
            {"+l", SHAPE_LIST},
            {"+L", SHAPE_LARGE_LIST},
            {"+vl", SHAPE_LIST_VIEW},
            {"+vL", SHAPE_LARGE_LIST_VIEW},
            {"+m", SHAPE_LIST},
            {"+s", SHAPE_STRUCT},
    };
    *layout = (struct layout){.shape = SHAPE_NONE};
    if (schema->dictionary != NULL)
        return false;
    for (size_t index = 0; index < sizeof known / sizeof known[0]; index++) {
        if (strcmp(schema->format, known[index].format) == 0) {
            layout->shape = known[index].shape;
            return true;
        }
    }
    return fixed_layout(schema->format, layout);
}

static bool bit_of(const void *bits, int64_t at)
{
    return (((const uint8_t *)bits)[at / 8] >> (at % 8) & 1) != 0;
}

static uint64_t add_byte(uint64_t hash, uint8_t byte)
{
    return (hash ^ byte) * FNV_FACTOR;
}

static uint64_t add_bytes(uint64_t hash, const uint8_t *bytes, size_t size)
{
    for (size_t index = 0; index < size; index++)
        hash = add_byte(hash, bytes[index]);
    return hash;
}

static uint64_t add_length(uint64_t hash, uint64_t length)
{
    for (unsigned shift = 0; shift < 64; shift += 8)
        hash = add_byte(hash, (uint8_t)(length >> shift));
    return hash;
}

static bool is_big_endian(void)
{
    const uint16_t one = 1;
    uint8_t first;
    memcpy(&first, &one, 1);
    return first == 0;
}

/* A number's bytes from its lowest; raw bytes ("w:") as they stand. Days and milliseconds ("tiD") are two. */
static uint64_t add_fixed(uint64_t hash, const char *format, const uint8_t *value, size_t width)
{
    if (!is_big_endian() || format[0] == 'w')
        return add_bytes(hash, value, width);
    const size_t part = strcmp(format, "tiD") == 0 ? 4 : width;
    for (size_t at = 0; at < width; at += part) {
        for (size_t byte = part; byte > 0; byte--)
            hash = add_byte(hash, value[at + byte - 1]);
    }
    return hash;
}

static uint64_t add_text(uint64_t hash, enum shape shape, const struct ArrowArray *array, int64_t at)
{
    int64_t start;
    int64_t end;
    const uint8_t *bytes = array->buffers[2];
    if (shape == SHAPE_TEXT) {
        start = ((const int32_t *)array->buffers[1])[at];
        end = ((const int32_t *)array->buffers[1])[at + 1];
    } else if (shape == SHAPE_LARGE) {
        start = ((const int64_t *)array->buffers[1])[at];
        end = ((const int64_t *)array->buffers[1])[at + 1];
    } else {
        const uint8_t *const view = (const uint8_t *)array->buffers[1] + 16 * at;
        int32_t parts[4];
        memcpy(parts, view, sizeof parts);
        start = 0;
        end = parts[0];
        bytes = view + 4;
        if (parts[0] > 12)
            bytes = (const uint8_t *)array->buffers[2 + parts[2]] + parts[3];
    }
    hash = add_length(hash, (uint64_t)(end - start));
    return start == end ? hash : add_bytes(hash, bytes + start, (size_t)(end - start));
}

/* Elements of a list. */
struct range {
    int64_t begin;
    int64_t end;
};

static struct range range_of(enum shape shape, const struct ArrowArray *array, int64_t at)
{
    const bool is_wide = shape == SHAPE_LARGE_LIST || shape == SHAPE_LARGE_LIST_VIEW;
    const bool is_view = shape == SHAPE_LIST_VIEW || shape == SHAPE_LARGE_LIST_VIEW;
    const int32_t *const offsets = array->buffers[1];
    const int64_t *const wide = array->buffers[1];
    const int64_t begin = is_wide ? wide[at] : offsets[at];
    if (!is_view)
        return (struct range){begin, is_wide ? wide[at + 1] : offsets[at + 1]};
    const int32_t *const sizes = array->buffers[2];
    const int64_t *const wide_sizes = array->buffers[2];
    return (struct range){begin, begin + (is_wide ? wide_sizes[at] : sizes[at])};
}

/* One value; `*known` turns false for a type that we do not know. Schemas nest at most 64 deep. */
static uint64_t add_value(uint64_t hash, const struct ArrowSchema *schema, const struct ArrowArray *array,
        int64_t row, bool *known)
{
    struct layout layout;
    const int64_t at = array->offset + row;
    *known &= layout_of(schema, &layout);
    const void *const validity = array->n_buffers > 0 ? array->buffers[0] : NULL;
    const bool is_null = layout.shape == SHAPE_NONE || (validity != NULL && !bit_of(validity, at));
    hash = add_byte(hash, !is_null);
    if (is_null || !*known)
        return hash;
    switch (layout.shape) {
    case SHAPE_NONE:
        return hash;
    case SHAPE_FIXED:
        return add_fixed(hash, schema->format, (const uint8_t *)array->buffers[1] + layout.width * (size_t)at,
                layout.width);
    case SHAPE_BITS:
        return add_byte(hash, bit_of(array->buffers[1], at));
    case SHAPE_TEXT:
    case SHAPE_LARGE:
    case SHAPE_VIEW:
        return add_text(hash, layout.shape, array, at);
    case SHAPE_LIST:
    case SHAPE_LARGE_LIST:
    case SHAPE_LIST_VIEW:
    case SHAPE_LARGE_LIST_VIEW: {
        const struct range range = range_of(layout.shape, array, at);
        hash = add_length(hash, (uint64_t)(range.end - range.begin));
        for (int64_t element = range.begin; element < range.end; element++)
            hash = add_value(hash, schema->children[0], array->children[0], element, known);
        return hash;
    }
    case SHAPE_STRUCT:
        for (int64_t child = 0; child < schema->n_children; child++)
            hash = add_value(hash, schema->children[child], array->children[child], at, known);
        return hash;
    }
    return hash;
}

bool digest_add(
        const struct ArrowSchema *schema, const struct ArrowArray *array, uint64_t row, uint64_t *digest)
{
    bool known = true;
    uint64_t sum = 0;
    for (int64_t index = 0; index < array->length && known; index++) {
        uint64_t hash = add_value(FNV_START, schema, array, index, &known);
        hash += (row + (uint64_t)index + 1) * MIX_FACTOR;
        hash = (hash ^ hash >> 32) * MIX_FACTOR;
        sum += hash ^ hash >> 29;
    }
    *digest += sum;
    return known;
}

/* --- bytes --- */

static uint64_t text_bytes(enum shape shape, const struct ArrowArray *array)
{
    const int64_t first = array->offset;
    const int64_t last = array->offset + array->length;
    if (array->length == 0)
        return 0;
    if (shape == SHAPE_TEXT) {
        const int32_t *const offsets = array->buffers[1];
        return (uint64_t)(offsets[last] - offsets[first]) + 4 * (uint64_t)array->length;
    }
    if (shape == SHAPE_LARGE) {
        const int64_t *const offsets = array->buffers[1];
        return (uint64_t)(offsets[last] - offsets[first]) + 8 * (uint64_t)array->length;
    }
    return 16 * (uint64_t)array->length;
}

uint64_t digest_array_bytes(const struct ArrowSchema *schema, const struct ArrowArray *array)
{
    struct layout layout;
    const uint64_t rows = (uint64_t)array->length;
    const bool has_validity = array->n_buffers > 0 && array->buffers[0] != NULL;
    uint64_t bytes = has_validity ? (rows + 7) / 8 : 0;
    if (!layout_of(schema, &layout))
        return bytes;
    switch (layout.shape) {
    case SHAPE_NONE:
        break;
    case SHAPE_FIXED:
        bytes += rows * layout.width;
        break;
    case SHAPE_BITS:
        bytes += (rows + 7) / 8;
        break;
    case SHAPE_TEXT:
    case SHAPE_LARGE:
    case SHAPE_VIEW:
        bytes += text_bytes(layout.shape, array);
        break;
    case SHAPE_LIST:
        bytes += 4 * rows;
        break;
    case SHAPE_LARGE_LIST:
    case SHAPE_LIST_VIEW:
        bytes += 8 * rows;
        break;
    case SHAPE_LARGE_LIST_VIEW:
        bytes += 16 * rows;
        break;
    case SHAPE_STRUCT:
        break;
    }
    for (int64_t child = 0; child < schema->n_children; child++)
        bytes += digest_array_bytes(schema->children[child], array->children[child]);
    return bytes;
}
