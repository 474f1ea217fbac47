/*
 * column_reader.c - the leaves of one column, which stand at the same row between calls
 */
#include "parquet/read/column_reader.h"

/* Rows appended at a time where their size is not known before: what they take is looked at between. */
#define PIECE_ROWS 2048
#define BYTES_MAX (UINT64_MAX / 64)

enum joist_status ji_column_reader_init(struct ji_column_reader *reader,
        const struct joist_parquet_file *file, const struct ji_leaf_options *options, struct ji_arena *arena,
        size_t column, struct joist_error *err)
{
    const struct ji_shape *const shape = &options->schema->shapes[column];
    struct ji_column_reader made = {.file = file, .options = *options, .shape = shape};
    JI_TRY(ji_arena_array(arena, shape->leaf_count, sizeof made.leaves[0], &made.leaves, err));
    JI_TRY(ji_arena_array(arena, shape->leaf_count, sizeof made.parts[0], &made.parts, err));
    JI_TRY(ji_assembly_init(&made.assembly, arena, shape, err));
    *reader = made;
    return JOIST_OK;
}

void ji_column_reader_clear(struct ji_column_reader *reader)
{
    if (reader->shape == NULL)
        return;
    ji_column_reader_close_group(reader);
    ji_assembly_clear(&reader->assembly);
    reader->shape = NULL;
}

enum joist_status ji_column_reader_open_group(struct ji_column_reader *reader, size_t group,
        struct ji_codec_context *codecs, struct joist_error *err)
{
    for (size_t step = 0; step < reader->shape->leaf_count; step++) {
        JI_TRY(ji_leaf_cursor_open(&reader->leaves[step], reader->file, &reader->options, group,
                reader->shape->leaf_start + step, codecs, err));
        reader->open_count++;
    }
    return JOIST_OK;
}

void ji_column_reader_close_group(struct ji_column_reader *reader)
{
    for (size_t step = 0; step < reader->open_count; step++)
        ji_leaf_cursor_close(&reader->leaves[step]);
    reader->open_count = 0;
}

void ji_column_reader_use(struct ji_column_reader *reader, struct ji_codec_context *codecs)
{
    for (size_t step = 0; step < reader->open_count; step++)
        reader->leaves[step].pages.codecs = codecs;
}

enum joist_status ji_column_reader_aim(struct ji_column_reader *reader, const struct ji_row_range *ranges,
        size_t count, struct joist_error *err)
{
    for (size_t step = 0; step < reader->open_count; step++)
        JI_TRY(ji_leaf_cursor_aim(&reader->leaves[step], ranges, count, err));
    return JOIST_OK;
}

enum joist_status ji_column_reader_skip(
        struct ji_column_reader *reader, uint64_t rows, struct joist_error *err)
{
    for (size_t step = 0; step < reader->open_count; step++)
        JI_TRY(ji_leaf_cursor_skip(&reader->leaves[step], rows, err));
    return JOIST_OK;
}

void ji_column_reader_begin(struct ji_column_reader *reader, size_t rows)
{
    reader->appended = 0;
    for (size_t step = 0; step < reader->open_count; step++)
        ji_leaf_cursor_begin(&reader->leaves[step], rows);
}

enum joist_status ji_column_reader_ready(
        struct ji_column_reader *reader, size_t wanted, size_t *rows, struct joist_error *err)
{
    size_t ready = wanted;
    for (size_t step = 0; step < reader->open_count && ready > 0; step++)
        JI_TRY(ji_leaf_cursor_ready(&reader->leaves[step], ready, &ready, err));
    *rows = ready;
    return JOIST_OK;
}

enum joist_status ji_column_reader_append(
        struct ji_column_reader *reader, size_t rows, struct joist_error *err)
{
    if (reader->appended == 0 && reader->open_count > 0)
        reader->row = reader->leaves[0].row;
    reader->appended += rows;
    for (size_t step = 0; step < reader->open_count; step++)
        JI_TRY(ji_leaf_cursor_append(&reader->leaves[step], rows, err));
    return JOIST_OK;
}

