/*
 * file_append.c - a new file that is like another, or begins as it does
 *
 *     PAR1 | row groups, filters, page indexes of the file | row groups ... | their page indexes | footer
 *            as they are, where they were
 *
 *   1. The schema is the file's, element for element, so that its row groups need not be looked at.
 *   2. Rows are taken where we would have written the same schema for them.
 */
#include "parquet/copy/group_copy.h"

#include "parquet/format/arrow_origin.h"

struct like {
    struct joist_parquet_write_options options;
    struct joist_parquet_sorting *sorting;
};

static bool has_arrow_schema(const struct joist_parquet_file *file)
{
    for (size_t i = 0; i < file->footer.key_value_count; i++)
        if (ji_view_equal_text(file->footer.key_values[i].key, JI_ARROW_SCHEMA_KEY))
            return true;
    return false;
}

static bool is_same_order(const struct ji_row_group *a, const struct ji_row_group *b)
{
    bool is_same = a->sorting_count == b->sorting_count;
    for (size_t i = 0; i < a->sorting_count && is_same; i++)
        is_same = a->sorting[i].column == b->sorting[i].column &&
                a->sorting[i].descending == b->sorting[i].descending &&
                a->sorting[i].nulls_first == b->sorting[i].nulls_first;
    return is_same;
}

/* The order of all row groups, as far as it is one of columns that are not nested. */
static enum joist_status take_order(struct ji_arena *arena, const struct joist_parquet_file *file,
        struct like *like, struct joist_error *err)
{
    const struct ji_footer *footer = &file->footer;
    if (footer->group_count == 0 || like->options.sorting_count > 0 || like->options.any_order)
        return JOIST_OK;
    const struct ji_row_group *first = &footer->groups[0];
    for (size_t i = 1; i < footer->group_count; i++)
        if (!is_same_order(first, &footer->groups[i]))
            return JOIST_OK;
    JI_TRY(ji_arena_array(arena, first->sorting_count, sizeof *like->sorting, &like->sorting, err));
    for (size_t i = 0; i < first->sorting_count; i++) {
        const struct ji_sorting_column *by = &first->sorting[i];
        if (by->column < 0 || (size_t)by->column >= file->schema.leaf_count ||
                file->schema.leaves[by->column].path_count != 1)
            break;
        like->sorting[i] = (struct joist_parquet_sorting){.column = file->schema.leaves[by->column].name,
                .descending = by->descending,
                .nulls_first = by->nulls_first};
        like->options.sorting_count = i + 1;
    }
    like->options.sorting = like->sorting;
    return JOIST_OK;
}

static enum joist_status take_options(struct ji_arena *arena, const struct joist_parquet_file *file,
        const struct joist_parquet_write_options *options, struct like *like, struct joist_error *err)
{
    *like = (struct like){.options = {.struct_size = sizeof like->options}};
    if (options != NULL)
        memcpy(&like->options, options, ji_min_size(options->struct_size, sizeof like->options));
    like->options.struct_size = sizeof like->options;
    like->options.no_arrow_schema = like->options.no_arrow_schema || !has_arrow_schema(file);
    return take_order(arena, file, like, err);
}

/* The file's elements instead of ours. */
static enum joist_status take_elements(
        struct joist_parquet_writer *writer, const struct joist_parquet_file *file, struct joist_error *err)
{
    const struct ji_footer *footer = &file->footer;
    struct ji_parquet_schema *layout = &writer->layout;
    struct ji_schema_element *elements = NULL;
    writer->copies_only = ji_elements_check(layout->elements, layout->element_count, footer->elements,
                                  footer->element_count, NULL) != JOIST_OK;
    JI_TRY(ji_arena_array(&writer->arena, footer->element_count, sizeof *elements, &elements, err));
    for (size_t i = 0; i < footer->element_count; i++) {
        elements[i] = footer->elements[i];
        JI_TRY(ji_arena_view(&writer->arena, elements[i].name, &elements[i].name, err));
        if (elements[i].logical.crs.data != NULL)
            JI_TRY(ji_arena_view(&writer->arena, elements[i].logical.crs, &elements[i].logical.crs, err));
    }
    layout->elements = elements;
    layout->element_count = footer->element_count;
    return JOIST_OK;
}

