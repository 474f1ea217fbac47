/*
 * parquet_check_test.c - one fact at a time is made wrong, and the check says that and nothing else
 */
#include "support/check_case.h"

#include <stdio.h>

#include "codec/checksum.h"
#include "parquet/format/page_header_read.h"
#include "support/oom.h"

struct planted {
    const char *name;
    void (*plant)(struct check_case *c);
    const char *codes;
};

static void run_planted(const struct planted *table, size_t count, const struct check_case_options *options)
{
    for (size_t index = 0; index < count; index++) {
        struct check_case c;
        check_case_open(&c, options);
        table[index].plant(&c);
        check_case_run(&c);
        if (strcmp(c.codes, table[index].codes) != 0)
            fail_msg("%s: wanted '%s', found '%s'; last: %s: %s", table[index].name, table[index].codes,
                    c.codes, c.last_column, c.last_text);
        assert_int_equal(c.checked.faults > 0, table[index].codes[0] != '\0');
        check_case_close(&c);
    }
}

#define RUN(table, ...)                                                                                      \
    run_planted((table), sizeof(table) / sizeof((table)[0]), &(struct check_case_options){__VA_ARGS__})

static void a_file_of_our_own_is_clean(void **state)
{
    (void)state;
    for (unsigned bits = 0; bits < 8; bits++) {
        struct check_case c;
        const struct check_case_options options = {.no_crc = (bits & 1) != 0,
                .no_dictionary = (bits & 2) != 0,
                .no_page_index = (bits & 4) != 0};
        check_case_open(&c, &options);
        c.notes = true;
        check_case_expect(&c, "");
        assert_int_equal(c.checked.pages, 3 * CHECK_CASE_LEAVES);
        assert_int_equal(c.checked.faults + c.checked.notes + c.checked.unverified, 0);
        check_case_close(&c);
    }
}

/* --- footer, groups, chunks --- */

static void plant_magic(struct check_case *c)
{
    c->bytes[0] = 'Q';
}
static void plant_version(struct check_case *c)
{
    c->file->footer.version = 3;
}
static void plant_order_count(struct check_case *c)
{
    c->file->footer.order_count--;
}
static void plant_order_type(struct check_case *c)
{
    ((enum ji_column_order *)(uintptr_t)c->file->footer.orders)[1] = JI_ORDER_INT96;
}
static void plant_no_orders(struct check_case *c)
{
    c->file->footer.orders = NULL;
    c->file->footer.order_count = 0;
}
static void plant_group_bytes(struct check_case *c)
{
    check_case_group(c)->total_bytes++;
}
static void plant_group_stored(struct check_case *c)
{
    check_case_group(c)->compressed_bytes++;
}
static void plant_group_offset(struct check_case *c)
{
    check_case_group(c)->file_offset = 5;
}
static void plant_group_ordinal(struct check_case *c)
{
    check_case_group(c)->ordinal = 1;
}
static void plant_path(struct check_case *c)
{
    ((struct ji_view *)(uintptr_t)check_case_chunk(c, 0)->path)[0] = ji_view_of_text("x");
}
static void plant_overlap(struct check_case *c)
{
    struct ji_chunk *const chunk = check_case_chunk(c, 0);
    chunk->bloom_offset = chunk->offset_index_offset;
    chunk->bloom_bytes = 1;
}
static void plant_uncompressed(struct check_case *c)
{
    check_case_chunk(c, 0)->uncompressed_bytes++;
    check_case_group(c)->total_bytes++;
}
static void plant_data_offset(struct check_case *c)
{
    assert_true(check_case_chunk(c, 4)->dictionary_page_offset > 0);
    check_case_chunk(c, 4)->data_page_offset++;
}
static void plant_dictionary_offset(struct check_case *c)
{
    struct ji_chunk *const chunk = check_case_chunk(c, 2);
    assert_true(chunk->dictionary_page_offset < 0);
    chunk->dictionary_page_offset = chunk->data_page_offset + 1;
}
static void plant_encodings(struct check_case *c)
{
    check_case_chunk(c, 2)->encodings &= ~(1u << JI_ENCODING_PLAIN);
}
static void plant_encoding_stats(struct check_case *c)
{
    ((struct ji_encoding_stat *)(uintptr_t)check_case_chunk(c, 2)->encoding_stats)[0].count++;
}
static void plant_size(struct check_case *c)
{
    check_case_chunk(c, 6)->compressed_bytes -= 3;
    check_case_group(c)->compressed_bytes -= 3;
}
static void plant_outside(struct check_case *c)
{
    const int64_t more = (int64_t)c->capacity;
    check_case_chunk(c, 6)->compressed_bytes += more;
    check_case_group(c)->compressed_bytes += more;
    check_case_chunk(c, 6)->data_page_offset = 8;
}

