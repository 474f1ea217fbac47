/*
 * page_index_read.c - decodes OffsetIndex and ColumnIndex
 *
 * All the lists of an index are as long as its pages: one that is not is corruption, so that who uses an
 * index asks for bounds once.
 */
#include "parquet/format/footer_parts.h"
#include "parquet/format/page_header_read.h"

static void read_location(struct ji_thrift_reader *thrift, struct ji_page_location *page)
{
    struct ji_thrift_field field = ji_thrift_struct(thrift);
    while (ji_thrift_next(thrift, &field)) {
        if (field.id == 1)
            page->offset = ji_thrift_i64(thrift, field.type);
        else if (field.id == 2)
            page->compressed_bytes = ji_thrift_i32(thrift, field.type);
        else if (field.id == 3)
            page->first_row = ji_thrift_i64(thrift, field.type);
        else
            ji_thrift_skip(thrift, field.type);
    }
}

static enum joist_status read_locations(struct ji_thrift_reader *thrift, enum ji_thrift_type type,
        struct ji_arena *arena, struct ji_offset_index *index, struct joist_error *err)
{
    const struct ji_thrift_list list = ji_thrift_list(thrift, type);
    JI_TRY(ji_arena_array(arena, list.count, sizeof index->pages[0], &index->pages, err));
    index->page_count = list.count;
    for (size_t page = 0; page < list.count; page++) {
        if (ji_thrift_expect_struct(thrift, list.type))
            read_location(thrift, &index->pages[page]);
    }
    return JOIST_OK;
}

enum joist_status ji_offset_index_decode(
        struct ji_arena *arena, struct ji_view bytes, struct ji_offset_index *index, struct joist_error *err)
{
    struct ji_thrift_reader thrift;
    ji_thrift_reader_init(&thrift, bytes);
    struct ji_offset_index made = {.page_count = 0};
    size_t unencoded_count = 0;
    struct ji_thrift_field field = ji_thrift_struct(&thrift);
    while (ji_thrift_next(&thrift, &field)) {
        if (field.id == 1)
            JI_TRY(read_locations(&thrift, field.type, arena, &made, err));
        else if (field.id == 2)
            JI_TRY(ji_int64_list_decode(
                    &thrift, field.type, arena, &made.unencoded_bytes, &unencoded_count, err));
        else
            ji_thrift_skip(&thrift, field.type);
    }
    JI_TRY(ji_thrift_status(&thrift, err));
    if (made.unencoded_bytes != NULL && unencoded_count != made.page_count)
        return ji_fail(err, JOIST_ERR_CORRUPT, "offset index has lists of different lengths");
    *index = made;
    return JOIST_OK;
}

static enum joist_status read_bools(struct ji_thrift_reader *thrift, enum ji_thrift_type type,
        struct ji_arena *arena, const bool **values, size_t *count, struct joist_error *err)
{
    const struct ji_thrift_list list = ji_thrift_list(thrift, type);
    bool *made = NULL;
    JI_TRY(ji_arena_array(arena, list.count, sizeof made[0], &made, err));
    for (size_t index = 0; index < list.count; index++)
        made[index] = ji_thrift_bool_element(thrift, list.type);
    *values = made;
    *count = list.count;
    return JOIST_OK;
}

static enum joist_status read_views(struct ji_thrift_reader *thrift, enum ji_thrift_type type,
        struct ji_arena *arena, const struct ji_view **values, size_t *count, struct joist_error *err)
{
    const struct ji_thrift_list list = ji_thrift_list(thrift, type);
    struct ji_view *made = NULL;
    JI_TRY(ji_arena_array(arena, list.count, sizeof made[0], &made, err));
    for (size_t index = 0; index < list.count; index++)
        made[index] = ji_thrift_binary(thrift, list.type);
    *values = made;
    *count = list.count;
    return JOIST_OK;
}

struct column_index_counts {
    size_t mins, maxs, nulls, nans;
};

static enum joist_status read_column_index_field(struct ji_thrift_reader *thrift,
        const struct ji_thrift_field *field, struct ji_arena *arena, struct ji_column_index *index,
        struct column_index_counts *counts, struct joist_error *err)
{
    switch (field->id) {
    case 1:
        return read_bools(thrift, field->type, arena, &index->null_pages, &index->page_count, err);
    case 2:
        return read_views(thrift, field->type, arena, &index->min_values, &counts->mins, err);
    case 3:
        return read_views(thrift, field->type, arena, &index->max_values, &counts->maxs, err);
    case 4:
        index->order = (enum ji_boundary_order)ji_thrift_i32(thrift, field->type);
        return JOIST_OK;
    case 5:
        return ji_int64_list_decode(thrift, field->type, arena, &index->null_counts, &counts->nulls, err);
    case 6:
        return ji_int64_list_decode(
                thrift, field->type, arena, &index->rep_histograms, &index->rep_histogram_count, err);
    case 7:
        return ji_int64_list_decode(
                thrift, field->type, arena, &index->def_histograms, &index->def_histogram_count, err);
    case 8:
        return ji_int64_list_decode(thrift, field->type, arena, &index->nan_counts, &counts->nans, err);
    default:
        ji_thrift_skip(thrift, field->type);
        return JOIST_OK;
    }
}

enum joist_status ji_column_index_decode(
        struct ji_arena *arena, struct ji_view bytes, struct ji_column_index *index, struct joist_error *err)
{
    struct ji_thrift_reader thrift;
    ji_thrift_reader_init(&thrift, bytes);
    struct ji_column_index made = {.page_count = 0};
    struct column_index_counts counts = {0, 0, 0, 0};
    struct ji_thrift_field field = ji_thrift_struct(&thrift);
    while (ji_thrift_next(&thrift, &field))
        JI_TRY(read_column_index_field(&thrift, &field, arena, &made, &counts, err));
    JI_TRY(ji_thrift_status(&thrift, err));
    if (counts.mins != made.page_count || counts.maxs != made.page_count ||
            (made.null_counts != NULL && counts.nulls != made.page_count) ||
            (made.nan_counts != NULL && counts.nans != made.page_count))
        return ji_fail(err, JOIST_ERR_CORRUPT, "column index has lists of different lengths");
    if (made.page_count > 0 &&
            (made.rep_histogram_count % made.page_count != 0 ||
                    made.def_histogram_count % made.page_count != 0))
        return ji_fail(err, JOIST_ERR_CORRUPT, "column index has histograms of odd length");
    *index = made;
    return JOIST_OK;
}
