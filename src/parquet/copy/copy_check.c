/*
 * copy_check.c - whether a file's row groups may stand in a file that is being written
 *
 * One footer speaks for all row groups: element for element the two schemas must say the same. What an old
 * converted type says counts as the logical one that it stands for.
 */
#include "parquet/copy/group_copy.h"

#include "parquet/format/writer_version.h"
#include "parquet/read/facts.h"

/* INT32 and INT64 are signed and as wide as they are, whether that is said or not. */
static bool is_plain_integer(const struct ji_schema_element *at)
{
    const bool is_long = at->physical == JI_PHYSICAL_INT64;
    if (!is_long && at->physical != JI_PHYSICAL_INT32)
        return false;
    if (at->logical.kind == JI_LOGICAL_INTEGER)
        return at->logical.is_signed && at->logical.bit_width == (is_long ? 64 : 32);
    return at->logical.kind == JI_LOGICAL_NONE &&
            (at->converted == JI_CONVERTED_NONE ||
                    at->converted == (is_long ? JI_CONVERTED_INT_64 : JI_CONVERTED_INT_32));
}

static bool has_same_logical(const struct ji_schema_element *a, const struct ji_schema_element *b)
{
    const struct ji_logical_type *x = &a->logical;
    const struct ji_logical_type *y = &b->logical;
    if (is_plain_integer(a) && is_plain_integer(b))
        return true;
    if (x->kind == JI_LOGICAL_NONE || y->kind == JI_LOGICAL_NONE)
        return a->converted == b->converted && a->scale == b->scale && a->precision == b->precision;
    return x->kind == y->kind && x->scale == y->scale && x->precision == y->precision && x->utc == y->utc &&
            x->unit == y->unit && x->bit_width == y->bit_width && x->is_signed == y->is_signed &&
            x->edges == y->edges && ji_view_equal(x->crs, y->crs);
}

static bool is_same(const struct ji_schema_element *a, const struct ji_schema_element *b)
{
    return ji_view_equal(a->name, b->name) && a->physical == b->physical &&
            a->type_length == b->type_length && a->repetition == b->repetition &&
            a->child_count == b->child_count && has_same_logical(a, b);
}

enum joist_status ji_elements_check(const struct ji_schema_element *to, size_t to_count,
        const struct ji_schema_element *from, size_t from_count, struct joist_error *err)
{
    if (from[0].child_count != to[0].child_count)
        return ji_fail(err, JOIST_ERR_INVALID, "row groups of %" PRId32 " columns for a file of %" PRId32,
                from[0].child_count, to[0].child_count);
    for (size_t i = 1; i < to_count && i < from_count; i++) {
        const struct ji_view name = from[i].name;
        if (!is_same(&from[i], &to[i]))
            return ji_fail(err, JOIST_ERR_INVALID,
                    "column '%.*s' of the row groups is not as the file has it", (int)name.size,
                    (const char *)name.data);
    }
    if (from_count != to_count)
        return ji_fail(err, JOIST_ERR_INVALID, "row groups of %zu schema elements for a file of %zu",
                from_count, to_count);
    return JOIST_OK;
}

bool ji_copy_keeps_bounds(const struct joist_parquet_file *file, size_t leaf)
{
    return ji_leaf_has_order(file, leaf) && leaf < file->footer.order_count &&
            file->footer.orders[leaf] == JI_ORDER_TYPE;
}

static enum joist_status check_order(
        const struct joist_parquet_writer *writer, const struct ji_row_group *group, struct joist_error *err)
{
    const struct ji_sort_verify *verify = &writer->verify;
    bool keeps_order = group->sorting_count >= verify->key_count;
    for (size_t i = 0; i < verify->key_count && keeps_order; i++) {
        const struct ji_sorting_column *by = &group->sorting[i];
        const struct ji_sort_key *key = &verify->keys[i];
        keeps_order = by->column >= 0 && (size_t)by->column == key->leaf &&
                by->descending == key->descending && by->nulls_first == key->nulls_first;
    }
    if (!keeps_order)
        return ji_fail(
                err, JOIST_ERR_UNSUPPORTED, "copying row groups that are not said to be in the file's order");
    return JOIST_OK;
}

enum joist_status ji_group_copy_check(const struct joist_parquet_writer *writer,
        const struct joist_parquet_file *file, struct joist_error *err)
{
    if (file->footer_encryption.algorithm != JI_ENCRYPTION_NONE || file->crypto != NULL)
        return ji_fail(err, JOIST_ERR_UNSUPPORTED, "copying row groups of an encrypted file");
    if (ji_parquet_writer_is_encrypted(writer))
        return ji_fail(err, JOIST_ERR_UNSUPPORTED, "copying row groups into an encrypted file");
    if (ji_writer_is_before(file->footer.created_by, "parquet-mr", 1, 8, 0))
        return ji_fail(err, JOIST_ERR_UNSUPPORTED,
                "copying row groups of %.*s, of whose bugs readers must know",
                (int)ji_min_size(file->footer.created_by.size, 64),
                (const char *)file->footer.created_by.data);
    JI_TRY(ji_elements_check(writer->layout.elements, writer->layout.element_count, file->footer.elements,
            file->footer.element_count, err));
    if (file->schema.leaf_count != writer->layout.leaf_count)
        return ji_fail(err, JOIST_ERR_UNSUPPORTED, "copying row groups of %zu leaves where %zu are written",
                file->schema.leaf_count, writer->layout.leaf_count);
    for (size_t i = 0; i < file->footer.group_count && !writer->options.any_order; i++)
        JI_TRY(check_order(writer, &file->footer.groups[i], err));
    return JOIST_OK;
}
