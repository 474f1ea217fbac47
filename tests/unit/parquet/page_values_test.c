/*
 * page_values_test.c - every encoding of the same values against PLAIN, in pieces, after skips
 */
#include "support/leaf_of.h"
#include "support/test.h"

#include <stdlib.h>

#include "base/ctx.h"
#include "parquet/decode/page_values.h"
#include "support/delta_stream.h"
#include "support/test_random.h"

#define VALUES 700
#define PAGE_BYTES (VALUES * 80)

/* Values of a leaf in two encodings. */
struct pages {
    struct leaf_of of;
    uint8_t plain[PAGE_BYTES];
    size_t plain_bytes;
    enum ji_encoding encoding;
    uint8_t coded[PAGE_BYTES];
    size_t coded_bytes;
    size_t count;
};

static struct ji_mem *mem_of(struct joist_ctx **ctx)
{
    assert_ok(joist_ctx_open(NULL, ctx, NULL));
    return ji_ctx_mem(*ctx);
}

static void assert_same(const struct pages *pages, const uint8_t *a, const uint8_t *b, size_t count)
{
    if (pages->of.type.conversion != JI_CONVERT_VIEW) {
        assert_memory_equal(a, b, count * pages->of.type.memory_bytes);
        return;
    }
    for (size_t index = 0; index < count; index++)
        assert_true(ji_view_equal(((const struct ji_view *)(const void *)a)[index],
                ((const struct ji_view *)(const void *)b)[index]));
}

static struct ji_view exact(const uint8_t *bytes, size_t size, uint8_t **block)
{
    *block = malloc(size > 0 ? size : 1);
    assert_non_null(*block);
    if (size > 0)
        memcpy(*block, bytes, size);
    return ji_view_of(*block, size);
}

/* Reads a piece of the page, passes over the next, and so on; all as the PLAIN page has it. */
static void check_pieces(const struct pages *pages, struct ji_mem *mem, size_t piece)
{
    static _Alignas(16) uint8_t wanted[VALUES * 80];
    static _Alignas(16) uint8_t got[VALUES * 80];
    const size_t width = pages->of.type.memory_bytes;
    struct ji_page_values plain = {.type = NULL};
    struct ji_page_values coded = {.carry = {.mem = mem}};
    uint8_t *block;
    const struct ji_view page = exact(pages->coded, pages->coded_bytes, &block);
    const struct ji_view plain_page = ji_view_of(pages->plain, pages->plain_bytes);
    assert_ok(ji_page_values_init(&plain, &pages->of.type, JI_ENCODING_PLAIN, plain_page, NULL, NULL));
    assert_ok(ji_page_values_init(&coded, &pages->of.type, pages->encoding, page, NULL, NULL));
    assert_ok(ji_page_values_read(&plain, pages->count, wanted, 0, NULL));
    for (size_t at = 0; at < pages->count;) {
        const size_t step = ji_min_size(piece, pages->count - at);
        assert_ok(ji_page_values_read(&coded, step, got, 1, NULL));
        assert_same(pages, got + width, wanted + at * width, step);
        at += step;
        const size_t skipped = at % 2 == 0 ? ji_min_size(piece, pages->count - at) : 0;
        assert_ok(ji_page_values_skip(&coded, skipped, NULL));
        at += skipped;
    }
    struct joist_error err;
    assert_status(ji_page_values_read(&coded, 1, got, 0, &err), JOIST_ERR_CORRUPT);
    assert_non_null(strstr(err.text, "page ends 1 values early"));
    assert_status(ji_page_values_skip(&coded, 1, NULL), JOIST_ERR_CORRUPT);
    ji_page_values_clear(&coded);
    free(block);
}

static void check(const struct pages *pages)
{
    static const size_t pieces[] = {1, 33, 256, VALUES - 1};
    struct joist_ctx *ctx = NULL;
    struct ji_mem *const mem = mem_of(&ctx);
    for (size_t index = 0; index < sizeof pieces / sizeof pieces[0]; index++)
        check_pieces(pages, mem, pieces[index]);
    joist_ctx_close(ctx);
}

/* --- numbers --- */

struct number_case {
    enum ji_physical physical;
    int32_t length;
    struct ji_field field;
    uint64_t least;
    uint64_t range; /* 0: all */
};

