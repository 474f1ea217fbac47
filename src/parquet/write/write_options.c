/*
 * write_options.c - a caller's options, checked and spread over the leaves
 *
 *     options.columns: "s" delta, "s.x" bloom      leaves: s.x  delta, bloom
 *                                                          s.y  delta
 */
#include "parquet/write/write_options.h"

#define MIB ((uint64_t)1 << 20)
#define PAGE_BYTES_DEFAULT ((size_t)1 << 20)
#define PAGE_BYTES_MAX ((size_t)256 << 20)
#define PAGE_ROWS_DEFAULT 65536
#define PAGE_ROWS_MAX ((size_t)1 << 30)
#define GROUP_ROWS_DEFAULT 1048576
#define GROUP_ROWS_MAX ((uint64_t)1 << 31)
#define GROUP_BYTES_DEFAULT (128 * MIB)
#define BOUND_BYTES_MAX ((size_t)64)
#define BLOOM_RATE_DEFAULT 0.01
#define SORTING_MAX 64

static enum joist_status check_limits(
        const struct joist_parquet_write_options *options, struct joist_error *err)
{
    if (options->page_bytes_max > PAGE_BYTES_MAX)
        return ji_fail(err, JOIST_ERR_LIMIT, "pages of %zu bytes, at most %zu", options->page_bytes_max,
                PAGE_BYTES_MAX);
    if (options->page_rows_max > PAGE_ROWS_MAX)
        return ji_fail(err, JOIST_ERR_LIMIT, "pages of %zu rows, at most %zu", options->page_rows_max,
                PAGE_ROWS_MAX);
    if (options->row_group_rows_max > GROUP_ROWS_MAX)
        return ji_fail(err, JOIST_ERR_LIMIT, "row groups of %" PRIu64 " rows, at most %" PRIu64,
                options->row_group_rows_max, GROUP_ROWS_MAX);
    if (options->bound_bytes_max > BOUND_BYTES_MAX)
        return ji_fail(err, JOIST_ERR_LIMIT, "bounds of %zu bytes, at most %zu", options->bound_bytes_max,
                BOUND_BYTES_MAX);
    if (options->sorting_count > SORTING_MAX)
        return ji_fail(err, JOIST_ERR_LIMIT, "sorted by %zu columns, at most %d", options->sorting_count,
                SORTING_MAX);
    return JOIST_OK;
}

static bool rate_is_valid(double rate)
{
    return rate >= 0 && rate < 1;
}

static enum joist_status check_values(
        const struct joist_parquet_write_options *options, struct joist_error *err)
{
    if (options->key_value_count > 0 && options->key_values == NULL)
        return ji_fail(err, JOIST_ERR_INVALID, "key_value_count without key_values");
    if (options->column_count > 0 && options->columns == NULL)
        return ji_fail(err, JOIST_ERR_INVALID, "column_count without columns");
    if (options->sorting_count > 0 && options->sorting == NULL)
        return ji_fail(err, JOIST_ERR_INVALID, "sorting_count without sorting");
    if (options->compat < JOIST_PARQUET_COMPAT_DEFAULT || options->compat > JOIST_PARQUET_COMPAT_NEW)
        return ji_fail(err, JOIST_ERR_INVALID, "compat %d is unknown", (int)options->compat);
    if (options->bloom < JOIST_BLOOM_DEFAULT || options->bloom > JOIST_BLOOM_AUTO)
        return ji_fail(err, JOIST_ERR_INVALID, "bloom %d is unknown", (int)options->bloom);
    if (!rate_is_valid(options->bloom_rate))
        return ji_fail(err, JOIST_ERR_INVALID, "bloom_rate is not in [0, 1)");
    return JOIST_OK;
}

