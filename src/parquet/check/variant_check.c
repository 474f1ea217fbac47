/*
 * variant_check.c - the contents of variants: dictionaries, values, shredded parts against one another
 *
 * Columns are read as for a caller, and the part that puts variants together tells of what is wrong, of what
 * it puts right too. Pages that do not read were told of when their chunks were walked.
 */
#include "parquet/check/footer_check.h"
#include "parquet/read/column_reader.h"

#define ROWS_AT_ONCE 2048

struct variant_walk {
    struct ji_checker *checker;
    uint64_t row; /* the first one of the batch */
};

static enum joist_status take_fault(
        void *user, size_t row, const struct joist_error *what, struct joist_error *err)
{
    const struct variant_walk *const walk = user;
    struct joist_error placed = *what;
    ji_error_prefix(&placed, "rows from %" PRIu64 ", variant %zu", walk->row, row);
    return ji_find_status(walk->checker, JI_CHECK_VARIANT, &placed, err);
}

/* Has all variants in a column watched; whether there are any. */
static bool watch_node(struct ji_assembly *node, const struct ji_variant_watch *watch)
{
    if (node->variant != NULL) {
        node->variant->watch = watch;
        return true;
    }
    bool is_watched = false;
    if (!ji_kind_is_nested(node->shape->field->kind))
        return false;
    for (size_t step = 0; step < node->shape->field->child_count; step++)
        is_watched |= watch_node(&node->children[step], watch);
    return is_watched;
}

/* What reading ended with is no news, unless it is a failure of ours. */
static enum joist_status end_reading(const struct joist_error *what, struct joist_error *err)
{
    if (what->status == JOIST_ERR_CORRUPT || what->status == JOIST_ERR_UNSUPPORTED ||
            what->status == JOIST_ERR_DENIED)
        return JOIST_OK;
    if (err != NULL)
        *err = *what;
    return what->status;
}

static enum joist_status walk_rows(
        struct variant_walk *walk, struct ji_column_reader *reader, uint64_t rows, struct joist_error *err)
{
    while (walk->row < rows) {
        struct joist_error what = {.status = JOIST_OK};
        struct ji_column column;
        size_t count = 0;
        JI_TRY(ji_cancel_check(walk->checker->options.cancel, err));
        what.status = ji_column_reader_read(reader, (size_t)ji_min_u64(rows - walk->row, ROWS_AT_ONCE),
                JI_BATCH_BYTES_MAX, &count, &column, &what);
        if (what.status != JOIST_OK)
            return end_reading(&what, err);
        walk->row += count;
    }
    return JOIST_OK;
}

static enum joist_status walk_column(struct ji_checker *checker, size_t group, size_t column,
        struct ji_codec_context *codecs, struct joist_error *err)
{
    const struct joist_parquet_file *const file = checker->file;
    const struct ji_leaf_options options = {.mem = checker->mem, .schema = &file->schema, .no_crc = true};
    struct variant_walk walk = {.checker = checker};
    const struct ji_variant_watch watch = {.user = &walk, .fault = take_fault};
    struct ji_column_reader reader = {.shape = NULL};
    struct joist_error what = {.status = JOIST_OK};
    enum joist_status status = JOIST_OK;
    struct ji_arena arena;
    ji_checker_place(checker, (int64_t)group, file->schema.shapes[column].field->name);
    ji_arena_init(&arena, checker->mem);
    JI_TRY_OUT(ji_column_reader_init(&reader, file, &options, &arena, column, err));
    if (!watch_node(&reader.assembly, &watch))
        goto out;
    what.status = ji_column_reader_open_group(&reader, group, codecs, &what);
    status = what.status == JOIST_OK ? walk_rows(&walk, &reader, ji_parquet_group_rows(file, group), err)
                                     : end_reading(&what, err);
out:
    ji_column_reader_clear(&reader);
    ji_arena_clear(&arena);
    return status;
}

/* --- the groups --- */

/* Fields and elements of shredded parts are required: what stands in them tells whether there is a value. */
static enum joist_status check_node(struct ji_checker *checker, const struct ji_shape *group,
        const struct ji_variant_node *node, struct joist_error *err)
{
    for (size_t step = 0; step < node->count; step++) {
        const struct ji_variant_node *const child = &node->nodes[step];
        const struct ji_shape *const part = &group->children[node->typed_child].children[child->child];
        if (part->field->nullable)
            JI_TRY(ji_find(checker, JI_CHECK_SCHEMA, err, "shredded '%s' of a variant is not required",
                    part->field->name));
        JI_TRY(check_node(checker, part, child, err));
    }
    return JOIST_OK;
}

static enum joist_status check_shape(
        struct ji_checker *checker, const struct ji_shape *shape, struct joist_error *err)
{
    if (shape->variant != NULL) {
        if (shape->field->children[shape->variant->metadata_child].nullable)
            JI_TRY(ji_find(checker, JI_CHECK_SCHEMA, err, "metadata of a variant is not required"));
        return check_node(checker, shape, &shape->variant->top, err);
    }
    if (!ji_kind_is_nested(shape->field->kind))
        return JOIST_OK;
    for (size_t step = 0; step < shape->field->child_count; step++)
        JI_TRY(check_shape(checker, &shape->children[step], err));
    return JOIST_OK;
}

enum joist_status ji_check_variant_groups(struct ji_checker *checker, struct joist_error *err)
{
    const struct ji_parquet_schema *const schema = &checker->file->schema;
    for (size_t column = 0; column < schema->schema.column_count; column++) {
        ji_checker_place(checker, -1, schema->shapes[column].field->name);
        JI_TRY(check_shape(checker, &schema->shapes[column], err));
    }
    return JOIST_OK;
}

/* --- what they hold --- */

static bool has_variant(const struct ji_shape *shape)
{
    if (shape->variant != NULL)
        return true;
    bool is_found = false;
    for (size_t step = 0; !is_found && step < shape->field->child_count; step++)
        is_found = ji_kind_is_nested(shape->field->kind) && has_variant(&shape->children[step]);
    return is_found;
}

enum joist_status ji_check_variants(
        struct ji_checker *checker, size_t group, struct ji_codec_context *codecs, struct joist_error *err)
{
    const struct ji_parquet_schema *const schema = &checker->file->schema;
    for (size_t column = 0; column < schema->schema.column_count; column++) {
        if (has_variant(&schema->shapes[column]))
            JI_TRY(walk_column(checker, group, column, codecs, err));
    }
    return JOIST_OK;
}