static const struct number_case number_cases[] = {
        {JI_PHYSICAL_INT32, 0, {.kind = JI_INT32}, 0, 0},
        {JI_PHYSICAL_INT32, 0, {.kind = JI_UINT32}, 0, 0},
        {JI_PHYSICAL_INT32, 0, {.kind = JI_DATE}, 0, 0},
        {JI_PHYSICAL_INT32, 0, {.kind = JI_INT8}, (uint64_t)-128, 256},
        {JI_PHYSICAL_INT32, 0, {.kind = JI_INT16}, (uint64_t)-32768, 65536},
        {JI_PHYSICAL_INT32, 0, {.kind = JI_UINT8}, 0, 256},
        {JI_PHYSICAL_INT32, 0, {.kind = JI_UINT16}, 0, 65536},
        {JI_PHYSICAL_INT32, 0, {.kind = JI_TIME}, 0, 86400000},
        {JI_PHYSICAL_INT32, 0, {.kind = JI_DECIMAL, .precision = 9}, (uint64_t)-999999999, 2000000000},
        {JI_PHYSICAL_INT32, 0, {.kind = JI_DECIMAL, .precision = 20}, (uint64_t)-99999999, 200000000},
        {JI_PHYSICAL_INT64, 0, {.kind = JI_INT64}, 0, 0},
        {JI_PHYSICAL_INT64, 0, {.kind = JI_UINT64}, 0, 0},
        {JI_PHYSICAL_INT64, 0, {.kind = JI_TIMESTAMP}, 0, 0},
        {JI_PHYSICAL_INT64, 0, {.kind = JI_DECIMAL, .precision = 18}, 0, 0},
        {JI_PHYSICAL_INT64, 0, {.kind = JI_DECIMAL, .precision = 30}, 0, 0},
        {JI_PHYSICAL_FLOAT, 0, {.kind = JI_FLOAT}, 0, 0},
        {JI_PHYSICAL_DOUBLE, 0, {.kind = JI_DOUBLE}, 0, 0},
};

static void make_numbers(struct pages *pages, const struct number_case *of, uint64_t *numbers)
{
    uint64_t seed = (uint64_t)of->field.kind * 7 + of->field.precision;
    make_type(&pages->of, of->physical, of->length, of->field);
    const size_t width = pages->of.type.file_bytes;
    pages->count = VALUES;
    pages->plain_bytes = VALUES * width;
    for (size_t index = 0; index < VALUES; index++) {
        const uint64_t any = test_random(&seed);
        numbers[index] = of->range == 0 ? any : of->least + any % of->range;
        for (size_t byte = 0; byte < width; byte++)
            pages->plain[index * width + byte] = (uint8_t)(numbers[index] >> (8 * byte));
    }
}

static void split(struct pages *pages)
{
    const size_t width = pages->of.type.file_bytes;
    pages->encoding = JI_ENCODING_BYTE_STREAM_SPLIT;
    pages->coded_bytes = pages->plain_bytes;
    for (size_t index = 0; index < VALUES; index++) {
        for (size_t byte = 0; byte < width; byte++)
            pages->coded[byte * VALUES + index] = pages->plain[index * width + byte];
    }
}

static void deltas_of_every_type_equal_plain(void **state)
{
    (void)state;
    static struct pages pages;
    static uint64_t numbers[VALUES];
    for (size_t index = 0; index < sizeof number_cases / sizeof number_cases[0]; index++) {
        make_numbers(&pages, &number_cases[index], numbers);
        const struct delta_shape shape = {
                .block_values = 128, .mini_count = 4, .bits = (unsigned)pages.of.type.file_bytes * 8};
        if (number_cases[index].physical != JI_PHYSICAL_INT32 &&
                number_cases[index].physical != JI_PHYSICAL_INT64)
            continue;
        pages.encoding = JI_ENCODING_DELTA_BINARY_PACKED;
        pages.coded_bytes = delta_stream(&shape, numbers, VALUES, pages.coded);
        check(&pages);
    }
}

static void split_bytes_of_every_type_equal_plain(void **state)
{
    (void)state;
    static struct pages pages;
    static uint64_t numbers[VALUES];
    for (size_t index = 0; index < sizeof number_cases / sizeof number_cases[0]; index++) {
        make_numbers(&pages, &number_cases[index], numbers);
        split(&pages);
        check(&pages);
    }
}

/* Bytes of one length, whose first two bytes are the sign of the rest where they are numbers. */
static void make_fixed(struct pages *pages, int32_t length, struct ji_field field)
{
    uint64_t seed = (uint64_t)length;
    make_type(&pages->of, JI_PHYSICAL_FIXED, length, field);
    pages->count = VALUES;
    pages->plain_bytes = VALUES * (size_t)length;
    test_random_fill(&seed, pages->plain, pages->plain_bytes);
    const size_t digits = field.precision > JI_DECIMAL_DIGITS_INT64 ? 16 : 8;
    for (size_t index = 0; field.kind == JI_DECIMAL && index < VALUES; index++) {
        uint8_t *const value = pages->plain + index * (size_t)length;
        for (size_t byte = 0; byte + digits < (size_t)length; byte++)
            value[byte] = (value[(size_t)length - digits] & 0x80) != 0 ? 0xff : 0;
    }
}