static void fill_defaults(struct joist_parquet_write_options *options)
{
    if (options->page_bytes_max == 0)
        options->page_bytes_max = PAGE_BYTES_DEFAULT;
    if (options->page_rows_max == 0)
        options->page_rows_max = PAGE_ROWS_DEFAULT;
    /* Who asks for so many rows gets them, whatever they take. */
    if (options->row_group_bytes_max == 0)
        options->row_group_bytes_max = options->row_group_rows_max == 0 ? GROUP_BYTES_DEFAULT : UINT64_MAX;
    if (options->row_group_rows_max == 0)
        options->row_group_rows_max = GROUP_ROWS_DEFAULT;
    if (options->compat == JOIST_PARQUET_COMPAT_DEFAULT)
        options->compat = JOIST_PARQUET_COMPAT_WIDE;
    if (options->bloom == JOIST_BLOOM_DEFAULT)
        options->bloom = JOIST_BLOOM_OFF;
    if (options->bloom_rate == 0)
        options->bloom_rate = BLOOM_RATE_DEFAULT;
    if (options->bound_bytes_max == 0)
        options->bound_bytes_max = BOUND_BYTES_MAX;
}

enum joist_status ji_write_options_read(const struct joist_parquet_write_options *from,
        struct joist_parquet_write_options *options, struct joist_error *err)
{
    struct joist_parquet_write_options made = {.struct_size = sizeof made};
    if (from != NULL) {
        if (from->struct_size < sizeof from->struct_size)
            return ji_fail(err, JOIST_ERR_INVALID, "joist_parquet_write_options.struct_size is not set");
        if (from->struct_size > sizeof made)
            return ji_fail(err, JOIST_ERR_UNSUPPORTED,
                    "joist_parquet_write_options of %zu bytes is from a newer header", from->struct_size);
        memcpy(&made, from, from->struct_size);
        made.struct_size = sizeof made;
    }
    JI_TRY(check_limits(&made, err));
    JI_TRY(check_values(&made, err));
    fill_defaults(&made);
    *options = made;
    return JOIST_OK;
}

/* --- columns --- */

/* By the stride of the first. */
enum joist_status ji_column_options_at(const struct joist_parquet_write_options *options, size_t index,
        struct joist_parquet_column_options *out, struct joist_error *err)
{
    const size_t stride = options->columns[0].struct_size;
    if (stride < offsetof(struct joist_parquet_column_options, encoding))
        return ji_fail(err, JOIST_ERR_INVALID, "joist_parquet_column_options.struct_size is not set");
    if (stride > sizeof *out)
        return ji_fail(err, JOIST_ERR_UNSUPPORTED,
                "joist_parquet_column_options of %zu bytes is from a newer header", stride);
    *out = (struct joist_parquet_column_options){.struct_size = sizeof *out};
    memcpy(out, (const uint8_t *)options->columns + index * stride, stride);
    if (out->column == NULL)
        return ji_fail(err, JOIST_ERR_INVALID, "options for column %zu without a name", index);
    if (out->encoding < JOIST_ENCODING_DEFAULT || out->encoding > JOIST_ENCODING_ALP)
        return ji_fail(err, JOIST_ERR_INVALID, "column '%s': encoding %d is unknown", out->column,
                (int)out->encoding);
    if (out->bloom < JOIST_BLOOM_DEFAULT || out->bloom > JOIST_BLOOM_AUTO)
        return ji_fail(
                err, JOIST_ERR_INVALID, "column '%s': bloom %d is unknown", out->column, (int)out->bloom);
    if (!rate_is_valid(out->bloom_rate))
        return ji_fail(err, JOIST_ERR_INVALID, "column '%s': bloom_rate is not in [0, 1)", out->column);
    if (out->as < JOIST_PARQUET_AS_DEFAULT || out->as > JOIST_PARQUET_AS_INT96)
        return ji_fail(
                err, JOIST_ERR_INVALID, "column '%s': annotation %d is unknown", out->column, (int)out->as);
    return JOIST_OK;
}

/* Whether the leaf is the column, or in it. A column's name may have dots in it. */
static bool is_in_column(const struct ji_leaf *leaf, const char *column)
{
    const size_t size = strlen(column);
    return strncmp(leaf->name, column, size) == 0 && (leaf->name[size] == '\0' || leaf->name[size] == '.');
}

