/*
 * describe.c - a file's footer for people
 *
 *     lines.parquet: 6001215 rows in 6 row groups, 213004119 bytes, written by joist 0.1.0
 *     columns
 *       l_orderkey  long required  INT64
 *     row group 0: 1048576 rows
 *       column      codec  encodings               values     bytes  unpacked  nulls  least      greatest
 *       l_orderkey  ZSTD   PLAIN,RLE_DICTIONARY   1048576   1200041   4194310      0  1          1048615
 *
 * Bytes of names and bounds that a terminal might take for commands are shown as '.'; long bounds are cut.
 */
#include <stdio.h>

#include "parquet/read/parquet_file.h"
#include "parquet/read/statistic_value.h"

#define BOUND_BYTES_MAX 24
#define NAME_WIDTH_MAX 40

struct describer {
    const struct joist_parquet_file *file;
    struct ji_bytes text;
    struct ji_bytes value;
    struct ji_arena arena;
    int name_width;
};

/* Bytes that are not printable ASCII and not part of UTF-8 beyond it become '.'. */
static void make_plain(uint8_t *text, size_t size)
{
    for (size_t at = 0; at < size; at++) {
        if (text[at] < 0x20 || text[at] == 0x7f)
            text[at] = '.';
    }
}

static enum joist_status add_bound(struct describer *describer, const struct ji_leaf *leaf, bool is_there,
        struct ji_view bytes, struct joist_error *err)
{
    struct ji_bytes *const value = &describer->value;
    value->size = 0;
    if (is_there)
        JI_TRY(ji_statistic_text(leaf, bytes, value, err));
    size_t size = value->size;
    if (size > BOUND_BYTES_MAX) {
        /* Not in the middle of a sequence. */
        for (size = BOUND_BYTES_MAX; size > 0 && (value->data[size] & 0xc0) == 0x80; size--)
            ;
    }
    make_plain(value->data, size);
    JI_TRY(ji_bytes_append(&describer->text, "  ", 2, err));
    if (size > 0)
        JI_TRY(ji_bytes_append(&describer->text, value->data, size, err));
    for (size_t pad = size; pad < BOUND_BYTES_MAX; pad++)
        JI_TRY(ji_bytes_append_byte(&describer->text, ' ', err));
    return JOIST_OK;
}

static enum joist_status add_encodings(
        struct describer *describer, const struct ji_chunk *chunk, struct joist_error *err)
{
    char names[256] = "";
    size_t size = 0;
    for (int encoding = 0; encoding < 32; encoding++) {
        if ((chunk->encodings >> encoding & 1) == 0 || size + 32 > sizeof names)
            continue;
        const int more = snprintf(
                names + size, sizeof names - size, "%s%s", size > 0 ? "," : "", ji_encoding_name(encoding));
        size += more > 0 ? (size_t)more : 0;
    }
    return ji_bytes_printf(&describer->text, err, "  %-30s", names);
}

static enum joist_status add_name(struct describer *describer, const char *name, struct joist_error *err)
{
    const size_t start = describer->text.size;
    JI_TRY(ji_bytes_printf(&describer->text, err, "  %-*s", describer->name_width, name));
    make_plain(describer->text.data + start, describer->text.size - start);
    return JOIST_OK;
}

static enum joist_status add_chunk(
        struct describer *describer, size_t group, size_t index, struct joist_error *err)
{
    const struct ji_leaf *const leaf = &describer->file->schema.leaves[index];
    const struct ji_chunk *chunk = NULL;
    JI_TRY(ji_file_chunk(describer->file, group, index, &chunk, err));
    const struct ji_statistics *const statistics = chunk->statistics;
    struct ji_bytes *const text = &describer->text;
    JI_TRY(add_name(describer, leaf->name, err));
    if (!chunk->has_metadata)
        return ji_bytes_append_text(text, "  encrypted\n", err);
    JI_TRY(ji_bytes_printf(text, err, "  %-12s", ji_parquet_codec_name((int)chunk->codec)));
    JI_TRY(add_encodings(describer, chunk, err));
    JI_TRY(ji_bytes_printf(text, err, "  %12" PRId64 "  %12" PRId64 "  %12" PRId64, chunk->value_count,
            chunk->compressed_bytes, chunk->uncompressed_bytes));
    if (statistics != NULL && statistics->has_null_count)
        JI_TRY(ji_bytes_printf(text, err, "  %10" PRId64, statistics->null_count));
    else
        JI_TRY(ji_bytes_printf(text, err, "  %10s", ""));
    if (statistics != NULL) {
        const bool is_old = !statistics->has_min && !statistics->has_max;
        JI_TRY(add_bound(describer, leaf, statistics->has_min || (is_old && statistics->has_min_old),
                is_old ? statistics->min_old : statistics->min, err));
        JI_TRY(add_bound(describer, leaf, statistics->has_max || (is_old && statistics->has_max_old),
                is_old ? statistics->max_old : statistics->max, err));
    }
    while (text->size > 0 && text->data[text->size - 1] == ' ')
        text->size--;
    return ji_bytes_append_byte(text, '\n', err);
}