static const struct ji_field fixed_fields[] = {
        {.kind = JI_FIXED},
        {.kind = JI_DECIMAL, .precision = 15},
        {.kind = JI_DECIMAL, .precision = 35},
};

static void split_bytes_of_any_length_equal_plain(void **state)
{
    (void)state;
    static struct pages pages;
    for (int32_t length = 1; length <= 33; length++) {
        for (size_t index = 0; index < sizeof fixed_fields / sizeof fixed_fields[0]; index++) {
            struct ji_field field = fixed_fields[index];
            field.fixed_bytes = (uint32_t)length;
            make_fixed(&pages, length, field);
            split(&pages);
            check(&pages);
        }
    }
    make_fixed(&pages, 2, (struct ji_field){.kind = JI_FLOAT16});
    split(&pages);
    check(&pages);
}

/* --- byte arrays --- */

/* DELTA_BYTE_ARRAY of what the views say; `by_prefix` false: DELTA_LENGTH_BYTE_ARRAY. */
static void code_bytes(struct pages *pages, const struct ji_view *views, bool by_prefix)
{
    static uint64_t prefixes[VALUES];
    static uint64_t lengths[VALUES];
    const struct delta_shape shape = {.block_values = 256, .mini_count = 2, .bits = 32, .rubbish_width = 77};
    for (size_t index = 0; index < pages->count; index++) {
        prefixes[index] = 0;
        while (by_prefix && index > 0 && prefixes[index] < views[index].size &&
                prefixes[index] < views[index - 1].size &&
                views[index].data[prefixes[index]] == views[index - 1].data[prefixes[index]])
            prefixes[index]++;
        lengths[index] = views[index].size - prefixes[index];
    }
    size_t size = by_prefix ? delta_stream(&shape, prefixes, pages->count, pages->coded) : 0;
    size += delta_stream(&shape, lengths, pages->count, pages->coded + size);
    for (size_t index = 0; index < pages->count; index++) {
        memcpy(pages->coded + size, views[index].data + prefixes[index], lengths[index]);
        size += lengths[index];
    }
    pages->coded_bytes = size;
    pages->encoding = by_prefix ? JI_ENCODING_DELTA_BYTE_ARRAY : JI_ENCODING_DELTA_LENGTH_BYTE_ARRAY;
}

static void fixed_strings_of_any_length_equal_plain(void **state)
{
    (void)state;
    static struct pages pages;
    static struct ji_view views[VALUES];
    for (int32_t length = 1; length <= 20; length++) {
        for (size_t index = 0; index < sizeof fixed_fields / sizeof fixed_fields[0]; index++) {
            struct ji_field field = fixed_fields[index];
            field.fixed_bytes = (uint32_t)length;
            make_fixed(&pages, length, field);
            for (size_t value = 0; value < VALUES; value++)
                views[value] = ji_view_of(pages.plain + value * (size_t)length, (size_t)length);
            code_bytes(&pages, views, true);
            check(&pages);
        }
    }
}

/* PLAIN byte arrays of 0 to 19 bytes, those of a decimal 0 to 8, and views of them. */
static void make_arrays(struct pages *pages, struct ji_field field, struct ji_view *views)
{
    static const char tree[] = "an oak, Quercus robur \xc3\xa4";
    uint64_t seed = (uint64_t)field.kind + field.precision;
    make_type(&pages->of, JI_PHYSICAL_BYTE_ARRAY, 0, field);
    pages->count = VALUES;
    pages->plain_bytes = 0;
    for (size_t index = 0; index < VALUES; index++) {
        const bool is_last = index + 1 == VALUES;
        const size_t size = field.kind == JI_DECIMAL ? test_random(&seed) % 9
                : is_last                            ? sizeof tree - 1
                                                     : test_random(&seed) % 20;
        uint8_t *const out = pages->plain + pages->plain_bytes;
        ji_store_le32(out, (uint32_t)size);
        memcpy(out + 4, tree, size);
        if (field.kind == JI_DECIMAL)
            test_random_fill(&seed, out + 4, size);
        views[index] = ji_view_of(out + 4, size);
        pages->plain_bytes += 4 + size;
    }
}

