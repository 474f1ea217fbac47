/*
 * encoding_fuzz.c - any bytes as a page of any encoding and type; as levels too
 *
 *     encoding:1 type:1 piece:1 dictionary:1, page
 *
 * Each page is read in pieces of one size, then in other pieces with every second one passed over: what both
 * read must be the same. Under a memory limit, so that no claimed count may allocate.
 */
#include <assert.h>
#include <stdlib.h>

#include "base/ctx.h"
#include "parquet/decode/levels.h"
#include "parquet/decode/page_values.h"

#define VALUES 3000
#define WIDTH_MAX 40
#define HEAD_BYTES 4

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct leaf_of {
    enum ji_physical physical;
    int32_t length;
    struct ji_field field;
};

static const struct leaf_of leaves[] = {
        {JI_PHYSICAL_INT32, 0, {.kind = JI_INT32}},
        {JI_PHYSICAL_INT64, 0, {.kind = JI_INT64}},
        {JI_PHYSICAL_BYTE_ARRAY, 0, {.kind = JI_STRING}},
        {JI_PHYSICAL_BYTE_ARRAY, 0, {.kind = JI_BINARY}},
        {JI_PHYSICAL_DOUBLE, 0, {.kind = JI_DOUBLE}},
        {JI_PHYSICAL_FLOAT, 0, {.kind = JI_FLOAT}},
        {JI_PHYSICAL_FIXED, 7, {.kind = JI_FIXED, .fixed_bytes = 7}},
        {JI_PHYSICAL_FIXED, 7, {.kind = JI_DECIMAL, .precision = 15}},
        {JI_PHYSICAL_FIXED, 16, {.kind = JI_DECIMAL, .precision = 38}},
        {JI_PHYSICAL_FIXED, 33, {.kind = JI_FIXED, .fixed_bytes = 33}},
        {JI_PHYSICAL_INT32, 0, {.kind = JI_INT8}},
        {JI_PHYSICAL_INT32, 0, {.kind = JI_UINT16}},
        {JI_PHYSICAL_INT32, 0, {.kind = JI_DECIMAL, .precision = 9}},
        {JI_PHYSICAL_INT64, 0, {.kind = JI_DECIMAL, .precision = 20}},
        {JI_PHYSICAL_BYTE_ARRAY, 0, {.kind = JI_DECIMAL, .precision = 10}},
        {JI_PHYSICAL_BYTE_ARRAY, 0, {.kind = JI_DECIMAL, .precision = 30}},
        {JI_PHYSICAL_BOOLEAN, 0, {.kind = JI_BOOL}},
        {JI_PHYSICAL_INT96, 0, {.kind = JI_TIMESTAMP}},
        {JI_PHYSICAL_INT32, 0, {.kind = JI_NULL}},
};

struct reading {
    struct ji_mem *mem;
    struct ji_value_type type;
    enum ji_encoding encoding;
    const struct ji_dictionary *dictionary;
    struct ji_view page;
    _Alignas(16) uint8_t values[VALUES * WIDTH_MAX];
};

/* A value as its bytes, at most 32 of them: views do not outlive their piece. */
static void keep(struct reading *reading, const uint8_t *piece, size_t at, size_t count)
{
    const size_t width = reading->type.memory_bytes;
    for (size_t index = 0; index < count; index++) {
        uint8_t *const to = reading->values + (at + index) * WIDTH_MAX;
        memset(to, 0, WIDTH_MAX);
        if (reading->type.conversion == JI_CONVERT_VIEW) {
            struct ji_view view;
            memcpy(&view, piece + index * sizeof view, sizeof view);
            ji_store_le64(to, view.size);
            if (view.size > 0)
                memcpy(to + 8, view.data, ji_min_size(view.size, WIDTH_MAX - 8));
        } else if (width > 0) {
            memcpy(to, piece + index * width, width);
        } else {
            to[0] = ji_bit_get(piece, index);
        }
    }
}