static enum joist_status add_group(struct describer *describer, size_t index, struct joist_error *err)
{
    const struct ji_row_group *const group = &describer->file->footer.groups[index];
    JI_TRY(ji_bytes_printf(
            &describer->text, err, "row group %zu: %" PRId64 " rows\n", index, group->row_count));
    JI_TRY(ji_bytes_printf(&describer->text, err, "  %-*s  %-12s  %-30s  %12s  %12s  %12s  %10s  %-24s  %s\n",
            describer->name_width, "column", "codec", "encodings", "values", "bytes", "unpacked", "nulls",
            "least", "greatest"));
    for (size_t leaf = 0; leaf < group->chunk_count; leaf++)
        JI_TRY(add_chunk(describer, index, leaf, err));
    return JOIST_OK;
}

static enum joist_status add_columns(struct describer *describer, struct joist_error *err)
{
    const struct ji_schema *const schema = &describer->file->schema.schema;
    JI_TRY(ji_bytes_append_text(&describer->text, "columns\n", err));
    for (size_t index = 0; index < schema->column_count; index++) {
        const struct ji_field *const field = &schema->columns[index];
        const char *type = NULL;
        ji_arena_reset(&describer->arena);
        JI_TRY(ji_type_text(&describer->arena, field, &type, err));
        JI_TRY(add_name(describer, field->name, err));
        JI_TRY(ji_bytes_printf(&describer->text, err, "  %s%s", type, field->nullable ? "" : " required"));
        if (field->field_id != JI_FIELD_ID_NONE)
            JI_TRY(ji_bytes_printf(&describer->text, err, "  (field %" PRId32 ")", field->field_id));
        JI_TRY(ji_bytes_append_byte(&describer->text, '\n', err));
    }
    return JOIST_OK;
}

static enum joist_status add_file(struct describer *describer, struct joist_error *err)
{
    const struct ji_footer *const footer = &describer->file->footer;
    const struct ji_view by = footer->created_by;
    JI_TRY(ji_bytes_printf(&describer->text, err, "%s: %" PRId64 " rows in %zu row groups, %" PRIu64 " bytes",
            ji_source_name(&describer->file->source), footer->row_count, footer->group_count,
            describer->file->file_bytes));
    if (by.size > 0) {
        JI_TRY(ji_bytes_append_text(&describer->text, ", written by ", err));
        JI_TRY(ji_bytes_append(&describer->text, by.data, by.size, err));
        make_plain(describer->text.data + describer->text.size - by.size, by.size);
    }
    return ji_bytes_append_byte(&describer->text, '\n', err);
}

static enum joist_status flush(struct describer *describer, struct joist_sink *sink, struct joist_error *err)
{
    JI_TRY(ji_sink_append(sink, describer->text.data, describer->text.size, err));
    describer->text.size = 0;
    return JOIST_OK;
}

static enum joist_status describe(
        struct describer *describer, struct joist_sink *sink, struct joist_error *err)
{
    const struct ji_parquet_schema *const schema = &describer->file->schema;
    size_t width = sizeof "column" - 1;
    for (size_t leaf = 0; leaf < schema->leaf_count; leaf++)
        width = ji_max_size(width, strlen(schema->leaves[leaf].name));
    describer->name_width = (int)ji_min_size(width, NAME_WIDTH_MAX);
    JI_TRY(add_file(describer, err));
    JI_TRY(add_columns(describer, err));
    JI_TRY(flush(describer, sink, err));
    for (size_t group = 0; group < describer->file->footer.group_count; group++) {
        JI_TRY(add_group(describer, group, err));
        JI_TRY(flush(describer, sink, err));
    }
    return JOIST_OK;
}

enum joist_status joist_parquet_describe(
        const struct joist_parquet_file *file, struct joist_sink sink, struct joist_error *err)
{
    struct describer describer = {.file = file};
    ji_bytes_init(&describer.text, file->mem);
    ji_bytes_init(&describer.value, file->mem);
    ji_arena_init(&describer.arena, file->mem);
    const enum joist_status status = describe(&describer, &sink, err);
    ji_arena_clear(&describer.arena);
    ji_bytes_clear(&describer.value);
    ji_bytes_clear(&describer.text);
    return status;
}