static void what_the_footer_says_wrong_is_found(void **state)
{
    (void)state;
    static const struct planted table[] = {
            {"magic", plant_magic, "magic"},
            {"version", plant_version, "version"},
            {"order count", plant_order_count, "column-orders"},
            {"order of a type", plant_order_type, "column-orders"},
            {"no orders", plant_no_orders, "column-orders"},
            {"total_byte_size", plant_group_bytes, "group-bytes"},
            {"total_compressed_size", plant_group_stored, "group-bytes"},
            {"file_offset", plant_group_offset, "group-offset"},
            {"ordinal", plant_group_ordinal, "group-ordinal"},
            {"path", plant_path, "chunk-path"},
            {"overlap", plant_overlap, "overlap bloom-filter"},
            {"uncompressed", plant_uncompressed, "chunk-bytes"},
            {"data offset", plant_data_offset, "chunk-offset"},
            {"dictionary offset", plant_dictionary_offset, "chunk-offset"},
            {"encodings", plant_encodings, "encodings"},
            {"encoding stats", plant_encoding_stats, "encoding-stats"},
            {"cut chunk", plant_size, "page-header"},
            {"chunk outside", plant_outside, "overlap chunk-offset"},
    };
    RUN(table, .no_crc = true);
}

/* --- schema --- */

static void plant_time_type(struct check_case *c)
{
    check_case_element(c, 0)->logical = (struct ji_logical_type){.kind = JI_LOGICAL_TIMESTAMP};
}
static void plant_converted(struct check_case *c)
{
    check_case_element(c, 1)->converted = JI_CONVERTED_DATE;
}
static void plant_twins(struct check_case *c)
{
    check_case_element(c, 1)->converted = JI_CONVERTED_ENUM;
}
static void plant_precision(struct check_case *c)
{
    check_case_element(c, 4)->logical.precision = check_case_element(c, 4)->precision = 10;
}
static void plant_scale(struct check_case *c)
{
    check_case_element(c, 4)->scale = 3;
}
static void plant_group_type(struct check_case *c)
{
    struct ji_schema_element *const list = check_case_element(c, 3) - 2;
    list->logical.kind = JI_LOGICAL_STRING;
}

static void what_the_schema_says_wrong_is_found(void **state)
{
    (void)state;
    static const struct planted table[] = {
            {"logical type", plant_time_type, "schema"},
            {"converted type", plant_converted, "schema"},
            {"two types", plant_twins, "schema"},
            {"precision", plant_precision, "schema"},
            {"scale", plant_scale, "schema"},
            {"type of a group", plant_group_type, "schema"},
    };
    RUN(table, .no_page_index = true);
}

/* --- statistics --- */

/* As a file has them. */
static const uint8_t one_int[4] = {1}, sixty_int[4] = {60}, fifty_int[4] = {50};
static const uint8_t nan_bytes[8] = {[6] = 0xf8, 0x7f};