enum joist_status ji_column_reader_finish(
        struct ji_column_reader *reader, size_t rows, struct ji_column *column, struct joist_error *err)
{
    for (size_t step = 0; step < reader->open_count; step++)
        JI_TRY(ji_leaf_cursor_part(&reader->leaves[step], &reader->parts[step], err));
    if (!ji_kind_is_nested(reader->shape->field->kind)) {
        *column = reader->parts[0].column;
        return JOIST_OK;
    }
    struct ji_mem *const mem =
            reader->options.output.mem != NULL ? reader->options.output.mem : reader->options.mem;
    const enum joist_status status = ji_assemble(&reader->assembly, mem, reader->parts, rows, err);
    if (status != JOIST_OK) {
        ji_error_prefix(err, "row group %zu, column '%s', rows from %" PRIu64, reader->leaves[0].group,
                reader->shape->field->name, reader->row);
        return status;
    }
    *column = reader->assembly.column;
    return JOIST_OK;
}

static bool has_fixed_width(const struct ji_column_reader *reader)
{
    return !ji_kind_is_nested(reader->shape->field->kind) && !ji_kind_is_view(reader->shape->field->kind);
}

static size_t bytes_so_far(const struct ji_column_reader *reader)
{
    size_t bytes = 0;
    for (size_t step = 0; step < reader->open_count; step++)
        bytes += ji_leaf_part_bytes(&reader->leaves[step]);
    return bytes;
}

enum joist_status ji_column_reader_read(struct ji_column_reader *reader, size_t wanted, size_t bytes_max,
        size_t *rows, struct ji_column *column, struct joist_error *err)
{
    const size_t piece = has_fixed_width(reader) ? wanted : PIECE_ROWS;
    size_t done = 0;
    ji_column_reader_begin(reader, wanted);
    do {
        size_t step = ji_min_size(wanted - done, piece);
        JI_TRY(ji_column_reader_ready(reader, step, &step, err));
        if (step == 0 && done > 0)
            break;
        JI_TRY(ji_column_reader_append(reader, step, err));
        done += step;
    } while (done < wanted && (piece == wanted || bytes_so_far(reader) < bytes_max));
    JI_TRY(ji_column_reader_finish(reader, done, column, err));
    *rows = done;
    return JOIST_OK;
}

enum joist_status ji_column_group_bytes(const struct joist_parquet_file *file,
        const struct ji_parquet_schema *schema, size_t group, size_t column, uint64_t *bytes,
        struct joist_error *err)
{
    const struct ji_shape *const shape = &schema->shapes[column];
    enum joist_status status = JOIST_OK;
    struct ji_arena arena;
    uint64_t sum = 0;
    ji_arena_init(&arena, file->mem);
    for (size_t step = 0; step < shape->leaf_count; step++) {
        const struct ji_chunk *chunk = NULL;
        const struct ji_leaf *const leaf = &schema->leaves[shape->leaf_start + step];
        ji_arena_reset(&arena);
        JI_TRY_OUT(ji_file_chunk_in(file, group, leaf->chunk, &arena, &chunk, err));
        const uint64_t width = leaf->field->kind == JI_DECIMAL ? sizeof(ji_int128)
                                                               : ji_max_size(ji_field_width(leaf->field), 1);
        const uint64_t entries = (uint64_t)chunk->value_count;
        const uint64_t stored = chunk->uncompressed_bytes > 0 ? (uint64_t)chunk->uncompressed_bytes : 0;
        const uint64_t more = entries < BYTES_MAX / width ? ji_max_u64(entries * width, stored) : BYTES_MAX;
        sum = ji_min_u64(sum + ji_min_u64(more, BYTES_MAX), BYTES_MAX);
    }
    *bytes = sum;
out:
    ji_arena_clear(&arena);
    return status;
}