static bool encoding_fits(enum joist_encoding encoding, enum ji_physical physical)
{
    const bool is_integer = physical == JI_PHYSICAL_INT32 || physical == JI_PHYSICAL_INT64;
    const bool is_real = physical == JI_PHYSICAL_FLOAT || physical == JI_PHYSICAL_DOUBLE;
    switch (encoding) {
    case JOIST_ENCODING_DEFAULT:
    case JOIST_ENCODING_PLAIN:
        return true;
    case JOIST_ENCODING_DICTIONARY:
        return physical != JI_PHYSICAL_BOOLEAN;
    case JOIST_ENCODING_RLE:
        return physical == JI_PHYSICAL_BOOLEAN;
    case JOIST_ENCODING_DELTA_BINARY_PACKED:
        return is_integer;
    case JOIST_ENCODING_DELTA_LENGTH_BYTE_ARRAY:
        return physical == JI_PHYSICAL_BYTE_ARRAY;
    case JOIST_ENCODING_DELTA_BYTE_ARRAY:
        return physical == JI_PHYSICAL_BYTE_ARRAY || physical == JI_PHYSICAL_FIXED;
    case JOIST_ENCODING_BYTE_STREAM_SPLIT:
        return is_integer || is_real || physical == JI_PHYSICAL_FIXED;
    case JOIST_ENCODING_ALP:
        return is_real;
    }
    return false;
}

static enum joist_parquet_compat encoding_compat(enum joist_encoding encoding, enum ji_physical physical)
{
    switch (encoding) {
    case JOIST_ENCODING_DEFAULT:
    case JOIST_ENCODING_PLAIN:
    case JOIST_ENCODING_DICTIONARY:
        return JOIST_PARQUET_COMPAT_V1;
    case JOIST_ENCODING_DELTA_BYTE_ARRAY:
        return physical == JI_PHYSICAL_FIXED ? JOIST_PARQUET_COMPAT_NEW : JOIST_PARQUET_COMPAT_WIDE;
    case JOIST_ENCODING_DELTA_BINARY_PACKED:
    case JOIST_ENCODING_DELTA_LENGTH_BYTE_ARRAY:
        return JOIST_PARQUET_COMPAT_WIDE;
    default:
        return JOIST_PARQUET_COMPAT_NEW;
    }
}

static const char *encoding_name(enum joist_encoding encoding)
{
    static const char *const NAMES[] = {"default", "PLAIN", "dictionary", "RLE", "DELTA_BINARY_PACKED",
            "DELTA_LENGTH_BYTE_ARRAY", "DELTA_BYTE_ARRAY", "BYTE_STREAM_SPLIT", "ALP"};
    return NAMES[encoding];
}

static enum joist_status check_encoding(const struct ji_leaf *leaf, enum joist_encoding encoding,
        enum joist_parquet_compat compat, struct joist_error *err)
{
    const enum ji_physical physical = leaf->element->physical;
    if (!encoding_fits(encoding, physical))
        return ji_fail(err, JOIST_ERR_INVALID, "column '%s': %s cannot be encoded as %s", leaf->name,
                ji_physical_name(physical), encoding_name(encoding));
    if (encoding_compat(encoding, physical) > compat)
        return ji_fail(err, JOIST_ERR_INVALID, "column '%s': %s of %s is not for readers of compat '%s'",
                leaf->name, encoding_name(encoding), ji_physical_name(physical),
                compat == JOIST_PARQUET_COMPAT_V1 ? "v1" : "wide");
    return JOIST_OK;
}