static void plant_nulls(struct check_case *c)
{
    check_case_statistics(c, 0)->null_count++;
}
static void plant_min(struct check_case *c)
{
    check_case_statistics(c, 0)->min = ji_view_of(one_int, 4);
}
static void plant_max(struct check_case *c)
{
    check_case_statistics(c, 0)->max = ji_view_of(fifty_int, 4);
}
static void plant_exact(struct check_case *c)
{
    check_case_statistics(c, 0)->max = ji_view_of(sixty_int, 4);
    check_case_statistics(c, 0)->has_max_exact = check_case_statistics(c, 0)->max_exact = true;
}
static void plant_loose(struct check_case *c)
{
    check_case_statistics(c, 0)->max = ji_view_of(sixty_int, 4);
    check_case_statistics(c, 0)->max_exact = false;
}
static void plant_short(struct check_case *c)
{
    check_case_statistics(c, 0)->min.size = 3;
}
static void plant_old(struct check_case *c)
{
    check_case_statistics(c, 0)->has_max_old = true;
    check_case_statistics(c, 0)->max_old = ji_view_of(one_int, 4);
}
static void plant_text_max(struct check_case *c)
{
    check_case_statistics(c, 1)->max = ji_view_of_text("word");
    check_case_statistics(c, 1)->max_exact = false;
}
static void plant_distinct(struct check_case *c)
{
    check_case_statistics(c, 4)->has_distinct_count = true;
    check_case_statistics(c, 4)->distinct_count = 2;
}
static void plant_distinct_zero(struct check_case *c)
{
    check_case_statistics(c, 0)->has_distinct_count = true;
    check_case_statistics(c, 0)->distinct_count = 0;
}
static void plant_nans(struct check_case *c)
{
    check_case_statistics(c, 2)->has_nan_count = true;
    check_case_statistics(c, 2)->nan_count = 2;
}
static void plant_nans_of_ints(struct check_case *c)
{
    check_case_statistics(c, 0)->has_nan_count = true;
}
static void plant_nan_bound(struct check_case *c)
{
    check_case_statistics(c, 2)->has_nan_count = true;
    check_case_statistics(c, 2)->nan_count = 0;
    check_case_statistics(c, 2)->max = ji_view_of(nan_bytes, 8);
}
static void plant_decimal_min(struct check_case *c)
{
    static const uint8_t above[11] = {0};
    check_case_statistics(c, 6)->min = ji_view_of(above, 11);
}
static void plant_sizes(struct check_case *c)
{
    ((struct ji_size_statistics *)(uintptr_t)check_case_chunk(c, 1)->size_statistics)->unencoded_bytes++;
}
static void plant_histogram(struct check_case *c)
{
    const struct ji_size_statistics *const sizes = check_case_chunk(c, 3)->size_statistics;
    ((int64_t *)(uintptr_t)sizes->def_histogram)[1]++;
}
static void plant_histogram_size(struct check_case *c)
{
    ((struct ji_size_statistics *)(uintptr_t)check_case_chunk(c, 3)->size_statistics)->rep_count--;
}

static void statistics_that_are_not_so_are_found(void **state)
{
    (void)state;
    static const struct planted table[] = {
            {"null count", plant_nulls, "null-count"},
            {"min", plant_min, "min"},
            {"max", plant_max, "max"},
            {"exact max", plant_exact, "max"},
            {"loose max", plant_loose, ""},
            {"short min", plant_short, "min"},
            {"deprecated max", plant_old, "max"},
            {"cut max that is not raised", plant_text_max, "max"},
            {"distinct values", plant_distinct, "distinct-count"},
            {"no distinct values", plant_distinct_zero, "distinct-count"},
            {"NaN count", plant_nans, "nan-count"},
            {"NaN count of integers", plant_nans_of_ints, "nan-count"},
            {"NaN as a bound", plant_nan_bound, "max"},
            {"min of decimals", plant_decimal_min, "min"},
            {"unencoded bytes", plant_sizes, "size-statistics"},
            {"histogram", plant_histogram, "size-statistics"},
            {"short histogram", plant_histogram_size, "size-statistics"},
    };
    RUN(table, .no_crc = true);
}

/* --- pages --- */

static void a_wrong_checksum_is_found_with_its_place(void **state)
{
    (void)state;
    struct check_case c;
    check_case_open(&c, &(struct check_case_options){.no_dictionary = true});
    struct ji_page_header header;
    size_t header_bytes = 0;
    const size_t at = check_case_page(&c, 5, 1, &header, &header_bytes);
    assert_true(header.has_crc);
    header.crc ^= 0x100;
    check_case_put_header(&c, at, header_bytes, &header);
    check_case_expect(&c, "page-crc");
    assert_int_equal(c.last.group, 0);
    assert_int_equal(c.last.page, 1);
    assert_int_equal(c.last.offset, at);
    assert_string_equal(c.last.column, "t");
    assert_non_null(strstr(c.last.text, "page checksum is "));
    check_case_close(&c);
}

/* The first data page of a leaf, to be changed and written back. */
struct page {
    struct ji_page_header header;
    size_t header_bytes;
    size_t at;
};

