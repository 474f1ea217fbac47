/*
 * page_index_fuzz.c - any bytes as the two page indexes of a chunk, and as the bounds of a column of any type
 *
 *     [kind][order][rows: 2][size of the offset index: 2][offset index][column index]
 *
 * Whatever is taken covers the rows of the group once, and its facts do not contradict themselves.
 */
#include <joist/joist.h>

#include "base/ctx.h"
#include "parquet/format/type_map.h"
#include "parquet/read/facts.h"
#include "support/bytes_source.h"

#include <stdlib.h>

#define HEAD_BYTES 6

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool is_so)
{
    if (!is_so)
        abort();
}

static void check_facts(const struct ji_field *field, const struct ji_facts *facts)
{
    must(!facts->has_null_count || facts->null_count <= facts->row_count);
    must(!facts->has_nan_count || facts->nan_count <= facts->row_count);
    if (facts->has_min && facts->has_max)
        must(ji_value_compare(field, &facts->min, &facts->max) <= 0);
}

static void check_pages(const struct ji_field *field, const struct ji_parquet_pages *pages, uint64_t rows)
{
    uint64_t row = 0;
    for (size_t page = 0; page < ji_parquet_page_count(pages); page++) {
        const struct ji_row_range range = ji_parquet_page_rows(pages, page);
        struct ji_facts facts;
        must(range.start == row && range.end >= row);
        row = range.end;
        ji_parquet_page_facts(pages, page, &facts);
        must(facts.row_count == range.end - range.start);
        check_facts(field, &facts);
    }
    must(row == rows);
}

/* Each cut of the bytes as a pair of bounds. */
static void check_bounds(const struct ji_leaf *leaf, struct ji_view bytes)
{
    for (size_t cut = 0; cut <= bytes.size && cut < 40; cut++) {
        struct ji_facts facts = {.row_count = 1};
        const struct ji_stored_bounds bounds = {.has_min = true,
                .has_max = true,
                .min = ji_view_of(bytes.data, cut),
                .max = ji_view_of(bytes.data + cut, bytes.size - cut)};
        ji_stored_bounds_take(leaf, &bounds, &facts);
        check_facts(leaf->field, &facts);
    }
}

/* The file of one chunk at [4, 4 + 1 MiB), whose indexes are the bytes. */
static void check_file(struct joist_ctx *ctx, const uint8_t *data, size_t size)
{
    struct ji_field field = {.name = "x",
            .kind = (enum ji_kind)(data[0] % (JI_UUID + 1)),
            .nullable = data[0] >= 128,
            .precision = 20,
            .fixed_bytes = 16,
            .unit = JI_NANO};
    struct ji_schema_element element = {.converted = JI_CONVERTED_NONE};
    if (ji_type_to_element(&field, &element, NULL) != JOIST_OK)
        return;
    if ((data[1] & 16) != 0 && field.kind == JI_TIMESTAMP)
        element = (struct ji_schema_element){.physical = JI_PHYSICAL_INT96, .converted = JI_CONVERTED_NONE};
    /* A leaf that must be there beneath a struct that need not, now and then. */
    element.repetition = field.nullable && (data[1] & 4) == 0 ? JI_OPTIONAL : JI_REQUIRED;
    enum ji_column_order order = (enum ji_column_order)(data[1] & 3);
    struct ji_shape shape = {.field = &field, .leaf_count = 1};
    struct ji_leaf leaf = {
            .element = &element, .field = &field, .shape = &shape, .max_def = field.nullable, .name = "x"};
    const size_t rest = size - HEAD_BYTES;
    const size_t offset_bytes = ji_min_size(ji_load_le16(data + 4), rest);
    struct ji_statistics statistics = {.has_null_count = (data[1] & 8) != 0, .null_count = data[1] >> 5};
    struct ji_chunk chunk = {.has_metadata = true,
            .value_count = ji_load_le16(data + 2),
            .compressed_bytes = 1 << 20,
            .data_page_offset = 4,
            .dictionary_page_offset = -1,
            .offset_index_offset = HEAD_BYTES,
            .offset_index_bytes = (int32_t)offset_bytes,
            .column_index_offset = (int64_t)(HEAD_BYTES + offset_bytes),
            .column_index_bytes = (int32_t)(rest - offset_bytes),
            .statistics = &statistics};
    struct ji_row_group group = {.chunks = &chunk, .chunk_count = 1, .row_count = chunk.value_count};
    struct bytes_source from = {.data = data, .size = size};
    struct joist_parquet_file file = {.source = bytes_source(&from), .data_end = size};
    file.footer = (struct ji_footer){.groups = &group, .group_count = 1, .orders = &order, .order_count = 1};
    file.schema = (struct ji_parquet_schema){.schema = {.column_count = 1, .columns = &field},
            .shapes = &shape,
            .leaves = &leaf,
            .leaf_count = 1};
    struct ji_arena arena;
    const struct ji_parquet_pages *pages = NULL;
    ji_arena_init(&arena, ji_ctx_mem(ctx));
    if (ji_parquet_pages_read(&file, &arena, 0, 0, &pages, NULL) == JOIST_OK && pages != NULL)
        check_pages(&field, pages, (uint64_t)group.row_count);
    check_bounds(&leaf, ji_view_of(data + HEAD_BYTES, rest));
    ji_arena_clear(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct joist_ctx_options options = {.struct_size = sizeof options, .memory_bytes_max = 64 << 20};
    struct joist_ctx *ctx = NULL;
    if (size < HEAD_BYTES || size > (1 << 20) || joist_ctx_open(&options, &ctx, NULL) != JOIST_OK)
        return 0;
    check_file(ctx, data, size);
    joist_ctx_close(ctx);
    return 0;
}
