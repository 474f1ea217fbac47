/*
 * describe_chunk.c - a row group's head, and a line for each of its column chunks
 */
#include "parquet/read/describe.h"

static enum joist_status add_sorting(
        struct ji_describer *describer, const struct ji_row_group *group, struct joist_error *err)
{
    const struct ji_parquet_schema *const schema = &describer->file->schema;
    for (size_t index = 0; index < group->sorting_count; index++) {
        const struct ji_sorting_column *const by = &group->sorting[index];
        const bool is_there = by->column >= 0 && (size_t)by->column < schema->leaf_count;
        const char *const name = is_there ? schema->leaves[by->column].name : "?";
        JI_TRY(ji_bytes_append_text(&describer->text, index == 0 ? ", sorted by " : ", ", err));
        JI_TRY(ji_describe_text(describer, ji_view_of_text(name), JI_DESCRIBE_NAME_MAX, false, err));
        JI_TRY(ji_bytes_printf(&describer->text, err, "%s%s", by->descending ? " descending" : "",
                by->nulls_first ? " nulls first" : ""));
    }
    return JOIST_OK;
}

/* "12.3 MiB" in running text. */
static enum joist_status add_size(struct ji_describer *describer, int64_t bytes, struct joist_error *err)
{
    struct ji_bytes *const text = &describer->text;
    const size_t start = text->size;
    JI_TRY(ji_describe_bytes(describer, bytes, err));
    size_t blanks = 0;
    while (text->data[start + blanks] == ' ')
        blanks++;
    text->size -= blanks;
    memmove(text->data + start, text->data + start + blanks, text->size - start);
    return JOIST_OK;
}

enum joist_status ji_describe_group_head(
        struct ji_describer *describer, size_t index, struct joist_error *err)
{
    const struct ji_row_group *const group = &describer->file->footer.groups[index];
    struct ji_bytes *const text = &describer->text;
    JI_TRY(ji_bytes_printf(text, err, "row group %zu: %" PRId64 " rows, ", index, group->row_count));
    if (group->compressed_bytes >= 0) {
        JI_TRY(add_size(describer, group->compressed_bytes, err));
        JI_TRY(ji_bytes_append_text(text, " of ", err));
    }
    JI_TRY(add_size(describer, group->total_bytes, err));
    if (group->file_offset >= 0)
        JI_TRY(ji_bytes_printf(text, err, ", at byte %" PRId64, group->file_offset));
    JI_TRY(add_sorting(describer, group, err));
    JI_TRY(ji_bytes_append_byte(text, '\n', err));
    JI_TRY(ji_bytes_printf(text, err, "  %-*s  %-7s  %-14s  %9s  %9s %9s  %8s  %-12s  %s\n",
            describer->name_width, "column", "codec", "encodings", "values", "bytes", "unpacked", "nulls",
            "least", "greatest"));
    return JOIST_OK;
}

static enum joist_status add_statistics(struct ji_describer *describer, const struct ji_leaf *leaf,
        const struct ji_statistics *statistics, struct joist_error *err)
{
    if (statistics == NULL)
        return JOIST_OK;
    const bool is_old = !statistics->has_min && !statistics->has_max;
    if (statistics->has_null_count)
        JI_TRY(ji_bytes_printf(&describer->text, err, "  %8" PRId64, statistics->null_count));
    else
        JI_TRY(ji_bytes_printf(&describer->text, err, "  %8s", ""));
    JI_TRY(ji_describe_bound(describer, leaf, statistics->has_min || (is_old && statistics->has_min_old),
            is_old ? statistics->min_old : statistics->min, err));
    return ji_describe_bound(describer, leaf, statistics->has_max || (is_old && statistics->has_max_old),
            is_old ? statistics->max_old : statistics->max, err);
}

static enum joist_status add_line(struct ji_describer *describer, const struct ji_leaf *leaf,
        const struct ji_chunk *chunk, struct joist_error *err)
{
    struct ji_bytes *const text = &describer->text;
    /* Levels are RLE in every file: the word counts where it is alone. */
    const uint32_t levels = 1u << JI_ENCODING_RLE | 1u << JI_ENCODING_BIT_PACKED;
    const uint32_t others = chunk->encodings & ~levels;
    const char *const codec =
            chunk->codec == JI_PARQUET_UNCOMPRESSED ? "none" : ji_parquet_codec_name((int)chunk->codec);
    JI_TRY(ji_describe_text(describer, ji_view_of_text(codec), 7, true, err));
    JI_TRY(ji_bytes_append_text(text, "  ", err));
    JI_TRY(ji_describe_encodings(describer, others != 0 ? others : chunk->encodings, err));
    JI_TRY(ji_bytes_printf(text, err, "  %9" PRId64 "  ", chunk->value_count));
    JI_TRY(ji_describe_bytes(describer, chunk->compressed_bytes, err));
    JI_TRY(ji_bytes_append_text(text, " ", err));
    JI_TRY(ji_describe_bytes(describer, chunk->uncompressed_bytes, err));
    return add_statistics(describer, leaf, chunk->statistics, err);
}

enum joist_status ji_describe_chunk(
        struct ji_describer *describer, size_t group, size_t index, struct joist_error *err)
{
    const struct ji_leaf *const leaf = &describer->file->schema.leaves[index];
    const struct ji_chunk *chunk = NULL;
    struct ji_bytes *const text = &describer->text;
    struct joist_error what = {.status = JOIST_OK};
    ji_arena_reset(&describer->arena);
    what.status = ji_file_chunk_read(describer->file, group, index, &describer->arena, &chunk, &what);
    if (what.status != JOIST_OK && what.status != JOIST_ERR_CORRUPT && what.status != JOIST_ERR_UNSUPPORTED) {
        if (err != NULL)
            *err = what;
        return what.status;
    }
    JI_TRY(ji_bytes_append_text(text, "  ", err));
    JI_TRY(ji_describe_name(describer, leaf->name, (size_t)describer->name_width, err));
    JI_TRY(ji_bytes_append_text(text, "  ", err));
    if (what.status != JOIST_OK) {
        JI_TRY(ji_describe_text(describer, ji_view_of_text(what.text), 90, false, err));
        return ji_describe_end_line(describer, err);
    }
    if (chunk->has_metadata)
        JI_TRY(add_line(describer, leaf, chunk, err));
    if (chunk->is_encrypted)
        JI_TRY(ji_bytes_printf(text, err, "  encrypted with %s",
                chunk->has_column_key ? "a key of its own" : "the footer's key"));
    JI_TRY(ji_describe_end_line(describer, err));
    return describer->options.pages ? ji_describe_pages(describer, group, index, chunk, err) : JOIST_OK;
}