static struct page first_page(struct check_case *c, size_t leaf)
{
    struct page page;
    page.at = check_case_page(c, leaf, 0, &page.header, &page.header_bytes);
    return page;
}

static void put(struct check_case *c, const struct page *page)
{
    check_case_put_header(c, page->at, page->header_bytes, &page->header);
}

static void plant_count(struct check_case *c)
{
    struct page page = first_page(c, 5);
    page.header.value_count--;
    put(c, &page);
}
static void plant_count_above(struct check_case *c)
{
    struct page page = first_page(c, 5);
    page.header.value_count = 62;
    put(c, &page);
}
static void plant_bytes(struct check_case *c)
{
    struct page page = first_page(c, 5);
    page.header.uncompressed_bytes--;
    put(c, &page);
}
static void plant_type(struct check_case *c)
{
    struct page page = first_page(c, 5);
    /* The header's first field is the type: a byte of its own. */
    assert_int_equal(c->bytes[page.at], 0x15);
    c->bytes[page.at + 1] = 2 * 9;
}
static void plant_level(struct check_case *c)
{
    struct page page = first_page(c, 0);
    /* Levels v1: 4 bytes of length, then the header of a packed run, then bits: more runs than that. */
    c->bytes[page.at + page.header_bytes + 4] = 2;
}
static void plant_text(struct check_case *c)
{
    struct page page = first_page(c, 5);
    c->bytes[page.at + page.header_bytes + (size_t)page.header.compressed_bytes - 3] = 0xff;
}

static void pages_that_are_not_so_are_found(void **state)
{
    (void)state;
    static const struct planted table[] = {
            {"count", plant_count, "offset-index chunk-values chunk-rows size-statistics"},
            {"count above the chunk's", plant_count_above, "chunk-values"},
            {"bytes", plant_bytes, "page-bytes chunk-bytes"},
            {"type", plant_type, "page-type offset-index column-index encoding-stats chunk-offset"},
            {"levels", plant_level, "page-levels"},
            {"UTF-8", plant_text, "value max"},
    };
    RUN(table, .no_crc = true, .no_dictionary = true);
}

static void plant_code(struct check_case *c)
{
    struct page page = first_page(c, 4);
    assert_true(page.header.encoding == JI_ENCODING_RLE_DICTIONARY);
    /* The page ends with the width of its codes and a run of them: one entry, so width 0; with 1, code 1. */
    uint8_t *const end = c->bytes + page.at + page.header_bytes + (size_t)page.header.compressed_bytes;
    assert_int_equal(end[-3], 1);
    end[-1] = 1;
}
static void plant_dictionary_encoding(struct check_case *c)
{
    struct page page;
    const struct ji_chunk *const chunk = check_case_chunk(c, 4);
    page.at = (size_t)chunk->dictionary_page_offset;
    assert_ok(ji_page_header_decode(
            ji_view_of(c->bytes + page.at, 100), &page.header, &page.header_bytes, NULL));
    page.header.encoding = JI_ENCODING_RLE;
    put(c, &page);
}
static void plant_dictionary_count(struct check_case *c)
{
    struct page page;
    const struct ji_chunk *const chunk = check_case_chunk(c, 4);
    page.at = (size_t)chunk->dictionary_page_offset;
    assert_ok(ji_page_header_decode(
            ji_view_of(c->bytes + page.at, 100), &page.header, &page.header_bytes, NULL));
    page.header.value_count = 40;
    put(c, &page);
}
static void plant_no_dictionary(struct check_case *c)
{
    struct ji_chunk *const chunk = check_case_chunk(c, 4);
    check_case_group(c)->compressed_bytes -= chunk->data_page_offset - chunk->dictionary_page_offset;
    chunk->compressed_bytes -= chunk->data_page_offset - chunk->dictionary_page_offset;
    chunk->dictionary_page_offset = -1;
}

static void dictionaries_that_are_not_so_are_found(void **state)
{
    (void)state;
    static const struct planted table[] = {
            {"code", plant_code, "page-values"},
            {"encoding", plant_dictionary_encoding, "dictionary page-values encoding-stats"},
            {"count", plant_dictionary_count, "dictionary page-values"},
            {"none", plant_no_dictionary, "page-values encoding-stats chunk-bytes"},
    };
    RUN(table, .no_crc = true);
}

/* --- values --- */

