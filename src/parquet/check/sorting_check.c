/*
 * sorting_check.c - the rows of a group in the order that it says they have
 *
 *   1. Columns are compared in the order of sorting_columns, up to the first that is in a list or struct:
 *      what stands behind it depends on it.
 *   2. Every row is compared with the one before, over the ends of batches too.
 */
#include "parquet/check/footer_check.h"

struct sort_key {
    size_t column; /* of the schema */
    size_t slot;   /* of the cursor */
    bool descending;
    bool nulls_first;
};

struct sort_walk {
    struct ji_checker *checker;
    struct ji_arena keys_arena;
    struct ji_arena kept[2]; /* the last row's values of this batch and of the one before */
    struct sort_key *keys;
    size_t key_count;
    size_t *columns; /* without repetition */
    size_t column_count;
    struct ji_value *before;
    bool has_before;
    uint64_t row;
};

static enum joist_status add_key(
        struct sort_walk *walk, const struct ji_sorting_column *by, bool *goes_on, struct joist_error *err)
{
    const struct ji_parquet_schema *const schema = &walk->checker->file->schema;
    *goes_on = false;
    if (by->column < 0 || (size_t)by->column >= schema->leaf_count)
        return ji_find(walk->checker, JI_CHECK_SORTING, err, "sorted by column %" PRId32 " of %zu",
                by->column, schema->leaf_count);
    const struct ji_leaf *const leaf = &schema->leaves[by->column];
    if (ji_kind_is_nested(schema->shapes[leaf->column].field->kind))
        return ji_find_note(walk->checker, JI_CHECK_SORTING, err,
                "sorted by '%s', which is nested: not compared", leaf->name);
    struct sort_key *const key = &walk->keys[walk->key_count++];
    *key = (struct sort_key){
            .column = leaf->column, .descending = by->descending, .nulls_first = by->nulls_first};
    while (key->slot < walk->column_count && walk->columns[key->slot] != leaf->column)
        key->slot++;
    if (key->slot == walk->column_count)
        walk->columns[walk->column_count++] = leaf->column;
    *goes_on = true;
    return JOIST_OK;
}

static bool is_view(const struct ji_field *field)
{
    return ji_kind_is_view(field->kind) || field->kind == JI_FIXED || field->kind == JI_UUID;
}

/* The batch's last row outlives it. */
static enum joist_status keep_last(
        struct sort_walk *walk, const struct ji_batch *batch, struct joist_error *err)
{
    const struct ji_arena swap = walk->kept[0];
    walk->kept[0] = walk->kept[1];
    walk->kept[1] = swap;
    ji_arena_reset(&walk->kept[0]);
    for (size_t index = 0; index < walk->key_count; index++) {
        const struct ji_column *const column = &batch->columns[walk->keys[index].slot];
        struct ji_value value = ji_column_value(column, batch->row_count - 1);
        if (!value.is_null && is_view(column->field))
            JI_TRY(ji_arena_view(&walk->kept[0], value.as.view, &value.as.view, err));
        walk->before[index] = value;
    }
    walk->has_before = true;
    return JOIST_OK;
}

static enum joist_status check_row(
        struct sort_walk *walk, const struct ji_batch *batch, size_t row, struct joist_error *err)
{
    for (size_t index = 0; index < walk->key_count; index++) {
        const struct sort_key *const key = &walk->keys[index];
        const struct ji_column *const column = &batch->columns[key->slot];
        const struct ji_value before = row > 0 ? ji_column_value(column, row - 1) : walk->before[index];
        const struct ji_value value = ji_column_value(column, row);
        const int order =
                ji_value_compare_key(column->field, key->descending, key->nulls_first, &before, &value);
        if (order < 0)
            return JOIST_OK;
        if (order > 0)
            return ji_find(walk->checker, JI_CHECK_SORTING, err,
                    "row %" PRIu64 " stands behind one that it should precede, by column '%s'",
                    walk->row + row, column->field->name);
    }
    return JOIST_OK;
}

static enum joist_status check_rows(
        struct sort_walk *walk, struct ji_parquet_cursor *cursor, struct joist_error *err)
{
    for (;;) {
        const struct ji_batch *batch = NULL;
        struct joist_error what = {.status = JOIST_OK};
        what.status = ji_parquet_cursor_next(cursor, JI_BATCH_ROWS_MAX, &batch, &what);
        /* Pages that do not read are the chunk check's to tell. */
        if (what.status == JOIST_ERR_CORRUPT || what.status == JOIST_ERR_UNSUPPORTED)
            return JOIST_OK;
        if (what.status != JOIST_OK) {
            if (err != NULL)
                *err = what;
            return what.status;
        }
        if (batch == NULL)
            return JOIST_OK;
        for (size_t row = walk->has_before ? 0 : 1; row < batch->row_count; row++)
            JI_TRY(check_row(walk, batch, row, err));
        if (batch->row_count > 0)
            JI_TRY(keep_last(walk, batch, err));
        walk->row += batch->row_count;
    }
}

static enum joist_status walk_group(struct sort_walk *walk, size_t group, struct joist_error *err)
{
    const struct ji_row_group *const at = &walk->checker->file->footer.groups[group];
    bool goes_on = true;
    JI_TRY(ji_arena_array(&walk->keys_arena, at->sorting_count, sizeof walk->keys[0], &walk->keys, err));
    JI_TRY(ji_arena_array(
            &walk->keys_arena, at->sorting_count, sizeof walk->columns[0], &walk->columns, err));
    JI_TRY(ji_arena_array(&walk->keys_arena, at->sorting_count, sizeof walk->before[0], &walk->before, err));
    for (size_t index = 0; goes_on && index < at->sorting_count; index++)
        JI_TRY(add_key(walk, &at->sorting[index], &goes_on, err));
    if (walk->key_count == 0)
        return JOIST_OK;
    struct ji_parquet_cursor *cursor = NULL;
    struct joist_error what = {.status = JOIST_OK};
    const struct ji_parquet_cursor_options options = {
            .group = group,
            .columns = walk->columns,
            .column_count = walk->column_count,
            .no_crc = true,
            .cancel = walk->checker->options.cancel,
    };
    /* The cursor takes the file as shared; it is not changed by it. */
    what.status = ji_parquet_cursor_open((struct joist_parquet_file *)(uintptr_t)walk->checker->file,
            walk->checker->mem, &options, &cursor, &what);
    if (what.status != JOIST_OK)
        return what.status == JOIST_ERR_CORRUPT ? JOIST_OK
                                                : ji_find_status(walk->checker, JI_CHECK_SORTING, &what, err);
    const enum joist_status status = check_rows(walk, cursor, err);
    ji_parquet_cursor_close(cursor);
    return status;
}

enum joist_status ji_check_sorting(struct ji_checker *checker, size_t group, struct joist_error *err)
{
    const struct ji_row_group *const at = &checker->file->footer.groups[group];
    if (at->sorting_count == 0 || at->row_count == 0)
        return JOIST_OK;
    struct sort_walk walk = {.checker = checker};
    ji_checker_place(checker, (int64_t)group, NULL);
    ji_arena_init(&walk.keys_arena, checker->mem);
    ji_arena_init(&walk.kept[0], checker->mem);
    ji_arena_init(&walk.kept[1], checker->mem);
    const enum joist_status status = walk_group(&walk, group, err);
    ji_arena_clear(&walk.kept[1]);
    ji_arena_clear(&walk.kept[0]);
    ji_arena_clear(&walk.keys_arena);
    return status;
}
