/*
 * csv_types.c - types that were guessed, carried from file to file
 *
 *     file 0: sample -> types -> rows ...  file 1: those types -> rows ...
 *
 * A type that was guessed stays a guess: what would have led to another one in the first file is refused in
 * each, "007" in a column of longs too.
 */
#include "text/csv_read.h"

#include <assert.h>

/* Of the columns that `types` has already, by place: names stay. */
static void take_again(struct ji_csv_types *types, const struct ji_field *columns)
{
    for (size_t i = 0; i < types->count; i++) {
        const char *name = types->columns[i].name;
        if (!types->guessed[i])
            continue;
        types->columns[i] = columns[i];
        types->columns[i].name = name;
    }
}

enum joist_status ji_csv_types_take(const struct ji_batch_stream *stream, struct ji_arena *arena,
        struct ji_csv_types *types, struct joist_error *err)
{
    const struct ji_csv_stream *csv = stream->self;
    const struct ji_csv_file *file = &csv->file;
    const struct ji_csv_types seen = csv->surveyed.count > 0
            ? csv->surveyed
            : (struct ji_csv_types){file->column_count, file->columns, file->guesses, file->guessed};
    if (types->count == 0) {
        JI_TRY(ji_arena_array(arena, seen.count, sizeof *types->columns, &types->columns, err));
        JI_TRY(ji_arena_array(arena, seen.count, sizeof *types->guesses, &types->guesses, err));
        JI_TRY(ji_arena_array(arena, seen.count, sizeof *types->guessed, &types->guessed, err));
        for (size_t i = 0; i < seen.count; i++)
            JI_TRY(ji_field_copy(arena, &seen.columns[i], &types->columns[i], err));
        memcpy(types->guessed, seen.guessed, seen.count * sizeof *types->guessed);
        types->count = seen.count;
    }
    take_again(types, seen.columns);
    memcpy(types->guesses, seen.guesses, seen.count * sizeof *types->guesses);
    return JOIST_OK;
}

enum joist_status ji_csv_types_give(
        struct ji_csv_file *file, const struct ji_csv_types *types, bool by_name, struct joist_error *err)
{
    const struct ji_schema schema = {.column_count = types->count, .columns = types->columns};
    const size_t count = file->column_count;
    JI_TRY(ji_arena_array(file->arena, count, sizeof *file->guesses, &file->guesses, err));
    JI_TRY(ji_arena_array(file->arena, count, sizeof *file->guessed, &file->guessed, err));
    for (size_t i = 0; i < count; i++) {
        const size_t at = by_name ? ji_schema_find(&schema, ji_view_of_text(file->columns[i].name)) : i;
        assert(at < types->count);
        file->guesses[i] = types->guesses[at];
        file->guessed[i] = types->guessed[at];
    }
    return JOIST_OK;
}