static void narrow_type(struct check_case *c, size_t leaf, enum ji_logical kind)
{
    check_case_element(c, leaf)->logical.kind = kind;
    check_case_element(c, leaf)->converted = JI_CONVERTED_NONE;
}

static void plant_json(struct check_case *c)
{
    narrow_type(c, 1, JI_LOGICAL_JSON);
}
static void plant_bson(struct check_case *c)
{
    narrow_type(c, 1, JI_LOGICAL_BSON);
}
static void plant_digits(struct check_case *c)
{
    check_case_element(c, 4)->logical.precision = check_case_element(c, 4)->precision = 3;
}
static void plant_wide_digits(struct check_case *c)
{
    check_case_element(c, 6)->logical.precision = check_case_element(c, 6)->precision = 3;
}
static void plant_byte(struct check_case *c)
{
    check_case_element(c, 3)->logical =
            (struct ji_logical_type){.kind = JI_LOGICAL_INTEGER, .bit_width = 8, .is_signed = true};
    check_case_element(c, 3)->converted = JI_CONVERTED_INT_8;
}
static void plant_narrow(struct check_case *c)
{
    /* The list's numbers go to 60: all fit; a number above is planted in the first page that has one. */
    plant_byte(c);
    struct ji_page_header header;
    size_t header_bytes = 0;
    const size_t at = check_case_page(c, 3, 0, &header, &header_bytes);
    c->bytes[at + header_bytes + (size_t)header.compressed_bytes - 3] = 1;
}
static void plant_absent(struct check_case *c)
{
    narrow_type(c, 0, JI_LOGICAL_UNKNOWN);
}

static void values_that_their_type_forbids_are_found(void **state)
{
    (void)state;
    static const struct planted table[] = {
            {"JSON", plant_json, "value"},
            {"BSON", plant_bson, "value"},
            {"digits", plant_digits, "value"},
            {"digits of bytes", plant_wide_digits, "value"},
            {"small integers", plant_byte, ""},
            {"small integers, one large", plant_narrow, "value max"},
            {"nulls alone", plant_absent, "value"},
    };
    RUN(table, .no_crc = true, .no_dictionary = true, .no_page_index = true);
}

/* --- indexes --- */

static struct ji_arena index_arena;

struct index_plant {
    const char *name;
    const char *codes;
    void (*offsets)(struct ji_offset_index *index);
    void (*bounds)(struct ji_column_index *index);
    size_t leaf;
};

static void move_offset(struct ji_offset_index *index)
{
    index->pages[1].offset++;
}
static void change_bytes(struct ji_offset_index *index)
{
    index->pages[1].compressed_bytes++;
}
static void change_row(struct ji_offset_index *index)
{
    index->pages[2].first_row++;
}
static void drop_page(struct ji_offset_index *index)
{
    index->page_count--;
    index->unencoded_bytes = NULL;
}
static void change_unencoded(struct ji_offset_index *index)
{
    ((int64_t *)(uintptr_t)index->unencoded_bytes)[0]++;
}
static void hide_page(struct ji_column_index *index)
{
    ((bool *)(uintptr_t)index->null_pages)[1] = true;
}
static void raise_min(struct ji_column_index *index)
{
    static const uint8_t above[4] = {30};
    ((struct ji_view *)(uintptr_t)index->min_values)[1] = ji_view_of(above, 4);
}
static void turn_order(struct ji_column_index *index)
{
    index->order = JI_DESCENDING;
}
static void odd_order(struct ji_column_index *index)
{
    index->order = (enum ji_boundary_order)7;
}
static void no_order(struct ji_column_index *index)
{
    index->order = JI_UNORDERED;
}
static void more_nulls(struct ji_column_index *index)
{
    ((int64_t *)(uintptr_t)index->null_counts)[0]++;
}
static void other_levels(struct ji_column_index *index)
{
    ((int64_t *)(uintptr_t)index->def_histograms)[0]++;
}
static void fewer_levels(struct ji_column_index *index)
{
    index->def_histogram_count -= 3;
}