static enum joist_status take_wishes(const struct joist_parquet_write_options *options,
        const struct joist_parquet_column_options *column, const struct ji_leaf *leaf,
        struct ji_leaf_wishes *wishes, struct joist_error *err)
{
    if (column->encoding != JOIST_ENCODING_DEFAULT) {
        JI_TRY(check_encoding(leaf, column->encoding, options->compat, err));
        wishes->encoding = column->encoding;
    }
    if (column->no_dictionary && wishes->encoding == JOIST_ENCODING_DICTIONARY)
        return ji_fail(
                err, JOIST_ERR_INVALID, "column '%s': a dictionary is wanted, and not wanted", leaf->name);
    wishes->no_dictionary = wishes->no_dictionary || column->no_dictionary;
    if (column->bloom == JOIST_BLOOM_ON && leaf->element->physical == JI_PHYSICAL_BOOLEAN)
        return ji_fail(err, JOIST_ERR_INVALID, "column '%s': no Bloom filter of booleans", leaf->name);
    if (column->bloom != JOIST_BLOOM_DEFAULT)
        wishes->bloom = column->bloom;
    if (column->bloom_rate > 0)
        wishes->bloom_rate = column->bloom_rate;
    return JOIST_OK;
}

enum joist_status ji_leaf_wishes_make(const struct joist_parquet_write_options *options,
        const struct ji_parquet_schema *schema, struct ji_arena *arena, struct ji_leaf_wishes **wishes,
        struct joist_error *err)
{
    struct ji_leaf_wishes *made = NULL;
    JI_TRY(ji_arena_array(arena, schema->leaf_count, sizeof *made, &made, err));
    for (size_t i = 0; i < schema->leaf_count; i++)
        made[i] = (struct ji_leaf_wishes){.no_dictionary = options->no_dictionary,
                .bloom = options->bloom,
                .bloom_rate = options->bloom_rate};
    for (size_t index = 0; index < options->column_count; index++) {
        struct joist_parquet_column_options column;
        bool is_found = false;
        JI_TRY(ji_column_options_at(options, index, &column, err));
        for (size_t i = 0; i < schema->leaf_count; i++) {
            if (!is_in_column(&schema->leaves[i], column.column))
                continue;
            is_found = true;
            JI_TRY(take_wishes(options, &column, &schema->leaves[i], &made[i], err));
        }
        if (!is_found)
            return ji_fail(err, JOIST_ERR_INVALID, "options for '%s', which is no column", column.column);
    }
    for (size_t i = 0; i < schema->leaf_count; i++) {
        made[i].no_dictionary = made[i].no_dictionary || made[i].encoding > JOIST_ENCODING_DICTIONARY ||
                made[i].encoding == JOIST_ENCODING_PLAIN;
    }
    *wishes = made;
    return JOIST_OK;
}

/* --- order --- */

static const struct ji_leaf *find_leaf(const struct ji_parquet_schema *schema, const char *column)
{
    for (size_t i = 0; i < schema->leaf_count; i++)
        if (strcmp(schema->leaves[i].name, column) == 0)
            return &schema->leaves[i];
    return NULL;
}

enum joist_status ji_sort_keys_make(const struct joist_parquet_write_options *options,
        const struct ji_parquet_schema *schema, struct ji_arena *arena, struct ji_sort_key **keys,
        struct joist_error *err)
{
    struct ji_sort_key *made = NULL;
    JI_TRY(ji_arena_array(arena, options->sorting_count, sizeof *made, &made, err));
    for (size_t i = 0; i < options->sorting_count; i++) {
        const struct joist_parquet_sorting *by = &options->sorting[i];
        if (by->column == NULL)
            return ji_fail(err, JOIST_ERR_INVALID, "sorting %zu has no column", i);
        const struct ji_leaf *leaf = find_leaf(schema, by->column);
        if (leaf == NULL)
            return ji_fail(err, JOIST_ERR_INVALID, "sorted by '%s', which is no column", by->column);
        if (ji_kind_is_nested(schema->shapes[leaf->column].field->kind))
            return ji_fail(err, JOIST_ERR_UNSUPPORTED, "sorted by '%s', which is nested", by->column);
        made[i] = (struct ji_sort_key){.column = leaf->column,
                .leaf = (size_t)(leaf - schema->leaves),
                .descending = by->descending,
                .nulls_first = by->nulls_first};
    }
    *keys = made;
    return JOIST_OK;
}