static void byte_arrays_by_lengths_and_prefixes_equal_plain(void **state)
{
    (void)state;
    static struct pages pages;
    static struct ji_view views[VALUES];
    static const struct ji_field fields[] = {
            {.kind = JI_STRING},
            {.kind = JI_BINARY},
            {.kind = JI_DECIMAL, .precision = 10},
            {.kind = JI_DECIMAL, .precision = 30},
    };
    for (size_t index = 0; index < sizeof fields / sizeof fields[0]; index++) {
        make_arrays(&pages, fields[index], views);
        code_bytes(&pages, views, false);
        check(&pages);
        code_bytes(&pages, views, true);
        check(&pages);
    }
}

/* --- text --- */

static enum joist_status read_text(
        struct pages *pages, const struct ji_view *views, enum ji_encoding encoding)
{
    struct joist_ctx *ctx = NULL;
    struct ji_page_values values = {.carry = {.mem = mem_of(&ctx)}};
    struct ji_view out[8];
    struct ji_view page = ji_view_of(pages->plain, pages->plain_bytes);
    if (encoding != JI_ENCODING_PLAIN) {
        code_bytes(pages, views, encoding == JI_ENCODING_DELTA_BYTE_ARRAY);
        page = ji_view_of(pages->coded, pages->coded_bytes);
    }
    enum joist_status status = ji_page_values_init(&values, &pages->of.type, encoding, page, NULL, NULL);
    if (status == JOIST_OK)
        status = ji_page_values_read(&values, pages->count, (uint8_t *)out, 0, NULL);
    ji_page_values_clear(&values);
    joist_ctx_close(ctx);
    return status;
}

/* Each encoding refuses them, or none does. */
static void assert_text(const struct ji_view *texts, size_t count, bool is_text)
{
    static struct pages pages;
    struct ji_view views[8];
    static const enum ji_encoding encodings[] = {
            JI_ENCODING_PLAIN, JI_ENCODING_DELTA_LENGTH_BYTE_ARRAY, JI_ENCODING_DELTA_BYTE_ARRAY};
    make_type(&pages.of, JI_PHYSICAL_BYTE_ARRAY, 0, (struct ji_field){.kind = JI_STRING});
    pages.count = count;
    pages.plain_bytes = 0;
    for (size_t index = 0; index < count; index++) {
        ji_store_le32(pages.plain + pages.plain_bytes, (uint32_t)texts[index].size);
        memcpy(pages.plain + pages.plain_bytes + 4, texts[index].data, texts[index].size);
        views[index] = ji_view_of(pages.plain + pages.plain_bytes + 4, texts[index].size);
        pages.plain_bytes += 4 + texts[index].size;
    }
    for (size_t index = 0; index < sizeof encodings / sizeof encodings[0]; index++)
        assert_status(read_text(&pages, views, encodings[index]), is_text ? JOIST_OK : JOIST_ERR_CORRUPT);
}

static void text_is_checked_whatever_stands_beside_it(void **state)
{
    (void)state;
    static char longer[700];
    const struct ji_view umlaut = ji_view_of_text("\xc3\xa4");
    const struct ji_view first_half = ji_view_of_text("tree \xc3");
    const struct ji_view second_half = ji_view_of_text("\xa4");
    const struct ji_view empty = ji_view_of_text("");
    memset(longer, 'x', sizeof longer);
    assert_text((struct ji_view[]){umlaut, empty, umlaut, empty}, 4, true);
    assert_text((struct ji_view[]){empty, empty}, 2, true);
    assert_text((struct ji_view[]){umlaut, first_half, second_half}, 3, false);
    assert_text((struct ji_view[]){first_half, empty, second_half, umlaut}, 4, false);
    assert_text((struct ji_view[]){umlaut, first_half}, 2, false);
    assert_text((struct ji_view[]){second_half, umlaut}, 2, false);
    /* Lengths with bytes above 127 are no part of any text: 128, 200 and 640. */
    for (size_t size = 126; size < sizeof longer; size += size == 126 ? 2 : 64) {
        memset(longer, 'x', sizeof longer);
        memcpy(longer + size - 2, "\xc3\xa4", 2);
        assert_text((struct ji_view[]){umlaut, ji_view_of(longer, size), umlaut}, 3, true);
        assert_text((struct ji_view[]){first_half, ji_view_of(longer, size), umlaut}, 3, false);
        assert_text((struct ji_view[]){umlaut, ji_view_of(longer, size - 1), second_half}, 3, false);
        longer[3] = (char)0xff;
        assert_text((struct ji_view[]){umlaut, ji_view_of(longer, size), umlaut}, 3, false);
    }
}

/* --- what may not be --- */