static void indexes_that_are_not_so_are_found(void **state)
{
    (void)state;
    static const struct index_plant table[] = {
            {"offset", "offset-index", move_offset, NULL, 0},
            {"bytes", "offset-index", change_bytes, NULL, 0},
            {"first row", "offset-index", change_row, NULL, 0},
            {"pages", "offset-index", drop_page, NULL, 0},
            {"unencoded bytes", "offset-index", change_unencoded, NULL, 1},
            {"null page", "column-index", NULL, hide_page, 0},
            {"min", "min", NULL, raise_min, 0},
            {"order", "boundary-order", NULL, turn_order, 0},
            {"odd order", "boundary-order", NULL, odd_order, 0},
            {"no order", "", NULL, no_order, 0},
            {"nulls", "null-count", NULL, more_nulls, 0},
            {"levels", "column-index", NULL, other_levels, 3},
            {"few levels", "column-index", NULL, fewer_levels, 3},
    };
    for (size_t index = 0; index < sizeof table / sizeof table[0]; index++) {
        struct check_case c;
        struct ji_offset_index offsets;
        struct ji_column_index bounds;
        check_case_open(&c, &(struct check_case_options){.no_crc = true});
        ji_arena_init(&index_arena, ji_ctx_mem(c.ctx));
        check_case_offsets(&c, table[index].leaf, &index_arena, &offsets);
        check_case_bounds(&c, table[index].leaf, &index_arena, &bounds);
        if (table[index].offsets != NULL)
            table[index].offsets(&offsets);
        if (table[index].bounds != NULL)
            table[index].bounds(&bounds);
        check_case_put_offsets(&c, table[index].leaf, &offsets);
        check_case_put_bounds(&c, table[index].leaf, &bounds);
        check_case_run(&c);
        if (strcmp(c.codes, table[index].codes) != 0)
            fail_msg("%s: wanted '%s', found '%s': %s", table[index].name, table[index].codes, c.codes,
                    c.last_text);
        ji_arena_clear(&index_arena);
        check_case_close(&c);
    }
}

static void an_index_outside_the_file_or_without_its_twin_is_found(void **state)
{
    (void)state;
    struct check_case c;
    check_case_open(&c, &(struct check_case_options){.no_crc = true});
    const int64_t offset = check_case_chunk(&c, 0)->offset_index_offset;
    check_case_chunk(&c, 0)->offset_index_offset = (int64_t)c.capacity;
    check_case_expect(&c, "offset-index");
    check_case_chunk(&c, 0)->offset_index_offset = -1;
    check_case_expect(&c, "column-index");
    check_case_chunk(&c, 0)->offset_index_offset = offset + 1;
    check_case_chunk(&c, 0)->offset_index_bytes--;
    assert_non_null(strstr(check_case_run(&c), "offset-index"));
    check_case_close(&c);
}

/* --- Bloom filters --- */

static const uint32_t bloom_salts[8] = {0x47b6137bu, 0x44974d91u, 0x8824ad5bu, 0xa2b7289du, 0x705495c7u,
        0x2df1424bu, 0x9efc4947u, 0x5c6bfb31u};

/* A filter of one block with the values of column i, but for `without`. */
static void put_bloom(struct check_case *c, int32_t without, const uint8_t header[], size_t header_bytes)
{
    uint32_t block[8] = {0};
    for (int32_t value = 0; value < 60; value++) {
        uint8_t bytes[4];
        ji_store_le32(bytes, (uint32_t)value);
        const uint32_t low = (uint32_t)ji_xxh64(bytes, sizeof bytes, 0);
        for (size_t word = 0; value != without && word < 8; word++)
            block[word] |= UINT32_C(1) << (low * bloom_salts[word] >> 27);
    }
    struct ji_chunk *const chunk = check_case_chunk(c, 0);
    chunk->bloom_offset = check_case_put(c, header, header_bytes);
    uint8_t stored[32];
    for (size_t word = 0; word < 8; word++)
        ji_store_le32(stored + 4 * word, block[word]);
    (void)check_case_put(c, stored, sizeof stored);
    chunk->bloom_bytes = (int32_t)(header_bytes + sizeof stored);
}

/* 1: i32 32, 2: {1: {}}, 3: {1: {}}, 4: {1: {}} */
#define BLOOM_HEADER 0x15, 64, 0x1c, 0x1c, 0, 0, 0x1c, 0x1c, 0, 0, 0x1c, 0x1c, 0, 0, 0