/* Without a sink: it stays the caller's until nothing can fail any more. */
static enum joist_status open_like(struct joist_ctx *ctx, struct joist_parquet_file *file,
        const struct joist_parquet_write_options *options, struct joist_parquet_writer **writer,
        struct joist_error *err)
{
    enum joist_status status = JOIST_OK;
    struct ArrowSchema schema = {.release = NULL};
    struct joist_parquet_writer *made = NULL;
    struct like like;
    struct ji_arena arena;
    ji_arena_init(&arena, ji_ctx_mem(ctx));
    JI_TRY_OUT(take_options(&arena, file, options, &like, err));
    JI_TRY_OUT(joist_parquet_schema(file, &schema, err));
    JI_TRY_OUT(joist_parquet_writer_open(
            ctx, (struct joist_sink){.ops = NULL}, &schema, &like.options, &made, err));
    JI_TRY_OUT(take_elements(made, file, err));
    JI_TRY_OUT(ji_group_copy_check(made, file, err));
    *writer = made;
    made = NULL;
out:
    ji_parquet_writer_free(made);
    if (schema.release != NULL)
        schema.release(&schema);
    ji_arena_clear(&arena);
    return status;
}

static enum joist_status keep_group(struct joist_parquet_writer *writer,
        const struct joist_parquet_file *file, size_t number, struct ji_arena *arena, struct joist_error *err)
{
    struct ji_row_group group;
    uint64_t begin = UINT64_MAX;
    if (file->footer.groups[number].row_count == 0)
        return JOIST_OK;
    JI_TRY(ji_group_own(writer, file, number, &group, err));
    for (size_t leaf = 0; leaf < group.chunk_count; leaf++) {
        const struct ji_chunk *from = NULL;
        ji_arena_reset(arena);
        JI_TRY(ji_file_chunk_read(file, number, leaf, arena, &from, err));
        JI_TRY(ji_chunk_own(writer, file, leaf, from, &group.chunks[leaf], err));
        group.total_bytes += from->uncompressed_bytes;
        group.compressed_bytes += from->compressed_bytes;
        begin = ji_min_u64(begin, ji_chunk_begin(from));
    }
    group.file_offset = (int64_t)begin;
    return ji_group_add(writer, &group, begin, false, err);
}

/* What stands before the footer stays, and what the footer says of it. */
static enum joist_status keep_groups(
        struct joist_parquet_writer *writer, const struct joist_parquet_file *file, struct joist_error *err)
{
    enum joist_status status = JOIST_OK;
    struct ji_arena arena;
    ji_arena_init(&arena, writer->mem);
    for (size_t i = 0; i < file->footer.group_count; i++) {
        status = keep_group(writer, file, i, &arena, err);
        if (status != JOIST_OK) {
            ji_error_prefix(err, "row group %zu", i);
            goto out;
        }
    }
    status = ji_copy_bytes(writer, file, 0, file->data_end, err);
out:
    ji_arena_clear(&arena);
    return status;
}

enum joist_status joist_parquet_like_open(struct joist_ctx *ctx, struct joist_parquet_file *file,
        struct joist_sink sink, const struct joist_parquet_write_options *options,
        struct joist_parquet_writer **writer, struct joist_error *err)
{
    struct joist_parquet_writer *made = NULL;
    JI_TRY(open_like(ctx, file, options, &made, err));
    made->sink = sink;
    *writer = made;
    return JOIST_OK;
}

enum joist_status joist_parquet_append_open(struct joist_ctx *ctx, struct joist_parquet_file *file,
        struct joist_sink sink, const struct joist_parquet_write_options *options,
        struct joist_parquet_writer **writer, struct joist_error *err)
{
    struct joist_parquet_writer *made = NULL;
    JI_TRY(open_like(ctx, file, options, &made, err));
    made->sink = sink;
    const enum joist_status status = keep_groups(made, file, err);
    if (status != JOIST_OK) {
        made->sink = (struct joist_sink){.ops = NULL};
        ji_parquet_writer_free(made);
        return status;
    }
    *writer = made;
    return JOIST_OK;
}
