/*
 * column_pipe.c - reads a batch of rows, gives them away in one array or some
 *
 *     group:  [ given away | rows_taken .. rows_count of `rows` | not read yet ]
 *                          ^ row
 *
 * A group is closed with its last piece: its pages go back before the next group's come.
 *
 * Where a cold disk would be waited for is the front of each chunk: behind it, page_read.c tells the source
 * of what comes next. So the source is told of fronts a group before.
 */
#include "parquet/read/column_pipe.h"

#include "arrow/array_export.h"
#include "parquet/read/wanted_schema.h"

/* A chunk's first pages, and the least chunk that is worth telling of. */
#define FRONT_BYTES ((size_t)128 << 10)
#define CHUNK_BYTES_MIN ((int64_t)32 << 10)

/* Variants are put together from values as the engine has them. At most JI_SCHEMA_DEPTH_MAX deep. */
static bool has_variant(const struct ji_shape *shape)
{
    bool found = shape->variant != NULL;
    if (!ji_kind_is_nested(shape->field->kind))
        return found;
    for (size_t step = 0; step < shape->field->child_count && !found; step++)
        found = has_variant(&shape->children[step]);
    return found;
}

/* What a tree of shapes asks of the leaves below it. */
struct wishes {
    bool odd_numbers;  /* decimals of another width than 128 bits */
    bool codes;        /* dictionaries */
    bool packed_texts; /* strings behind offsets */
};

static void look_at(const struct ji_array_shape *shape, struct wishes *wishes)
{
    wishes->codes |= shape->is_dictionary;
    wishes->odd_numbers |= shape->layout == JI_LAYOUT_DECIMAL && shape->bits != 128;
    wishes->packed_texts |= shape->layout == JI_LAYOUT_OFFSETS32 || shape->layout == JI_LAYOUT_OFFSETS64;
    for (size_t step = 0; step < shape->child_count; step++)
        look_at(&shape->children[step], wishes);
}

/* Laid out where nothing in the column speaks against it; else the exporter does that. */
static struct ji_leaf_output output_of(const struct ji_row_plan *plan, size_t column,
        const struct ji_array_shape *shape, const struct ji_projected *projected)
{
    struct wishes wishes = {.codes = false};
    look_at(shape, &wishes);
    const bool lays_out = !wishes.codes && !wishes.odd_numbers && projected == NULL &&
            !has_variant(&plan->schema->shapes[column]);
    return (struct ji_leaf_output){
            .is_laid_out = lays_out,
            .has_views = lays_out && !wishes.packed_texts,
            .mem = ji_ctx_exported(plan->file->ctx),
    };
}

/* Tells the source of the fronts of the column's chunks in the group of `row`, if all of it is read. */
static void tell_fronts(const struct ji_column_pipe *pipe, uint64_t row)
{
    const struct ji_row_plan *const plan = pipe->plan;
    struct ji_row_place place = pipe->place;
    ji_row_plan_seek(plan, row, &place);
    if (place.group == joist_parquet_row_group_count(plan->file) || place.group_start < plan->row_start ||
            place.end < place.group_start + ji_parquet_group_rows(plan->file, place.group))
        return;
    const struct ji_shape *const shape = &plan->schema->shapes[pipe->column];
    struct ji_arena arena;
    ji_arena_init(&arena, plan->file->mem);
    for (size_t leaf = shape->leaf_start; leaf < shape->leaf_start + shape->leaf_count; leaf++) {
        const struct ji_chunk *chunk = NULL;
        const size_t number = plan->schema->leaves[leaf].chunk;
        ji_arena_reset(&arena);
        if (ji_file_chunk_in(plan->file, place.group, number, &arena, &chunk, NULL) != JOIST_OK)
            break; /* told when it is read */
        if (chunk->value_count > 0 && chunk->file_path.size == 0 &&
                chunk->compressed_bytes >= CHUNK_BYTES_MIN)
            ji_source_will_need(&plan->file->source, ji_chunk_begin(chunk),
                    ji_min_u64(pipe->front_bytes, (uint64_t)chunk->compressed_bytes));
    }
    ji_arena_clear(&arena);
}