static void a_bloom_filter_must_have_every_value(void **state)
{
    (void)state;
    static const uint8_t header[] = {BLOOM_HEADER};
    struct check_case c;
    check_case_open(&c, &(struct check_case_options){.no_crc = true});
    put_bloom(&c, -1, header, sizeof header);
    check_case_expect(&c, "");
    check_case_chunk(&c, 0)->bloom_bytes++;
    check_case_expect(&c, "bloom-filter");
    /* Sixty values in one block hide one another: an empty filter has none. */
    memset(c.bytes + c.spare_at - 32, 0, 32);
    check_case_chunk(&c, 0)->bloom_bytes--;
    check_case_expect(&c, "bloom-filter");
    assert_int_equal(c.checked.faults, 51);
    check_case_close(&c);
}

static void a_bloom_header_that_is_not_the_formats_is_found(void **state)
{
    (void)state;
    static const uint8_t headers[][15] = {{BLOOM_HEADER}, {BLOOM_HEADER}, {BLOOM_HEADER}};
    for (size_t index = 0; index < 3; index++) {
        struct check_case c;
        uint8_t header[15];
        memcpy(header, headers[index], sizeof header);
        if (index == 0)
            header[1] = 62; /* 31 bytes */
        else if (index == 1)
            header[3] = 0x2c; /* algorithm 2 */
        else
            header[0] = 0x18; /* another type */
        check_case_open(&c, &(struct check_case_options){.no_crc = true});
        put_bloom(&c, -1, header, sizeof header);
        check_case_expect(&c, "bloom-filter");
        check_case_chunk(&c, 0)->bloom_offset = (int64_t)c.capacity;
        check_case_expect(&c, "bloom-filter");
        check_case_close(&c);
    }
}

/* --- sorting --- */

static void sort_by(struct check_case *c, struct ji_sorting_column *columns, size_t count)
{
    check_case_group(c)->sorting = columns;
    check_case_group(c)->sorting_count = count;
}

static void rows_must_have_the_order_that_is_said(void **state)
{
    (void)state;
    struct check_case c;
    struct ji_sorting_column by[2] = {{.column = 2}, {.column = 0}};
    check_case_open(&c, &(struct check_case_options){.no_crc = true});
    sort_by(&c, by, 2);
    check_case_expect(&c, "");
    by[0].descending = true;
    check_case_expect(&c, "sorting");
    assert_int_equal(c.checked.faults, 59);
    assert_int_equal(c.checked.told, 4);
    by[0] = (struct ji_sorting_column){.column = 4};
    check_case_expect(&c, "sorting"); /* q is the same for all: i has nulls in between */
    by[0].column = 7;
    check_case_expect(&c, "sorting");
    by[0].column = 3;
    check_case_expect(&c, "");
    assert_int_equal(c.checked.notes, 1);
    check_case_close(&c);
}

/* --- what is not verified, notes, limits --- */

static void what_cannot_be_looked_at_is_said(void **state)
{
    (void)state;
    struct check_case c;
    check_case_open(&c, &(struct check_case_options){.no_crc = true});
    check_case_chunk(&c, 0)->codec = JI_PARQUET_LZO;
    check_case_chunk(&c, 1)->is_encrypted = true;
    check_case_chunk(&c, 2)->file_path = ji_view_of_text("other.parquet");
    check_case_run(&c);
    assert_string_equal(c.codes, "chunk");
    assert_int_equal(c.checked.faults, 0);
    assert_int_equal(c.checked.unverified, 3);
    assert_int_equal(c.last.kind, JOIST_FINDING_UNVERIFIED);
    check_case_close(&c);
}

static void notes_are_told_on_request_alone(void **state)
{
    (void)state;
    struct check_case c;
    check_case_open(&c, &(struct check_case_options){.no_crc = true});
    check_case_group(&c)->file_offset = 0;
    check_case_element(&c, 1)->converted = JI_CONVERTED_NONE;
    check_case_expect(&c, "");
    assert_int_equal(c.checked.notes, 2);
    assert_int_equal(c.checked.faults, 0);
    c.notes = true;
    check_case_expect(&c, "group-offset legacy");
    assert_int_equal(c.last.kind, JOIST_FINDING_NOTE);
    assert_int_equal(c.checked.told, 0);
    check_case_close(&c);
}

static enum joist_status refuse(
        void *user, const struct joist_parquet_finding *finding, struct joist_error *err)
{
    uint64_t *const left = user;
    (void)finding;
    return (*left)-- > 1 ? JOIST_OK : ji_fail(err, JOIST_ERR_INVALID, "enough");
}