/* How many values there were, with `skips` set only every second piece read. */
static size_t read_all(struct reading *reading, size_t piece, bool skips)
{
    static _Alignas(16) uint8_t room[VALUES * WIDTH_MAX];
    struct ji_page_values values = {.carry = {.mem = reading->mem}};
    size_t at = 0;
    enum joist_status status = ji_page_values_init(
            &values, &reading->type, reading->encoding, reading->page, reading->dictionary, NULL);
    for (size_t turn = 0; status == JOIST_OK && at < VALUES; turn++) {
        const size_t step = ji_min_size(piece, VALUES - at);
        if (skips && turn % 2 == 1) {
            status = ji_page_values_skip(&values, step, NULL);
        } else {
            status = ji_page_values_read(&values, step, room, 0, NULL);
            if (status == JOIST_OK)
                keep(reading, room, at, step);
        }
        at += status == JOIST_OK ? step : 0;
    }
    ji_page_values_clear(&values);
    return at;
}

static void compare(const struct reading *a, const struct reading *b, size_t count, size_t piece)
{
    for (size_t index = 0; index < count; index++) {
        if (index / piece % 2 == 0 &&
                memcmp(a->values + index * WIDTH_MAX, b->values + index * WIDTH_MAX, WIDTH_MAX) != 0)
            abort();
    }
}

static void read_values(struct ji_mem *mem, const uint8_t *data, struct ji_view page)
{
    static struct reading all;
    static struct reading some;
    const struct leaf_of *const leaf = &leaves[data[1] % (sizeof leaves / sizeof leaves[0])];
    const struct ji_schema_element element = {.physical = leaf->physical, .type_length = leaf->length};
    const struct ji_leaf of = {.element = &element, .field = &leaf->field};
    const size_t piece = (size_t)data[2] + 1;
    struct ji_dictionary dictionary = {.count = 0};
    struct ji_buffer *entries = NULL;
    ji_value_type_init(&all.type, &of);
    all.mem = mem;
    all.encoding = (enum ji_encoding)(data[0] % 12);
    all.page = page;
    all.dictionary = NULL;
    /* The dictionary is the page too, as PLAIN values. */
    if (ji_buffer_new(mem, page.size + 1, &entries, NULL) == JOIST_OK) {
        memcpy(entries->data, page.data, page.size);
        if (ji_dictionary_init(&dictionary, &all.type, &leaf->field, entries,
                    ji_view_of(entries->data, page.size), data[3], NULL) == JOIST_OK)
            all.dictionary = &dictionary;
    }
    some.type = all.type;
    some.mem = mem;
    some.encoding = all.encoding;
    some.page = page;
    some.dictionary = all.dictionary;
    const size_t whole = read_all(&all, 1, false);
    const size_t skipped = read_all(&some, piece, true);
    compare(&all, &some, ji_min_size(whole, skipped / piece * piece), piece);
    ji_dictionary_clear(&dictionary);
    ji_buffer_release(entries);
}

static void read_levels(const uint8_t *data, struct ji_view page)
{
    struct ji_levels levels;
    uint8_t out[VALUES];
    uint8_t bits[VALUES / 8 + 1];
    size_t taken;
    size_t ones = 0;
    const unsigned max = data[1] % 255 + 1u;
    const enum ji_encoding encoding = data[2] % 2 == 0 ? JI_ENCODING_RLE : JI_ENCODING_BIT_PACKED;
    if (ji_levels_init_v1(&levels, page, encoding, max, data[3], &taken, NULL) != JOIST_OK)
        return;
    assert(taken <= page.size);
    if (max == 1)
        ji_ignore(ji_levels_read_bits(&levels, data[3], bits, 3, &ones, NULL), "any status will do");
    for (size_t at = 0; at < VALUES; at += 100) {
        if (ji_levels_read(&levels, 100, out, NULL) != JOIST_OK)
            return;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct joist_ctx_options options = {.struct_size = sizeof options, .memory_bytes_max = 16 << 20};
    struct joist_ctx *ctx = NULL;
    if (size < HEAD_BYTES || joist_ctx_open(&options, &ctx, NULL) != JOIST_OK)
        return 0;
    /* A block of the page alone, so that the sanitizer sees a read before it. */
    uint8_t *const page = malloc(size - HEAD_BYTES + 1);
    if (page != NULL) {
        memcpy(page, data + HEAD_BYTES, size - HEAD_BYTES);
        uint8_t *const exact = realloc(page, size > HEAD_BYTES ? size - HEAD_BYTES : 1);
        const struct ji_view view = ji_view_of(exact, size - HEAD_BYTES);
        if (data[0] % 16 == 15)
            read_levels(data, view);
        else
            read_values(ji_ctx_mem(ctx), data, view);
        free(exact);
    }
    joist_ctx_close(ctx);
    return 0;
}