enum joist_status ji_column_pipe_init(struct ji_column_pipe *pipe, const struct ji_row_plan *plan,
        size_t column, const struct ji_column_pipe_options *options, struct ji_arena *arena,
        struct joist_error *err)
{
    const struct ji_projected *const wanted = options->projected;
    const struct ji_projected *const projected = wanted == NULL || wanted->same ? NULL : wanted;
    const struct ji_leaf_options leaf = {
            .mem = options->mem,
            .schema = plan->schema,
            .output = output_of(plan, column, options->shape, projected),
            .no_crc = options->no_crc,
            .io_bytes = options->io_bytes,
            .hint_bytes = options->hint_bytes,
            .service = options->service,
    };
    struct ji_column_pipe made = {
            .plan = plan,
            .column = column,
            .shape = options->shape,
            .projected = projected,
            .row = plan->row_start,
            .front_bytes = ji_min_size(options->hint_bytes, FRONT_BYTES),
    };
    ji_arena_init(&made.arena, options->mem);
    JI_TRY(ji_column_reader_init(&made.reader, plan->file, &leaf, arena, column, err));
    *pipe = made;
    if (!ji_column_pipe_at_end(pipe))
        tell_fronts(pipe, pipe->row);
    return JOIST_OK;
}

void ji_column_pipe_clear(struct ji_column_pipe *pipe)
{
    ji_column_reader_clear(&pipe->reader);
    ji_arena_clear(&pipe->arena);
}

/* To the first wanted row of a group just opened; no more is read than its wanted rows need. */
static enum joist_status go_to_row(struct ji_column_pipe *pipe, struct joist_error *err)
{
    const struct ji_row_place *const place = &pipe->place;
    const struct ji_row_range wanted = {pipe->row - place->group_start, place->end - place->group_start};
    if (wanted.end - wanted.start < ji_parquet_group_rows(pipe->plan->file, place->group))
        JI_TRY(ji_column_reader_aim(&pipe->reader, &wanted, 1, err));
    return ji_column_reader_skip(&pipe->reader, wanted.start, err);
}

static enum joist_status read_rows(
        struct ji_column_pipe *pipe, struct ji_codec_context *codecs, struct joist_error *err)
{
    struct ji_column_reader *const reader = &pipe->reader;
    if (!ji_column_reader_has_group(reader)) {
        ji_row_plan_seek(pipe->plan, pipe->row, &pipe->place);
        JI_TRY(ji_column_reader_open_group(reader, pipe->place.group, codecs, err));
        JI_TRY(go_to_row(pipe, err));
        if (pipe->place.end < pipe->plan->row_end)
            tell_fronts(pipe, pipe->place.end);
    }
    ji_column_reader_use(reader, codecs);
    const size_t batch_rows = ji_row_plan_batch_rows(pipe->plan, pipe->place.group);
    const size_t wanted = (size_t)ji_min_u64(batch_rows, pipe->place.end - pipe->row);
    struct ji_column rows;
    size_t count = 0;
    JI_TRY(ji_column_reader_read(reader, wanted, pipe->plan->batch_bytes_max, &count, &rows, err));
    ji_arena_reset(&pipe->arena);
    if (pipe->projected == NULL)
        pipe->rows = rows;
    else
        JI_TRY(ji_wanted_rows(&pipe->arena, pipe->projected, &rows, count, pipe->row, &pipe->rows, err));
    pipe->rows_count = count;
    pipe->rows_taken = 0;
    return JOIST_OK;
}

/* The next cut of `rows`: halved until it takes few enough bytes; one row goes whatever it takes. */
static struct ji_pick cut(const struct ji_column_pipe *pipe)
{
    struct ji_pick pick = {.start = pipe->rows_taken, .count = pipe->rows_count - pipe->rows_taken};
    if (pipe->reader.options.output.has_views)
        return pick; /* views keep pages, which the reader has counted */
    const size_t expected = ji_row_plan_column_bytes(pipe->plan, pipe->place.group, pipe->column);
    const size_t bytes_max = pipe->plan->batch_bytes_max;
    const size_t share = bytes_max / pipe->plan->column_count;
    const size_t most = ji_min_size(ji_max_size(expected * 2, share), bytes_max);
    while (pick.count > 1 && ji_pick_bytes(&pick, &pipe->rows) > most)
        pick.count /= 2;
    return pick;
}

enum joist_status ji_column_pipe_next(struct ji_column_pipe *pipe, struct ji_codec_context *codecs,
        struct ji_arena *scratch, struct ArrowArray *piece, struct joist_error *err)
{
    if (pipe->rows_taken == pipe->rows_count)
        JI_TRY(read_rows(pipe, codecs, err));
    const struct ji_pick pick = cut(pipe);
    ji_arena_reset(scratch);
    JI_TRY(ji_column_export(pipe->plan->file->ctx, scratch, pipe->shape, &pipe->rows, &pick, piece, err));
    pipe->rows_taken += pick.count;
    pipe->row += pick.count;
    if (pipe->row == pipe->place.end)
        ji_column_reader_close_group(&pipe->reader);
    return JOIST_OK;
}