static void the_caller_ends_a_check(void **state)
{
    (void)state;
    struct check_case c;
    struct joist_cancel cancel = {.requested = 1};
    struct joist_parquet_checked checked = {.struct_size = sizeof checked};
    struct joist_error err;
    uint64_t left = 2;
    check_case_open(&c, &(struct check_case_options){.no_crc = true});
    struct joist_parquet_check_options options = {.struct_size = sizeof options, .cancel = &cancel};
    assert_status(joist_parquet_check(c.file, &options, &checked, &err), JOIST_ERR_CANCELLED);
    plant_version(&c);
    plant_magic(&c);
    plant_group_bytes(&c);
    options = (struct joist_parquet_check_options){
            .struct_size = sizeof options, .finding = refuse, .user = &left};
    assert_status(joist_parquet_check(c.file, &options, &checked, &err), JOIST_ERR_INVALID);
    left = 100;
    options.findings_max = 2;
    assert_ok(joist_parquet_check(c.file, &options, &checked, &err));
    assert_int_equal(checked.faults, 3);
    assert_int_equal(checked.told, 2);
    assert_ok(joist_parquet_check(c.file, NULL, &checked, &err));
    assert_int_equal(checked.faults, 3);
    check_case_close(&c);
}

/* --- failures of the world --- */

struct sweep {
    const uint8_t *bytes;
    size_t size;
};

static enum joist_status check_bytes(
        struct joist_ctx *ctx, struct bytes_source *from, struct joist_error *err)
{
    struct joist_parquet_file *file = NULL;
    struct joist_parquet_checked checked = {.struct_size = sizeof checked};
    JI_TRY(joist_parquet_open(ctx, bytes_source(from), NULL, &file, err));
    const enum joist_status status = joist_parquet_check(file, NULL, &checked, err);
    joist_parquet_close(file);
    if (status == JOIST_OK)
        assert_int_equal(checked.faults, 0);
    return status;
}

static enum joist_status sweep_body(struct joist_ctx *ctx, void *arg, struct joist_error *err)
{
    const struct sweep *const sweep = arg;
    struct bytes_source from = {.data = sweep->bytes, .size = sweep->size};
    return check_bytes(ctx, &from, err);
}

static void failing_allocations_and_reads_fail_the_check(void **state)
{
    (void)state;
    struct check_case c;
    check_case_open(&c, &(struct check_case_options){.no_crc = false});
    struct sweep sweep = {.bytes = c.bytes, .size = c.size};
    oom_sweep(sweep_body, &sweep);
    for (uint64_t fail_at = 1;; fail_at++) {
        struct bytes_source from = {.data = c.bytes, .size = c.size, .fail_at = fail_at};
        struct joist_error err = {.status = JOIST_OK};
        const enum joist_status status = check_bytes(c.ctx, &from, &err);
        if (from.reads < fail_at) {
            assert_ok(status);
            break;
        }
        assert_status(status, JOIST_ERR_IO);
    }
    check_case_close(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(a_file_of_our_own_is_clean),
            cmocka_unit_test(what_the_footer_says_wrong_is_found),
            cmocka_unit_test(what_the_schema_says_wrong_is_found),
            cmocka_unit_test(statistics_that_are_not_so_are_found),
            cmocka_unit_test(a_wrong_checksum_is_found_with_its_place),
            cmocka_unit_test(pages_that_are_not_so_are_found),
            cmocka_unit_test(dictionaries_that_are_not_so_are_found),
            cmocka_unit_test(values_that_their_type_forbids_are_found),
            cmocka_unit_test(indexes_that_are_not_so_are_found),
            cmocka_unit_test(an_index_outside_the_file_or_without_its_twin_is_found),
            cmocka_unit_test(a_bloom_filter_must_have_every_value),
            cmocka_unit_test(a_bloom_header_that_is_not_the_formats_is_found),
            cmocka_unit_test(rows_must_have_the_order_that_is_said),
            cmocka_unit_test(what_cannot_be_looked_at_is_said),
            cmocka_unit_test(notes_are_told_on_request_alone),
            cmocka_unit_test(the_caller_ends_a_check),
            cmocka_unit_test(failing_allocations_and_reads_fail_the_check),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
