/*
 * footer_check.c - what the footer says of the file as a whole and of its row groups
 *
 *     "PAR1" [pages of chunks] [Bloom filters, indexes] [footer] [length] "PAR1"
 *             every range inside, no two of them share a byte
 */
#include "parquet/check/footer_check.h"

#include "base/heap_sort.h"

struct byte_range {
    uint64_t begin;
    uint64_t end;
    uint32_t group;
    uint16_t what; /* of range_names */
    uint32_t leaf;
};

enum { RANGE_PAGES, RANGE_OFFSET_INDEX, RANGE_COLUMN_INDEX, RANGE_BLOOM };
static const char *const range_names[] = {"pages", "offset index", "column index", "Bloom filter"};

static int compare_ranges(const void *a, const void *b)
{
    const struct byte_range *const left = a;
    const struct byte_range *const right = b;
    if (left->begin != right->begin)
        return left->begin > right->begin ? 1 : -1;
    return (left->end > right->end) - (left->end < right->end);
}

static enum joist_status check_front(struct ji_checker *checker, struct joist_error *err)
{
    const struct joist_parquet_file *const file = checker->file;
    uint8_t magic[JI_PARQUET_MAGIC_BYTES];
    ji_checker_page(checker, -1, 0);
    JI_TRY(ji_source_read(&file->source, 0, sizeof magic, magic, err));
    const struct ji_view view = ji_view_of(magic, sizeof magic);
    if (!ji_view_equal_text(view, JI_PARQUET_MAGIC) && !ji_view_equal_text(view, JI_PARQUET_MAGIC_ENCRYPTED))
        JI_TRY(ji_find(checker, JI_CHECK_MAGIC, err, "the file does not begin with PAR1"));
    ji_checker_page(checker, -1, -1);
    const int32_t version = file->footer.version;
    if (version != 1 && version != 2)
        JI_TRY(ji_find(checker, JI_CHECK_VERSION, err, "version %" PRId32 ", neither 1 nor 2", version));
    return JOIST_OK;
}

static enum joist_status check_orders(struct ji_checker *checker, struct joist_error *err)
{
    const struct joist_parquet_file *const file = checker->file;
    const struct ji_footer *const footer = &file->footer;
    if (footer->orders == NULL)
        return JOIST_OK;
    if (footer->order_count != file->schema.leaf_count)
        return ji_find(checker, JI_CHECK_COLUMN_ORDERS, err, "%zu column orders for %zu columns",
                footer->order_count, file->schema.leaf_count);
    for (size_t leaf = 0; leaf < footer->order_count; leaf++) {
        const enum ji_column_order order = footer->orders[leaf];
        const struct ji_schema_element *const element = file->schema.leaves[leaf].element;
        const bool is_float = element->physical == JI_PHYSICAL_FLOAT ||
                element->physical == JI_PHYSICAL_DOUBLE || element->logical.kind == JI_LOGICAL_FLOAT16;
        if ((order == JI_ORDER_IEEE754 && !is_float) ||
                (order == JI_ORDER_INT96 && element->physical != JI_PHYSICAL_INT96))
            JI_TRY(ji_find(checker, JI_CHECK_COLUMN_ORDERS, err,
                    "column '%s' is of type %s, which cannot have its order", file->schema.leaves[leaf].name,
                    ji_physical_name((int)element->physical)));
        if (order == JI_ORDER_UNKNOWN)
            JI_TRY(ji_find_note(checker, JI_CHECK_COLUMN_ORDERS, err, "column '%s' has an unknown order",
                    file->schema.leaves[leaf].name));
    }
    return JOIST_OK;
}

static enum joist_status add_range(struct ji_bytes *ranges, int64_t begin, int64_t size,
        struct byte_range range, struct joist_error *err)
{
    /* What leaves the file is said where it is read. */
    if (begin < 0 || size <= 0 || begin > INT64_MAX - size)
        return JOIST_OK;
    range.begin = (uint64_t)begin;
    range.end = (uint64_t)(begin + size);
    return ji_bytes_append(ranges, &range, sizeof range, err);
}

static enum joist_status add_ranges(struct ji_bytes *ranges, const struct ji_chunk *chunk, size_t group,
        size_t leaf, struct joist_error *err)
{
    struct byte_range range = {.group = (uint32_t)group, .leaf = (uint32_t)leaf, .what = RANGE_PAGES};
    if (chunk->file_path.size > 0)
        return JOIST_OK;
    if (chunk->has_metadata)
        JI_TRY(add_range(ranges, (int64_t)ji_checked_begin(chunk), chunk->compressed_bytes, range, err));
    range.what = RANGE_OFFSET_INDEX;
    JI_TRY(add_range(ranges, chunk->offset_index_offset, chunk->offset_index_bytes, range, err));
    range.what = RANGE_COLUMN_INDEX;
    JI_TRY(add_range(ranges, chunk->column_index_offset, chunk->column_index_bytes, range, err));
    range.what = RANGE_BLOOM;
    return chunk->has_metadata ? add_range(ranges, chunk->bloom_offset, chunk->bloom_bytes, range, err)
                               : JOIST_OK;
}