static void encodings_go_with_the_types_that_the_format_names(void **state)
{
    (void)state;
    static const struct {
        enum ji_encoding encoding;
        enum ji_physical physical;
    } wrong[] = {
            {JI_ENCODING_DELTA_BINARY_PACKED, JI_PHYSICAL_FLOAT},
            {JI_ENCODING_DELTA_LENGTH_BYTE_ARRAY, JI_PHYSICAL_INT32},
            {JI_ENCODING_DELTA_LENGTH_BYTE_ARRAY, JI_PHYSICAL_FIXED},
            {JI_ENCODING_DELTA_BYTE_ARRAY, JI_PHYSICAL_INT64},
            {JI_ENCODING_BYTE_STREAM_SPLIT, JI_PHYSICAL_BYTE_ARRAY},
            {JI_ENCODING_BYTE_STREAM_SPLIT, JI_PHYSICAL_BOOLEAN},
            {JI_ENCODING_BYTE_STREAM_SPLIT, JI_PHYSICAL_INT96},
            {JI_ENCODING_ALP, JI_PHYSICAL_INT32},
            {JI_ENCODING_RLE, JI_PHYSICAL_INT32},
    };
    struct leaf_of of;
    struct ji_page_values values = {.type = NULL};
    for (size_t index = 0; index < sizeof wrong / sizeof wrong[0]; index++) {
        make_type(&of, wrong[index].physical, 4, (struct ji_field){.kind = JI_INT32});
        assert_status(ji_page_values_init(
                              &values, &of.type, wrong[index].encoding, ji_view_of("abcd", 4), NULL, NULL),
                JOIST_ERR_CORRUPT);
    }
    struct joist_error err;
    make_type(&of, JI_PHYSICAL_FLOAT, 0, (struct ji_field){.kind = JI_FLOAT});
    assert_status(ji_page_values_init(&values, &of.type, JI_ENCODING_BYTE_STREAM_SPLIT,
                          ji_view_of("abcdef", 6), NULL, &err),
            JOIST_ERR_CORRUPT);
    assert_string_equal(err.text, "6 bytes in streams for values of 4");
    assert_status(
            ji_page_values_init(&values, &of.type, JI_ENCODING_BIT_PACKED, ji_view_of("abcd", 4), NULL, &err),
            JOIST_ERR_UNSUPPORTED);
    make_type(&of, JI_PHYSICAL_FIXED, 5000, (struct ji_field){.kind = JI_DECIMAL, .precision = 9});
    assert_status(ji_page_values_init(
                          &values, &of.type, JI_ENCODING_BYTE_STREAM_SPLIT, ji_view_of("", 0), NULL, &err),
            JOIST_ERR_LIMIT);
}

static void converted_values_out_of_range_are_corrupt(void **state)
{
    (void)state;
    static struct pages pages;
    static const uint64_t numbers[] = {5, 300, 7};
    const struct delta_shape shape = {.block_values = 128, .mini_count = 4, .bits = 32};
    struct ji_page_values values = {.type = NULL};
    uint8_t out[3];
    make_type(&pages.of, JI_PHYSICAL_INT32, 0, (struct ji_field){.kind = JI_UINT8});
    const struct ji_view page = ji_view_of(pages.coded, delta_stream(&shape, numbers, 3, pages.coded));
    assert_ok(
            ji_page_values_init(&values, &pages.of.type, JI_ENCODING_DELTA_BINARY_PACKED, page, NULL, NULL));
    assert_status(ji_page_values_read(&values, 3, out, 0, NULL), JOIST_ERR_CORRUPT);
    static const uint8_t streams[] = {5, 0xff, 0, 1, 0, 0, 0, 0};
    assert_ok(ji_page_values_init(
            &values, &pages.of.type, JI_ENCODING_BYTE_STREAM_SPLIT, ji_view_of(streams, 8), NULL, NULL));
    assert_status(ji_page_values_read(&values, 2, out, 0, NULL), JOIST_ERR_CORRUPT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(deltas_of_every_type_equal_plain),
            cmocka_unit_test(split_bytes_of_every_type_equal_plain),
            cmocka_unit_test(split_bytes_of_any_length_equal_plain),
            cmocka_unit_test(fixed_strings_of_any_length_equal_plain),
            cmocka_unit_test(byte_arrays_by_lengths_and_prefixes_equal_plain),
            cmocka_unit_test(text_is_checked_whatever_stands_beside_it),
            cmocka_unit_test(encodings_go_with_the_types_that_the_format_names),
            cmocka_unit_test(converted_values_out_of_range_are_corrupt),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