static enum joist_status check_overlaps(
        struct ji_checker *checker, struct ji_bytes *bytes, struct joist_error *err)
{
    struct byte_range *const ranges = (struct byte_range *)(void *)bytes->data;
    const size_t count = bytes->size / sizeof ranges[0];
    const struct ji_leaf *const leaves = checker->file->schema.leaves;
    if (count == 0)
        return JOIST_OK;
    ji_sort(ranges, count, sizeof ranges[0], compare_ranges);
    size_t widest = 0;
    for (size_t index = 1; index < count; index++) {
        const struct byte_range *const range = &ranges[index];
        const struct byte_range *const before = &ranges[widest];
        ji_checker_place(checker, range->group, leaves[range->leaf].name);
        ji_checker_page(checker, -1, (int64_t)range->begin);
        if (range->begin < before->end)
            JI_TRY(ji_find(checker, JI_CHECK_OVERLAP, err,
                    "the %s share bytes with the %s of row group %" PRIu32 ", column '%s'",
                    range_names[range->what], range_names[before->what], before->group,
                    leaves[before->leaf].name));
        if (range->end > before->end)
            widest = index;
    }
    return JOIST_OK;
}

struct group_sums {
    int64_t compressed;
    int64_t uncompressed;
    int64_t first;   /* the least offset of a chunk; -1: none */
    bool is_known;   /* every chunk said its sizes, and they add up within 63 bits */
    bool has_bounds; /* min_value or max_value of some chunk */
};

static enum joist_status sum_group(struct ji_checker *checker, size_t group, struct ji_bytes *ranges,
        struct group_sums *sums, struct joist_error *err)
{
    const struct joist_parquet_file *const file = checker->file;
    *sums = (struct group_sums){.first = -1, .is_known = true};
    struct ji_arena *const arena = &checker->arena;
    for (size_t leaf = 0; leaf < file->schema.leaf_count; leaf++) {
        const struct ji_chunk *chunk = NULL;
        struct joist_error what = {.status = JOIST_OK};
        ji_arena_reset(arena);
        what.status = ji_file_chunk_read(file, group, leaf, arena, &chunk, &what);
        if (what.status != JOIST_OK || !chunk->has_metadata) {
            /* The chunk's own check says why. */
            sums->is_known = false;
            continue;
        }
        if (chunk->statistics != NULL)
            sums->has_bounds |= chunk->statistics->has_min || chunk->statistics->has_max;
        JI_TRY(add_ranges(ranges, chunk, group, leaf, err));
        sums->is_known = sums->is_known &&
                ji_add_i64(sums->compressed, chunk->compressed_bytes, &sums->compressed) &&
                ji_add_i64(sums->uncompressed, chunk->uncompressed_bytes, &sums->uncompressed);
        const int64_t begin = (int64_t)ji_checked_begin(chunk);
        if (sums->first < 0 || begin < sums->first)
            sums->first = begin;
    }
    return JOIST_OK;
}

static enum joist_status check_group(
        struct ji_checker *checker, size_t index, struct ji_bytes *ranges, struct joist_error *err)
{
    const struct joist_parquet_file *const file = checker->file;
    const struct ji_row_group *const group = &file->footer.groups[index];
    struct group_sums sums;
    ji_checker_place(checker, (int64_t)index, NULL);
    JI_TRY(sum_group(checker, index, ranges, &sums, err));
    if (sums.has_bounds && file->footer.orders == NULL)
        JI_TRY(ji_find(
                checker, JI_CHECK_COLUMN_ORDERS, err, "min_value and max_value without column orders"));
    if (sums.is_known && group->total_bytes != sums.uncompressed)
        JI_TRY(ji_find(checker, JI_CHECK_GROUP_BYTES, err,
                "chunks of %" PRId64 " bytes uncompressed, total_byte_size says %" PRId64, sums.uncompressed,
                group->total_bytes));
    if (sums.is_known && group->compressed_bytes >= 0 && group->compressed_bytes != sums.compressed)
        JI_TRY(ji_find(checker, JI_CHECK_GROUP_BYTES, err,
                "chunks of %" PRId64 " bytes, total_compressed_size says %" PRId64, sums.compressed,
                group->compressed_bytes));
    if (sums.is_known && group->file_offset == 0)
        JI_TRY(ji_find_note(checker, JI_CHECK_GROUP_OFFSET, err, "file_offset is 0"));
    else if (sums.is_known && group->file_offset > 0 && sums.first >= 0 && group->file_offset != sums.first)
        JI_TRY(ji_find(checker, JI_CHECK_GROUP_OFFSET, err,
                "first page at %" PRId64 ", file_offset says %" PRId64, sums.first, group->file_offset));
    if (group->ordinal >= 0 && index <= INT16_MAX && (size_t)group->ordinal != index)
        JI_TRY(ji_find(checker, JI_CHECK_GROUP_ORDINAL, err, "ordinal %" PRId32, group->ordinal));
    return JOIST_OK;
}

enum joist_status ji_check_footer(struct ji_checker *checker, struct joist_error *err)
{
    struct ji_bytes ranges;
    enum joist_status status = JOIST_OK;
    ji_checker_place(checker, -1, NULL);
    JI_TRY(check_front(checker, err));
    JI_TRY(check_orders(checker, err));
    ji_bytes_init(&ranges, checker->mem);
    for (size_t group = 0; group < checker->file->footer.group_count; group++)
        JI_TRY_OUT(check_group(checker, group, &ranges, err));
    status = check_overlaps(checker, &ranges, err);
out:
    ji_bytes_clear(&ranges);
    return status;
}
